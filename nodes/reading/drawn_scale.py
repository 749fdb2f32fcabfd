"""The pixel size that a person told of one image: by a line over its scale bar, or by typing it."""

from math import hypot, isfinite, sqrt

from graingraph.engine.declare.injected import Marks
from graingraph.engine.declare.roles import CALIBRATING, SCALE_BAR
from graingraph.engine.problem import Problem
from graingraph.engine.values import Scale

END_PX = sqrt(2 / 3)
"""Standard uncertainty in px of a length whose two ends are each pointed at to a pixel to either side (GUM, 4.3.7)."""


def drawn_scale(marks: Marks) -> Scale | None:
    """What the newest mark says; None where none does. ``Problem`` where it makes no sense."""
    told = next((mark for mark in reversed(marks.marks) if mark.tool in CALIBRATING), None)
    if told is None:
        return None
    try:
        um = float(told.layer)
    except ValueError:
        um = 0.0
    px = hypot(*(told.points[1] - told.points[0]).tolist()) if told.tool == SCALE_BAR else 1.0
    if not (isfinite(um) and um > 0 and px > 0):
        raise Problem("The pixel size drawn for this image is none; click the scale bar in the viewer and set it anew.")
    if told.tool == SCALE_BAR:
        return Scale(um / px, "scale bar", uncertainty=END_PX / px)
    return Scale(um, "typed")
