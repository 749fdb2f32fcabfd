"""Edits of the layers of a node that is traced on, which take along the strokes drawn in them."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from graingraph.app.document.class_names import follow, reached
from graingraph.app.document.commands import set_value
from graingraph.app.document.edit import Change
from graingraph.app.document.mark_edits import ChangeWithStrokes, Redraw
from graingraph.app.document.roles import is_traced, traced_layers
from graingraph.app.document.session import Session
from graingraph.engine.declare.roles import TracedLayers
from graingraph.engine.marks.drawing import Drawing
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import Step
from graingraph.engine.recipe.recipe import Recipe


def set_layers(session: Session, node: str, rows: list[dict[str, Any]]) -> Change:
    """The edit that gives a node these layers; where one of them got another name, its strokes go with it.

    So do the settings downstream that name the class, and the layers of traced nodes that start from this one.

    ``Problem`` where two layers have one name, or one has none.
    """
    recipe = session.recipe
    before, setting = _names(recipe.steps[node]), _layers(recipe.steps[node]).classes
    after = [row["name"] for row in rows]
    if len(set(after)) < len(after) or not all(name.strip() for name in after):
        raise Problem("Each layer needs a name of its own; choose another name.", node=node)
    changed = [(old, new) for old, new in zip(before, after, strict=False) if old != new]
    if len(before) != len(after) or len(changed) != 1 or changed[0][1] in before:
        return set_value(recipe, node, setting, rows)
    old, new = changed[0]
    rows = _of_renamed(rows, old, new)
    traces = [node, *(name for name in reached(recipe, node) if _can_rename(recipe.steps[name], old, new))]
    renamed = follow(recipe.with_setting(node, setting, rows), node, {old: new})
    for name in traces:
        renamed = _with_layer_renamed(renamed, name, old, new)
    redraw = _redraw(session, traces, lambda drawing: _renamed(drawing, old, new))
    return ChangeWithStrokes(f"Rename layer {old} to {new}", recipe, renamed, redraw=redraw)


def delete_layer(session: Session, node: str, name: str, *, with_strokes: bool) -> Change:
    """The edit that takes a layer away. Without its strokes they stay, unused, until a layer has that name again."""
    recipe = session.recipe
    setting = _layers(recipe.steps[node]).classes
    rows = [row for row in recipe.steps[node].settings[setting] if row["name"] != name]
    change = recipe.with_setting(node, setting, rows)
    label = f"Delete layer {name}"
    if not with_strokes:
        return Change(label, recipe, change)
    redraw = _redraw(session, [node], lambda drawing: _without(drawing, name))
    return ChangeWithStrokes(label, recipe, change, redraw=redraw)


def strokes_in(session: Session, node: str, name: str) -> tuple[int, int]:
    """How many strokes are drawn in a layer, and on how many images."""
    counts = [
        sum(mark.layer == name and mark.tool != "eraser" for mark in session.marks.load(image, node).marks)
        for image in session.marks.images(node)
    ]
    return sum(counts), sum(count > 0 for count in counts)


def holds_layers(step: Step, setting: str) -> bool:
    """Whether a setting is the one that holds the layers of a node."""
    return is_traced(step) and _layers(step).classes == setting


def _layers(step: Step) -> TracedLayers:
    """Where the layers of a node that is traced on are kept."""
    found = step.declared.drawn_on.layers if step.declared and step.declared.drawn_on else None
    assert found
    return found


def _names(step: Step) -> list[str]:
    return [layer.name for layer in traced_layers(step)]


def _can_rename(step: Step, old: str, new: str) -> bool:
    names = _names(step)
    return old in names and new not in names


def _with_layer_renamed(recipe: Recipe, node: str, old: str, new: str) -> Recipe:
    layers, settings = _layers(recipe.steps[node]), recipe.steps[node].settings
    rows = [{**row, "name": new} if row["name"] == old else row for row in settings[layers.classes]]
    recipe = recipe.with_setting(node, layers.classes, _of_renamed(rows, old, new))
    return recipe.with_setting(node, layers.rest, new) if settings.get(layers.rest) == old else recipe


def _of_renamed(rows: list[dict[str, Any]], old: str, new: str) -> list[dict[str, Any]]:
    """The layers, those that are the boundary of the renamed one by its new name."""
    return [{**row, "of": new} if row.get("of") == old else row for row in rows]


def _redraw(session: Session, nodes: Iterable[str], change: Callable[[Drawing], Drawing]) -> Redraw:
    """The exchange of the drawings of these nodes, on every image that the change makes different."""
    places = [(image, node) for node in nodes for image in session.marks.images(node)]
    before = {place: session.marks.drawing(*place).copy() for place in places}
    after = {place: change(drawing) for place, drawing in before.items()}
    differ = [place for place, drawing in after.items() if drawing is not before[place]]
    return Redraw({place: before[place] for place in differ}, {place: after[place] for place in differ})


def _renamed(drawing: Drawing, old: str, new: str) -> Drawing:
    if old not in drawing.layers and all(mark.layer != old for mark in drawing.marks.values()):
        return drawing
    result = drawing.copy()
    for key, mark in drawing.marks.items():
        if mark.layer == old:
            result.marks[key] = replace(mark, layer=new)
            result.digests.pop(key, None)
    if old in result.layers:
        result.layers[new] = replace(result.layers.pop(old), name=new)
    return result


def _without(drawing: Drawing, layer: str) -> Drawing:
    """Without the strokes of a layer. What erases stays: it erases from every layer."""
    gone = [mark.id for mark in drawing.marks.values() if mark.layer == layer and mark.tool != "eraser"]
    if not gone:
        return drawing
    result = drawing.copy()
    for mark_id in gone:
        result.remove(mark_id)
    return result
