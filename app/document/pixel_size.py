"""The size of a pixel, told by a person at the picture: it lands in the nodes that are calibrated, no wire is moved."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import hypot
from pathlib import Path

import numpy as np

from graingraph.app.document.edit import Change, Edit
from graingraph.app.document.mark_edits import ChangeWithStrokes, Redraw
from graingraph.app.document.session import Session
from graingraph.engine.declare.injected import Mark
from graingraph.engine.declare.roles import CALIBRATING, PIXEL_SIZE, SCALE_BAR, Calibrated
from graingraph.engine.marks.drawing import Drawing
from graingraph.engine.marks.store import new_mark_id
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.lock import require_unlocked
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Scale
from graingraph.engine.values.wording import counted, named
from graingraph.nodes.reading.pixel_size import micrometres, nearly

Line = tuple[tuple[float, float], tuple[float, float]]
MOST_NAMED = 5
"""So many images are named in a sentence."""
_LENGTH = re.compile(r"\s*(\d+(?:[.,]\d+)?(?:e[+-]?\d+)?)\s*([a-zµμ]*)\s*(/\s*(?:px|pixel))?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Told:
    """What a person typed: ``um`` is the length of the line drawn, or with ``per_px`` the side of a pixel."""

    um: float
    per_px: bool = False


def read_length(text: str) -> Told:
    """Read ``200 µm``, ``0.2mm`` or ``0.42 µm/px``. ``Problem`` where it is none, or has no unit: none is assumed."""
    found = _LENGTH.fullmatch(text)
    if found and not found[2]:
        raise Problem(f"“{text.strip()}” has no unit; type one behind it, such as µm, mm or nm: {found[1]} µm.")
    um = micrometres(found[1], found[2]) if found else None
    if not found or um is None or not 0 < um < 1e9:
        raise Problem(f"“{text.strip()}” is no length; type one such as 200 µm, or the size of a pixel as 0.42 µm/px.")
    return Told(um, per_px=bool(found[3]))


def um_per_px(told: Told, line: Line | None) -> float | None:
    """The side of a pixel in µm; None while a line is to be drawn."""
    if told.per_px:
        return told.um
    px = _px(line)
    return told.um / px if px >= 1 else None


def told_otherwise(images: Iterable[Path], um: float) -> dict[str, Scale]:
    """The images whose files tell a pixel size of their own that is another than ``um``, by name, with that size.

    Files that cannot be read are passed over: what is wrong with them is said where they are used.
    """
    from graingraph.nodes.reading.read_image import read_header

    found = {}
    for path in images:
        try:
            scale = read_header(path).scale
        except Problem:
            continue
        if scale is not None and not (nearly(scale.x, um) and nearly(scale.y, um)):
            found[path.name] = scale
    return found


def in_words(otherwise: Mapping[str, Scale], count: int) -> str:
    """Which of so many images' files tell another pixel size, in a sentence."""
    some = named([f"{name} ({scale})" for name, scale in otherwise.items()], MOST_NAMED)
    tell = "tell" if len(otherwise) > 1 else "tells"
    return f"{len(otherwise)} of {counted(count, 'file')} {tell} another pixel size: {some}."


def calibrated_nodes(recipe: Recipe, viewed: str) -> list[str]:
    """The nodes that decide how large a pixel is in what is viewed: on its way, none after them. ``Problem`` for none.

    Where a node further down sets it anew, for what comes after the viewed node too, that one decides.
    """
    near = {viewed} | recipe.ancestors(viewed) | recipe.descendants(viewed)
    found = [node for node in recipe.order if node in near and _role(recipe, node)]
    last = [node for node in found if not any(other in recipe.descendants(node) for other in found)]
    if not last:
        raise Problem("Nothing here knows of a pixel size; add Load or SetScale before it.")
    return last


def for_all(session: Session, viewed: str, told: Told, line: Line | None) -> Edit:
    """The edit that tells it of every image; what was told of single images goes. ``Problem`` where it cannot be."""
    recipe = session.recipe
    require_unlocked(recipe)
    _require_line(told, line)
    um, px = (told.um, 1.0) if told.per_px else (told.um, _px(line))
    after = recipe
    nodes = calibrated_nodes(recipe, viewed)
    for node in nodes:
        role = _role(recipe, node)
        for name, value in role.settings(um, px).items() if role else ():
            after = after.with_setting(node, name, value)
    places = [(image, node) for node in nodes for image in session.marks.images(node)]
    before = {place: session.marks.drawing(*place).copy() for place in places}
    if not before:
        return Change("Set pixel size", recipe, after)
    redraw = Redraw(before, {place: _without(drawing) for place, drawing in before.items()})
    return ChangeWithStrokes("Set pixel size", recipe, after, redraw=redraw)


def for_image(session: Session, viewed: str, image: str, told: Told, line: Line | None) -> Edit:
    """The edit that tells it of the image of this hash alone. ``Problem`` where it cannot be."""
    require_unlocked(session.recipe)
    _require_line(told, line)
    points = [(0.5, 0.5)] if told.per_px or line is None else line
    tool = PIXEL_SIZE if told.per_px else SCALE_BAR
    before, after = {}, {}
    for node in calibrated_nodes(session.recipe, viewed):
        before[image, node] = session.marks.drawing(image, node).copy()
        drawing = _without(before[image, node])
        drawing.add(Mark(new_mark_id(), tool, np.array(points, np.float32), layer=repr(told.um)))
        after[image, node] = drawing
    return Redraw(before, after, "Set pixel size of this image", session.image)


def _role(recipe: Recipe, node: str) -> Calibrated | None:
    step = recipe.steps[node]
    return step.declared.calibrated if step.declared and not step.muted else None


def _px(line: Line | None) -> float:
    return hypot(line[1][0] - line[0][0], line[1][1] - line[0][1]) if line else 0.0


def _require_line(told: Told, line: Line | None) -> None:
    if not told.per_px and _px(line) < 1:
        raise Problem("Drag a line over the scale bar first, or type the size of a pixel, such as 0.42 µm/px.")


def _without(drawing: Drawing) -> Drawing:
    """Without what was told of the pixel size before."""
    result = drawing.copy()
    for key in [key for key, mark in drawing.marks.items() if mark.tool in CALIBRATING]:
        result.remove(key)
    return result
