"""``graingraph rerun``: a report run again, perhaps on another machine and years later, and its numbers compared."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import typer

from graingraph.app.cli.answers import print_json
from graingraph.app.services.batch_place import batch_place
from graingraph.app.services.batch_workers import workers_for
from graingraph.engine.batch import rerun
from graingraph.engine.batch.image_job import BatchPaths
from graingraph.engine.batch.manifest import paths_of_images
from graingraph.engine.batch.output import one_run
from graingraph.engine.batch.record import facts
from graingraph.engine.batch.results import write_results
from graingraph.engine.batch.run import run_images
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.evaluation.workspace import MODELS
from graingraph.engine.files import RUN_STATE
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Cancelled, Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.check import require_sound
from graingraph.engine.recipe.recipe import Recipe


def rerun_report(
    report: Path, images: Sequence[str], models: Path | None, out: Path | None, workers: int, as_json: bool
) -> int:
    """Run the recipe of a report again and compare; exit code 0 if every number came back, 2 if one did not."""
    load_plugins()
    record, recipe = rerun.read_record(report), recipe_file.load(report)
    folders = ModelFolders().and_in(report.parent / MODELS)
    folders = folders.and_in(models) if models is not None else folders
    require_sound(recipe, folders)
    named = list(images) or paths_of_images(BatchPaths(report.parent))
    image_set, wrong = rerun.images_of(record, named)
    if not image_set:
        raise Problem("None of the images of the report is among those named; name them, or the folder they lie in.")
    with _folder(out) as folder:
        again = _run(recipe, image_set, record, folders, folder, workers)
        found = rerun.compare(recipe, record, again)
    complete = len(image_set) == len(record["images"])
    code = 0 if found.same and complete else 2
    if as_json:
        first = found.first
        answer = {
            "exit": code,
            "same": found.same and complete,
            "images": len(record["images"]),
            "differing images": found.images,
            "first": {"node": first.node, "image": first.image, "reasons": first.reasons} if first else None,
            "only pixels": found.only_pixels,
            "remarks": wrong,
        }
        print_json(answer)
        return code
    for sentence in wrong:
        typer.echo(sentence, err=True)
    typer.echo(_in_words(found, complete))
    return code


def _run(
    recipe: Recipe, image_set: ImageSet, record: rerun.Record, models: ModelFolders, out: Path, workers: int
) -> rerun.Record:
    """Run into a folder, with nothing that was computed before, and say what that run is known by."""
    from graingraph.app.rendering.overlays import draw_overlays

    started = workers_for(len(image_set), workers)
    marks = out / RUN_STATE / "marks"
    rerun.restore_marks(record, marks)
    place = replace(batch_place(None, out, models), marks=marks, known=None)
    with one_run(place.state):
        progress = run_images(recipe, image_set, place, workers=started, draw=draw_overlays)
        write_results(recipe, image_set, place, progress)
    if progress.interrupted:
        raise Cancelled
    return facts(recipe, image_set, place, progress.rows, progress.digests)


def _in_words(found: rerun.Comparison, complete: bool) -> str:
    many = f"{found.many} images" if found.many != 1 else "1 image"
    if found.first is None:
        every = "Every number came back to the last digit" if complete else "What could be run again is the same"
        return f"{every} ({many})."
    if found.only_pixels:
        where = f"{len(found.images)} of {many}"
        return f"Every number came back to the last digit; pixels between differ on {where}. {found.first}"
    return f"{found.first} Numbers or pixels differ on {len(found.images)} of {many}."


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    """The folder to run into: one that goes again where none is named. ``Problem`` where there is something in it."""
    if out is None:
        with tempfile.TemporaryDirectory(prefix="graingraph-rerun-") as name:
            yield Path(name)
        return
    if out.is_dir() and any(out.iterdir()):
        raise Problem(f"{out} is not empty, and a rerun must find nothing that was computed before; choose another.")
    yield out
