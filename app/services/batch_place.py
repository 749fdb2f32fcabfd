"""Where a batch leaves its results, and what it finds beside its recipe. Nothing heavy is imported at the top."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from graingraph.engine.files import RUN_STATE
from graingraph.engine.problem import Problem

if TYPE_CHECKING:
    from graingraph.engine.batch.image_job import BatchPaths
    from graingraph.engine.declare.models import ModelFolders


def batch_place(
    recipe_path: Path | None, out: Path, models: "ModelFolders", *, overwrite: bool = False, comma: bool = False
) -> "BatchPaths":
    """Check that the output folder can be written, and say what belongs to a batch into it."""
    try:
        (out / RUN_STATE).mkdir(parents=True, exist_ok=True)
        probe = out / RUN_STATE / "writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Problem(f"The folder {out} cannot be written ({error.strerror}); choose another.") from None
    return replace(place_for(recipe_path, out, models), overwrite=overwrite, comma=comma)


@contextmanager
def batch_output(
    recipe_path: Path | None, out: str, models: "ModelFolders", *, overwrite: bool = False, comma: bool = False
) -> "Iterator[tuple[BatchPaths, Callable[[], bool]]]":
    """The output folder that a person names, as a folder or a URL, for the one run that has it; and what ends that run.

    What lies under a URL is there when the block has ended. Raises ``Problem``.
    """
    from graingraph.engine.batch.output import one_run
    from graingraph.engine.batch.remote_output import RemoteOutput, remove_old_copies
    from graingraph.engine.place import is_remote

    if not is_remote(out):
        place = batch_place(recipe_path, Path(out.removeprefix("file://")), models, overwrite=overwrite, comma=comma)
        with one_run(place.state):
            yield place, lambda: False
        return
    remote = RemoteOutput(out.rstrip("/"))
    remove_old_copies()
    place = batch_place(recipe_path, remote.folder, models, overwrite=overwrite, comma=comma)
    with one_run(place.state), remote.owned() as lost:
        yield replace(place, remote=remote.pull()), lost
        if lost():
            raise Problem(f"Another run has taken {remote.url}, as this one was silent for too long; look who that is.")
        remote.finish()


def place_for(recipe_path: Path | None, out: Path, models: "ModelFolders") -> "BatchPaths":
    """A batch into this folder: with the recipe's marks and models, and what the window has computed already."""
    from graingraph.app.document.user_cache import user_cache_folder
    from graingraph.engine.batch.image_job import BatchPaths
    from graingraph.engine.evaluation import workspace

    marks = workspace.marks_folder(recipe_path) if recipe_path else None
    marks = marks if marks and marks.is_dir() else None
    return BatchPaths(out, marks, models, known=user_cache_folder())
