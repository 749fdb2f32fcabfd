"""Trace: what a person drew, layer by layer, as a class map."""

from typing import Annotated, Literal, NamedTuple

import numpy as np

from graingraph.engine.declare.injected import Marks
from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, When
from graingraph.engine.marks.store import content_hash
from graingraph.engine.values import UNLABELLED, ClassMap, Image, Labels, Mask, PixelClass
from graingraph.engine.values.notes import Note


def with_rest(layers: tuple[PixelClass, ...], rest_name: str) -> tuple[PixelClass, ...]:
    """The layers and the class of what is in none of them, which may be one of the layers."""
    return layers if rest_name in [layer.name for layer in layers] else (*layers, PixelClass(rest_name, "#9e9e9e"))


class TraceClass(NamedTuple):
    """One layer: its name and colour; ``width`` in pixels of its lines if it is a boundary class, 0 for areas."""

    name: str
    color: str = "#ff5252"
    width: float = 0.0


@node("Trace", category="Draw", synonyms=("annotate", "label", "draw", "ground truth", "paint"))
def trace(
    image: Image,
    start: Mask | Labels | ClassMap | None = None,
    *,
    classes: tuple[TraceClass, ...] = (TraceClass("feature", "#ff5252"), TraceClass("matrix", "#448aff")),
    rest: Annotated[Literal["ignore", "class"], Label("what is not traced")] = "ignore",
    rest_name: Annotated[str, When(rest="class"), Label("class of the rest")] = "rest",
    marks: Marks,
) -> ClassMap:
    """Draw on the image what each part of it is, to teach a network or to measure by hand.

    What nobody drew stays unlabelled and is ignored in training, so a few highlighted patches suffice. A later stroke
    covers an earlier one; the eraser makes pixels unlabelled again. Wire something into "start" to
    begin from what the recipe found: a mask or labels become the first class, a class map goes by its classes' names.

    Settings:
        classes: The layers to draw in: name, colour, and for boundaries the width of their lines in pixels (0 = areas).
        rest: Whether what is in no layer is ignored, or is a class of its own ("the inverse of all layers").
        rest_name: Name of that class; one of the layers' names makes the rest belong to that layer.
    """
    from graingraph.nodes.imaging.marks.paint import paint, start_map

    layers = tuple(PixelClass(c.name, c.color) for c in classes)
    pixels = start_map(start, tuple(c.name for c in classes), image.shape)
    lost = paint(pixels, marks.marks, {c.name: (i, c.width) for i, c in enumerate(classes)})
    if rest == "class" and (marks or start is not None):
        layers = with_rest(layers, rest_name)
        pixels[pixels == UNLABELLED] = [layer.name for layer in layers].index(rest_name)
    result = ClassMap(np.ascontiguousarray(pixels), image.scale, classes=layers)
    for name, count in lost.items():
        result = result.with_note(f"{count} strokes of the layer '{name}' are not used: Trace has no such class.")
    if start is not None and marks.drawn_on and marks.drawn_on != content_hash(start.pixels):
        result = result.with_note(Note("needs review", "what the tracing started from has changed since it was drawn."))
    return result
