"""What the viewer shows for a viewed output: which micrograph, which features over it, which table belongs to them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from graingraph.app.document.session import OutputRef
from graingraph.engine.declare.injected import PixelBox
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Image, Labels, Raster, Scale, Table, Value
from graingraph.engine.values.views import Layer, Lines, layers

FOUND_COLOR, FOUND_WIDTH = "#ff3b30", 3.0
"""How a line that was found in an image is drawn over it."""

Lookup = Callable[[str, str], Value | None]
"""Finds the value of an output in memory: node, output."""


class Feature(NamedTuple):
    """One feature that a person points at: its number in the labels of an output, for an image."""

    image: Path
    place: OutputRef
    label: int


@dataclass(frozen=True, eq=False)
class Content:
    """A micrograph, what lies over it, and the table whose rows are those features; each may be missing.

    What lies over it is one raster (``features``) and any number of ``lines``. ``drawn`` says that the image is one in
    which what was measured is drawn already. ``part`` is newer than the features, where the rest of them is not there
    yet, and lies in a box of the image.
    """

    image: Image | None = None
    features: Raster | None = None
    table: Table | None = None
    table_node: str = ""
    drawn: bool = False
    lines: tuple[Lines, ...] = ()
    part: tuple[Raster, PixelBox] | None = None

    @property
    def scale(self) -> Scale | None:
        """The pixel size that what is viewed was measured with: that of the features where there are some."""
        viewed = self.features if self.features is not None else self.image
        return viewed.scale if viewed is not None else None

    @property
    def shape(self) -> tuple[int, int] | None:
        """Rows and columns of what is shown."""
        shown = self.image or self.features
        return shown.shape if shown else None


def content_of(recipe: Recipe, viewed: OutputRef, lookup: Lookup) -> Content:
    """Put together what is in memory; a micrograph of another shape than the features is not used."""
    value = lookup(*viewed)
    if isinstance(value, Image):
        below = next((image for place in images_for(recipe, viewed.node) if (image := lookup(*place))), None)
        return Content(image=value, lines=_lines_of_notes(value, below))
    place = features_for(recipe, viewed)
    over = layers_of(value) or (layers_of(lookup(*place)) if place else ())
    features = next((layer for layer in over if isinstance(layer, Raster)), None)
    lines = tuple(layer for layer in over if isinstance(layer, Lines))
    places = [*drawings_of(recipe, viewed), *images_for(recipe, viewed.node)]
    images = ((image, place) for place in places if isinstance(image := lookup(*place), Image))
    fitting = (pair for pair in images if features is None or pair[0].shape == features.shape)
    image, shown = next(fitting, (None, None))
    drawn = shown is not None and shown.node == viewed.node
    table_place = table_for(recipe, viewed)
    table = lookup(*table_place) if table_place else None
    if table_place is None or not isinstance(table, Table):
        return Content(image, features, drawn=drawn, lines=lines)
    return Content(image, features, table, table_place.node, drawn, lines)


def needs(recipe: Recipe, viewed: OutputRef) -> list[OutputRef]:
    """The outputs that ``content_of`` would like to find, so that they can be asked for."""
    if _gives(recipe, viewed.node, viewed.output, _is(Image)):
        return [viewed, *list(images_for(recipe, viewed.node))[:1]]
    features, table = features_for(recipe, viewed), table_for(recipe, viewed)
    if recipe.steps[viewed.node].declared is None or viewed.node in recipe.per_batch:
        table = None
    wanted = [viewed, features, *list(images_for(recipe, viewed.node))[:2], table]
    return list(dict.fromkeys(place for place in wanted if place))


def features_for(recipe: Recipe, viewed: OutputRef) -> OutputRef | None:
    """The output whose features are shown over the micrograph: itself, or what it was measured on."""
    if _gives(recipe, *viewed, lies_over):
        return viewed
    found = (place for place in upstream(recipe, viewed.node) if _gives(recipe, *place, lies_over))
    labels_first = sorted(found, key=lambda place: not _gives(recipe, place.node, place.output, _is(Labels)))
    return labels_first[0] if labels_first else None


def drawings_of(recipe: Recipe, viewed: OutputRef) -> list[OutputRef]:
    """The images in which a node draws what it measured, where the table of its measurements is viewed."""
    declared = recipe.steps[viewed.node].declared
    if declared is None or not _gives(recipe, *viewed, _is(Table)):
        return []
    outputs = (pin.name for pin in declared.outputs)
    return [OutputRef(viewed.node, name) for name in outputs if _gives(recipe, viewed.node, name, _is(Image))]


def images_for(recipe: Recipe, node: str) -> Iterator[OutputRef]:
    """Micrographs to show below a node's output: its own image input, then from the loaded image on downwards."""
    declared = recipe.steps[node].declared
    for pin in declared.inputs if declared else ():
        wire = recipe.wire_into(node, pin.name)
        if wire and not pin.gathers and _gives(recipe, wire.source, wire.output, _is(Image)):
            yield OutputRef(wire.source, wire.output)
    ancestors = recipe.ancestors(node)
    for ancestor in recipe.order:
        found = recipe.steps[ancestor].declared
        if ancestor in ancestors and found and ancestor not in recipe.per_batch:
            for pin in found.outputs:
                if _gives(recipe, ancestor, pin.name, _is(Image)):
                    yield OutputRef(ancestor, pin.name)


def table_for(recipe: Recipe, viewed: OutputRef) -> OutputRef | None:
    """The per-feature table of what is shown: the viewed table, or the first one measured on the viewed features."""
    if _gives(recipe, viewed.node, viewed.output, _is(Table)):
        return viewed
    for wire in recipe.wires:
        declared = recipe.steps[wire.target].declared
        if (wire.source, wire.output) == viewed and declared and wire.target not in recipe.per_batch:
            for pin in declared.outputs:
                if _gives(recipe, wire.target, pin.name, _is(Table)):
                    return OutputRef(wire.target, pin.name)
    return None


def upstream(recipe: Recipe, node: str) -> Iterator[OutputRef]:
    """Every output that feeds a node, nearest first."""
    waiting, seen = [node], {node}
    while waiting:
        current = waiting.pop(0)
        declared = recipe.steps[current].declared
        for pin in declared.inputs if declared else ():
            wire = recipe.wire_into(current, pin.name)
            if wire:
                yield OutputRef(wire.source, wire.output)
                if wire.source not in seen:
                    seen.add(wire.source)
                    waiting.append(wire.source)


def lies_over(kind: type[Value]) -> bool:
    """Whether values of this type lie over the micrograph, or have something that does."""
    return layers.of(kind) is not None and not issubclass(kind, Image)


def layers_of(value: Value | None) -> Sequence[Layer]:
    """What of a value lies over the micrograph, the lowest first."""
    found = layers.of(type(value)) if value is not None and lies_over(type(value)) else None
    return found(value) if found else ()


def _lines_of_notes(image: Image, below: Value | None) -> tuple[Lines, ...]:
    """What the notes of an image speak of in it; not what they spoke of in the image it was made from."""
    earlier = below.notes if below is not None else ()
    ends = [note.line for note in image.notes if note.line and note not in earlier]
    return tuple(Lines(np.reshape(line, (2, 2)), FOUND_COLOR, FOUND_WIDTH) for line in ends)


def _gives(recipe: Recipe, node: str, output: str, wanted: Callable[[type[Value]], bool]) -> bool:
    return all(wanted(kind) for kind in recipe.kinds(node, output))


def _is(kind: type[Value]) -> Callable[[type[Value]], bool]:
    return lambda found: issubclass(found, kind)
