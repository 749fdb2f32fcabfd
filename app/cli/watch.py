"""``graingraph watch``: measure the images of a folder as they come, until Ctrl-C."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

import typer

from graingraph.app.cli.recipes import open_to_run, read_header_file
from graingraph.app.cli.stopping import noting_ctrl_c
from graingraph.app.document import release
from graingraph.app.services.arrivals import Arrivals
from graingraph.app.services.batch_place import batch_place
from graingraph.app.services.watching import WatchedRun
from graingraph.engine.batch.output import one_run
from graingraph.engine.problem import Problem

LOOK_S = 0.5
"""How often (s) the folder is looked at."""


def watch_folder(
    folder: Path,
    recipe_path: Path,
    out: Path,
    sets: Iterable[str] = (),
    *,
    workers: int = 0,
    quiet: float = 2.0,
    overwrite: bool = False,
    comma: bool = False,
    header_path: Path | None = None,
    why: str = "",
) -> None:
    """Watch until Ctrl-C. Raises ``Problem`` where the folder is not there or the recipe is not sound."""
    if not folder.is_dir():
        raise Problem(f"There is no folder {folder}; check its name.")
    recipe, models = open_to_run(recipe_path, sets, why)
    header = read_header_file(header_path) if header_path is not None else {}
    place = batch_place(recipe_path, out, models, overwrite=overwrite, comma=comma)
    with one_run(place.state), noting_ctrl_c() as stopped:
        run = WatchedRun(recipe, place, workers, header, release.about_run(recipe_path, recipe, why))
        typer.echo(f"Watching {folder}, results in {out}; Ctrl-C ends it.")
        try:
            _follow(Arrivals(folder, quiet), run, stopped, lambda: release.note_run(recipe_path, recipe, why, place))
        except KeyboardInterrupt:
            typer.echo(f"Stopped after {len(run.sources)} images; the same command goes on. Results in {out}.")


def _follow(arrivals: Arrivals, run: WatchedRun, stopped: Callable[[], bool], note: Callable[[], None]) -> None:
    unreachable = False
    while True:
        try:
            came, unreachable = arrivals.look(), False
        except OSError as error:  # a network share that will be back
            if not unreachable:
                typer.echo(f"{arrivals.folder} cannot be read ({error.strerror}); waiting for it.", err=True)
            came, unreachable = [], True
        if came:
            before = dict(run.sources)
            progress, problems = run.take(came, stopped)
            note()
            if progress.interrupted or stopped():
                raise KeyboardInterrupt
            alike = {source.hash: name for name, source in reversed(run.sources.items())}
            for path in came:
                row, first = progress.rows.get(path.name, {}), alike[run.sources[path.name].hash]
                said = "measured" if row.get("Status") == "ok" else f"failed: {row.get('Message', 'no row')}"
                if path.name in before and before[path.name].hash != run.sources[path.name].hash:
                    said += "; it takes the place of an earlier image of this name"
                if first != path.name:
                    said += f"; it has the same content as {first}"
                typer.echo(f"{path.name} {said}")
            for problem in dict.fromkeys(map(str, problems)):
                typer.echo(problem, err=True)
        else:
            time.sleep(LOOK_S)
