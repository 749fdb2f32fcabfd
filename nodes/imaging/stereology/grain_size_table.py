"""The one-row table of a field's E112 grain size."""

import math
from collections.abc import Callable

import numpy as np

from graingraph.engine.values import Scale, Table
from graingraph.engine.values.notes import Note
from graingraph.nodes.imaging.stereology.stereology import Estimate, g_from_density, g_from_intercept

FEWEST = 50
"""Grains, or crossings, that a field should show at least (ASTM E112)."""
FIELD_ACCURACY = "relative accuracy of one field"
"""What a note is about that the accuracy of all fields together replaces."""


def grain_size_table(
    *, planimetric: Estimate, circles: Estimate, lines: Estimate, together: Estimate, scale: Scale | None
) -> Table:
    """Sizes with unit, grain size number G, 95 % half widths and relative accuracy of each method, one row.

    Lengths are in µm with a scale; without one in px, and every G is NaN. Notes say where E112 asks for more.
    """
    row: dict[str, float] = {}
    units: dict[str, str] = {}

    def put(name: str, value: float, unit: str = "") -> None:
        row[name], units[name] = value, unit

    per_mm = 1000 / scale.um_per_px if scale else 1.0
    put("Grains", planimetric.count)
    put("Grains per area", planimetric.value * per_mm**2, "1/mm²" if scale else "1/px²")
    put("Relative accuracy planimetric", planimetric.relative_accuracy if planimetric.value else math.nan, "%")
    g, half = size_number(planimetric, g_from_density, per_mm**2 if scale else math.nan)
    put("G planimetric", g)
    put("G planimetric 95 % CI", half)
    for name, estimate in (("circles", circles), ("lines", lines), ("circles and lines", together)):
        length, unit = (1000 / per_mm, "µm") if scale else (1.0, "px")
        put(f"Crossings {name}", estimate.count)
        put(f"Mean intercept {name}", estimate.value * length, unit)
        put(f"Mean intercept {name} 95 % CI", estimate.half_width * length, unit)
        put(f"Relative accuracy {name}", estimate.relative_accuracy, "%")
        g, half = size_number(estimate, g_from_intercept, 1 / per_mm if scale else math.nan)
        put(f"G {name}", g)
        put(f"G {name} 95 % CI", half)
    length_text = f"mean intercept {row['Mean intercept circles']:.4g} {units['Mean intercept circles']} by circles"
    headline = f"G {row['G circles']:.1f}, {length_text}" if scale else length_text
    table = Table({name: np.array([value]) for name, value in row.items()}, units, rows="fields", headline=headline)
    return table.with_note(*_notes(planimetric, circles, lines, scale))


def size_number(estimate: Estimate, number: Callable[[float], float], factor: float) -> tuple[float, float]:
    """G of an estimate, and half the width of its 95 % interval."""
    low, high = estimate.value - estimate.half_width, estimate.value + estimate.half_width
    return number(estimate.value * factor), abs(number(high * factor) - number(low * factor)) / 2


def _notes(planimetric: Estimate, circles: Estimate, lines: Estimate, scale: Scale | None) -> list[Note]:
    notes = []
    if scale is None:
        notes.append(Note("advice", "No pixel size: intercepts are in px and there is no G; add SetScale."))
    if planimetric.count < FEWEST:
        text = f"Only {planimetric.count:g} grains in the field; ASTM E112 asks for about {FEWEST} or more."
        notes.append(Note("advice", text))
    for name, estimate in (("circles", circles), ("lines", lines)):
        if estimate.count < FEWEST:
            text = f"Only {estimate.count:g} crossings on the test {name}; ASTM E112 asks for about {FEWEST} a field."
            notes.append(Note("advice", text))
        if estimate.relative_accuracy > 10:
            text = (
                f"The {name} reach a relative accuracy of {estimate.relative_accuracy:.1f} % in this field; "
                "ASTM E112 asks for 10 % or better, so measure more fields."
            )
            notes.append(Note("advice", text, about=FIELD_ACCURACY))
    return notes
