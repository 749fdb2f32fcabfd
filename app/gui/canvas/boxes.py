"""The boxes of nodes, groups and frames on the canvas, and the spots of their pins."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from graingraph.app.document.groups import shown_step
from graingraph.app.document.names import output_title, title_in
from graingraph.app.document.status import OutputRef
from graingraph.app.rendering.geometry import Box, Point
from graingraph.app.rendering.thumbnails import has_thumbnail
from graingraph.engine.declare.node import Pin
from graingraph.engine.recipe.groups import GroupPin, Level, pins_of, steps_in
from graingraph.engine.recipe.parts import Frame, Step, WireEnd
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Value

FROM_OUTSIDE = "From outside"
TO_OUTSIDE = "To outside"

WIDTH, HEADER, ROW, THUMBNAIL, BUTTON, FOOTER = 190.0, 28.0, 22.0, 96.0, 30.0, 24.0
FRAME_GRIP = 16.0
"""Size of the corner by which a frame is resized, and half the height of its title."""
BORDER_GAP = 80.0
"""How far what stands for the outside of an open group is from what lies in it."""
_NOWHERE = Box(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Spot:
    """A pin where it is drawn, at a ``node`` (or group). ``kinds`` are what it takes or, for an output, really gives.

    ``ends`` are the pins of steps that it stands for: one, but for an input of a group that feeds several.
    """

    node: str
    pin: Pin
    is_output: bool
    at: Point
    kinds: tuple[type[Value], ...]
    wired: bool
    ends: tuple[WireEnd, ...]
    label: str

    @property
    def name(self) -> str:
        """The pin's name."""
        return self.pin.name

    @property
    def end(self) -> WireEnd:
        """The first of the pins that it stands for."""
        return self.ends[0]


@dataclass(frozen=True)
class NodeBox:
    """A node as drawn: its box, its pins and the box of its thumbnail, where it can have one.

    Without a ``step`` it is a group, whose picture is that of the step that it ``shows``, or (showing nothing) one of
    the two at the borders of an open group that stand for all that is outside.
    """

    node: str
    step: Step | None
    title: str
    box: Box
    inputs: tuple[Spot, ...]
    outputs: tuple[Spot, ...]
    thumbnail: Box | None
    muted: bool
    shows: str
    category: str = ""
    """That of the node's type, of a group that of what it shows; empty for a placeholder."""
    button: Box | None = None
    """Where a node that runs only on request has the button for it."""

    @property
    def is_group(self) -> bool:
        """Whether it stands for several nodes of this recipe that lie in it."""
        return self.step is None and bool(self.shows)

    @property
    def is_border(self) -> bool:
        """Whether it stands for what is outside of the group that is open."""
        return not self.shows

    @cached_property
    def pins(self) -> tuple[tuple[Spot, Point], ...]:
        """Every pin and where it is from the node's corner."""
        left, top = self.box.left, self.box.top
        return tuple((spot, spot.at.moved(-left, -top)) for spot in (*self.inputs, *self.outputs))


def size_of(inputs: int, outputs: int, *, thumbnail: bool, button: bool) -> tuple[float, float]:
    """Width and height of a node with this many pins."""
    more = (THUMBNAIL if thumbnail else 0.0) + (BUTTON if button else 0.0)
    return WIDTH, HEADER + ROW * max(inputs, outputs, 1) + more + FOOTER


def frame_box(frame: Frame) -> Box:
    """The box of a frame or note."""
    return Box(frame.x, frame.y, frame.x + frame.width, frame.y + frame.height)


def title_box(frame: Frame) -> Box:
    """About the box of a frame's title; of a note, all of it."""
    box = frame_box(frame)
    if frame.kind == "note":
        return box
    return Box(box.left, box.top, min(box.right, box.left + 20 + 10 * len(frame.text)), box.top + 2 * FRAME_GRIP)


def box_of_node(recipe: Recipe, node: str, touched: set[tuple[str, str]]) -> NodeBox:
    """The box of a node; ``touched`` are the pins, as node and name, that have a wire."""
    step = recipe.steps[node]
    inputs, outputs = pins_of(recipe, node)

    def rows(pins: Sequence[Pin], *, is_output: bool) -> list[_Row]:
        return [
            _Row((WireEnd(node, pin.name, is_output),), pin, pin.name.replace("_", " "), (node, pin.name) in touched)
            for pin in pins
        ]

    return _box(
        recipe,
        NodeBox(node, step, title_in(recipe, node), _NOWHERE, (), (), None, step.muted, node, _category(step)),
        recipe.layout.positions.get(node, (0.0, 0.0)),
        (rows(inputs, is_output=False), rows(outputs, is_output=True)),
        pictured=any(has_thumbnail(kind) for pin in outputs for kind in pin.kinds),
    )


def box_of_group(level: Level, group: str) -> NodeBox:
    """The box of a group that is seen on a level, with the pins that it has there."""
    recipe = level.recipe
    shows = shown_step(recipe, group)
    muted = all(recipe.steps[step].muted for step in level.steps_of[group])
    pins = (level.inputs_of(group), level.outputs_of(group))

    def wired(end: WireEnd) -> bool:
        return (end.node, end.pin) in level.leaving if end.is_output else recipe.wire_into(*end[:2]) is not None

    def rows(pins: Sequence[GroupPin]) -> list[_Row]:
        names = [pin.pin.name for pin in pins]
        found = []
        for pin in pins:
            name = pin.pin.name.replace("_", " ")
            label = name if names.count(pin.pin.name) == 1 else f"{title_in(recipe, pin.ends[0].node)}, {name}"
            found.append(_Row(pin.ends, pin.pin, label, wired(pin.ends[0])))
        return found

    return _box(
        recipe,
        NodeBox(
            group, None, title_in(recipe, group), _NOWHERE, (), (), None, muted, shows, _category(recipe.steps[shows])
        ),
        recipe.layout.positions.get(group, (0.0, 0.0)),
        (rows(pins[0]), rows(pins[1])),
        pictured=any(has_thumbnail(kind) for pin in pins_of(recipe, shows)[1] for kind in pin.kinds),
    )


def boxes_at_border(level: Level, area: Box | None) -> dict[str, NodeBox]:
    """What feeds the group that is open, left of all in it, and what it feeds, on the right."""
    recipe, inside = level.recipe, level.item_of
    arriving: dict[WireEnd, _Row] = {}
    leaving: dict[WireEnd, _Row] = {}
    for wire in level.wires:
        if wire.source not in inside:
            end = WireEnd(wire.source, wire.output, True)
            _, outputs = pins_of(recipe, wire.source)
            pin = next((one for one in outputs if one.name == wire.output), Pin(wire.output, (Value,)))
            arriving[end] = _Row((end,), pin, output_title(recipe, OutputRef(wire.source, wire.output)), True)
        elif wire.target not in inside:
            end = WireEnd(wire.target, wire.input, False)
            inputs, _ = pins_of(recipe, wire.target)
            pin = next((one for one in inputs if one.name == wire.input), Pin(wire.input, (Value,)))
            label = f"{title_in(recipe, wire.target)}, {wire.input.replace('_', ' ')}"
            leaving[end] = _Row((end,), pin, label, True)
    if area is None:
        return {}
    boxes = {}
    for name, title, left, rows in (
        (f"{level.group}<", FROM_OUTSIDE, area.left - BORDER_GAP - WIDTH, ([], list(arriving.values()))),
        (f"{level.group}>", TO_OUTSIDE, area.right + BORDER_GAP, (list(leaving.values()), [])),
    ):
        if any(rows):
            empty = NodeBox(name, None, title, _NOWHERE, (), (), None, muted=False, shows="")
            boxes[name] = _box(recipe, empty, (left, area.top), rows, pictured=False)
    return boxes


class _Row(NamedTuple):
    """A pin to be drawn: what it stands for, and what it is called."""

    ends: tuple[WireEnd, ...]
    pin: Pin
    label: str
    wired: bool


def _box(
    recipe: Recipe, box: NodeBox, at: tuple[float, float], rows: tuple[list[_Row], list[_Row]], *, pictured: bool
) -> NodeBox:
    """The box with its size, its pins and the place of its picture."""
    left, top = at
    has_button = box.step is not None and box.step.on_request
    width, height = size_of(len(rows[0]), len(rows[1]), thumbnail=pictured, button=has_button)
    bottom = top + height - FOOTER
    above = bottom - (BUTTON if has_button else 0.0)

    def spots(side: Sequence[_Row], x: float) -> tuple[Spot, ...]:
        return tuple(
            Spot(
                box.node,
                row.pin,
                row.ends[0].is_output,
                Point(x, top + HEADER + ROW * (place + 0.5)),
                recipe.kinds(row.ends[0].node, row.pin.name) if row.ends[0].is_output else row.pin.kinds,
                row.wired,
                row.ends,
                row.label,
            )
            for place, row in enumerate(side)
        )

    return replace(
        box,
        box=Box(left, top, left + width, top + height),
        inputs=spots(rows[0], left),
        outputs=spots(rows[1], left + width),
        thumbnail=Box(left + 6, above - THUMBNAIL, left + width - 6, above) if pictured else None,
        button=Box(left + 8, above + 2, left + width - 8, bottom - 2) if has_button else None,
    )


def with_steps(recipe: Recipe, box: NodeBox) -> NodeBox:
    """The box with the steps as they are now; itself where they are as they were."""
    if box.step is not None and box.step is not recipe.steps[box.node]:
        return replace(box, step=recipe.steps[box.node], muted=recipe.steps[box.node].muted)
    if box.is_group and box.muted != _all_muted(recipe, box.node):
        return replace(box, muted=not box.muted)
    return box


def _category(step: Step) -> str:
    return step.declared.category if step.declared else ""


def _all_muted(recipe: Recipe, group: str) -> bool:
    return all(recipe.steps[step].muted for step in steps_in(recipe, [group]))
