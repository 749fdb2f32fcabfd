"""Where a batch leaves its results, and what it finds beside its recipe. Nothing heavy is imported at the top."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from graingraph.engine.problem import Problem

if TYPE_CHECKING:
    from graingraph.engine.batch.image_job import BatchPaths
    from graingraph.engine.declare.models import ModelFolders


def batch_place(
    recipe_path: Path | None, out: Path, models: "ModelFolders", *, overwrite: bool = False, comma: bool = False
) -> "BatchPaths":
    """Check that the output folder can be written, and say what belongs to a batch into it."""
    try:
        (out / ".graingraph").mkdir(parents=True, exist_ok=True)
        probe = out / ".graingraph" / "writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Problem(f"The folder {out} cannot be written ({error.strerror}); choose another.") from None
    return replace(place_for(recipe_path, out, models), overwrite=overwrite, comma=comma)


def place_for(recipe_path: Path | None, out: Path, models: "ModelFolders") -> "BatchPaths":
    """A batch into this folder: with the recipe's marks and models, and what the window has computed already."""
    from graingraph.app.document.user_cache import user_cache_folder
    from graingraph.engine.batch.image_job import BatchPaths
    from graingraph.engine.evaluation import workspace

    marks = workspace.marks_folder(recipe_path) if recipe_path else None
    marks = marks if marks and marks.is_dir() else None
    return BatchPaths(out, marks, models, known=user_cache_folder())
