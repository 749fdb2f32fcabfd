"""Opening a recipe for a command: its file, its marks and models, and the settings changed for this run."""

from collections.abc import Iterable
from pathlib import Path

from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.declare.settings import ModelFile
from graingraph.engine.evaluation import workspace
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe import models
from graingraph.engine.recipe.recipe import Recipe


def open_recipe(path: Path, sets: Iterable[str] = ()) -> Recipe:
    """Load a recipe and apply ``NODE.SETTING=VALUE`` changes. Raises ``Problem``."""
    load_plugins()
    workspace.find_models(path)
    recipe = recipe_file.load(path)
    for text in sets:
        recipe = _change(recipe, text)
    return recipe


def _change(recipe: Recipe, text: str) -> Recipe:
    place, equals, value = text.partition("=")
    node, dot, name = place.partition(".")
    if not equals or not dot:
        raise Problem(f"--set takes NODE.SETTING=VALUE, not '{text}'.")
    if recipe.locked and not any((e.node, e.setting) == (node, name) for e in recipe.exposed):
        allowed = ", ".join(f"{e.node}.{e.setting}" for e in recipe.exposed) or "nothing"
        raise Problem(f"This recipe is locked; it lets you set {allowed}.")
    declared = recipe.steps[node].declared if node in recipe.steps else None
    setting = declared.setting(name) if declared else None
    if setting is None:
        return recipe.with_setting(node, name, value)
    if setting.kind is ModelFile and value and "@" not in value:
        return recipe.with_setting(node, name, models.reference(Path(value)))
    try:
        return recipe.with_setting(node, name, setting.parse(value))
    except ValueError as error:
        raise Problem(f"{error}.", node=node) from None


def choose_node(kind: str, found: list[str], named: str | None) -> str:
    """The node of a kind that a command is about: the named one, or the only one. Raises ``Problem``."""
    if named is not None and named not in found:
        raise Problem(f"{named} is not a {kind} node; this recipe has {', '.join(found) or 'none'}.")
    if named is None and len(found) != 1:
        remedy = f"name one with --node: {', '.join(found)}." if found else f"add a {kind} node."
        raise Problem(f"The recipe has {len(found)} {kind} nodes; {remedy}")
    return named or found[0]
