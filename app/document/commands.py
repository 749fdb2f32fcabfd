"""The changes of a recipe that the canvas, the inspector and the menus ask for.

A recipe is immutable, so a change of it is the recipe before and the recipe after.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any, NamedTuple, get_origin

from graingraph.app.document.edit import Change
from graingraph.app.document.names import title_in
from graingraph.app.document.node_search import along_the_flow
from graingraph.engine.declare.node import REGISTRY, NodeType, Pin
from graingraph.engine.declare.settings import Setting
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.file import MAX_TITLE
from graingraph.engine.recipe.groups import depth, path_to, require_shallow, steps_in
from graingraph.engine.recipe.parts import Exposed, Frame, SettingRef, Wire, WireEnd
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Value

Points = tuple[tuple[float, float], ...]


class Addition(NamedTuple):
    """A change together with the ids of the nodes that it added."""

    change: Change
    nodes: tuple[str, ...]


# settings --------------------------------------------------------------------------------------------------------


def set_value(recipe: Recipe, node: str, name: str, value: Any) -> Change:
    """Change a setting; a row of changes to one setting is one edit. ``Problem`` says what is allowed."""
    return Change(
        f"{title_in(recipe, node)}: {name.replace('_', ' ')}",
        recipe,
        recipe.with_setting(node, name, value),
        merge=f"set {node}.{name}",
    )


def set_values(recipe: Recipe, nodes: Iterable[str], name: str, value: Any) -> Change:
    """Change a setting of several nodes of one type alike; ``Problem`` says what is allowed."""
    nodes, after = list(nodes), recipe
    for node in nodes:
        after = after.with_setting(node, name, value)
    what = f"{len(nodes)} × {recipe.steps[nodes[0]].type}: {name.replace('_', ' ')}"
    return Change(what, recipe, after, merge=f"set {' '.join(nodes)}.{name}")


def expose(recipe: Recipe, node: str, setting: str, label: str | None) -> Change:
    """Show a setting to operators under a label, or (``None``) no longer."""
    kept = tuple(item for item in recipe.exposed if (item.node, item.setting) != (node, setting))
    exposed = kept if label is None else (*kept, Exposed(node, setting, label))
    return Change("Expose setting" if label is not None else "Hide setting", recipe, recipe.with_exposed(exposed))


def linkable(recipe: Recipe, node: str, name: str) -> list[SettingRef]:
    """The settings of the same kind as this one, of the same type, unit and choices; those of the same name first.

    Tables of rows have none.
    """
    own = recipe.setting(node, name)
    if own is None or get_origin(own.kind) is tuple:
        return []
    linked = recipe.linked(node, name)
    found = [
        ref
        for other in recipe.order
        for setting in _settings(recipe, other)
        if (setting.unit, setting.choices, setting.kind) == (own.unit, own.choices, own.kind)
        and (ref := SettingRef(other, setting.name)) not in linked
    ]
    return sorted(found, key=lambda ref: ref.setting != name)


def link(recipe: Recipe, node: str, name: str, other: SettingRef) -> Change:
    """Give a setting and another (with all linked to either) one value, that of the first, now and from now on.

    ``Problem`` where that is not allowed for one of them.
    """
    joined = recipe.linked(node, name) | recipe.linked(*other)
    kept = [one for one in recipe.links if not one & joined]
    value = recipe.steps[node].settings[name]
    return Change("Link settings", recipe, recipe.with_links([*kept, joined]).with_setting(node, name, value))


def unlink(recipe: Recipe, node: str, name: str) -> Change:
    """Let a setting have a value of its own again; those that it was linked to stay linked to each other."""
    links = [one - {(node, name)} for one in recipe.links]
    return Change("Unlink setting", recipe, recipe.with_links(links))


def _settings(recipe: Recipe, node: str) -> tuple[Setting, ...]:
    declared = recipe.steps[node].declared
    return declared.settings if declared else ()


def lock(recipe: Recipe, locked: bool) -> Change:
    """Lock the recipe for operators, or unlock it."""
    after = recipe.with_exposed(recipe.exposed, locked=locked)
    return Change("Lock recipe" if locked else "Unlock recipe", recipe, after)


# nodes and wires -------------------------------------------------------------------------------------------------


def add(
    recipe: Recipe, type_name: str, at: tuple[float, float], end: WireEnd | None = None, inside: str = ""
) -> Addition:
    """Add a node, into a group where one is named; with ``end``, also a wire from there to the first pin that fits.

    What else it needs comes from what feeds the node at that end: a Trace put before PaintSegment, a Train put behind
    a Trace have the same images. (Two inputs for the same kind of value are left to the person.)
    """
    after, node = recipe.add(type_name, at)
    after = after.put_into([node], inside) if inside else after
    wire = wire_that_fits(after, end, node) if end else None
    if end and wire:
        feeding = [known for known in recipe.wires if known.target == end.node]
        after = _fed_by(after.connect(wire), node, feeding, recipe.kinds(end.node, end.pin) if end.is_output else ())
    return Addition(Change(f"Add {type_name}", recipe, after), (node,))


def remove(recipe: Recipe, nodes: Iterable[str]) -> Change:
    """Delete nodes and groups and the wires at them."""
    nodes = list(nodes)
    what = title_in(recipe, nodes[0]) if len(nodes) == 1 else f"{len(nodes)} nodes"
    return Change(f"Delete {what}", recipe, recipe.remove(nodes))


def remove_everything(recipe: Recipe, items: Iterable[str], frames: Collection[int]) -> Change:
    """Delete all nodes, groups, frames and notes of a level."""
    kept = (frame for index, frame in enumerate(recipe.layout.frames) if index not in frames)
    return Change("Delete everything", recipe, recipe.with_frames(kept).remove(items))


def dissolve(recipe: Recipe, nodes: Iterable[str]) -> Change:
    """Delete nodes and join what fed each of them to what it fed, where the types fit."""
    after = recipe
    for node in steps_in(recipe, nodes):
        arriving = [wire for wire in after.wires if wire.target == node]
        leaving = [wire for wire in after.wires if wire.source == node]
        led = after.layout.reroutes
        after = after.remove([node])
        for out in leaving:
            for into in arriving:
                bridge = Wire(into.source, into.output, out.target, out.input)
                if after.reason_against(bridge) is None:
                    after = after.connect(bridge).with_reroutes({bridge: (*led.get(into, ()), *led.get(out, ()))})
                    break
    return Change("Delete and reconnect", recipe, after)


def connect(recipe: Recipe, *wires: Wire, instead_of: Iterable[Wire] = ()) -> Change:
    """Lay wires, taking others away if it was their end that was dragged; ``Problem`` says why not."""
    lifted = list(instead_of)
    after = recipe.disconnect(lifted)
    points = next((recipe.layout.reroutes[wire] for wire in lifted if wire in recipe.layout.reroutes), ())
    for wire in wires:
        after = after.connect(wire)
    return Change("Connect", recipe, after.with_reroutes({wires[0]: points}))


def cut(recipe: Recipe, wires: Iterable[Wire]) -> Change:
    """Take wires away."""
    wires = list(wires)
    return Change("Cut wire" if len(wires) == 1 else f"Cut {len(wires)} wires", recipe, recipe.disconnect(wires))


def insert(recipe: Recipe, node: str, wire: Wire) -> Change | None:
    """Put an unwired node into a wire; None where it does not fit there.

    The wire's reroute points left of the node stay before it, the others come behind it.
    """
    declared = recipe.steps[node].declared
    if declared is None or node in (wire.source, wire.target):
        return None
    base = recipe.disconnect([wire])
    for entry in declared.inputs:
        first = Wire(wire.source, wire.output, node, entry.name)
        if base.wire_into(node, entry.name) or base.reason_against(first):
            continue
        halfway = base.connect(first)
        for leaving in declared.outputs:
            second = Wire(node, leaving.name, wire.target, wire.input)
            if halfway.reason_against(second) is None:
                before, behind = _points_about(recipe, wire, node)
                led = {first: before, second: behind}
                return Change(f"Insert {title_in(recipe, node)}", recipe, halfway.connect(second).with_reroutes(led))
    return None


def _points_about(recipe: Recipe, wire: Wire, node: str) -> tuple[Points, Points]:
    """The reroute points of a wire left of a node, and those that follow."""
    left, _ = recipe.layout.positions.get(node, (0.0, 0.0))
    points = recipe.layout.reroutes.get(wire, ())
    before = tuple(takewhile(lambda point: point[0] < left, points))
    return before, points[len(before) :]


def mute(recipe: Recipe, nodes: Iterable[str]) -> Change:
    """Mute nodes and all in groups; wake them where all of them are muted already.

    ``Problem`` where one of them cannot be muted.
    """
    nodes = steps_in(recipe, nodes)
    muted = not all(recipe.steps[node].muted for node in nodes)
    for node in nodes if muted else ():
        declared = recipe.steps[node].declared
        if declared and (pin := declared.without_stand_in):
            why = f"none of its inputs can stand in for its {pin.name}" if declared.inputs else "nothing goes into it"
            raise Problem(f"{title_in(recipe, node)} cannot be muted: {why}.", node=node)
    after = recipe
    for node in nodes:
        after = after.with_muted(node, muted)
    return Change("Mute" if muted else "Unmute", recipe, after)


def paste(
    recipe: Recipe, other: Recipe, offset: tuple[float, float], label: str = "Paste", inside: str = ""
) -> Addition:
    """Add copied nodes and groups, shifted by ``offset`` from where they were copied, into a group where one is named.

    ``Problem`` where groups would lie in each other too deep.
    """
    if inside:
        require_shallow(len(path_to(recipe, inside)) + 1 + depth(other, other.layout.groups))
    after, names = recipe.paste(other, offset, inside)
    return Addition(
        Change(label, recipe, after), tuple(new for old, new in names.items() if old not in other.layout.holder)
    )


def rename(recipe: Recipe, node: str, title: str) -> Change:
    """Give a node a name of its own, or (empty) that of its type again; give a group another name."""
    title = title.strip()[:MAX_TITLE]
    if node in recipe.layout.groups:
        held = recipe.layout.groups[node]
        after = recipe.with_groups({**recipe.layout.groups, node: replace(held, name=title or held.name)})
        return Change(f"Rename {held.name}", recipe, after)
    plain = recipe.with_title(node, "")
    after = plain if title == title_in(plain, node) else plain.with_title(node, title)
    return Change(f"Rename {title_in(recipe, node)}", recipe, after)


def describe(recipe: Recipe, text: str) -> Change:
    """Name the recipe by the first line of a text, and describe it by the rest."""
    name, _, description = text.strip().partition("\n")
    after = recipe.described(name.strip(), description.strip())
    return Change("Name and description", recipe, after)


# layout ----------------------------------------------------------------------------------------------------------


def move(
    recipe: Recipe, positions: Mapping[str, tuple[float, float]], *, label: str = "Move", merge: str = ""
) -> Change:
    """Put nodes at new positions."""
    return Change(label, recipe, recipe.with_positions(positions), merge)


def reroute(recipe: Recipe, reroutes: Mapping[Wire, Iterable[tuple[float, float]]], label: str) -> Change:
    """Lead wires through other points of the canvas."""
    return Change(label, recipe, recipe.with_reroutes(reroutes))


def set_frames(recipe: Recipe, frames: Iterable[Frame], label: str, merge: str = "") -> Change:
    """Replace the frames and notes."""
    return Change(label, recipe, recipe.with_frames(frames), merge)


# what fits -------------------------------------------------------------------------------------------------------


def wire_that_fits(recipe: Recipe, end: WireEnd, node: str) -> Wire | None:
    """The first wire that can be laid from an open end to a node: pins of the same name first, then those required."""
    declared = recipe.steps[node].declared
    if declared is None:
        return None
    pins = sorted(
        declared.inputs if end.is_output else declared.outputs, key=lambda pin: (pin.name != end.pin, pin.optional)
    )
    wires = (end.wire_to(node, pin.name) for pin in pins)
    return next((wire for wire in wires if recipe.reason_against(wire) is None), None)


def _fed_by(recipe: Recipe, node: str, feeding: list[Wire], given: tuple[type[Value], ...]) -> Recipe:
    """The recipe with what a new node needs wired to where these wires come from, each input to another one of them.

    Pins of the same name come first; what takes the values ``given`` is left alone, as one input has them already.
    """
    declared = recipe.steps[node].declared
    left = list(feeding)
    for pin in declared.inputs if declared else ():
        if pin.optional or recipe.wire_into(node, pin.name) or (given and pin.accepts(given)):
            continue
        same_first = [*(w for w in left if w.input == pin.name), *(w for w in left if w.input != pin.name)]
        wires = {known: Wire(known.source, known.output, node, pin.name) for known in same_first}
        fitting = next((known for known, wire in wires.items() if recipe.reason_against(wire) is None), None)
        if fitting:
            recipe = recipe.connect(wires[fitting])
            left.remove(fitting)
    return recipe


def types_that_fit(recipe: Recipe, end: WireEnd | None) -> list[NodeType]:
    """The registered node types with a pin for an open wire end; all of them without one.

    Those that need what the wire gives come before those that merely may use it.
    """
    types = along_the_flow(REGISTRY.values())
    if end is None:
        return types
    if end.is_output:
        kinds = recipe.kinds(end.node, end.pin)
        fitting = [kind for kind in types if any(pin.accepts(kinds) for pin in kind.inputs)]
        return sorted(fitting, key=lambda kind: all(pin.optional for pin in kind.inputs if pin.accepts(kinds)))
    declared = recipe.steps[end.node].declared
    entry = (declared.input(end.pin) if declared else None) or Pin(end.pin, (Value,))
    return [kind for kind in types if any(entry.accepts(pin.kinds) for pin in kind.outputs)]
