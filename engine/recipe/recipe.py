"""The recipe: steps joined by wires, a directed acyclic graph. A recipe is never changed; every edit gives a new one.

That makes undo, autosave, running while someone edits, and comparing two versions plain uses of ``==`` and ``is``.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from itertools import count
from typing import TYPE_CHECKING, Any, Self

import orjson

from graingraph.engine.declare.node import NodeType, Pin, known_types
from graingraph.engine.declare.settings import Setting
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import Exposed, Frame, Group, Layout, SettingRef, Step, Wire
from graingraph.engine.recipe.wiring import Wiring
from graingraph.engine.values import Value

if TYPE_CHECKING:
    import networkx as nx

FORMAT = "graingraph recipe"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class Recipe:
    """Steps by id, wires, the settings exposed to operators, and the layout.

    A ``locked`` recipe opens as a form of its exposed settings, and only those may be set from outside. Settings in one
    of the ``links`` have one value: it is stored in each of their steps, and who sets one sets all.
    """

    name: str = ""
    description: str = ""
    steps: Mapping[str, Step] = field(default_factory=dict)
    wires: tuple[Wire, ...] = ()
    exposed: tuple[Exposed, ...] = ()
    locked: bool = False
    links: tuple[frozenset[SettingRef], ...] = ()
    layout: Layout = field(default_factory=Layout)

    # what is there -----------------------------------------------------------------------------------------------

    @cached_property
    def wiring(self) -> Wiring:
        """What follows from the types of the steps and the wires alone."""
        return Wiring(self.steps, self.wires)

    @property
    def graph(self) -> "nx.DiGraph[str]":
        """The steps and who feeds whom, as a networkx graph."""
        return self.wiring.graph

    @property
    def order(self) -> tuple[str, ...]:
        """The step ids, every step after those that feed it."""
        return self.wiring.order

    @property
    def per_batch(self) -> frozenset[str]:
        """The steps that exist once per batch: they gather, or nothing of a single image reaches them."""
        return self.wiring.per_batch

    def wire_into(self, node: str, pin: str) -> Wire | None:
        """The wire that ends at this input, if there is one."""
        return self.wiring.inputs.get((node, pin))

    def ancestors(self, node: str) -> frozenset[str]:
        """Every step that the given one depends on."""
        return self.wiring.ancestors(node)

    def descendants(self, node: str) -> frozenset[str]:
        """Every step that depends on the given one."""
        return self.wiring.descendants(node)

    def kinds(self, node: str, output: str) -> tuple[type[Value], ...]:
        """The value types that can come out of this output, following its input where the type follows one."""
        return self.wiring.kinds(node, output)

    @cached_property
    def id(self) -> str:
        """The recipe's identity: a hash of everything but the layout, and but what a person states on paper."""
        document = self.to_json()
        del document["layout"]
        for node, name in self._stated():
            document["nodes"][node]["settings"].pop(name, None)
        return blake2b(orjson.dumps(document, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()

    @property
    def stated(self) -> dict[str, Any]:
        """What a person has stated about the work in the settings of steps, by the names of the settings."""
        found = {name: self.steps[node].settings.get(name) for node, name in self._stated()}
        return {name: value for name, value in found.items() if value not in (None, "")}

    def _stated(self) -> Iterator[tuple[str, str]]:
        """The steps and settings that state something about the work."""
        for node, step in self.steps.items():
            for setting in step.declared.settings if step.declared else ():
                if setting.stated:
                    yield node, setting.name

    def to_json(self) -> dict[str, Any]:
        """The recipe as plain JSON values: what its file holds, and what its identity is made of."""
        return {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "name": self.name,
            "description": self.description,
            "nodes": {
                node: {"type": s.type, "version": s.version, "settings": dict(s.settings), "muted": s.muted}
                for node, s in self.steps.items()
            },
            "wires": [_wire_json(wire) for wire in self.wires],
            "exposed": [asdict(item) for item in self.exposed],
            "locked": self.locked,
            **({"links": [sorted(map(str, link)) for link in self.links]} if self.links else {}),
            "layout": {
                "positions": {node: list(at) for node, at in self.layout.positions.items()},
                "frames": [_without_default(asdict(frame), "inside") for frame in self.layout.frames],
                **({"titles": dict(self.layout.titles)} if self.layout.titles else {}),
                **({"reroutes": self._reroutes_json()} if self.layout.reroutes else {}),
                **({"groups": self._groups_json()} if self.layout.groups else {}),
            },
        }

    def _reroutes_json(self) -> list[dict[str, Any]]:
        led = sorted(self.layout.reroutes.items())
        return [{**_wire_json(wire), "points": [list(point) for point in points]} for wire, points in led]

    def _groups_json(self) -> dict[str, Any]:
        return {
            group: {
                "name": held.name,
                "members": sorted(held.members),
                "shown": held.shown,
                "offered": [f"{'from' if end.is_output else 'to'} {end.node}.{end.pin}" for end in held.offered],
            }
            for group, held in self.layout.groups.items()
        }

    # what may be done --------------------------------------------------------------------------------------------

    def reason_against(self, wire: Wire, called: Callable[[str], str] = str) -> str | None:
        """Why this wire cannot be laid, in a sentence; None if it can (it replaces a wire already at that input).

        ``called`` gives what the sentence calls a node; by itself it has the ids.
        """
        reason = self.mismatch(wire) or self.scattered(wire, called)
        if reason is None and wire.source == wire.target:
            return f"{called(wire.source)} cannot feed itself: this wire would close a loop."
        if reason is None and wire.source in self.descendants(wire.target):
            reason = f"{called(wire.source)} already depends on {called(wire.target)}: this wire would close a loop."
        return reason

    def mismatch(self, wire: Wire) -> str | None:
        """Why the two ends of a wire do not fit together, in a sentence; None if they do. Looks at no other wire."""
        if wire.source not in self.steps or wire.target not in self.steps:
            return f"There is no node {wire.source if wire.source not in self.steps else wire.target}."
        source, target = self.steps[wire.source].declared, self.steps[wire.target].declared
        pin = target.input(wire.input) if target else Pin(wire.input, (Value,))
        if pin is None:
            return f"{wire.target} has no input {wire.input}."
        if source and source.output(wire.output) is None:
            return f"{wire.source} has no output {wire.output}."
        kinds = self.kinds(wire.source, wire.output)
        if source and not pin.accepts(kinds):
            return f"{wire.input} takes {pin}, not {' or '.join(kind.__name__ for kind in kinds)}."
        return None

    def scattered(self, wire: Wire, called: Callable[[str], str] = str) -> str | None:
        """Why what is there for every image cannot go into an input that takes one of the whole batch; None if it can.

        That is an input without gathering of a step that gathers by another input.
        """
        declared = self.steps[wire.target].declared
        pin = declared.input(wire.input) if declared else None
        if declared is None or pin is None or pin.gathers or not declared.gathers:
            return None
        if wire.source in self.per_batch:
            return None
        return (
            f"{wire.input} takes one {pin} of the whole batch, but {called(wire.source)} gives one for every image;"
            " gather them first (tables with Pool)."
        )

    def free_id(self, type_name: str) -> str:
        """An id for a new step of this type: ``edge_reject``, then ``edge_reject_2``."""
        return next(self._free_ids([type_name]))

    def _free_ids(self, type_names: Iterable[str]) -> Iterator[str]:
        """Ids for several new steps, no two the same."""
        taken, numbers = set(self.steps), dict[str, Iterator[int]]()
        for name in type_names:
            stem = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()).strip("_")
            stem = stem[:60] or "node"
            numbered = (f"{stem}_{i}" for i in numbers.setdefault(stem, count(2)))
            found = stem if stem not in taken else next(one for one in numbered if one not in taken)
            taken.add(found)
            yield found

    # edits: each gives a new recipe ------------------------------------------------------------------------------

    def add(
        self,
        type_name: str,
        at: tuple[float, float] | None = None,
        *,
        node_types: Mapping[str, NodeType] | None = None,
        **settings: Any,
    ) -> tuple[Self, str]:
        """Add a node with default settings, of one of these types (the program's own); the new recipe, the node's id.

        ``at`` is its place on the canvas, ``settings`` are those that are not at their default.
        """
        declared = (known_types() if node_types is None else node_types).get(type_name)
        if declared is None:
            raise Problem(f"There is no node type {type_name}; see the list with: graingraph nodes.")
        node = self.free_id(type_name)
        step = Step(type_name, declared.version, declared.defaults(), declared=declared)
        place = {node: (float(at[0]), float(at[1]))} if at is not None else {}
        layout = replace(self.layout, positions={**self.layout.positions, **place})
        recipe = replace(self, steps={**self.steps, node: step}, layout=layout)
        for name, value in settings.items():
            recipe = recipe.with_setting(node, name, value)
        return recipe, node

    def remove(self, nodes: Iterable[str]) -> Self:
        """Remove steps and groups with all in them, the wires that touch them and what was exposed of them."""
        gone = self.layout.everything_in(nodes)
        return replace(
            self,
            steps={k: v for k, v in self.steps.items() if k not in gone},
            wires=tuple(w for w in self.wires if w.source not in gone and w.target not in gone),
            exposed=tuple(e for e in self.exposed if e.node not in gone),
            links=_sound(frozenset(ref for ref in link if ref.node not in gone) for link in self.links),
            layout=self.layout.without(gone),
        )

    def connect(self, wire: Wire) -> Self:
        """Lay a wire, replacing one that already ends at that input; ``Problem`` with the reason if it cannot be."""
        reason = self.reason_against(wire)
        if reason:
            raise Problem(reason, node=wire.target)
        return self.with_wires([*(w for w in self.wires if (w.target, w.input) != (wire.target, wire.input)), wire])

    def disconnect(self, wires: Iterable[Wire]) -> Self:
        """Cut wires."""
        gone = set(wires)
        return self.with_wires([w for w in self.wires if w not in gone])

    def with_wires(self, wires: Iterable[Wire]) -> Self:
        """Wire the steps otherwise, unchecked; a wire that goes takes its reroute points along."""
        kept = tuple(sorted(wires))
        reroutes = {wire: points for wire, points in self.layout.reroutes.items() if wire in kept}
        return replace(self, wires=kept, layout=replace(self.layout, reroutes=reroutes))

    def setting(self, node: str, name: str) -> Setting | None:
        """A setting as it is declared; None where there is no such step, or its type is not there or has none."""
        declared = self.steps[node].declared if node in self.steps else None
        return declared.setting(name) if declared else None

    def linked(self, node: str, name: str) -> frozenset[SettingRef]:
        """The settings that have one value with this one, itself among them."""
        ref = SettingRef(node, name)
        return next((link for link in self.links if ref in link), frozenset({ref}))

    def first_of_linked(self, items: Iterable[Exposed]) -> Iterator[Exposed]:
        """These exposed settings; of those that have one value the first alone."""
        seen = set[SettingRef]()
        for item in items:
            if (item.node, item.setting) not in seen:
                seen |= self.linked(item.node, item.setting)
                yield item

    def with_links(self, links: Iterable[frozenset[SettingRef]]) -> Self:
        """Choose which settings have one value; that of each stays as it is."""
        return self._wired_alike(links=_sound(links))

    def with_setting(self, node: str, name: str, value: Any) -> Self:
        """Change a setting and those linked to it; ``Problem`` names what is allowed."""
        changed = self._set(node, name, value)
        for ref in sorted(self.linked(node, name) - {(node, name)}):
            if self.setting(*ref):  # a link to what is not there is a finding of the check
                changed = changed._set(ref.node, ref.setting, value)
        return changed

    def _set(self, node: str, name: str, value: Any) -> Self:
        if node not in self.steps:
            raise Problem(f"There is no node {node}; the recipe has {', '.join(self.steps) or 'no nodes'}.")
        step = self.steps[node]
        setting = self.setting(node, name)
        if setting is None:
            said = step.declared.no_setting(name) if step.declared else f"{step.type} has no setting {name}."
            raise Problem(said, node=node)
        try:
            canonical = setting.normalise(value)
        except ValueError as error:
            raise Problem(f"{error}.", node=node) from None
        return self._wired_alike(steps={**self.steps, node: replace(step, settings={**step.settings, name: canonical})})

    def with_muted(self, node: str, muted: bool) -> Self:
        """Mute a step, so that its input passes through unchanged, or wake it."""
        return self._wired_alike(steps={**self.steps, node: replace(self.steps[node], muted=muted)})

    def with_positions(self, positions: Mapping[str, tuple[float, float]]) -> Self:
        """Move nodes on the canvas."""
        return self._wired_alike(layout=replace(self.layout, positions={**self.layout.positions, **positions}))

    def with_reroutes(self, reroutes: Mapping[Wire, Iterable[tuple[float, float]]]) -> Self:
        """Lead these wires through other points of the canvas; through none, straight again."""
        led = {**self.layout.reroutes, **{wire: tuple(points) for wire, points in reroutes.items()}}
        return self._wired_alike(
            layout=replace(self.layout, reroutes={w: points for w, points in led.items() if points})
        )

    def with_title(self, node: str, title: str) -> Self:
        """Give a node a name of its own, or (empty) take it away."""
        others = {of: kept for of, kept in self.layout.titles.items() if of != node}
        return self._wired_alike(layout=replace(self.layout, titles={**others, node: title} if title else others))

    def described(self, name: str, description: str) -> Self:
        """Name and describe the recipe."""
        return self._wired_alike(name=name, description=description)

    def with_frames(self, frames: Iterable[Frame]) -> Self:
        """Replace the frames and notes behind the nodes."""
        return self._wired_alike(layout=replace(self.layout, frames=tuple(frames)))

    def with_exposed(self, exposed: Iterable[Exposed], *, locked: bool | None = None) -> Self:
        """Choose what an operator sees, and whether the recipe opens for operators."""
        return self._wired_alike(exposed=tuple(exposed), locked=self.locked if locked is None else locked)

    def with_groups(self, groups: Mapping[str, Group]) -> Self:
        """Replace the groups that steps are shown in."""
        return self._wired_alike(layout=self.layout.regrouped(groups))

    def free_group(self) -> str:
        """An id for a new group."""
        return next(self._free_groups())

    def _free_groups(self) -> Iterator[str]:
        """Ids for several new groups."""
        return (name for name in (f"group-{i}" for i in count(1)) if name not in self.layout.groups)

    def part(self, nodes: Iterable[str], frames: Iterable[Frame] = ()) -> Self:
        """Only these steps and groups with the wires between them, and these frames: what copy puts on the clipboard.

        Groups around them stay behind; what lies in the groups comes along.
        """
        kept = self.layout.everything_in(nodes)
        part = self.remove(set(self.steps) - kept)
        groups = {group: held for group, held in part.layout.groups.items() if group in kept}
        inside = [frame for frame in part.layout.frames if frame.inside in groups]
        besides = [replace(frame, inside="") for frame in frames if frame.inside not in groups]
        positions = {item: at for item, at in part.layout.positions.items() if item in kept}
        layout = replace(part.layout, positions=positions, frames=(*besides, *inside), groups=groups)
        return part._wired_alike(layout=layout)

    def paste(
        self, other: "Recipe", offset: tuple[float, float] = (40.0, 40.0), inside: str = ""
    ) -> tuple[Self, dict[str, str]]:
        """Add the steps, wires, groups and frames of another under free ids, into a group where one is named.

        Returns the new recipe and old id → new id of steps and groups. What lies in a group stays where it is there.
        """
        names = dict(zip(other.steps, self._free_ids(step.type for step in other.steps.values()), strict=True))
        names |= dict(zip(other.layout.groups, self._free_groups(), strict=False))
        outermost = names.keys() - other.layout.holder.keys()
        steps = {names[old]: step for old, step in other.steps.items()}
        positions = {
            names[old]: (x + offset[0], y + offset[1]) if old in outermost else (x, y)
            for old, (x, y) in other.layout.positions.items()
            if old in names
        }
        wires = {w: Wire(names[w.source], w.output, names[w.target], w.input) for w in other.wires}
        groups = {names[group]: _renamed(held, names) for group, held in other.layout.groups.items()}
        recipe = replace(self, steps={**self.steps, **steps}).with_wires([*self.wires, *wires.values()])
        recipe = recipe.with_positions(positions).with_groups({**self.layout.groups, **groups})
        recipe = recipe.put_into([names[item] for item in outermost], inside).with_reroutes(
            {
                wires[wire]: points
                if other.layout.lies_in_a_group(wire)
                else [(x + offset[0], y + offset[1]) for x, y in points]
                for wire, points in other.layout.reroutes.items()
            }
        )
        for old, title in other.layout.titles.items():
            recipe = recipe.with_title(names[old], title) if old in names else recipe
        moved = [
            replace(frame, inside=names[frame.inside])
            if frame.inside in names
            else replace(frame, x=frame.x + offset[0], y=frame.y + offset[1], inside=inside)
            for frame in other.layout.frames
        ]
        links = (frozenset(SettingRef(names[node], name) for node, name in link) for link in other.links)
        return recipe.with_links((*self.links, *links)).with_frames((*self.layout.frames, *moved)), names

    def put_into(self, items: Iterable[str], group: str) -> Self:
        """Move steps and groups into a group, or (empty) out of all of them; groups left empty are gone."""
        items = set(items)
        groups = {name: replace(held, members=held.members - items) for name, held in self.layout.groups.items()}
        if group:
            groups[group] = replace(groups[group], members=groups[group].members | items)
        return self.with_groups(groups)

    def _wired_alike(self, **changes: Any) -> Self:
        """A recipe that differs in nothing that its wiring follows from, and shares it."""
        recipe = replace(self, **changes)
        recipe.__dict__["wiring"] = self.wiring
        return recipe


def _wire_json(wire: Wire) -> dict[str, str]:
    return {"from": f"{wire.source}.{wire.output}", "to": f"{wire.target}.{wire.input}"}


def _sound(links: Iterable[frozenset[SettingRef]]) -> tuple[frozenset[SettingRef], ...]:
    """The links of at least two settings, in an order of their own."""
    return tuple(sorted((link for link in links if len(link) > 1), key=sorted))


def _without_default(item: dict[str, Any], name: str) -> dict[str, Any]:
    """Without what is empty as a rule, so that files that do not have it stay as they were."""
    return item if item[name] else {key: value for key, value in item.items() if key != name}


def _renamed(group: Group, names: Mapping[str, str]) -> Group:
    """A group whose members have other ids now."""
    return replace(
        group,
        members=frozenset(names[member] for member in group.members),
        shown=names.get(group.shown, ""),
        offered=tuple(end._replace(node=names[end.node]) for end in group.offered),
    )
