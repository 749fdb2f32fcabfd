"""Trace: what a person drew, layer by layer, as a class map."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from graingraph.engine.declare.injected import Marks
from graingraph.engine.declare.node import node
from graingraph.engine.declare.roles import DrawnOn, TracedLayers
from graingraph.engine.declare.settings import Label, NotEmpty, When
from graingraph.engine.marks.store import content_hash
from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, ClassMap, Image, Labels, Mask, PixelClass
from graingraph.engine.values.classes import with_roles_of_names
from graingraph.engine.values.notes import Note
from graingraph.engine.values.wording import counted

TOOLS = ("pen", "livewire", "polygon", "brush", "eraser", "fill", "rectangle", "ellipse")


class TraceClass(NamedTuple):
    """One layer: its name and colour, the ``width`` in pixels of its lines (0 for areas), and what it is.

    ``role`` "automatic" is a boundary where lines have a width, else an area. ``of`` names the area whose boundary it
    is; empty is the nearest area before it, or else the first behind it.
    """

    name: str
    color: str = "#ff5252"
    width: float = 0.0
    role: Literal["automatic", "area", "boundary"] = "automatic"
    of: str = ""


def traced_classes(layers: Sequence[TraceClass], rest: str = "") -> tuple[PixelClass, ...]:
    """The classes of these layers, and of what is in none of them; ``rest`` is its name, which may be a layer's."""
    classes = [PixelClass(one.name, one.color, "boundary" if _is_boundary(one) else "area") for one in layers]
    if rest and rest not in [item.name for item in classes]:
        classes.append(PixelClass(rest, "#9e9e9e"))
    areas = [(i, item.name) for i, item in enumerate(classes) if item.role == "area"]
    for index, one in enumerate(layers):
        if _is_boundary(one) and areas:
            before = [name for i, name in areas if i < index]
            nearest = before[-1] if before else areas[0][1]
            of = one.of if one.of in [name for _, name in areas] else nearest
            classes[index] = replace(classes[index], of=of)
    return tuple(classes)


def classes_of_settings(settings: Mapping[str, Any]) -> tuple[PixelClass, ...]:
    """The classes that a Trace node with these settings (JSON values) gives."""
    layers = [TraceClass(**row) for row in settings["classes"]]
    return traced_classes(layers, settings["rest_name"] if settings["rest"] == "class" else "")


def _is_boundary(layer: TraceClass) -> bool:
    return layer.role == "boundary" or (layer.role == "automatic" and layer.width > 0)


def _roles_of_names(settings: dict[str, Any]) -> dict[str, Any]:
    """Until version 2 a layer was a boundary by its name: write down what the names meant."""
    rows = settings.get("classes")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "name" in row for row in rows):
        return settings
    rest = [settings.get("rest_name", "rest")] if settings.get("rest") == "class" else []
    names = dict.fromkeys(map(str, [*(row["name"] for row in rows), *rest]))
    meant = {item.name: item for item in with_roles_of_names([PixelClass(name) for name in names])}

    def told(row: dict[str, Any]) -> dict[str, Any]:
        item = meant[str(row["name"])]
        line = item.role == "boundary" or bool(row.get("width"))
        return {**row, "role": "boundary" if line else "area", "of": item.of if line else ""}

    return {**settings, "classes": [told(row) for row in rows]}


@node(
    "Trace",
    category="Draw",
    version=2,  # 1 had no roles
    synonyms=("annotate", "label", "draw", "ground truth", "paint"),
    migrations={1: _roles_of_names},
    drawn_on=DrawnOn(
        tools=lambda settings: (*TOOLS, "complete") if settings["rest"] == "class" else TOOLS,
        over="start",
        layers=TracedLayers(classes="classes", rest="rest_name", gives=classes_of_settings),
        pauses=lambda settings, wired: "start" not in wired,
        nothing_undrawn=lambda settings, wired: "start" not in wired,
        pauses_for_results=True,
    ),
)
def trace(
    image: Image,
    start: Mask | Labels | ClassMap | None = None,
    *,
    classes: tuple[TraceClass, ...] = (TraceClass("feature", "#ff5252"), TraceClass("matrix", "#448aff")),
    rest: Annotated[Literal["ignore", "class"], Label("what is not traced")] = "ignore",
    rest_name: Annotated[str, When(rest="class"), Label("class of the rest"), NotEmpty()] = "rest",
    marks: Marks,
) -> ClassMap:
    """Draw on the image what each part of it is, to teach a network or to measure by hand.

    What nobody drew stays unlabelled and is ignored in training, so a few highlighted patches suffice. A later stroke
    covers an earlier one; the eraser makes pixels unlabelled again. Wire something into "start" to
    begin from what the recipe found: a mask or labels become the first class, a class map goes by its classes' names.

    Where what is not traced has a class, it has it everywhere; once blocks are marked as complete, only in these: a
    block that is traced whole teaches boundaries and what lies between them, and the rest of the picture may wait.

    Settings:
        classes: The layers to draw in: name, colour, for boundaries the width of their lines in pixels (0 = areas), and
            the role: area or boundary (automatic goes by the width), with the name of the area that a boundary is of.
        rest: Whether what is in no layer is ignored, or is a class of its own ("the inverse of all layers").
        rest_name: Name of that class; one of the layers' names makes the rest belong to that layer.
    """
    from graingraph.nodes.imaging.marks.paint import paint

    layers = traced_classes(classes, rest_name if rest == "class" else "")
    pixels = _start_map(start, tuple(c.name for c in classes), image.shape)
    lost = paint(pixels, marks.marks, {c.name: (i, c.width) for i, c in enumerate(classes)})
    if rest == "class" and (marks or start is not None):
        pixels[(pixels == UNLABELLED) & _complete(marks, image.shape)] = [layer.name for layer in layers].index(
            rest_name
        )
    else:
        layers = layers[: len(classes)]
    result = ClassMap(np.ascontiguousarray(pixels), image.scale, classes=layers)
    for name, count in lost.items():
        strokes = counted(count, "stroke")
        result = result.with_note(f"Not used: {strokes} of the layer '{name}', as Trace has no such class.")
    if start is not None and marks.drawn_on and marks.drawn_on != content_hash(start.pixels):
        result = result.with_note(Note("needs review", "what the tracing started from has changed since it was drawn."))
    return result


def _complete(marks: Marks, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Where everything is traced, bool (H, W): in the rectangles that say so, or everywhere if there is none."""
    from graingraph.nodes.imaging.marks.strokes import footprint

    blocks = [footprint(mark, shape) for mark in marks.marks if mark.tool == "complete"]
    inside = np.full(shape, not blocks)
    for block in blocks:
        inside[block.box] |= block.inside
    return inside


def _start_map(
    start: Mask | Labels | ClassMap | None, names: Sequence[str], shape: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    """A new uint8 (H, W) class map to paint on: unlabelled, or what ``start`` says, in classes of these names."""
    pixels = np.full(shape, UNLABELLED, np.uint8)
    if not names or len(names) > UNLABELLED - 1 or len(set(names)) != len(names):
        raise Problem("Trace needs at least one class, at most 254, each with a name of its own.")
    if start is None:
        return pixels
    if start.shape != shape:
        raise Problem("What the tracing starts from has another size than the image; wire both from the same image.")
    if isinstance(start, ClassMap):
        for known in start.classes:
            if known.name not in names:
                raise Problem(
                    f"The class map to start from has a class '{known.name}'; add it to the classes of Trace."
                )
        return renumbered(start, names)
    pixels[start.pixels > 0] = 0
    return pixels


def renumbered(known: ClassMap, names: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Class map uint8 (H, W) in classes of these names and order; classes that are not among them are unlabelled."""
    table = np.full(256, UNLABELLED, np.uint8)
    for index, item in enumerate(known.classes):
        if item.name in names:
            table[index] = names.index(item.name)
    return table[known.pixels]
