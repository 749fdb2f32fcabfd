"""Where the files that belong to a recipe lie: beside it, so that a folder can be handed to a colleague as it is."""

from pathlib import Path

from engine import models
from engine.marks import SUFFIX as MARKS_SUFFIX
from engine.marks import MarkStore, write_whole
from engine.recipe_file import SUFFIX


def marks_folder(recipe: Path) -> Path:
    """The folder of what was drawn for this recipe: ``brass.marks`` beside ``brass.graingraph.json``."""
    return recipe.with_name(recipe.name.removesuffix(SUFFIX).removesuffix(".json").removesuffix(".pdf") + ".marks")


def open_marks(recipe: Path | None) -> MarkStore:
    """The marks of a recipe; in memory for one that was never saved."""
    return MarkStore(marks_folder(recipe) if recipe else None)


def carry_marks(marks: MarkStore, recipe: Path) -> MarkStore:
    """The marks of a recipe that was saved under another name, or for the first time: copied beside its file.

    Files that are there already are the older ones of the same image and node, and are replaced.
    """
    folder = marks_folder(recipe)
    if marks.folder is not None and marks.folder != folder and marks.folder.is_dir():
        for file in marks.folder.glob(f"*{MARKS_SUFFIX}"):
            write_whole(folder / file.name, file.read_bytes())
    return marks if marks.folder == folder else MarkStore(folder)


def find_models(recipe: Path) -> None:
    """Look for models in the folder ``models`` beside the recipe."""
    models.look_in(recipe.parent / "models")
