"""A batch run from the window, in a thread of its own: progress, cancel, what was made and what failed. No display."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from graingraph.app.document import release
from graingraph.app.library.user_library import about_version
from graingraph.app.rendering.overlays import draw_overlays
from graingraph.app.services.attended_run import Attended
from graingraph.app.services.batch_place import batch_place
from graingraph.app.services.batch_workers import workers_for
from graingraph.app.services.disturbances import DISTURBANCES
from graingraph.engine.batch.image_job import BatchPaths, ImageJobs, finished_row
from graingraph.engine.batch.output import one_run
from graingraph.engine.batch.permission import require_may_run
from graingraph.engine.batch.results import has_report, write_results
from graingraph.engine.batch.run import Progress, run_images
from graingraph.engine.batch.sensitivity import of_batch
from graingraph.engine.declare.injected import NOT_MOVED, MovedSettings
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.evaluation import workspace
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.explain import seconds_text
from graingraph.engine.evaluation.store import Listener, Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Cancelled, Problem, unexpected
from graingraph.engine.recipe.check import require_sound
from graingraph.engine.recipe.recipe import Recipe
from graingraph.nodes.imaging import kernel_cache


@dataclass(eq=False)
class BatchJob:
    """One run. The thread replaces whole values only, so that the main thread may read them at any time.

    ``paths`` finds the file of an image by its name in the rows. ``changed`` is called from the thread. With
    ``attended`` a person looks at every image first. ``choose`` is called with ``images`` in the thread and says which
    of them are meant. With ``moving`` the exposed settings are moved for the uncertainty budget; ``beyond`` then says
    which of them move a result by more than its interval. ``origin`` is the file that the recipe was opened from: what
    its folder demands holds, and ``why`` is the reason where one is demanded.
    """

    recipe: Recipe
    images: Sequence[Path]
    out: Path
    recipe_path: Path | None = None
    marks: Path | None = None
    models: ModelFolders = field(default_factory=ModelFolders)
    workers: int = 0
    attended: Attended | None = None
    changed: Callable[[], None] = lambda: None
    choose: Callable[[Sequence[Path]], Sequence[Path]] = tuple
    overwrite: bool = False
    why: str = ""
    origin: Path | None = None
    moving: bool = False
    made: tuple[str, ...] = ()
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    beyond: tuple[str, ...] = ()
    doing: str = "Starting"
    part: float = 0.0
    eta: float | None = None
    resumed: int = 0
    interrupted: bool = False
    lacks_report: bool = False
    """Whether it ended without the report that the recipe asks for."""
    running: bool = True
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._prepares = False
        self._thread = threading.Thread(target=self._work, name="batch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Stop soon; what is finished stays, and the same run again goes on from there."""
        self._stop.set()
        self.doing = "Stopping"

    @property
    def when_quitting(self) -> str:
        """What becomes of it where the person quits now."""
        return "A batch is running. Images that are measured stay so, and running it again goes on from there."

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it has ended."""
        self._thread.join(seconds)

    @property
    def failed(self) -> list[dict[str, Any]]:
        """The rows of the images that failed."""
        return [row for row in self.rows.values() if row["Status"] != "ok"]

    @property
    def reports(self) -> list[Path]:
        """The report files that were made."""
        return [self.out / name for name in self.made if name.endswith(".pdf")]

    def words(self) -> str:
        """How far it is, or how it ended."""
        total, done = len(self.images), len(self.rows)
        good = done - len(self.failed)
        left_out = len(self.attended.skipped) if self.attended else 0
        if self.attended and self.attended.left and self.running:
            return f"{self.doing}: {total - self.attended.left} of {total} seen, {done} measured"
        if self.running and (kernel_cache.is_compiling() or self._prepares):
            return f"Preparing this machine for measuring, the first time only: {done} of {total}"
        if self.running:
            left = f", about {seconds_text(self.eta)} to go" if self.eta is not None else ""
            return f"{self.doing}: {done} of {total}{left}"
        again = f" ({self.resumed} from an earlier run)" if self.resumed else ""
        stopped = "Stopped; run again to go on. " if self.interrupted else ""
        skipped = f", {left_out} skipped" if left_out else ""
        said = f"{stopped}{good} of {total} images measured{again}{skipped} in {seconds_text(self.seconds)}."
        if self.lacks_report:
            said += f" No report was made{f': {self.problems[0].message}' if self.problems else '.'}"
        return said

    def _work(self) -> None:
        start = time.monotonic()
        try:
            self._run()
        except Problem as problem:
            self.problems = (*self.problems, problem)
        except Cancelled:
            self.interrupted = True
        except Exception as error:  # the panel must hear of whatever a library does
            logging.getLogger(__name__).exception("batch")
            self.problems = (*self.problems, unexpected(error, "The batch"))
        finally:
            self.seconds = time.monotonic() - start
            self.running = False
            self.changed()

    def _run(self) -> None:
        beside = self.recipe_path.parent / workspace.MODELS if self.recipe_path else None
        models = self.models.and_in(beside) if beside else self.models
        require_may_run(self.origin, self.recipe, self.why)
        require_sound(self.recipe, models)
        self.images = self.choose(self.images)
        image_set = ImageSet.of_files(self.images)
        self.paths = dict(zip(image_set, dict.fromkeys(self.images), strict=True))
        place = batch_place(self.recipe_path, self.out, models, overwrite=self.overwrite)
        if self.marks:
            place = replace(place, marks=self.marks)
        with one_run(place.state):
            release.note_start(self.origin, self.recipe, place, self.why)
            self._run_in(place, image_set)

    def _run_in(self, place: BatchPaths, image_set: ImageSet) -> None:
        if self.attended:
            image_set = self._attend(self.attended, image_set, place)
        workers = workers_for(len(image_set) - len(self.rows), self.workers, apart=True)
        self.doing, self._prepares = "Measuring", workers is not None and kernel_cache.is_empty()
        listener = Listener(progress=self._progress)
        progress = run_images(
            self.recipe,
            image_set,
            place,
            workers=workers,
            draw=draw_overlays,
            on_row=self._row,
            listener=listener,
            cancelled=self._stop.is_set,
        )
        self._row(progress)
        moved = self._move(image_set, place, progress)
        self.doing = "Writing tables and reports"
        self.changed()
        said = release.about_run(self.origin, self.recipe, self.why) | about_version(self.origin)
        found = write_results(self.recipe, image_set, place, progress, self._stop.is_set, moved=moved, said=said)
        self.problems += tuple(found)
        release.note_run(self.origin, self.recipe, self.why, place)
        self.interrupted, self.made = progress.interrupted, progress.outputs
        self.lacks_report = not progress.interrupted and not has_report(self.recipe, progress)
        if self.attended and not progress.interrupted:
            self.attended.forget()

    def _attend(self, attended: Attended, image_set: ImageSet, place: BatchPaths) -> ImageSet:
        """Have every image looked at; those seen are measured meanwhile. Returns the tray without those skipped."""
        self.doing = "Attended"
        if not attended.nodes:
            raise Problem("Nothing in this recipe is drawn by hand; run it unattended.")
        evaluation = Evaluation(self.recipe, image_set, place.store())
        earlier = {image: finished_row(evaluation, place, image) for image in image_set}
        self.resumed = sum(row is not None for row in earlier.values())

        def finish(image: str, store: Store) -> None:
            row = finished_row(Evaluation(self.recipe, image_set, store), place, image)
            if row is None:
                jobs = ImageJobs(self.recipe, image_set, place, store, draw_overlays, cancelled=self._stop.is_set)
                row = jobs.process(image)
            self.rows = {**self.rows, image: row}
            self.part = len(self.rows) / max(len(image_set), 1)
            self.changed()

        return attended.attend(image_set, place, finish, self._stop.is_set)

    def _move(self, image_set: ImageSet, place: BatchPaths, progress: Progress) -> MovedSettings:
        """What moving the exposed settings shows; a recipe of which nothing can be moved is reported without."""
        if not self.moving or progress.interrupted:
            return NOT_MOVED
        self.doing = "Moving the settings"
        self.changed()
        try:
            moved = of_batch(self.recipe, image_set, place, progress, self._stop.is_set, DISTURBANCES)
        except Cancelled:
            return NOT_MOVED  # what comes next is cancelled as well
        except Problem as problem:
            self.problems = (*self.problems, problem)
            return NOT_MOVED
        self.beyond = moved.beyond
        return moved

    def _row(self, progress: Progress) -> None:
        resumed = self.resumed if self.attended else progress.resumed
        self.rows, self.resumed, self.eta = dict(progress.rows), resumed, progress.eta
        self.part = len(progress.rows) / max(progress.total, 1)
        self._prepares = False
        self.changed()

    def _progress(self, node: str, image: str | None, fraction: float, message: str) -> None:
        self.part = (len(self.rows) + 0.9 * fraction) / max(len(self.images), 1)
