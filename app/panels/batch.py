"""The batch panel: the images of the tray through the recipe into a folder, with progress, failures and the report."""

from pathlib import Path

import dearpygui.dearpygui as dpg

from app.attended import Attended, stops_of
from app.batch_job import BatchJob
from app.desk import Desk
from app.opening import open_outside
from app.panels.rows import ROW_HEIGHT, row_theme
from engine.problem import Problem
from engine.recipe import Recipe

MOST_ROWS = 500


class Batch:
    """One run at a time. Results stay linked to their images: a click on a row shows its image."""

    title = "Batch"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.job: BatchJob | None = None
        self._shown: tuple[object, ...] = ()
        self._ended: BatchJob | None = None
        self._out_for: Path | None = None
        self._recipe: Recipe | None = None
        self.widgets: dict[str, int | str] = {}

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know."""
        job = self.job
        if job is None:
            return {"running": False, "done": 0, "attended": dpg.get_value(self.widgets["attended"])}
        names = [path.name for path in job.reports]
        return {"running": job.running, "done": len(job.rows), "failed": len(job.failed), "reports": names}

    def build(self, parent: int | str) -> None:
        """Make the widgets."""
        scale = self._desk.ui_scale
        with dpg.group(horizontal=True, parent=parent):
            dpg.add_text("Results in")
            self.widgets["out"] = dpg.add_input_text(width=round(300 * scale), hint="folder for tables and reports")
            dpg.add_button(label="…", callback=self._ask)
            dpg.add_text("Workers")
            self.widgets["workers"] = dpg.add_input_int(
                default_value=0, min_value=0, max_value=256, min_clamped=True, step=0, width=round(46 * scale)
            )
            with dpg.tooltip(self.widgets["workers"]):
                dpg.add_text("Processes of one core each; 0 chooses by itself")
            self.widgets["attended"] = dpg.add_checkbox(label="Pause for corrections (attended)")
            with dpg.tooltip(self.widgets["attended"]):
                self._pauses = dpg.add_text("", wrap=round(360 * scale))
            self.widgets["run"] = dpg.add_button(label="Run on all images", callback=self._run)
            self.widgets["report"] = dpg.add_button(label="Open report", callback=self._open_report, show=False)
            self.widgets["folder"] = dpg.add_button(label="Open folder", callback=self._open_folder, show=False)
        with dpg.group(horizontal=True, parent=parent):
            self._bar = dpg.add_progress_bar(width=round(220 * scale), show=False)
            self._words = dpg.add_text("")
        self._list = dpg.add_child_window(parent=parent, border=False)
        self._row_height = round(ROW_HEIGHT * scale)
        dpg.bind_item_theme(self._list, row_theme())
        self._tab = parent
        self._desk.run_batch = self._run_in_front

    def refresh(self) -> None:
        """Show how far the run is."""
        session = self._desk.session
        if session.path != self._out_for or not dpg.get_value(self.widgets["out"]):
            self._out_for = session.path
            if session.path or session.images:
                dpg.set_value(self.widgets["out"], str(self._suggested()))
        self._offer_attended()
        job = self.job
        shown = (job, len(job.rows), job.words(), job.running) if job else (len(session.images),)
        if job and job.running:
            dpg.set_value(self._bar, job.part)
        if shown == self._shown:
            return
        self._shown = shown
        count = len(session.images)
        running = job is not None and job.running
        label = "Stop" if running else f"Run on {count} image{'' if count == 1 else 's'}"
        dpg.configure_item(self.widgets["run"], label=label, enabled=running or count > 0)
        dpg.configure_item(self._bar, show=running)
        dpg.set_value(self._words, job.words() if job else "")
        dpg.configure_item(self.widgets["folder"], show=job is not None and not running)
        dpg.configure_item(self.widgets["report"], show=bool(job and job.reports))
        if job and not running and job is not self._ended:
            self._ended = job
            self._desk.attended = None
            for problem in job.problems:
                session.report(problem)
            session.say(job.words(), "warning" if job.failed or job.interrupted else "info")
        self._show_rows()

    def _offer_attended(self) -> None:
        """Offer to pause where the recipe has something to draw on; end a run whose recipe is no longer open."""
        recipe, attended = self._desk.session.recipe, self._desk.attended
        if recipe is not self._recipe:
            self._recipe, stops = recipe, stops_of(recipe)
            dpg.configure_item(self.widgets["attended"], show=bool(stops))
            dpg.set_value(
                self._pauses, f"Show every image at {' and '.join(stops)} and wait; the rest is computed meanwhile."
            )
        stop = attended.current if attended else None
        if stop and stop.node not in recipe.steps and self.job:
            self.job.cancel()

    def _show_rows(self) -> None:
        dpg.delete_item(self._list, children_only=True)
        if self.job is None or not self.job.rows:
            return
        rows = sorted(self.job.rows.values(), key=lambda row: row["Status"] == "ok")
        with dpg.table(
            parent=self._list,
            row_background=True,
            policy=dpg.mvTable_SizingFixedFit,
            scrollY=True,
            freeze_rows=1,
            resizable=True,
        ):
            for heading in ("Image", "Status", "Seconds", "What was measured, or what failed"):
                dpg.add_table_column(label=heading)
            for row in rows[:MOST_ROWS]:
                with dpg.table_row():
                    dpg.add_selectable(
                        label=row["Image"],
                        span_columns=True,
                        height=self._row_height,
                        user_data=row["Image"],
                        callback=self._show_image,
                    )
                    color = self._desk.colors.states["fresh" if row["Status"] == "ok" else "failed"]
                    dpg.add_text(row["Status"], color=color)
                    dpg.add_text(f"{row.get('Seconds', 0):.2f}")
                    where = f"{row['Node']}: " if row["Node"] else ""
                    dpg.add_text(f"{where}{row['Message']}" if row["Status"] != "ok" else _numbers(row))

    def _suggested(self) -> Path:
        session = self._desk.session
        if session.path:
            name = session.path.name.split(".")[0]
            return session.path.with_name(f"{name}_results")
        return session.images[0].parent / "results"

    # what the buttons do -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        if self.job and self.job.running:
            self.job.cancel()
            return
        self._desk.attempt(self.run)

    def _run_in_front(self) -> None:
        """Run, and show this panel."""
        bar = dpg.get_item_parent(self._tab)
        if bar and dpg.get_item_type(bar) == "mvAppItemType::mvTabBar":
            dpg.set_value(bar, self._tab)
        self._run()

    def run(self) -> None:
        """Start a run with what the fields say. ``Problem`` if it cannot be."""
        session = self._desk.session
        folder = str(dpg.get_value(self.widgets["out"])).strip()
        if not session.images:
            raise Problem("There are no images to run on; add some to the tray.")
        if not folder:
            raise Problem("The batch needs a folder for its results; type one.")
        attended = None
        if dpg.get_value(self.widgets["attended"]) and stops_of(session.recipe):
            live = self._desk.live
            attended = Attended(session.recipe, live.store, session.marks, lambda: self._desk.post(lambda: None))
        self._desk.attended = attended
        self.job = BatchJob(
            session.recipe,
            session.images,
            Path(folder).expanduser(),
            recipe_path=session.path,
            marks=session.marks.folder,
            workers=dpg.get_value(self.widgets["workers"]),
            attended=attended,
            changed=lambda: self._desk.post(lambda: None),
        )
        self.job.start()

    def _show_image(self, sender: int, value: bool, name: str) -> None:
        path = self.job.paths.get(name) if self.job else None
        if path in self._desk.session.images:
            self._desk.session.show_image(path)

    def _open_report(self) -> None:
        if self.job and self.job.reports:
            self._desk.attempt(lambda: open_outside(self.job.reports[0]))  # type: ignore[union-attr]

    def _open_folder(self) -> None:
        if self.job:
            self._desk.attempt(lambda: open_outside(self.job.out))  # type: ignore[union-attr]

    def _ask(self) -> None:
        start = Path(dpg.get_value(self.widgets["out"]) or ".")
        field = self.widgets["out"]
        self._desk.ask_path("Folder for the results", start, True, lambda path: dpg.set_value(field, str(path)))


def _numbers(row: dict[str, object]) -> str:
    """The first few numbers of an image's row."""
    skip = {"Image", "Status", "Node", "Message", "Notes", "Seconds", "Hash", "Files", "Tables"}
    found = [(name, value) for name, value in row.items() if name not in skip and isinstance(value, int | float)]
    return ", ".join(f"{name} {value:.5g}" for name, value in found[:4])
