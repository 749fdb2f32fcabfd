"""The batch panel: chosen images through the recipe into a folder, with progress, failures and the report."""

from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg
import platformdirs

from graingraph.app.document.names import title_in
from graingraph.app.document.origin import is_installed
from graingraph.app.document.typed_path import typed_path
from graingraph.app.gui.base.context import AppContext, Target
from graingraph.app.gui.base.copied_rows import copy_rows
from graingraph.app.gui.base.flow_row import FlowRow
from graingraph.app.gui.base.icons import icon, labelled
from graingraph.app.gui.base.opening import open_outside
from graingraph.app.gui.base.panel import Panel, panel
from graingraph.app.gui.base.text import text_width
from graingraph.app.gui.base.theme import Colors, primary_button
from graingraph.app.gui.base.typed_field import NumberField
from graingraph.app.gui.panels.batch_images import BatchImages
from graingraph.app.gui.panels.batch_rows import BatchRows, rows_as_text, rows_to_show
from graingraph.app.rendering.geometry import Point
from graingraph.app.services.attended_run import Attended, stops_of
from graingraph.app.services.batch_job import BatchJob
from graingraph.engine.batch.output import NotOurs
from graingraph.engine.batch.permission import policy_for
from graingraph.engine.files import require_possible
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe

RUN = "Run"
STOP = "Stop"
OPEN_REPORT = "Open report"
OPEN_FOLDER = "Open folder"
RESULTS_IN = "Results in"
WHAT_THE_FOLDER_HOLDS = "folder for tables and reports"
CHOOSE_THE_FOLDER = "Choose the folder for the results"
FOLDER_FOR_RESULTS = "Folder for the results"
WORKERS = "Workers"
WHAT_WORKERS_ARE = "Processes of one core each; 0 chooses by itself"
PAUSE = "Pause for corrections"
WHERE_IT_PAUSES = "Show every image at {places} and wait; the rest is computed meanwhile."
AND = " and "
MOVE_SETTINGS = "Move the settings"
WHAT_MOVING_DOES = (
    "Every exposed number a tenth lower and higher, for the report's uncertainty budget; says which of "
    "them moves a result by more than its interval. Takes as long again."
)
OVERWRITE = "Overwrite files that are in the way"
WHY_IS_IT_RUN = "Why is it run?"
NO_IMAGES = "There are no images to run on; add some to the tray, or choose others in the batch panel."
NO_FOLDER = "The batch needs a folder for its results; type one."

MOST_WORKERS = 256
LEAST_PLACE = 230
"""Width of the field for the folder of results, at UI scale 1, in pixels; it is wider where there is room."""


@panel("Batch", place="bottom", order=20)
class Batch(Panel):
    """One run at a time. Results stay linked to their images: a click on a row shows its image, and what failed."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.job: BatchJob | None = None
        self._shown: tuple[object, ...] = ()
        self._ended: BatchJob | None = None
        self._out_for: Path | None = None
        self._recipe: Recipe | None = None
        self._count = self._document = 0
        self._place_shown: tuple[object, ...] = ()
        self.widgets: dict[str, int | str] = {}

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know."""
        job = self.job
        facts: dict[str, object] = {"choice": self._images.choice, "attended": dpg.get_value(self.widgets["attended"])}
        if job is None:
            return facts | {"running": False, "done": 0}
        names = [path.name for path in job.reports]
        counts = {"done": len(job.rows), "failed": len(job.failed), "of": len(job.images)}
        return facts | {"running": job.running, **counts, "reports": names}

    def build(self, parent: int | str) -> None:
        """Make the widgets."""
        scale = self._app.ui_scale
        first, second = self._lines = FlowRow(parent, scale), FlowRow(parent, scale)
        with first.part():
            self._images = BatchImages(self._app)
        with first.part():
            self.widgets["run"] = dpg.add_button(label=RUN, callback=self._run)
            self._colors: Colors | None = None
        with first.part():
            self.widgets["report"] = dpg.add_button(label=OPEN_REPORT, callback=self._open_report, show=False)
            self.widgets["folder"] = dpg.add_button(label=OPEN_FOLDER, callback=self._open_folder, show=False)
        with first.part():
            self._bar = dpg.add_progress_bar(width=round(140 * scale), show=False)
            self._words = dpg.add_text("", show=False)
        with second.part():
            dpg.add_text(RESULTS_IN)
            self.widgets["out"] = dpg.add_input_text(width=round(LEAST_PLACE * scale), hint=WHAT_THE_FOLDER_HOLDS)
            self.widgets["choose folder"] = dpg.add_button(label=icon("folder"), callback=self._ask)
            with dpg.tooltip(self.widgets["choose folder"]):
                dpg.add_text(CHOOSE_THE_FOLDER)
        with second.part():
            dpg.add_text(WORKERS)
            self._workers = NumberField(
                0, self._set_workers, lambda reason: self._app.session.say(reason), whole=True, width=round(46 * scale)
            )
            self.widgets["workers"] = self._workers.item
            with dpg.tooltip(self.widgets["workers"]):
                dpg.add_text(WHAT_WORKERS_ARE)
        with second.part():
            self.widgets["attended"] = dpg.add_checkbox(label=PAUSE)
            with dpg.tooltip(self.widgets["attended"]):
                self._pauses = dpg.add_text("", wrap=round(360 * scale))
        with second.part():
            self.widgets["moving"] = dpg.add_checkbox(label=MOVE_SETTINGS)
            with dpg.tooltip(self.widgets["moving"]):
                dpg.add_text(WHAT_MOVING_DOES, wrap=round(360 * scale))
        with second.part():
            self.widgets["overwrite"] = dpg.add_checkbox(label=OVERWRITE, show=False)
        with second.part():
            self._images.build_place()
        self._rows = BatchRows(self._app, parent, self._show_row, self.widgets)
        self.widgets |= self._images.widgets
        self._tab = parent
        self._app.run_batch = self._run_in_front
        self._app.works.append(lambda: self.job)

    def refresh(self) -> None:
        """Show how far the run is."""
        self._follow_document()
        self._offer_attended()
        job = self.job
        if self._app.colors is not self._colors:
            self._colors = self._app.colors
            dpg.bind_item_theme(self.widgets["run"], primary_button(self._app.colors))
        self._rows.refresh(job)
        self._lay_out()
        running = job is not None and job.running
        label = labelled("stop", STOP) if running else labelled("play", self._images.words)
        shown = (job, job.words(), running, label) if job else (label,)
        if job and running:
            dpg.set_value(self._bar, job.part)
        if shown != self._shown:
            self._shown = shown
            dpg.configure_item(self.widgets["run"], label=label)
            dpg.configure_item(self._bar, show=running)
            dpg.set_value(self._words, job.words() if job else "")
            dpg.configure_item(self._words, show=bool(job))
            dpg.configure_item(self.widgets["folder"], show=bool(job) and not running)
            dpg.configure_item(self.widgets["report"], show=bool(job and job.reports))
        if job and not running and job is not self._ended:
            self._ended = job
            self._take_end(job)

    def _follow_document(self) -> None:
        """Suggest a folder for the results of another recipe, and let go of the run of the one before."""
        session = self._app.session
        if session.origin != self._out_for or not dpg.get_value(self.widgets["out"]):
            self._out_for = session.origin
            if session.origin or session.images:
                dpg.set_value(self.widgets["out"], str(self._suggested()))
        if self.job and not self.job.running and self.job is self._ended and self._document != session.document:
            self.job = self._ended = None

    def _take_end(self, job: BatchJob) -> None:
        """Say how a run has ended, and note in the tray how each image went."""
        session = self._app.session
        self._app.attended = None
        in_the_way = any(isinstance(problem, NotOurs) for problem in job.problems)
        dpg.set_value(self.widgets["overwrite"], False)
        dpg.configure_item(self.widgets["overwrite"], show=in_the_way)
        for problem in job.problems:
            session.report(problem)
        for sentence in job.beyond:
            session.say(sentence, "warning")
        if job.rows or not job.problems:  # else nothing was run, and why stands there
            session.say(job.words(), "warning" if job.failed or job.interrupted or job.lacks_report else "info")
        if self._document == session.document:
            went = {job.paths[name]: row["Status"] for name, row in job.rows.items() if name in job.paths}
            session.outcomes = {**session.outcomes, **went}
            session.revision += 1

    def key(self, name: str) -> bool:
        """Ctrl+C puts the rows of the run on the clipboard, for a spreadsheet."""
        rows = list(self.job.rows.values()) if self.job else []
        if name != "Ctrl+C" or not rows or not dpg.is_item_visible(self.widgets["run"]):
            return False
        copy_rows(self._app, len(rows), lambda: rows_as_text(rows_to_show(rows, running=False)))
        return True

    def pointed(self, at: Point) -> Target | None:
        """The rows of the run, where they are shown."""
        if not dpg.is_item_visible(self.widgets["run"]) or self.job is None:
            return None
        return "table" if at.y > dpg.get_item_rect_max(self.widgets["run"])[1] else None

    def _offer_attended(self) -> None:
        """Offer to pause where the recipe has something to draw on; end a run whose recipe is no longer open."""
        recipe, attended = self._app.session.recipe, self._app.attended
        if recipe is not self._recipe:
            self._recipe, stops = recipe, stops_of(recipe)
            dpg.configure_item(self.widgets["attended"], show=bool(stops))
            dpg.configure_item(self.widgets["moving"], show=bool(recipe.exposed))
            places = AND.join(title_in(recipe, node) for node in stops)
            dpg.set_value(self._pauses, WHERE_IT_PAUSES.format(places=places))
        stop = attended.current if attended else None
        if stop and stop.node not in recipe.steps and self.job:
            self.job.stop()

    def _lay_out(self) -> None:
        """Follow the width of the panel, and show as much of the folder's path as there is room for."""
        for line in self._lines:
            line.refresh()
        scale, place = self._app.ui_scale, str(dpg.get_value(self.widgets["out"]))
        room = 0.5 * self._lines[1].room
        dpg.configure_item(self._words, wrap=round(2 * room))
        if (place, room, self._app.letters) != self._place_shown:
            self._place_shown = (place, room, self._app.letters)
            width = max(LEAST_PLACE * scale, min(room, text_width(place) + 24 * scale))
            dpg.configure_item(self.widgets["out"], width=round(width))

    def _suggested(self) -> Path:
        session = self._app.session
        if session.origin:
            file = session.suggested_file
            return file.with_name(f"{file.name.split('.')[0]}_results")
        folder = session.images[0].parent
        return (platformdirs.user_documents_path() if is_installed(folder) else folder) / "results"

    # what the buttons do -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        if self.job and self.job.running:
            self.job.stop()
            return
        self._app.attempt(self.run)

    def _run_in_front(self) -> None:
        """Run, and show this panel."""
        bar = dpg.get_item_parent(self._tab)
        if bar and dpg.get_item_type(bar) == "mvAppItemType::mvTabBar":
            dpg.set_value(bar, self._tab)
        self._run()

    def run(self, why: str = "") -> None:
        """Start a run with what the fields say, once it is said why where that is demanded. Raises ``Problem``."""
        session = self._app.session
        folder = str(dpg.get_value(self.widgets["out"])).strip()
        images = self._images.images
        if not images:
            raise Problem(NO_IMAGES)
        if not folder:
            raise Problem(NO_FOLDER)
        if not typed_path(folder).exists():
            require_possible(typed_path(folder))
        if session.origin and policy_for(session.origin).comment and not why.strip():
            self._app.ask_text(WHY_IS_IT_RUN, lambda reason: self._app.attempt(lambda: self.run(reason)))
            return
        attended = None
        if dpg.get_value(self.widgets["attended"]) and stops_of(session.recipe):
            live = self._app.live
            attended = Attended(session.recipe, live.store, session.marks, lambda: self._app.post(lambda: None))
        self._app.attended = attended
        self._document = session.document
        self.job = BatchJob(
            session.recipe,
            images,
            typed_path(folder),
            recipe_path=session.path,
            origin=session.origin,
            marks=session.marks.folder,
            models=session.models,
            workers=self._count,
            attended=attended,
            choose=self._images.chooser(),
            moving=bool(session.recipe.exposed and dpg.get_value(self.widgets["moving"])),
            overwrite=bool(dpg.get_value(self.widgets["overwrite"])),
            why=why,
            changed=lambda: self._app.post(lambda: None),
        )
        self.job.start()

    def _set_workers(self, count: int) -> None:
        self._count = min(max(count, 0), MOST_WORKERS)
        self._workers.show(self._count)

    def _show_row(self, row: dict[str, Any]) -> None:
        """Look at the image of a row, at the node that failed if one did; an image from elsewhere joins the tray."""
        session = self._app.session
        path = self.job.paths.get(row["Image"]) if self.job else None
        if path is None:
            return
        if path not in session.images:
            session.add_images([path])
        session.pick(session.picked.clicked(session.images, path.absolute()))
        if row["Node"] in session.recipe.steps:
            session.select([row["Node"]])
            session.view(row["Node"])

    def _open_report(self) -> None:
        if self.job and self.job.reports:
            self._app.attempt(lambda: open_outside(self.job.reports[0]))  # type: ignore[union-attr]

    def _open_folder(self) -> None:
        if self.job:
            self._app.attempt(lambda: open_outside(self.job.out))  # type: ignore[union-attr]

    def _ask(self) -> None:
        start = typed_path(dpg.get_value(self.widgets["out"]) or ".")
        field = self.widgets["out"]
        self._app.ask_path(FOLDER_FOR_RESULTS, start, "folder", lambda path: dpg.set_value(field, str(path)))
