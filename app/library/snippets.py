"""Snippets: groups of nodes that a user keeps for other recipes. Each is a recipe file in a folder of the user.

They are told by name, and carry the models that they apply, so that one can be handed on as a recipe is.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import platformdirs

from graingraph.app.document.groups import as_group
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.evaluation.workspace import MODELS, carry_models
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe

MOST = 500
"""So many are offered."""


@dataclass(frozen=True)
class Snippet:
    """A kept group: its recipe has that group, and nothing besides it."""

    name: str
    recipe: Recipe
    path: Path


def snippets_folder() -> Path:
    """Where this user's snippets lie; their models lie in a folder in it."""
    return platformdirs.user_data_path("graingraph", appauthor=False) / "snippets"


def keep(part: Recipe, name: str, models: ModelFolders) -> Snippet:
    """Keep nodes of a recipe under a name as one group. ``Problem`` where one is kept under it, or it is none."""
    name = name.strip()[: recipe_file.MAX_TITLE]
    file = recipe_file.stem_for(name)
    if not file:
        raise Problem("A snippet needs a name of letters or digits; give it one.")
    path = snippets_folder() / f"{file}{recipe_file.SUFFIX}"
    if path.exists():
        raise Problem(f"A snippet {name} is kept already; give this one another name.")
    recipe = as_group(replace(part, name=name, description="", exposed=(), locked=False), name)
    path.parent.mkdir(parents=True, exist_ok=True)
    recipe_file.save(recipe, path)
    carry_models(recipe, path, models)
    return Snippet(name, recipe, path)


def snippets() -> list[Snippet]:
    """What is kept, by name; a file that cannot be read is left out."""
    try:
        files = sorted(snippets_folder().glob(f"*{recipe_file.SUFFIX}"))[:MOST]
        found = [_read(file, file.stat().st_mtime_ns) for file in files]
    except OSError:
        return []
    return sorted((one for one in found if one is not None), key=lambda one: one.name.casefold())


def models_of_snippets() -> Path:
    """Where the models of snippets lie."""
    return snippets_folder() / MODELS


@lru_cache(maxsize=MOST)
def _read(path: Path, changed: int) -> Snippet | None:
    """A snippet as it was when its file was changed last (nanoseconds)."""
    try:
        recipe = recipe_file.load(path)
        name = recipe.name or path.name.removesuffix(recipe_file.SUFFIX)
        return Snippet(name, as_group(recipe, name), path) if recipe.steps else None
    except Problem:
        return None
