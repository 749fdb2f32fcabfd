"""What nodes and their outputs are called wherever a person reads of them."""

from graingraph.app.document.status import OutputRef
from graingraph.engine.recipe.parts import Step
from graingraph.engine.recipe.recipe import Recipe


def node_title(node: str, step: Step) -> str:
    """The type of a node, numbered where the recipe has several: ``Filter``, ``Filter 2``."""
    _, _, number = node.rpartition("_")
    return f"{step.type} {number}" if number.isdigit() else step.type


def title_in(recipe: Recipe, node: str) -> str:
    """The title of a node of the recipe; its id where it is gone."""
    return node_title(node, recipe.steps[node]) if node in recipe.steps else node


def output_title(recipe: Recipe, output: OutputRef) -> str:
    """The title of the node and, where it has several outputs, which one: ``Trace, classes``."""
    declared = recipe.steps[output.node].declared if output.node in recipe.steps else None
    title = title_in(recipe, output.node)
    return f"{title}, {output.output.replace('_', ' ')}" if declared and len(declared.outputs) > 1 else title
