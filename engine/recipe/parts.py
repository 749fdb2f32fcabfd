"""The parts of a recipe: its steps and wires, what operators see of them, and where they are on the canvas."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from graingraph.engine.declare.node import NodeType


@dataclass(frozen=True)
class Step:
    """One node of a recipe: its type, the version of that type, every setting written out, and whether it is muted.

    ``declared`` is the node type among those that the recipe was made with; None makes the step a placeholder (unknown
    type, or newer than this program knows).
    """

    type: str
    version: int = 1
    settings: Mapping[str, Any] = field(default_factory=dict)
    muted: bool = False
    declared: NodeType | None = field(default=None, compare=False, repr=False)

    @property
    def unknown(self) -> str:
        """What to tell a person of a placeholder."""
        return f"Unknown node type {self.type} {self.version}; install its package, or update the program."

    @property
    def on_request(self) -> bool:
        """Whether it runs only when a person asks for it, as a training does."""
        return self.declared is not None and self.declared.on_request

    @property
    def gathers(self) -> bool:
        """Whether it takes the value of every image at an input, as it is set now."""
        inputs = self.declared.inputs if self.declared else ()
        return any(pin.gathers and pin.applies(self.settings) for pin in inputs)

    @property
    def untrained(self) -> bool:
        """Whether it is a training that has never been run."""
        return self.on_request and not self.product

    @property
    def product(self) -> str:
        """The reference of the model that a training made last; empty for none."""
        trained = self.declared.trained if self.declared else None
        return str(self.settings.get(trained.product, "")) if trained else ""


@dataclass(frozen=True, order=True)
class Wire:
    """A wire from an output pin of one step to an input pin of another."""

    source: str
    output: str
    target: str
    input: str


class WireEnd(NamedTuple):
    """A pin of a step: where a wire ends, or may end."""

    node: str
    pin: str
    is_output: bool

    def wire_to(self, node: str, pin: str) -> Wire:
        """The wire from this end to a pin of the other kind."""
        return Wire(self.node, self.pin, node, pin) if self.is_output else Wire(node, pin, self.node, self.pin)


class SettingRef(NamedTuple):
    """A setting of a step."""

    node: str
    setting: str

    def __str__(self) -> str:
        return f"{self.node}.{self.setting}"


@dataclass(frozen=True)
class Exposed:
    """A setting that an operator sees, under a label of the author's choice."""

    node: str
    setting: str
    label: str


@dataclass(frozen=True)
class Frame:
    """A titled box behind nodes, or (``kind="note"``) a note: canvas units. ``inside`` is the group that it lies in."""

    x: float
    y: float
    width: float
    height: float
    text: str = ""
    color: str = "#5f6368"
    kind: str = "frame"
    inside: str = ""


@dataclass(frozen=True)
class Group:
    """Steps, and other groups, that are shown as one node: ``members`` are their ids.

    ``shown`` is the step inside whose picture stands on it (empty: the last). ``offered`` are the pins inside that a
    person wants to have on it besides those that it has anyway.
    """

    name: str
    members: frozenset[str]
    shown: str = ""
    offered: tuple[WireEnd, ...] = ()


@dataclass(frozen=True)
class Layout:
    """Where things are on the canvas and what they are called there; not part of a recipe's identity.

    ``titles`` are the names that a person gave to nodes, by their ids; ``positions`` are those of steps and groups.
    ``reroutes`` are the points that a person leads a wire through, in order from its output to its input. Steps lie in
    the recipe one beside the other, whatever the ``groups`` that a person sees them in; a group's id has a hyphen,
    which that of a step cannot have.
    """

    positions: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    frames: tuple[Frame, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    reroutes: Mapping[Wire, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)

    @cached_property
    def holder(self) -> Mapping[str, str]:
        """The group that each step and group lies in, of those that lie in one."""
        return {member: group for group, held in self.groups.items() for member in held.members}

    def around(self, item: str) -> Iterator[str]:
        """The groups that a step or group lies in, the innermost first."""
        while item in self.holder:
            item = self.holder[item]
            yield item

    def everything_in(self, items: Iterable[str]) -> set[str]:
        """These steps and groups, and all that lies in the groups."""
        found, waiting = set[str](), list(items)
        while waiting:
            item = waiting.pop()
            if item not in found:
                found.add(item)
                waiting += self.groups[item].members if item in self.groups else ()
        return found

    def lies_in_a_group(self, wire: Wire) -> bool:
        """Whether both ends of a wire lie in one group."""
        outermost = [([*self.around(item)] or [item])[-1] for item in (wire.source, wire.target)]
        return outermost[0] == outermost[1]

    def without(self, gone: Iterable[str]) -> "Layout":
        """Without these steps and groups, and without groups of which nothing is left."""
        gone = set(gone)
        layout = replace(
            self,
            positions={item: at for item, at in self.positions.items() if item not in gone},
            titles={item: title for item, title in self.titles.items() if item not in gone},
            reroutes={w: points for w, points in self.reroutes.items() if not {w.source, w.target} & gone},
        )
        if not self.groups:
            return layout
        kept = {group: held for group, held in self.groups.items() if group not in gone}
        return layout.regrouped({group: replace(held, members=held.members - gone) for group, held in kept.items()})

    def regrouped(self, groups: Mapping[str, Group]) -> "Layout":
        """With these groups: those of which nothing is left are gone, and what one shows and offers lies in it."""
        groups = dict(groups)
        while empty := {group for group, held in groups.items() if not held.members}:
            groups = {g: replace(held, members=held.members - empty) for g, held in groups.items() if g not in empty}
        layout = replace(self, groups=groups)
        for group, held in groups.items():
            if held.shown or held.offered:
                inside = layout.everything_in([group])
                offered = tuple(end for end in held.offered if end.node in inside)
                groups[group] = replace(held, shown=held.shown if held.shown in inside else "", offered=offered)
        gone = self.groups.keys() - groups
        return replace(
            layout,
            positions={item: at for item, at in self.positions.items() if item not in gone},
            frames=tuple(frame for frame in self.frames if frame.inside not in gone),
        )
