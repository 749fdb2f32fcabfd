"""E112 grain size of several fields together, from the rows that each of them gave."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from graingraph.engine.problem import Problem
from graingraph.engine.values import Result, Table
from graingraph.engine.values.results import Sampled, per_scale
from graingraph.engine.values.wording import counted, with_uncertainty
from graingraph.nodes.imaging.stereology import statistics as st
from graingraph.nodes.imaging.stereology.over_fields import OverFields, ratio
from graingraph.nodes.imaging.stereology.stereology import DIRECTIONS, g_from_density, g_from_intercept
from graingraph.nodes.tables.reportable import Network, Sampling, reasons, twice
from graingraph.nodes.tables.specimens import SPECIMEN, by_specimen, over_specimens, rows_of

METHODS = ("circles", "lines", "circles and lines", "planimetric")


_TELLING = (
    "Grains per area",
    *(f"Mean intercept {method}" for method in METHODS[:2]),
    *(f"Crossings per length {angle}°" for angle in DIRECTIONS),
)
"""Columns by which one image is told from another."""

G_PER_SCALE = 6.644 / math.log(10)
"""By how much G falls for a relative change of 1 of the pixel size, by its equations (ASTM E112)."""


class FieldsSize(NamedTuple):
    """The size by one method: the mean over the fields in ``unit``, their standard deviation, G of the mean and half
    of its 95 % interval; NaN for sizes in pixels."""

    method: str
    quantity: str
    unit: str
    mean: OverFields
    spread: float
    g: float
    g_half: float


def sizes_over_fields(table: Table) -> list[FieldsSize]:
    """The size by each method over the rows of pooled GrainSize tables.

    All grains on all areas, all test lines on all crossings (``over_fields.ratio``): a large field counts by its size,
    a field without a crossing enters with its lines. ``Problem`` where the columns are others.
    Source: ASTM E112, statistical analysis. Oracles: scipy.stats.t.interval on fields of one size; coverage on 3-D
    Voronoi sections.
    """
    needed = {"Grains", "Field area", *(f"{n} {m}" for n in ("Test line", "Mean intercept") for m in METHODS[:3])}
    if not needed <= table.columns.keys():
        raise Problem("Wire the table of GrainSize into it; this one has other columns.")
    column = {name: np.asarray(values, float) for name, values in table.columns.items() if name in table.quantities}
    found = []
    for method in METHODS:
        if method == "planimetric":
            quantity, mean = (
                "Grains per area",
                ratio(column["Grains per area"] * column["Field area"], column["Field area"]),
            )
        else:
            quantity, lines = f"Mean intercept {method}", column[f"Test line {method}"]
            per_line = 1000.0 if table.units[quantity] == "µm" else 1.0
            crossings = np.nan_to_num(lines * per_line / column[quantity])
            mean = ratio(lines * per_line, crossings)
        unit, values = table.units[quantity], column[quantity]
        found.append(
            FieldsSize(method, quantity, unit, mean, st.spread(values[np.isfinite(values)]), *_number(mean, unit))
        )
    return found


def sizes_over_specimens(parts: Sequence[Sequence[FieldsSize]]) -> list[FieldsSize]:
    """The size by each method over specimens, each given by its sizes: the mean of their grains per area or of their
    mean intercepts, never of G, with t · s / √n over the specimens."""
    found = []
    for sizes in zip(*parts, strict=True):
        method, quantity, unit = sizes[0][:3]
        means = np.array([size.mean.value for size in sizes])
        mean = over_specimens(means)
        found.append(
            FieldsSize(method, quantity, unit, mean, st.spread(means[np.isfinite(means)]), *_number(mean, unit))
        )
    return found


@dataclass(frozen=True)
class Specimen:
    """The sizes of a specimen over its fields, how many there are, and why they may not be reported."""

    name: str
    sizes: list[FieldsSize]
    count: int
    over: Sampled
    reasons: list[str]


def specimens_of(table: Table, refused: Sequence[str] = ()) -> list[Specimen]:
    """Each specimen of pooled GrainSize tables, and last all together where there are several: over the specimens.

    Where no specimens are told, all fields are of one without a name. ``refused`` says why nothing may be reported.
    """
    parts = by_specimen(table) or {"": np.ones(table.count, bool)}
    found = []
    for name, chosen in parts.items():
        fields = rows_of(table, chosen)
        sizes = sizes_over_fields(fields)
        found.append(Specimen(name, sizes, fields.count, "field", [*not_reportable(fields, sizes), *refused]))
    if len(found) > 1:
        sizes = sizes_over_specimens([one.sizes for one in found])
        bad = [f"specimen {one.name}: {'; '.join(one.reasons)}" for one in found if one.reasons]
        names = [str(name) for name in table.columns["Image"]]
        twins = twice(names, [np.asarray(table.columns[name], float) for name in _TELLING])
        found.append(Specimen("", sizes, len(found), "specimen", list(dict.fromkeys([*bad, *twins]))))
    return found


def results_of(specimens: Sequence[Specimen]) -> tuple[Result, ...]:
    """The answers of a grain size: mean intercept and grains per area, each with its G, of every specimen."""
    found = []
    for one in specimens:
        for size in one.sizes:
            if size.method not in ("circles", "planimetric"):
                continue
            by = "by circles" if size.method == "circles" else "planimetric"
            mean = size.mean
            if math.isfinite(size.g):
                label, low, high = f"ASTM grain size number G, {by}", size.g - size.g_half, size.g + size.g_half
                found.append(
                    Result(
                        label,
                        "",
                        size.g,
                        low,
                        high,
                        one.count,
                        one.over,
                        specimen=one.name,
                        reasons=tuple(one.reasons),
                        per_scale=-G_PER_SCALE,
                        column=f"G {size.method}",
                    )
                )
            found.append(
                Result(
                    "Mean intercept by circles" if size.method == "circles" else size.quantity,
                    size.unit,
                    mean.value,
                    mean.low,
                    mean.high,
                    one.count,
                    one.over,
                    size.spread,
                    mean.fields_needed,
                    one.name,
                    tuple(one.reasons),
                    per_scale(mean.value, size.unit),
                    size.quantity,
                )
            )
    return tuple(found)


def _number(mean: OverFields, unit: str) -> tuple[float, float]:
    """G of a mean, and half of its 95 % interval; NaN for sizes in pixels."""
    if unit == "1/mm²":
        numbers = [g_from_density(value) for value in (mean.value, mean.low, mean.high)]
    elif unit == "µm":
        numbers = [g_from_intercept(value / 1000) for value in (mean.value, mean.low, mean.high)]
    else:
        return math.nan, math.nan
    return numbers[0], abs(numbers[2] - numbers[1]) / 2


def statistics_of(specimens: Sequence[Specimen]) -> Table:
    """One statistic a row: columns "Statistic", "Value", "Unit", and "Specimen" where specimens are told."""
    rows = [(one.name, row) for one in specimens for row in _rows(one)]
    columns = st.statistics_columns([row for _, row in rows])
    if any(one.name for one in specimens):
        columns = {SPECIMEN: np.array([name for name, _ in rows], object), **columns}
    return Table(columns, {}, rows="statistics", headline=headline(specimens), results=results_of(specimens))


def _rows(one: Specimen) -> list[st.Statistic]:
    over = f"{one.over}s"
    rows, no = [st.Statistic(f"Number of {over}", float(one.count), "")], bool(one.reasons)
    for size in one.sizes:
        rows += [
            st.Statistic(size.quantity, size.mean.value, size.unit, no),
            st.Statistic(f"{size.quantity}, 95 % CI over {over} (±)", size.mean.half_width, size.unit, no),
            st.Statistic(f"{size.quantity}, standard deviation of {over}", size.spread, size.unit),
            st.Statistic(f"Relative accuracy {size.method}", size.mean.relative_accuracy, "%"),
            st.Statistic(f"{over.capitalize()} needed for 10 % {size.method}", size.mean.fields_needed, ""),
            st.Statistic(f"G {size.method}", size.g, "", no),
            st.Statistic(f"G {size.method}, 95 % CI over {over} (±)", size.g_half, "", no),
        ]
    return rows


def headline(specimens: Sequence[Specimen]) -> str:
    """The grain size of all by circles, in a line; ± is the 95 % interval over the fields, or over the specimens."""
    whole = specimens[-1]
    size = whole.sizes[0]
    if not math.isfinite(size.mean.value):
        return "no grain boundary crosses the test circles"
    known = math.isfinite(size.mean.half_width)
    number = f"ASTM grain size number G {_g(size)}, " if math.isfinite(size.g) else ""
    length = with_uncertainty(size.mean.value, size.mean.half_width, size.unit)
    many = counted(whole.count, whole.over)
    return f"{number}mean intercept {length} by circles ({f'95 % CI over {many}' if known else many})"


def _g(size: FieldsSize) -> str:
    """G never to more than two places, as tables of grain sizes have it."""
    if not math.isfinite(size.g_half):
        return f"{size.g:.1f}"
    return f"{size.g:.2f} ± {size.g_half:.2f}" if size.g_half < 0.095 else f"{size.g:.1f} ± {size.g_half:.1f}"


def network_reasons(table: Table) -> list[str]:
    """Why the grains of these fields (rows of pooled GrainSize tables) cannot be measured, however elongated they are.

    Too few fields, and a poor relative accuracy, are judged elsewhere.
    """
    return [*reasons(_network(table)), *_twice(table)]


def not_reportable(table: Table, sizes: list[FieldsSize]) -> list[str]:
    """Why the grain size of these fields (rows of pooled GrainSize tables) may not be reported; empty where it may."""
    by_method = {size.method: size for size in sizes}
    area = np.asarray(table.columns["Field area"], float)
    network = replace(
        _network(table),
        g_planimetric=by_method["planimetric"].g,
        g_intercept=by_method["circles and lines"].g,
        per_length=[
            float(np.average(np.asarray(table.columns[f"Crossings per length {angle}°"], float), weights=area))
            for angle in DIRECTIONS
        ],
    )
    accuracy = max(by_method["circles"].mean.relative_accuracy, by_method["planimetric"].mean.relative_accuracy)
    return [*reasons(network, Sampling(table.count, accuracy)), *_twice(table)]


def _network(table: Table) -> Network:
    """What fields tell of their boundaries, but for how equiaxed the grains are."""
    column = {name: np.asarray(values, float) for name, values in table.columns.items() if name in table.quantities}
    lines = column["Test line circles and lines"]
    return Network(
        scaled=table.units["Field area"] == "mm²",
        fewest_grains=float(column["Grains"].min(initial=math.inf)),
        without_crossing=int(np.count_nonzero(column["Crossings circles and lines"] == 0)),
        g_planimetric=math.nan,
        g_intercept=math.nan,
        open_share=float(np.average(np.nan_to_num(column["Open ends"]), weights=lines)) / 100
        if "Open ends" in column and lines.sum()
        else 0.0,
        per_length=(),
    )


def _twice(table: Table) -> list[str]:
    """Which two fields are one image."""
    names = [str(name) for name in table.columns.get("Image", np.arange(table.count))]
    return twice(names, [np.asarray(table.columns[name], float) for name in _TELLING])
