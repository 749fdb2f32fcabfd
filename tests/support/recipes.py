"""Recipes that the tests of the window and its model start from."""

from collections.abc import Iterable

import graingraph.nodes  # noqa: F401  (declares the nodes)
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe

LEARNING = (
    Wire("load", "image", "trace", "image"),
    Wire("load", "image", "train", "images"),
    Wire("trace", "classmap", "train", "truth"),
    Wire("load", "image", "deep_segment", "image"),
    Wire("train", "model", "deep_segment", "training"),
)
"""How Load, Trace, Train and DeepSegment are wired."""
CHAIN = ("Load", "Filter", "Threshold", "FillHoles", "LabelFeatures", "MeasureFeatures")


def chain(types: tuple[str, ...] = CHAIN) -> Recipe:
    """Nodes in a row, each wired to the one before, first output to first input."""
    recipe, previous = Recipe(name="Chain"), ""
    for column, name in enumerate(types):
        recipe, node = recipe.add(name, (column * 240.0, 0.0))
        if previous:
            recipe = recipe.connect(first_wire(recipe, previous, node))
        previous = node
    return recipe


def wired(types: Iterable[str], wires: Iterable[Wire], recipe: Recipe | None = None) -> Recipe:
    """A recipe of nodes of these types and these wires between them; or another one with them in addition."""
    recipe = recipe or Recipe()
    for name in types:
        recipe, _ = recipe.add(name)
    for wire in wires:
        recipe = recipe.connect(wire)
    return recipe


def first_wire(recipe: Recipe, source: str, target: str) -> Wire:
    """The wire from the first output of a node to the first input of another."""
    source_type, target_type = recipe.steps[source].declared, recipe.steps[target].declared
    assert source_type
    assert target_type
    return Wire(source, source_type.outputs[0].name, target, target_type.inputs[0].name)
