"""What nodes and their outputs are called wherever a person reads of them."""

from graingraph.app.document.status import OutputRef
from graingraph.engine.recipe.parts import SettingRef
from graingraph.engine.recipe.recipe import Recipe


def title_in(recipe: Recipe, node: str) -> str:
    """The name of a group or that a person gave to a node, else its type, numbered where the recipe has several.

    The id of one that is gone.

    ``Porosity mask``, ``Filter``, ``Filter 2``.
    """
    if node in recipe.layout.groups:
        return recipe.layout.groups[node].name
    if node not in recipe.steps:
        return node
    if node in recipe.layout.titles:
        return recipe.layout.titles[node]
    _, _, number = node.rpartition("_")
    type_name = recipe.steps[node].type
    return f"{type_name} {number}" if number.isdigit() else type_name


def output_title(recipe: Recipe, output: OutputRef) -> str:
    """The title of the node and, where it has several outputs, which one: ``Trace, classes``."""
    declared = recipe.steps[output.node].declared if output.node in recipe.steps else None
    title = title_in(recipe, output.node)
    return f"{title}, {output.output.replace('_', ' ')}" if declared and len(declared.outputs) > 1 else title


def setting_title(recipe: Recipe, ref: SettingRef) -> str:
    """The title of the node and what its setting is called: ``Filter 2: sigma``."""
    setting = recipe.setting(*ref)
    return f"{title_in(recipe, ref.node)}: {setting.label if setting else ref.setting.replace('_', ' ')}"
