"""What a report says, before it is laid out: verdict, results, header, fields, uncertainty, deviations."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from graingraph.engine.declare.injected import RunInfo
from graingraph.engine.values import Image, Labels, Mask, MeasuredField, Plot, Result, Table
from graingraph.engine.values.notes import Note, of_kind
from graingraph.engine.values.results import in_digits, overall
from graingraph.engine.values.wording import amount, between, counted, ranged, short, with_uncertainty, without_numbers
from graingraph.nodes.imaging.stereology.statistics import NOT_REPORTABLE, REMARK
from graingraph.nodes.learning.model.card import Answer
from graingraph.nodes.reporting.conformity import Limit, Verdict, decide
from graingraph.nodes.reporting.header import LINES, per_cent
from graingraph.nodes.reporting.picture import Picture, picture_of
from graingraph.nodes.reporting.plot_picture import plot_png
from graingraph.nodes.reporting.uncertainty_budget import CERTIFICATE, PIXEL_SIZE, Budget, Sources, budget_of

BUDGET_REMARK = (
    "Fields: half of the half width of the 95 % interval; pixel size: the largest of all fields; calibration: half of "
    "what the certificate states (k = 2); settings: each a tenth lower and higher; model: its mean error on held-out "
    "images; focus, preparation and operator: as the laboratory states them, else, where asked for, focus by blurring "
    "the images by 1 px and etching by a tenth of contrast. What is not known is not in the sum; by hand:"
)
ONLY_THESE = (
    "The results relate only to the items tested. The report is not to be copied but as a whole, unless the laboratory "
    "agrees."
)
PLOT_SIZE = 6.4, 3.4
"""Width and height of the plot in inches."""
SPREAD_DIGITS = 2
"""Digits of standard deviations, uncertainties and of how many fields it would take."""
MOST_BUDGETS = 3
"""Results of which a budget is shown, those of all fields or specimens together."""


@dataclass(frozen=True)
class Corrected:
    """What was corrected by hand: how many strokes on how many images, and how many features they touched of all."""

    strokes: int = 0
    images: int = 0
    touched: int = 0
    features: int = 0

    def __str__(self) -> str:
        if not self.strokes:
            return "no image was corrected by hand"
        share = f", which touched {100 * self.touched / self.features:.1f} % of the features" if self.features else ""
        edits = counted(self.strokes, "correction by hand", "corrections by hand")
        return f"{edits} on {counted(self.images, 'image')}{share}"


SMALL_FIELD = 1e-3
"""Area in mm² under which that of fields is given in µm²."""
LONGEST_REASON = 160
"""Letters of the reasons that a row of the results repeats; longer ones stand at the top of the page alone."""


@dataclass(frozen=True)
class Content:
    """Everything that goes into a report."""

    title: str
    author: str
    image_name: str
    image: Image
    features: Labels | Mask | None
    measurements: Table | None
    statistics: Table | None
    plot: Plot | None
    fields: Table | None
    notes: tuple[Note, ...]
    run: RunInfo
    learnt_with: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What the model of each training was learnt with, by step: printed in place of what the recipe has now."""
    header: Mapping[str, str] = field(default_factory=dict)
    limit: Limit | None = None
    corrected: Corrected = Corrected()
    known: Mapping[str, float] = field(default_factory=dict)
    """What the laboratory knows of its uncertainty, as shares of a length (``uncertainty_budget.STATED``)."""
    answers: tuple[Answer, ...] | None = None
    """What the models answered on held-out images; None where there is no model."""

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables that are wired."""
        return tuple(table for table in (self.measurements, self.statistics, self.fields) if table is not None)

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """The answers of all tables, each once: those with a grain size number first."""
        found: dict[tuple[str, str, str], Result] = {}
        for table in (self.fields, self.statistics, self.measurements):
            for result in table.results if table is not None else ():
                found.setdefault((result.specimen, result.quantity, result.over), result)
        return tuple(found.values())

    @property
    def overall(self) -> tuple[Result, ...]:
        """The answers of all fields or specimens together."""
        return overall(self.results)

    @cached_property
    def measured_fields(self) -> tuple[MeasuredField, ...]:
        """What is known of each field, each image once."""
        found: dict[str, MeasuredField] = {}
        for table in (self.fields, self.measurements, self.statistics):
            for one in table.fields if table is not None else ():
                found.setdefault(one.image, one)
        return tuple(found.values())

    @cached_property
    def plot_png(self) -> bytes | None:
        """The plot as a picture, drawn once for paper and page; None where there is none."""
        return plot_png(self.plot, PLOT_SIZE) if self.plot is not None else None

    @cached_property
    def picture(self) -> Picture:
        """The image with the outlines of its features, drawn once for paper and page."""
        return picture_of(self.image, self.features, self.image_name)

    @property
    def reasons(self) -> list[str]:
        """Why the results must not be reported, each with what it is about; empty where they may be."""
        judged = ((note.about, note.text.rstrip(".")) for note in of_kind(self.notes, "not reportable"))
        found = list(dict.fromkeys(f"{about[:1].upper()}{about[1:]}: {why}" if about else why for about, why in judged))
        told = "\n".join(found)
        alike: dict[str, dict[str, list[str]]] = {}  # reasons that differ in numbers only, each with its quantities
        for one in self.overall:
            for why in one.reasons:
                if why not in told:
                    alike.setdefault(without_numbers(why), {}).setdefault(why, []).append(one.quantity)
        for reasons in alike.values():
            quantities = list(dict.fromkeys(quantity for each in reasons.values() for quantity in each))
            shown = quantities if len(quantities) <= 3 else [*quantities[:2], f"{len(quantities) - 2} more"]
            found.append(f"{', '.join(shown)}: {ranged(list(reasons))}")
        return found

    def budget(self, result: Result) -> Budget:
        """The uncertainty budget of a result."""
        return budget_of(result, self.measured_fields, self._sources)

    @cached_property
    def _sources(self) -> Sources:
        calibration = per_cent(self.header.get("calibration_uncertainty", ""), "calibration uncertainty")
        moved = self.run.moved.standard
        return Sources(calibration, moved, self.answers, self.known, self.corrected.strokes, self.run.moved.disturbed)

    def decision(self, result: Result) -> Verdict | None:
        """Whether a result keeps the specification limit; None where none is stated on its quantity."""
        limit = self.limit
        if limit is None or not limit.is_on(result.quantity):
            return None
        return decide(limit, result, self.budget(result).expanded)


def verdict(content: Content) -> str:
    """The first line of a report: the results, or that they must not be reported, and why."""
    if content.reasons:
        return f"Not reportable: {'; '.join(content.reasons)}."
    decided = [(result, content.decision(result)) for result in content.overall]
    said = "; ".join(map(str, content.overall[:2]))
    kept = next((f" — {verdict}" for _, verdict in decided if verdict is not None), "")
    return f"{said}{kept}" if said else ""


def results_table(content: Content) -> pd.DataFrame:
    """A row a result: value, interval, fields, standard deviation between them, accuracy, fields that 10 % takes."""
    results = content.results
    columns: dict[str, list[str]] = {}
    if any(result.specimen for result in results):
        columns["Specimen"] = [result.specimen or "all" for result in results]
    columns["Quantity"] = [result.quantity for result in results]
    columns["Result"] = [_printed(one, before) for before, one in zip((None, *results), results, strict=False)]
    good = [not one.reasons for one in results]
    if any(good):
        columns["95 % CI"] = [
            "–" if one.reasons else between(one.low, one.high, one.unit) if math.isfinite(one.low) else "not known"
            for one in results
        ]
    columns["Over n"] = [counted(one.count, one.over) for one in results]
    if any(good):
        columns["s between them"] = [
            "–" if one.reasons else amount(one.spread, one.unit, SPREAD_DIGITS) for one in results
        ]
        columns["%RA"] = [
            amount(one.relative_accuracy, digits=2) if one.unit and not one.reasons else "–" for one in results
        ]
    if any(math.isfinite(one.needed) for one in results):
        columns["n for 10 %"] = [amount(one.needed, digits=SPREAD_DIGITS) for one in results]
    if content.limit is not None:
        columns["Decision"] = [content.decision(one) or "–" for one in results]
    return pd.DataFrame(columns)


def _printed(result: Result, before: Result | None) -> str:
    """The value with its uncertainty; in place of one that must not be reported why not, told once for rows alike."""
    if not result.reasons:
        return with_uncertainty(result.value, result.half_width, result.unit)
    alike = before is not None and (before.specimen, before.reasons) == (result.specimen, result.reasons)
    said = "; ".join(result.reasons)
    why = ", as above" if alike else f": {said}" if len(said) <= LONGEST_REASON else ", as said at the top"
    return f"{NOT_REPORTABLE}{why}"


def printed_statistics(table: Table) -> Table:
    """A table of statistics as it is printed: to the digits that are known, without what must not be reported.

    Rows without a value, such as the interval of an extreme, which has none, are left out unless they are an answer.
    """
    if not {"Value", "Unit"} <= table.columns.keys():
        return table
    answers = {one.quantity for one in table.results}
    told = np.isfinite(table.columns["Value"].astype(float))
    shown = told | np.array([name in answers for name in table.columns["Statistic"].tolist()], bool)
    columns = {name: values[shown] for name, values in table.columns.items() if name != REMARK}
    remarks = table.columns.get(REMARK, np.full(table.count, "", object))[shown]
    rows = zip(columns["Value"].tolist(), columns["Unit"].tolist(), remarks.tolist(), strict=True)
    printed = [said or in_digits(value, unit, table.results) for value, unit, said in rows]
    return replace(table, columns={**columns, "Value": np.array(printed, object)})


def header_table(content: Content) -> pd.DataFrame:
    """The lines that the laboratory fills in, and those of its own, in two columns; what is empty is not stated."""
    lines = {LINES.get(key, key): text for key, text in content.header.items()}
    if content.limit is not None:
        lines["Specification limit"] = str(content.limit)
    cells = [(label, text or "not stated") for label, text in lines.items()]
    half = (len(cells) + 1) // 2
    beside = [*cells[half:], *[("", "")] * (2 * half - len(cells))]
    rows = [(*left, *right) for left, right in zip(cells[:half], beside, strict=True)]
    return pd.DataFrame(rows, columns=["Line", "Stated", "Line beside", "Stated beside"])


def fields_table(content: Content) -> pd.DataFrame:
    """A row a field: pixel size, its uncertainty and where it is from, area, features inside and cut by the frame."""
    fields = content.measured_fields
    scaled = [one.area for one in fields if one.scale]
    unit, factor = ("px²", 1.0) if not scaled else ("µm²", 1e6) if max(scaled) < SMALL_FIELD else ("mm²", 1.0)
    rows = []
    for one in fields:
        scale = one.scale
        size = "not known" if scale is None else str(scale).partition(" µm")[0]
        known = "not stated" if scale is None or scale.uncertainty is None else f"{100 * scale.uncertainty:.2g}"
        rows.append(
            {
                "Image": one.image,
                "µm/px": size,
                "u of it (%)": known,
                "From": scale.origin if scale else "–",
                f"Area ({unit})": short(factor * one.area, 4) if scale or not scaled else "–",
                "Inside": "–" if one.whole is None else str(one.whole),
                "Cut": "–" if one.cut is None else str(one.cut),
            }
        )
    return pd.DataFrame(rows)


def budget_table(content: Content) -> pd.DataFrame:
    """A row a source of uncertainty, a column a result of all fields or specimens; standard uncertainties."""
    budgets = [content.budget(result) for result in content.overall[:MOST_BUDGETS]]
    if not any(math.isfinite(budget.combined) for budget in budgets):
        return pd.DataFrame()
    parts = [
        [("Fields or specimens" if k == 0 else one.source, one.standard) for k, one in enumerate(b.contributions)]
        for b in budgets
    ]
    columns = {"Source": [*(name for name, _ in parts[0]), "Combined", "Expanded, k = 2"]}
    unknown = ["not known"] * len(columns["Source"])
    if all(math.isfinite(budget.contributions[CERTIFICATE].standard) for budget in budgets):
        unknown[PIXEL_SIZE] = "in the next line"
    elif all(math.isfinite(budget.contributions[PIXEL_SIZE].standard) for budget in budgets):
        unknown[CERTIFICATE] = "in the line above"
    for budget, told in zip(budgets, parts, strict=True):
        standards = [*(one for _, one in told), budget.combined, budget.expanded]
        columns[budget.result.quantity] = [
            amount(one, budget.result.unit, SPREAD_DIGITS, missing=missing)
            for one, missing in zip(standards, unknown, strict=True)
        ]
    return pd.DataFrame(columns)


def deviations(content: Content) -> list[str]:
    """In what the measurement deviates from what standards ask for, as far as the program can tell."""
    found = ["the results are not reportable, for the reasons at the top"] if content.reasons else []
    fields = content.measured_fields
    if any(one.scale is None for one in fields):
        found.append("the pixel size of a field is not known")
    elif not content.header.get("calibration_uncertainty") and any(
        one.scale is not None and one.scale.uncertainty is None for one in fields
    ):
        found.append("the uncertainty of the pixel size is not stated and not in the budget")
    if content.corrected.strokes:
        found.append(str(content.corrected))
    if content.limit is not None and not any(content.limit.is_on(result.quantity) for result in content.results):
        found.append(f"the specification limit is on {content.limit.quantity}, which is not among the results")
    named = content.header.get("specimen", "").strip()
    told = list(dict.fromkeys(result.specimen for result in content.results if result.specimen))
    if named and told and not any(one in named or named in one for one in told):
        found.append(f"the laboratory states the specimen {named}, while the images are told as {', '.join(told[:3])}")
    missing = [label for key, label in LINES.items() if not content.header.get(key)]
    if missing:
        found.append(f"not stated by the laboratory: {', '.join(missing).lower()}")
    return found


def signatures(content: Content) -> list[tuple[str, str]]:
    """Who signs, and the name where it is stated."""
    return [(LINES[key], content.header.get(key, "")) for key in ("operator", "checker")]


def heading(content: Content) -> str:
    """What stands below the title: what kind of report by whom, when it was issued, of how many images."""
    number, laboratory = (content.header.get(name, "") for name in ("report_number", "laboratory"))
    facts = [f"Test report {number}".rstrip()] if number or laboratory else []
    facts += [laboratory, f"issued {time.strftime('%Y-%m-%d %H:%M %z')}", counted(len(content.run.images), "image")]
    return " · ".join(fact for fact in (*facts, content.author) if fact)


def running_foot(content: Content) -> str:
    """What stands below every page besides its number."""
    number = content.header.get("report_number", "")
    parts = [f"Report {number}" if number else "", content.title, f"recipe {content.run.recipe_id[:12]}"]
    return " · ".join(part for part in parts if part)


def last_line(content: Content) -> str:
    """What stands below the last line, so that nobody looks for more."""
    return f"End of report {content.header.get('report_number', '')}".rstrip()


def sentences(texts: list[str]) -> list[str]:
    """Texts as sentences; one that says that there is none where there is none."""
    return [f"{text[:1].upper()}{text[1:]}." for text in texts] or ["None that the program can tell."]
