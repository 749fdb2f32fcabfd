"""What is different between two recipes, in words: one line a difference, what changes results before the layout."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from graingraph.engine.recipe.parts import Group, Step
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values.wording import counted

LONGEST = 60
"""Characters of a value that are shown."""


def differences(before: Recipe, after: Recipe) -> list[str]:
    """The changes that lead from one recipe to the other; empty for equal ones.

    Nodes are known by their id, which a recipe keeps as long as the node lives.
    """
    return [*_of_nodes(before, after), *_of_wires(before, after), *_of_form(before, after), *_of_layout(before, after)]


def changed_nodes(before: Recipe, after: Recipe) -> dict[str, Literal["new", "changed"]]:
    """The nodes of ``after`` that ``before`` does not have, or has with other settings, of another type or muted."""
    found: dict[str, Literal["new", "changed"]] = {}
    for node, step in after.steps.items():
        if node not in before.steps:
            found[node] = "new"
        elif before.steps[node] != step:
            found[node] = "changed"
    return found


def _of_nodes(before: Recipe, after: Recipe) -> Iterator[str]:
    for node, step in before.steps.items():
        if node not in after.steps:
            yield f"{_title(node, step)} is gone"
    for node, step in after.steps.items():
        old = before.steps.get(node)
        if old is None:
            yield f"{_title(node, step)} is new"
        elif old.type != step.type:
            yield f"{node}: {old.type} → {step.type}"
        else:
            yield from _of_settings(node, old, step)


def _of_settings(node: str, old: Step, new: Step) -> Iterator[str]:
    for name in dict.fromkeys((*old.settings, *new.settings)):
        was, now = old.settings.get(name), new.settings.get(name)
        if was != now:
            yield f"{_title(node, new)}: {name.replace('_', ' ')} {_change(was, now)}"
    if old.muted != new.muted:
        yield f"{_title(node, new)} is muted" if new.muted else f"{_title(node, new)} is no longer muted"
    if old.version != new.version:
        yield f"{_title(node, new)}: version {old.version} → {new.version}"


def _of_wires(before: Recipe, after: Recipe) -> Iterator[str]:
    """Wires between nodes that both have; those of a node that is new or gone go with it."""
    both = before.steps.keys() & after.steps.keys()
    for wires, others, what in ((before.wires, after.wires, "is cut"), (after.wires, before.wires, "is new")):
        for wire in sorted(set(wires) - set(others)):
            if {wire.source, wire.target} <= both:
                yield f"the wire {wire.source}.{wire.output} → {wire.target}.{wire.input} {what}"


def _of_form(before: Recipe, after: Recipe) -> Iterator[str]:
    if before.name != after.name:
        yield f"name {_words(before.name)} → {_words(after.name)}"
    if before.description != after.description:
        yield "the description is another"
    if before.exposed != after.exposed:
        yield "what operators see is different"
    for links, others, what in ((after.links, before.links, "linked"), (before.links, after.links, "no longer linked")):
        for link in links:
            if link not in others:
                yield f"{' and '.join(map(str, sorted(link)))} are {what}"
    if before.locked != after.locked:
        yield "the recipe is locked" if after.locked else "the recipe is no longer locked"


def _of_layout(before: Recipe, after: Recipe) -> Iterator[str]:
    both = before.steps.keys() & after.steps.keys()
    old, new = before.layout.positions, after.layout.positions
    moved = sum(old.get(node) != new.get(node) for node in both)
    if moved:
        yield f"{counted(moved, 'node')} moved on the canvas"
    if before.layout.frames != after.layout.frames:
        yield "frames or notes are different"
    if before.layout.reroutes != after.layout.reroutes:
        yield "wires are led another way"
    yield from _of_groups(before.layout.groups, after.layout.groups)


def _of_groups(before: Mapping[str, Group], after: Mapping[str, Group]) -> Iterator[str]:
    for group, held in before.items():
        if group not in after:
            yield f"the group {_words(held.name)} is gone"
    for group, held in after.items():
        old = before.get(group)
        if old is None:
            yield f"the group {_words(held.name)} is new, with {counted(len(held.members), 'member')}"
            continue
        if old.name != held.name:
            yield f"the group {_words(old.name)} is called {_words(held.name)}"
        added, gone = held.members - old.members, old.members - held.members
        if added or gone:
            changes = [*(f"+ {member}" for member in sorted(added)), *(f"- {member}" for member in sorted(gone))]
            yield f"the group {_words(held.name)} holds others: {', '.join(changes)}"
        if (old.shown, old.offered) != (held.shown, held.offered):
            yield f"the group {_words(held.name)} shows another picture or other pins"


def _title(node: str, step: Step) -> str:
    """The node's type, with its id where that says more (the second of a kind)."""
    return f"{step.type} ({node})" if node[-1:].isdigit() else step.type


def _change(was: Any, now: Any) -> str:
    if not (isinstance(was, list) and isinstance(now, list) and len(was) == len(now)):
        return f"{_words(was)} → {_words(now)}"
    cells = [
        f"row {number} {name} {_words(old.get(name))} → {_words(new.get(name))}"
        for number, (old, new) in enumerate(zip(was, now, strict=True), 1)
        for name in new
        if old.get(name) != new.get(name)
    ]
    return ", ".join(cells)


def _words(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, str):
        text = f"“{value}”"
    elif isinstance(value, float):
        text = f"{value:.12g}"
    elif isinstance(value, list | tuple):
        text = counted(len(value), "row")
    else:
        text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
