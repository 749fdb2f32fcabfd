"""Saving never destroys: the name that a recipe gets, and what stands in its place already."""

import stat
from pathlib import Path

from graingraph.app.document.origin import is_installed
from graingraph.engine.evaluation import workspace
from graingraph.engine.files import require_possible, write_atomically
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values.wording import counted

WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
"""The permissions of which a file that is protected has none, whoever asks."""


class NoFolder(Problem):
    """The folder that a recipe is to be saved in is not there; nobody has asked to make it."""


class Occupied(Problem):
    """Another recipe stands where one is to be saved (``there``), or what was drawn for one (``there`` is None)."""

    def __init__(
        self, message: str, there: Recipe | None = None, *, node: str | None = None, image: str | None = None
    ) -> None:
        super().__init__(message, node=node, image=image)
        self.there = there


def named(path: Path) -> Path:
    """The path with the ending of recipes, where a person typed another or none.

    ``Problem`` for a folder, and for a new file of a name that some system cannot have.
    """
    if path.is_dir():
        raise Problem(f"{path} is a folder; type the name of the recipe after it.")
    if not path.exists():
        require_possible(path)
    if path.name.lower().endswith(".json"):
        return path
    return path.with_name(path.name.removesuffix(".graingraph") + recipe_file.SUFFIX)


def copy_recipe(recipe: Path, folder: Path) -> Path:
    """Copy a recipe file into another folder, with the traces and models that belong to it; returns the copy's path.

    ``Problem`` if a file of that name is there, or the folder cannot be written.
    """
    copy = folder / recipe.name
    if copy.exists():
        raise Problem(f"{copy} is there already; choose another folder.")
    workspace.carry_models(recipe_file.load(recipe), copy, workspace.models_of(recipe))
    workspace.carry_marks(workspace.open_marks(recipe), copy)
    write_atomically(copy, recipe.read_bytes())  # last: it says that the copy is whole
    return copy


def require_folder(target: Path) -> None:
    """Raise ``NoFolder`` where the folder of a file is not there."""
    if not target.parent.is_dir():
        raise NoFolder(f"There is no folder {target.parent}.")


def require_no_strokes_of_others(target: Path, own: Path | None) -> None:
    """Raise ``Occupied`` where what is drawn on images lies beside a recipe to be, and not in its ``own`` folder."""
    folder = workspace.marks_folder(target)
    count = 0 if folder == own else workspace.drawn_in(folder)
    if count:
        raise Occupied(
            f"{folder.name} beside it holds what was drawn for another recipe of this name "
            f"({counted(count, 'drawing')}). It would belong to this recipe; where both have drawn in the same "
            "node of the same image, this one's strokes replace it."
        )


def standing_at(target: Path) -> Recipe | None:
    """The recipe that is there; None where nothing is. ``Problem`` where what is there must not be replaced."""
    if is_installed(target):
        raise Problem(f"{target.name} came with the program; save the recipe in a folder of your own.")
    if not target.exists():
        return None
    if not target.stat().st_mode & WRITABLE:  # its folder would let it be replaced
        raise Problem(f"{target.name} is write-protected; save under another name, or allow that it is written.")
    try:
        return recipe_file.load(target)
    except Problem:
        raise Problem(f"{target.name} is there already and is no recipe; choose another name.") from None
