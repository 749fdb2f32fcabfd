"""What is seen of a recipe whose steps lie in groups: the items of a level, the pins of a group, wires between items.

A group is part of the layout alone. Its pins follow from the wires that cross its border, so that it can give no other
numbers than the steps in it do.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from graingraph.engine.declare.node import Pin
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.file import MAX_NESTING
from graingraph.engine.recipe.parts import Wire, WireEnd
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Value


@dataclass(frozen=True)
class GroupPin:
    """A pin of a group: the pins inside (``ends``) that it stands for, of which ``pin`` is the first.

    Inputs that are fed by one output are one pin, so that one wire is laid to all of them.
    """

    ends: tuple[WireEnd, ...]
    pin: Pin


def steps_in(recipe: Recipe, items: Iterable[str]) -> list[str]:
    """The steps among these items and in the groups among them, in the order of the recipe."""
    inside = recipe.layout.everything_in(items)
    return [step for step in recipe.order if step in inside]


def path_to(recipe: Recipe, item: str) -> tuple[str, ...]:
    """The groups that a step or group lies in, the outermost first."""
    return tuple(reversed([*recipe.layout.around(item)]))


def depth(recipe: Recipe, items: Iterable[str]) -> int:
    """How deep groups lie in each other in these items."""
    found, here = 0, [item for item in items if item in recipe.layout.groups]
    while here:
        members = (member for name in here for member in recipe.layout.groups[name].members)
        here = [member for member in members if member in recipe.layout.groups]
        found += 1
    return found


def require_shallow(nested: int) -> None:
    """Raise ``Problem`` where groups would lie in each other so deep that the file could not be opened."""
    if nested > MAX_NESTING:
        raise Problem(f"Groups can lie in each other {MAX_NESTING} deep; ungroup some first.")


def pins_of(recipe: Recipe, step: str) -> tuple[tuple[Pin, ...], tuple[Pin, ...]]:
    """Inputs and outputs of a step; a placeholder has those that its wires name."""
    declared = recipe.steps[step].declared
    if declared:
        return declared.inputs, declared.outputs
    inputs = sorted({wire.input for wire in recipe.wires if wire.target == step})
    outputs = sorted({wire.output for wire in recipe.wires if wire.source == step})
    return tuple(Pin(name, (Value,)) for name in inputs), tuple(Pin(name, (Value,)) for name in outputs)


class Level:
    """What lies in a group, or (empty) in the recipe itself, with the groups in it folded to one item each."""

    def __init__(self, recipe: Recipe, group: str = "") -> None:
        self.recipe, self.group = recipe, group
        holder = recipe.layout.holder
        every = (*recipe.steps, *recipe.layout.groups)
        self.items = tuple(item for item in every if holder.get(item, "") == group) if holder else every

    @cached_property
    def item_of(self) -> dict[str, str]:
        """The item of this level that each step lies in; steps outside of the level are not there."""
        here, found = set(self.items), dict[str, str]()
        for step in self.recipe.order:
            item = next((one for one in (step, *self.recipe.layout.around(step)) if one in here), None)
            if item is not None:
                found[step] = item
        return found

    @cached_property
    def steps_of(self) -> dict[str, list[str]]:
        """The steps in each item, in the order of the recipe."""
        found: dict[str, list[str]] = {item: [] for item in self.items}
        for step, item in self.item_of.items():
            found[item].append(step)
        return found

    @cached_property
    def leaving(self) -> set[tuple[str, str]]:
        """The outputs (step and pin) that feed another item, or what is outside."""
        item = self.item_of.get
        return {(w.source, w.output) for w in self.recipe.wires if item(w.source) != item(w.target)}

    @cached_property
    def _fed_inside(self) -> set[str]:
        """The steps that feed another one of their item."""
        item = self.item_of.get
        return {wire.source for wire in self.recipe.wires if item(wire.source) == item(wire.target)}

    @property
    def wires(self) -> Iterator[Wire]:
        """The wires between two items, or between an item and what lies outside."""
        for wire in self.recipe.wires:
            source, target = self.item_of.get(wire.source), self.item_of.get(wire.target)
            if source != target or source in self.recipe.steps:
                yield wire

    def inputs_of(self, group: str) -> tuple[GroupPin, ...]:
        """Inputs fed from outside, those that need something and have nothing, and those that are offered."""
        offered = self.recipe.layout.groups[group].offered
        found: dict[object, list[tuple[WireEnd, Pin]]] = {}
        for step in self.steps_of[group]:
            for pin in pins_of(self.recipe, step)[0]:
                end = WireEnd(step, pin.name, False)
                wire = self.recipe.wire_into(step, pin.name)
                if wire and self.item_of.get(wire.source) != group:
                    found.setdefault((wire.source, wire.output), []).append((end, pin))
                elif wire is None and (not pin.optional or end in offered):
                    found[end] = [(end, pin)]
        return tuple(GroupPin(tuple(end for end, _ in alike), alike[0][1]) for alike in found.values())

    def outputs_of(self, group: str) -> tuple[GroupPin, ...]:
        """Outputs that feed what is outside, all of the steps that feed nothing inside, and those that are offered."""
        offered = self.recipe.layout.groups[group].offered
        ends = (
            (WireEnd(step, pin.name, True), pin)
            for step in self.steps_of[group]
            for pin in pins_of(self.recipe, step)[1]
        )
        return tuple(
            GroupPin((end,), pin)
            for end, pin in ends
            if end.node not in self._fed_inside or (end.node, end.pin) in self.leaving or end in offered
        )
