"""Where the files that belong to a recipe lie: beside it, so that a folder can be handed to a colleague as it is.

What belongs to a recipe in a bundle lies in a folder of the user's caches, unpacked there when it is asked for.
"""

import os
from pathlib import Path

from graingraph.engine.declare.model_file import files_of
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.files import sync_folder, write_atomically
from graingraph.engine.marks.store import SUFFIX as MARKS_SUFFIX
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import bundle, models
from graingraph.engine.recipe.file import SUFFIX
from graingraph.engine.recipe.recipe import Recipe

MODELS = "models"


def marks_folder(recipe: Path) -> Path:
    """The folder of what was drawn for this recipe: ``brass.marks`` beside ``brass.graingraph.json``."""
    recipe = with_all_beside(recipe)
    return recipe.with_name(recipe.name.removesuffix(SUFFIX).removesuffix(".json").removesuffix(".pdf") + ".marks")


def drawn_in(folder: Path) -> int:
    """How many drawings a folder of marks holds: one for each node and image."""
    return sum(1 for _ in folder.glob(f"*{MARKS_SUFFIX}"))


def open_marks(recipe: Path | None) -> MarkStore:
    """The marks of a recipe; in memory for one that was never saved."""
    return MarkStore(marks_folder(recipe) if recipe else None)


def carry_marks(marks: MarkStore, recipe: Path, *, durable: bool = True) -> MarkStore:
    """The marks of a recipe that was saved under another name, or for the first time: copied beside its file.

    Files that are there already are the older ones of the same image and node, and are replaced. Nothing waits for the
    disk where the copies need not be ``durable``. Raises ``Problem``.
    """
    folder = marks_folder(recipe)
    if marks.folder is None:
        marks.move_to(folder)
    if marks.folder is not None and marks.folder != folder and marks.folder.is_dir():
        for file in marks.folder.glob(f"*{MARKS_SUFFIX}"):
            write_atomically(folder / file.name, _bytes_of(file), durable=durable)
        if durable:
            sync_folder(folder)
    return marks if marks.folder == folder else MarkStore(folder)


def _bytes_of(marks: Path) -> bytes:
    try:
        return marks.read_bytes()
    except OSError as error:
        raise Problem(
            f"The marks file {marks} cannot be copied ({error.strerror or error}); "
            "mend its permissions or move it away, and save again."
        ) from None


def carry_models(recipe: Recipe, path: Path, folders: ModelFolders) -> None:
    """Put the models that a recipe applies into the folder ``models`` beside its file, where a colleague finds them.

    What is in none of these ``folders`` is left out: the recipe's check says so. Raises ``Problem``.
    """
    folder = path.parent / MODELS
    for reference in dict.fromkeys(models.applied(recipe).values()):
        try:
            source = folders.resolve(reference).path
        except Problem:
            continue
        for name, file in files_of(source).items():
            _carry(file, folder / name)


def _carry(source: Path, target: Path) -> None:
    if target.exists():
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(source, target)
    except OSError:  # another disk, or a file system without links
        _copy(source, target)


def _copy(source: Path, target: Path) -> None:
    try:
        write_atomically(target, source.read_bytes())
    except OSError as error:
        raise Problem(f"The model {source.name} cannot be read ({error.strerror}); put it back.") from None


def models_of(recipe: Path | None) -> ModelFolders:
    """Where the models of a recipe are looked for: in the folder ``models`` beside its file."""
    return ModelFolders().and_in(with_all_beside(recipe).parent / MODELS) if recipe else ModelFolders()


def with_all_beside(recipe: Path) -> Path:
    """The file beside which everything lies: the recipe itself, or that of a bundle where it is unpacked."""
    if not bundle.is_bundle(recipe):
        return recipe
    import platformdirs

    return bundle.unpacked(recipe, platformdirs.user_cache_path("graingraph", False) / "bundles")
