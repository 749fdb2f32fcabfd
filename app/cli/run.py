"""``graingraph run``: a recipe over images into a folder of results, with progress on a terminal.

Nothing heavy is imported here at the top: the workers import while this process does.
"""

import importlib
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from graingraph.app.cli.answers import print_json
from graingraph.app.cli.stopping import noting_ctrl_c
from graingraph.app.services.batch_place import batch_output
from graingraph.app.services.batch_workers import cluster_at, slurm_cluster, workers_for
from graingraph.engine.cpu import use_one_core
from graingraph.engine.problem import Problem

if TYPE_CHECKING:
    from graingraph.engine.batch.run import Progress
    from graingraph.engine.batch.workers import Team
    from graingraph.engine.values import Result


def run_recipe(
    recipe_path: Path,
    images: list[str],
    out: Path | str,
    sets: Iterable[str] = (),
    *,
    workers: int = 0,
    fail_fast: bool = False,
    overwrite: bool = False,
    comma: bool = False,
    as_json: bool = False,
    header_path: Path | None = None,
    moving: bool = False,
    why: str = "",
    signing: str | None = None,
    scheduler: str = "",
    slurm: int = 0,
) -> int:
    """Run and write everything; returns the exit code: 0 all good, 2 some images failed, 130 interrupted."""
    from graingraph.engine.images.files import same_content
    from graingraph.engine.images.passed_over import passed_over
    from graingraph.engine.images.remote import find_anywhere

    paths = find_anywhere(images)
    if not paths:
        raise Problem("There are no images to run on; name files, folders or patterns.")
    if workers == 1:
        use_one_core()
    if scheduler and slurm:
        raise Problem("Give either --scheduler or --slurm.")
    started: Team | None = cluster_at(scheduler) if scheduler else None if slurm else workers_for(len(paths), workers)
    from graingraph.app.cli.recipes import open_to_run, read_header_file
    from graingraph.app.document import release
    from graingraph.app.library.user_library import about_version
    from graingraph.app.rendering.overlays import draw_overlays
    from graingraph.app.services.disturbances import DISTURBANCES
    from graingraph.engine.batch.results import has_report, write_results
    from graingraph.engine.batch.run import run_images
    from graingraph.engine.batch.sensitivity import of_batch
    from graingraph.engine.declare.injected import NOT_MOVED
    from graingraph.engine.images.image_set import ImageSet
    from graingraph.nodes.imaging import kernel_cache

    header = read_header_file(header_path) if header_path is not None else {}
    sign = _signature(signing, why) if signing is not None else None
    recipe, models = open_to_run(recipe_path, sets, why)
    image_set = ImageSet.of_files(paths)
    if sys.stderr.isatty() and not as_json and kernel_cache.is_empty():
        typer.echo("Preparing this machine for measuring, which takes some ten seconds the first time.", err=True)
    if started is None and not slurm:
        importlib.import_module("graingraph.app.services.worker_imports")
    with (
        batch_output(recipe_path, str(out), models, overwrite=overwrite, comma=comma) as (place, lost),
        noting_ctrl_c() as ctrl_c,
        slurm_cluster(slurm) if slurm else nullcontext(started) as team,
    ):

        def stopped() -> bool:
            return ctrl_c() or lost()

        release.note_start(recipe_path, recipe, place, why)
        with _Terminal(len(image_set), quiet=as_json) as terminal:
            progress = run_images(
                recipe,
                image_set,
                place,
                workers=team,
                fail_fast=fail_fast,
                draw=draw_overlays,
                on_row=terminal.show,
                cancelled=stopped,
            )
        moved = NOT_MOVED
        if moving and not progress.interrupted:
            try:
                moved = of_batch(recipe, image_set, place, progress, disturbances=DISTURBANCES)
            except KeyboardInterrupt:
                progress.interrupted = True
        said = release.about_run(recipe_path, recipe, why) | about_version(recipe_path)
        found = write_results(
            recipe, image_set, place, progress, stopped, header=header, moved=moved, said=said, sign=sign
        )
        release.note_run(recipe_path, recipe, why, place)
    problems = list(dict.fromkeys(map(str, found)))  # what stops a node stops those after it, with the same sentence
    remarks = [
        *passed_over(images),
        *moved.beyond,
        *same_content({name: source.drawn_as for name, source in image_set.items()}),
    ]
    if not (progress.interrupted or has_report(recipe, progress)):
        remarks.append("No report was made.")
    where = place.remote.url if place.remote else str(out)
    return _answer(progress, problems, remarks, where, as_json)


def _signature(key: str, why: str) -> Callable[[bytes], bytes]:
    """What signs the report with a person's certificate; that it can is known before anything is computed."""
    from graingraph.app.cli.sign import signer_of
    from graingraph.nodes.reporting.signature import sign_report

    signer = signer_of(key)
    return lambda report: sign_report(report, signer, why)


def _answer(progress: "Progress", problems: list[str], remarks: list[str], where: str, as_json: bool) -> int:
    code = 130 if progress.interrupted else 2 if progress.failed or problems else 0
    if as_json:
        answer = {
            "exit": code,
            "images": progress.total,
            "finished": len(progress.rows),
            "resumed": progress.resumed,
            "failed": [{k: row[k] for k in ("Image", "Node", "Message")} for row in progress.failed],
            "problems": problems,
            "remarks": remarks,
            "results": [_of_program(result) for result in progress.results],
            "out": where.encode("utf-8", "replace").decode(),  # its bytes need not be text
        }
        print_json(answer)
        return code
    for row in progress.failed:
        node = f", node {row['Node']}" if row["Node"] else ""
        typer.echo(f"image {row['Image']}{node}: {row['Message']}", err=True)
    for sentence in (*problems, *remarks):
        typer.echo(sentence, err=True)
    for sentence in _told(progress.results):
        typer.echo(sentence)
    good = len(progress.rows) - len(progress.failed)
    resumed = f" ({progress.resumed} from an earlier run)" if progress.resumed else ""
    stopped = "Stopped before the report; run the same command again to go on. " if progress.interrupted else ""
    typer.echo(f"{stopped}{good} of {progress.total} images measured{resumed}; results in {where}.")
    return code


def _told(results: Sequence["Result"]) -> list[str]:
    """A line a result, one for those that must not be reported for the same reasons."""
    refused: dict[tuple[str, ...], list[str]] = {}
    for one in results:
        if one.reasons:
            refused.setdefault(one.reasons, []).append(one.quantity)
    lines = [f"{one}." for one in results if not one.reasons]
    return lines + [f"{', '.join(names)}: not reportable: {'; '.join(why)}." for why, names in refused.items()]


def _of_program(result: "Result") -> dict[str, object]:
    """A result by its field names; without numbers where it must not be reported."""
    found = asdict(result) if not result.reasons else asdict(result) | {"value": None, "low": None, "high": None}
    return {name: found[name] for name in ("quantity", "unit", "value", "low", "high", "count", "over", "reasons")}


class _Terminal:
    """A progress bar with the time still to go, on a terminal only."""

    def __init__(self, total: int, *, quiet: bool) -> None:
        self._bar = None if quiet or not sys.stderr.isatty() else typer.progressbar(
            length=total, label="Measuring", show_pos=True, show_eta=True, file=sys.stderr
        )  # fmt: skip
        self._shown = 0

    def __enter__(self) -> "_Terminal":
        if self._bar is not None:
            self._bar.__enter__()
        return self

    def show(self, progress: "Progress") -> None:
        """Move the bar to the number of finished images."""
        if self._bar is not None:
            self._bar.update(len(progress.rows) - self._shown)
            self._shown = len(progress.rows)

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
