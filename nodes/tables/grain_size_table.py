"""The one-row table of a field's E112 grain size."""

import math
from collections.abc import Mapping

import numpy as np

from graingraph.engine.values import MeasuredField, Scale, Table
from graingraph.engine.values.notes import Note
from graingraph.engine.values.wording import counted as numbered
from graingraph.engine.values.wording import short
from graingraph.nodes.imaging.boundaries import partition as plane
from graingraph.nodes.imaging.stereology.stereology import Counted, Field, g_from_density, g_from_intercept
from graingraph.nodes.tables.reportable import (
    COARSE,
    THICK,
    Network,
    reasons,
    refusal,
)


def grain_size_table(
    field: Field,
    *,
    planimetric: Counted,
    inside: int,
    intercepts: Mapping[str, Counted],
    directions: Mapping[int, Counted],
    scale: Scale | None,
) -> Table:
    """Counts, sizes with unit and grain size number G of each method, one row.

    Lengths are in µm with a scale, test lines in mm; without one in px, and every G is NaN. One field has no interval.
    The corrections are what pixels and drawn lines hide; sizes are of counts and corrections together.
    """
    row: dict[str, float] = {}
    units: dict[str, str] = {}

    def put(name: str, value: float, unit: str = "") -> None:
        row[name], units[name] = value, unit

    per_mm, mm = (1000 / scale.um_per_px, "mm") if scale else (1.0, "px")
    micro, um = (1000 / per_mm, "µm") if scale else (1.0, "px")
    put("Grains", planimetric.count)
    put("Grains inside", inside)
    put("Grains, correction", planimetric.missed)
    put("Field area", planimetric.extent / per_mm**2, f"{mm}²")
    put("Grains per area", planimetric.density * per_mm**2, f"1/{mm}²")
    put("G planimetric", g_from_density(planimetric.density * per_mm**2) if scale else math.nan)
    for name, found in intercepts.items():
        put(f"Crossings {name}", found.count)
        put(f"Crossings {name}, correction", found.missed)
        put(f"Test line {name}", found.extent / per_mm, mm)
        put(f"Mean intercept {name}", found.mean_intercept * micro, um)
        put(f"G {name}", g_from_intercept(found.mean_intercept / per_mm) if scale else math.nan)
    for angle, found in directions.items():
        put(f"Crossings per length {angle}°", found.density * per_mm, f"1/{mm}")
    if field.thickness:
        put("Open ends", 100 * field.open_share, "%")
    size = f"mean intercept {short(row['Mean intercept circles'], 3)} {um} by circles"
    if not intercepts["circles"].count:
        size = "no grain boundary crosses the test circles"
    headline = f"G {row['G circles']:.1f}, {size}" if math.isfinite(row["G circles"]) else size
    columns = {name: np.array([value]) for name, value in row.items()}
    height, width = field.partition.shape
    about = MeasuredField(height, width, scale, inside, len(plane.at_frame(field.partition)))
    table = Table(columns, units, rows="fields", headline=headline, fields=(about,))
    return table.with_note(*_notes(field, planimetric, intercepts, directions, row, scale is not None))


def _notes(
    field: Field,
    planimetric: Counted,
    intercepts: Mapping[str, Counted],
    directions: Mapping[int, Counted],
    row: Mapping[str, float],
    scaled: bool,
) -> list[Note]:
    found = reasons(
        Network(
            scaled=scaled,
            fewest_grains=planimetric.count,
            without_crossing=int(intercepts["circles and lines"].count == 0),
            g_planimetric=row["G planimetric"],
            g_intercept=row["G circles and lines"],
            open_share=field.open_share,
            per_length=tuple(item.density for item in directions.values()),
        )
    )
    notes = refusal(found)
    length = intercepts["circles and lines"].mean_intercept
    if length < COARSE:
        text = (
            f"The pixels are too coarse for this grain size: a mean intercept of {short(length, 2)} px; from "
            f"{COARSE:g} px the result is within 2 %."
        )
        notes.append(Note("advice", text))
    if field.thickness > THICK * length:
        text = (
            f"The boundary lines, {numbered(round(field.thickness, 1), 'pixel')} wide, are thick for a mean intercept "
            f"of {short(length, 2)} px and hide the smallest grains; thin them, or measure at a higher magnification."
        )
        notes.append(Note("advice", text))
    return notes
