"""Laying out the report on A4 pages with fpdf2."""

import io
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
import pandas as pd
from fpdf.enums import XPos, YPos

from graingraph.engine.declare.injected import RunInfo
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Step
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Image, Labels, Mask, Plot, Table
from graingraph.engine.values.notes import Note, gravest_first, texts
from graingraph.engine.values.table import with_units
from graingraph.engine.values.wording import counted
from graingraph.nodes.imaging.picture.overlay import as_rgb8, draw_outlines
from graingraph.nodes.reporting.pages import CAPTION, MARGIN, WIDTH, Paper, print_table
from graingraph.nodes.reporting.plot_picture import plot_png
from graingraph.nodes.reporting.recipe_drawing import draw_recipe
from graingraph.nodes.reporting.scale_mark import draw_scale_mark

MAX_ROWS, MAX_ON_THEIR_SIDE, MAX_COLUMNS = 200, 25, 7
CAUTION = (255, 244, 214)
PLOT_SIZE = 6.4, 3.4


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


def build_report(content: Content) -> bytes:
    """The finished PDF."""
    recipe = recipe_file.parse(content.run.recipe_json)
    pdf = Paper(format="A4")
    pdf.footer_text = f"{content.title} · recipe {content.run.recipe_id[:12]}"
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
    _heading(pdf, content, recipe)
    _picture(pdf, content)
    if content.plot is not None:
        across, down = PLOT_SIZE
        pdf.room((WIDTH - 28) * down / across + CAPTION)
        pdf.image(io.BytesIO(plot_png(content.plot, PLOT_SIZE)), x=MARGIN + 14, w=WIDTH - 28)
        pdf.caption(content.plot.title)
    for title, table in (_statistics(content), ("Fields", content.fields or _fields(content))):
        if table is not None and table.count:
            _table(pdf, title, table)
    _recipe(pdf, recipe, content.learnt_with)
    _provenance(pdf, content)
    recipe_json = content.run.recipe_json
    pdf.embed_file(bytes=recipe_json, basename=f"recipe{recipe_file.SUFFIX}", desc=recipe_file.seal(recipe_json))
    return bytes(pdf.output())


def _all_text(content: Content) -> str:
    """Everything that may be printed, in any order."""
    tables = [table for table in (content.measurements, content.statistics, content.fields) if table is not None]
    columns = [(name, column) for table in tables for name, column in table.columns.items()]
    words = [content.title, content.author, content.image_name, *content.run.images, *texts(content.notes)]
    words += [table.headline for table in tables] + [name for name, _ in columns]
    words += [str(item) for _, column in columns if column.dtype == object for item in set(column)]
    words += [str(value) for settings in content.learnt_with.values() for value in settings.values()]
    words += [content.plot.title] if content.plot is not None else []
    return "\n".join([*words, content.run.recipe_json.decode()])


def _heading(pdf: Paper, content: Content, recipe: Recipe) -> None:
    pdf.text_line(content.title, 18, bold=True, gap=1)
    images = len(content.run.images)
    facts = [time.strftime("%Y-%m-%d %H:%M"), counted(images, "image")]
    facts += [content.author] if content.author else []
    pdf.caption(" · ".join(facts))
    if recipe.description:
        pdf.text_line(recipe.description, gap=2)
    tables = (content.measurements, content.statistics, content.fields)
    for headline in dict.fromkeys(table.headline for table in tables if table is not None and table.headline):
        pdf.text_line(headline, 11, bold=True)
    if content.notes:
        pdf.set_fill_color(*CAUTION)
        pdf.set_font("DejaVu", size=8.5)
        said = texts(gravest_first(content.notes))
        shown = [f"• {text}" for text in said[:12]]
        shown += [f"• and {len(said) - 12} more remarks" for _ in said[12:13]]
        text = "Read before use:\n" + "\n".join(shown)
        pdf.multi_cell(WIDTH, 4.6, text, fill=True, padding=2, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.ln(3)


def _picture(pdf: Paper, content: Content) -> None:
    rgb = as_rgb8(content.image.pixels, content.image.range)
    outlined: np.ndarray = draw_outlines(rgb, content.features.pixels) if content.features is not None else rgb
    longest = max(outlined.shape[:2])
    if longest > 1800:
        height, width = (max(1, round(side * 1800 / longest)) for side in outlined.shape[:2])
        outlined = cv2.resize(outlined, (width, height), interpolation=cv2.INTER_AREA)
    measured = content.features if content.features is not None else content.image
    scale = measured.scale  # of what was measured: SetScale may have corrected what the file of the image says
    caption = f"{content.image_name}: a typical image"
    caption += ", measured features outlined." if content.features is not None else "."
    if scale is not None:
        caption += f" Pixel size {scale}."
    else:
        caption += " The pixel size is not known."
    height, width = outlined.shape[:2]
    shown_width = min(WIDTH, 100.0 * width / height)
    pdf.room(shown_width * height / width + 8)
    encoded = cv2.imencode(".jpg", cv2.cvtColor(outlined, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
    left, top = MARGIN + (WIDTH - shown_width) / 2, pdf.get_y()
    pdf.image(io.BytesIO(encoded.tobytes()), x=left, w=shown_width)
    if scale is not None:
        um = scale.x * content.image.shape[1]
        draw_scale_mark(pdf, um, left, top, shown_width, shown_width * height / width)
    pdf.ln(1)
    pdf.caption(caption)


def _statistics(content: Content) -> tuple[str, Table | None]:
    """The table of statistics and its title, which names what all of them are of instead of a column that does."""
    table = content.statistics
    if table is None or len(set(table.columns.get("Quantity", ()))) != 1:
        return "Statistics", table
    quantity = str(table.columns["Quantity"][0])
    shown = {name: values for name, values in table.columns.items() if name != "Quantity"}
    return f"Statistics of {quantity[:1].lower()}{quantity[1:]}", replace(table, columns=shown)


def _fields(content: Content) -> Table | None:
    """A row an image with the number and the mean of its features, where no table of fields is wired."""
    measured = content.measurements
    if measured is None or "Image" not in measured.columns or measured.rows != "features":
        return None
    numbers = measured.quantities[:4]
    groups = measured.frame.groupby("Image", sort=False)
    frame = pd.concat([groups.size().rename("Features"), groups[numbers].mean()], axis=1).reset_index()
    names = {column: _mean_name(column) for column in numbers}
    units = {names[column]: measured.units.get(column, "") for column in numbers}
    return Table.of_frame(frame.rename(columns=names), units, rows="fields")


def _mean_name(column: str) -> str:
    """The heading of a column of means; what begins with a name (Feret) keeps its capital."""
    return f"Mean {column if column.startswith('Feret') else column[0].lower() + column[1:]}"


def _table(pdf: Paper, title: str, table: Table) -> None:
    """Print a table; one with many columns lies on its side, a column an image, a few images at a time."""
    frame = with_units(table).frame
    if len(frame.columns) <= MAX_COLUMNS:
        shown = MAX_ROWS
        print_table(pdf, frame.head(shown), title, CAPTION * (len(frame) > shown))
    else:
        shown = MAX_ON_THEIR_SIDE
        on_side = frame.set_index(frame.columns[0]).head(shown).T.rename_axis(frame.columns[0]).reset_index()
        for start in range(1, len(on_side.columns), MAX_COLUMNS - 2):
            columns = [0, *range(start, min(start + MAX_COLUMNS - 2, len(on_side.columns)))]
            print_table(pdf, on_side.iloc[:, columns], title if start == 1 else "", CAPTION * (len(frame) > shown))
    if len(frame) > shown:
        pdf.caption(f"The first {shown} of {len(frame)} rows; all of them are in the CSV files.")


def _recipe(pdf: Paper, recipe: Recipe, learnt_with: Mapping[str, Mapping[str, Any]]) -> None:
    pdf.room(180)
    pdf.title_line("Recipe")
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
    used = [s for s in declared if s.name in values and s.applies({**step.settings, **values})]
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
    return f"{value:g}" if isinstance(value, float) else str(value) or "–"


def _provenance(pdf: Paper, content: Content) -> None:
    pdf.title_line("Provenance")
    run = content.run
    pdf.text_line(f"Recipe {run.recipe_name or '(unnamed)'}, id {run.recipe_id}; it is attached to this PDF.", 8)
    pdf.text_line("; ".join(f"{name} {version}" for name, version in run.versions.items()), 8)
    more = len(run.images) > MAX_ROWS
    shown = [f"{digest}  {name}" for name, digest in list(run.images.items())[:MAX_ROWS]]
    pdf.list_of(shown, 7, below=CAPTION * more)
    if more:
        pdf.caption(f"and {len(run.images) - MAX_ROWS} more images; see manifest.json.")
