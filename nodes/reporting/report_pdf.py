"""Laying out the report on A4 pages with fpdf2."""

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import pandas as pd
from fpdf.enums import XPos, YPos

from graingraph.engine.declare.injected import RECORD
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.attachments import RECIPE_OF_REPORT, RUN_OF_REPORT, seal
from graingraph.engine.recipe.parts import Step
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Table
from graingraph.engine.values.notes import Note, gravest_first, texts
from graingraph.engine.values.table import with_units
from graingraph.engine.values.wording import short, within
from graingraph.nodes.reporting import findings
from graingraph.nodes.reporting.findings import ONLY_THESE, PLOT_SIZE, Content
from graingraph.nodes.reporting.pages import CAPTION, MARGIN, WIDTH, Paper, print_table
from graingraph.nodes.reporting.recipe_drawing import draw_recipe
from graingraph.nodes.reporting.scale_mark import draw_scale_mark
from graingraph.nodes.tables.specimens import SPECIMEN

MAX_ROWS, MAX_ON_THEIR_SIDE, MAX_COLUMNS = 200, 25, 7
CAUTION, REFUSED = (255, 244, 214), (250, 221, 217)
WIDE = {"Statistic": 3.0, "Quantity": 2.0, "Image": 1.8}
"""How wide columns of other tables are, by others."""
RESULT_WIDTHS = {
    "Specimen": 1.2,
    "Quantity": 2.5,
    "Result": 1.9,
    "95 % CI": 2.1,
    "Over n": 1.2,
    "s between them": 1.2,
    "%RA": 0.7,
    "Decision": 1.2,
}
"""How wide columns of the table of results are, by others."""


def build_report(content: Content) -> bytes:
    """The finished PDF."""
    recipe = recipe_file.parse(content.run.recipe_json)
    pdf = Paper(format="A4")
    pdf.footer_text = findings.running_foot(content)
    pdf.set_title(content.title)
    pdf.set_creator("Graingraph")
    unprintable = pdf.use_letters_of(_all_text(content))
    if unprintable:
        note = Note(
            "advice",
            f"No font on this machine has the letters {' '.join(unprintable[:20])}, which are printed by their number; "
            "install a font that has them (Noto Sans).",
        )
        content = replace(content, notes=(*content.notes, note))
    pdf.add_page()
    _heading(pdf, content)
    _record(pdf, content)
    _picture(pdf, content)
    if content.plot is not None and content.plot_png is not None:
        across, down = PLOT_SIZE
        pdf.room((WIDTH - 28) * down / across + CAPTION)
        pdf.image(io.BytesIO(content.plot_png), x=MARGIN + 14, w=WIDTH - 28)
        pdf.caption(content.plot.title)
    for title, table in (_statistics(content), ("Fields", content.fields or _fields(content))):
        if table is not None and table.count:
            _table(pdf, title, table)
    _recipe(pdf, recipe, content.learnt_with)
    _provenance(pdf, content)
    pdf.last_line(findings.last_line(content))
    _attach(pdf, f"recipe{recipe_file.SUFFIX}", RECIPE_OF_REPORT, content.run.recipe_json)
    record = content.run.record()
    if record:
        _attach(pdf, RECORD, RUN_OF_REPORT, record)
    return bytes(pdf.output())


def _attach(pdf: Paper, name: str, what: str, data: bytes) -> None:
    pdf.embed_file(bytes=data, basename=name, desc=seal(what, data), compress=True)


def _all_text(content: Content) -> str:
    """Everything that may be printed, in any order."""
    tables = content.tables
    columns = [(name, column) for table in tables for name, column in table.columns.items()]
    words = [content.title, content.author, content.image_name, *content.run.images, *texts(content.notes)]
    words += [*content.header, *content.header.values(), *map(str, content.results), str(content.limit)]
    words += [table.headline for table in tables] + [name for name, _ in columns]
    words += [str(item) for _, column in columns if column.dtype == object for item in set(column)]
    words += [str(value) for settings in content.learnt_with.values() for value in settings.values()]
    words += [content.plot.title] if content.plot is not None else []
    return "\n".join([*words, content.run.recipe_json.decode()])


def _heading(pdf: Paper, content: Content) -> None:
    pdf.text_line(content.title, 18, bold=True, gap=1)
    pdf.caption(findings.heading(content))
    said = findings.verdict(content)
    if said:
        _box(pdf, said, REFUSED if content.reasons else (255, 255, 255), 11, bold=True)
    if content.results:
        results = findings.results_table(content)
        refused = any(one.reasons for one in content.results)
        wide = [4.0 if refused and column == "Result" else RESULT_WIDTHS.get(column, 1.0) for column in results.columns]
        print_table(pdf, results, "Results", 0, widths=wide, left=2 if "Specimen" in results.columns else 1)
    else:
        headlines = (table.headline for table in content.tables)
        for headline in dict.fromkeys(headline for headline in headlines if headline):
            pdf.text_line(headline, 11, bold=True)
    remarks = texts(gravest_first(note for note in content.notes if note.kind != "not reportable"))
    if remarks:
        shown = [f"• {text}" for text in remarks[:12]]
        shown += [f"• and {len(remarks) - 12} more remarks" for _ in remarks[12:13]]
        _box(pdf, "Read before use:\n" + "\n".join(shown), CAUTION, 8.5)


def _box(pdf: Paper, text: str, colour: tuple[int, int, int], size: float, *, bold: bool = False) -> None:
    pdf.set_fill_color(*colour)
    pdf.set_font("DejaVu", "B" if bold else "", size)
    line = 0.54 * size
    lines = cast("list[str]", pdf.multi_cell(WIDTH - 4, line, text, dry_run=True, output="LINES"))
    pdf.room(min(len(lines) * line + 6, 120))
    pdf.multi_cell(WIDTH, line, text, fill=True, padding=2, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.ln(3)


def _record(pdf: Paper, content: Content) -> None:
    """What an assessor asks for: who and what, the fields, the uncertainty, the deviations."""
    if any(content.header.values()) or content.limit is not None:
        header = findings.header_table(content)
        print_table(pdf, header, "Stated by the laboratory", 0, widths=(1, 1.6, 1, 1.6), left=4)
    budget = findings.budget_table(content)
    if len(budget):
        print_table(pdf, budget, "Uncertainty budget (standard uncertainties)", CAPTION)
        pdf.caption(f"{findings.BUDGET_REMARK} {content.corrected}.")
    shown = [f"• {text}" for text in findings.sentences(findings.deviations(content))]
    _box(pdf, "\n".join(["Deviations and what is not stated:", *shown, ONLY_THESE]), (240, 240, 240), 8.5)
    _signatures(pdf, content)
    if content.measured_fields:
        fields = findings.fields_table(content)
        widths = [WIDE.get(str(column), 1.0) for column in fields.columns]
        print_table(pdf, fields.head(MAX_ROWS), "Fields: pixel size and what was counted", 0, widths=widths)


def _signatures(pdf: Paper, content: Content) -> None:
    """A line to sign for each who answers for the result, with name and date."""
    pdf.room(34)
    pdf.ln(8)
    for title, name in findings.signatures(content):
        left, y, third = MARGIN, pdf.get_y() + 6, WIDTH / 3
        pdf.set_font("DejaVu", size=9)
        pdf.text(left, y - 1, name)
        for place, label in enumerate((title, "Date", "Signature")):
            pdf.line(left + place * third, y, left + (place + 1) * third - 5, y)
            pdf.set_font("DejaVu", size=7)
            pdf.text(left + place * third, y + 3, label)
        pdf.set_y(y + 6)
    pdf.ln(2)


def _picture(pdf: Paper, content: Content) -> None:
    picture = content.picture
    shown_width = min(WIDTH, 100.0 * picture.width / picture.height)
    shown_height = shown_width * picture.height / picture.width
    pdf.room(shown_height + 8)
    left, top = MARGIN + (WIDTH - shown_width) / 2, pdf.get_y()
    pdf.image(io.BytesIO(picture.jpeg), x=left, w=shown_width)
    if picture.scale is not None:
        draw_scale_mark(pdf, picture.scale.x * content.image.shape[1], left, top, shown_width, shown_height)
    pdf.ln(1)
    pdf.caption(picture.caption)


def _statistics(content: Content) -> tuple[str, Table | None]:
    """The table of statistics and its title, which names what all of them are of instead of a column that does."""
    table = findings.printed_statistics(content.statistics) if content.statistics is not None else None
    if table is None or len(set(table.columns.get("Quantity", ()))) != 1:
        return "Statistics", table
    quantity = str(table.columns["Quantity"][0])
    shown = {name: values for name, values in table.columns.items() if name != "Quantity"}
    return f"Statistics of {within(quantity)}", replace(table, columns=shown)


def _fields(content: Content) -> Table | None:
    """A row an image with the number and the mean of its features, where no table of fields is wired."""
    measured = content.measurements
    if measured is None or "Image" not in measured.columns or measured.rows != "features":
        return None
    answered = [one.column for one in content.results if one.column in measured.quantities]
    numbers = list(dict.fromkeys([*answered, *measured.quantities]))[:4]
    groups = measured.frame.groupby("Image", sort=False)
    frame = pd.concat([groups.size().rename("Features"), groups[numbers].mean()], axis=1).reset_index()
    names = {column: _mean_name(column) for column in numbers}
    units = {names[column]: measured.units.get(column, "") for column in numbers}
    return Table.of_frame(frame.rename(columns=names), units, rows="fields")


def _mean_name(column: str) -> str:
    """The heading of a column of means; a mean is one already."""
    return column if column.startswith("Mean ") else f"Mean {within(column)}"


def _table(pdf: Paper, title: str, table: Table) -> None:
    """Print a table; one with many columns lies on its side, a column an image, a few images at a time."""
    frame = with_units(table).frame
    left = 2 if SPECIMEN in frame.columns[:2] else 1
    if len(frame.columns) <= MAX_COLUMNS:
        shown = MAX_ROWS
        widths = [WIDE.get(str(column), 1.0) for column in frame.columns]
        print_table(pdf, frame.head(shown), title, CAPTION * (len(frame) > shown), left=left, widths=widths)
    else:
        shown = MAX_ON_THEIR_SIDE
        on_side = frame.set_index(frame.columns[0]).head(shown).T.rename_axis(frame.columns[0]).reset_index()
        for start in range(1, len(on_side.columns), MAX_COLUMNS - 2):
            columns = [0, *range(start, min(start + MAX_COLUMNS - 2, len(on_side.columns)))]
            print_table(pdf, on_side.iloc[:, columns], title if start == 1 else "", CAPTION * (len(frame) > shown))
    if len(frame) > shown:
        pdf.caption(f"The first {shown} of {len(frame)} rows; all of them are in the CSV files.")


def _recipe(pdf: Paper, recipe: Recipe, learnt_with: Mapping[str, Mapping[str, Any]]) -> None:
    pdf.room(190)
    pdf.title_line("Recipe")
    if recipe.description:
        pdf.text_line(recipe.description, gap=2)
    pdf.set_font("DejaVu", size=8)
    bottom = draw_recipe(pdf, recipe, MARGIN, pdf.get_y(), WIDTH, 140)
    pdf.set_xy(MARGIN, bottom + 3)
    for node in recipe.order:
        step = recipe.steps[node]
        line = _settings(step)
        if learnt_with.get(node):
            line = f"model {_setting(step.product)}, learnt with {_settings(step, learnt_with[node])}"
        pdf.text_line(f"{node} ({step.type} {step.version}): {line or 'no settings'}", 7.5, gap=0.4)


def _settings(step: Step, ran: Mapping[str, Any] | None = None) -> str:
    """The settings of a step in words; where it is known what ``ran``, those, and what else is told of it."""
    values = step.settings if ran is None else ran
    declared = step.declared.settings if step.declared else ()
    # what nobody has filled in has no effect, and a report has many lines to fill in
    filled = [s for s in declared if values.get(s.name, "") != ""]
    used = [s for s in filled if s.applies({**step.settings, **values})]
    told = [f"{s.label} {_setting(values[s.name])}{' ' + s.unit if s.unit else ''}" for s in used]
    if ran is not None:
        known = {s.name for s in declared}
        told += [f"{name} {_setting(value)}" for name, value in ran.items() if name not in known]
    return ", ".join(told)


def _setting(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(str(next(iter(item.values()))) for item in value) or "none"
    return short(value, 6) if isinstance(value, float) else str(value) or "–"


def _provenance(pdf: Paper, content: Content) -> None:
    pdf.title_line("Provenance")
    run = content.run
    pdf.text_line(f"Recipe {run.recipe_name or '(unnamed)'}, id {run.recipe_id}; it is attached to this PDF.", 8)
    for line in run.release:
        pdf.text_line(line, 8)
    pdf.text_line("; ".join(f"{name} {version}" for name, version in run.versions.items()), 8)
    more = len(run.images) > MAX_ROWS
    shown = [f"{digest}  {name}" for name, digest in list(run.images.items())[:MAX_ROWS]]
    pdf.list_of(shown, 7, below=CAPTION * more)
    if more:
        pdf.caption(f"and {len(run.images) - MAX_ROWS} more images; see manifest.json.")
