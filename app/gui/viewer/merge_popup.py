"""Another person's marks: what is new on each image, and the strokes in conflict shown on the picture to be decided."""

from pathlib import Path
from typing import cast

import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.document.merging import Place, TwoDrawings, merge_edit
from graingraph.app.document.names import title_in
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.icons import icon, labelled
from graingraph.app.gui.base.nouns import IMAGE, STROKE
from graingraph.app.gui.base.rows import ROW_HEIGHT, row_theme
from graingraph.app.gui.base.theme import Color, accent_button, primary_button, rgb
from graingraph.app.gui.viewer.screen import Screen
from graingraph.app.gui.viewer.shown import Shown
from graingraph.app.gui.viewer.small_window import CANCEL, SmallWindow
from graingraph.app.gui.viewer.strokes import DRAWN, draw_stroke
from graingraph.app.services.merge_job import MergeJob
from graingraph.engine.declare.injected import Mark
from graingraph.engine.marks.merge import Choice, Dispute
from graingraph.engine.problem import Problem
from graingraph.engine.values.wording import counted

OF_ANOTHER = "Marks of another person"
WHERE_THEY_ARE = "Marks of another person: their recipe, folder of marks, or marks file"
NO_IMAGES = "Add the images that the marks were drawn on to the tray first."
HEADINGS = ("Image", "Node", "New", "Same", "In conflict")
NOTE = "Note: {remark}."
CONFLICT = "Conflict {place} of {count} on {image}: {whys}"
KEEP_MINE = "Keep mine ({strokes})"
KEEP_THEIRS = "Keep theirs ({strokes})"
KEEP_BOTH = "Keep both"
NOT_DECIDED = "{count} not decided: strokes of both stay, what one removed goes."
MERGE = "Merge"
MERGED = "Merged the marks of {images}: {strokes} are new. Undo takes them back."
MERGED_ONE = "Merged the marks of {images}: {strokes} is new. Undo takes it back."

THEIRS, ON_STROKES = rgb("#ff5ad1"), rgb("#0d1217")
"""The colour of their strokes, and of words on a ground of it or of that of ours."""
MOST_ROWS = 200
STEPS = (
    ("previous conflict", "back", -1, "The conflict before"),
    ("next conflict", "next", 1, "The next conflict"),
)
"""The buttons that go from one conflict to another, their icons, how many further, and what is said of them."""


class MergePopup(SmallWindow):
    """A small window beside the picture. Nothing is merged before Merge is pressed; then undo takes it all back."""

    def __init__(self, app: AppContext, shown: Shown, screen: Screen) -> None:
        super().__init__(app)
        self._picture, self._screen = shown, screen
        self._path = Path()
        self._compared: list[TwoDrawings] = []
        self._places: list[tuple[TwoDrawings, Dispute]] = []
        self._at = 0
        self._choices: dict[Place, Choice] = {}
        self._close_up: tuple[tuple[float, float], tuple[float, float]] | None = None
        self._marks_revision = 0
        self._job: MergeJob | None = None
        self._drawn: object = None
        self._app.merge_marks = self.ask

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know."""
        rows = [[one.image, one.new, one.same, len(one.disputes)] for one in self._compared]
        return {"rows": rows, "at": self._at, "decided": sorted(self._choices.values()), "busy": self._job is not None}

    def ask(self) -> None:
        """Ask where the other's marks are, and compare."""
        session = self._app.session
        start = session.path.parent if session.path else Path.cwd()
        self._app.ask_path(WHERE_THEY_ARE, start, "any", self.open)

    def open(self, path: Path) -> None:
        """Compare with the marks there, which may take a while, and then show what was found.

        ``Problem`` where there is nothing to compare with.
        """
        if not self._app.session.images:
            raise Problem(NO_IMAGES)
        self.close()
        self._path, self._at = path, 0
        self._show_window()
        self._compare()
        self._show_waiting()

    def refresh(self) -> None:
        """Follow what is drawn meanwhile, and draw both sides of the conflict over the picture."""
        if self._crossed:
            self.close()
        if self._job is not None:
            self._follow(self._job)
        elif self.is_open and self._app.session.marks_revision != self._marks_revision:
            self._compare()
            dpg.configure_item(self.widgets["merge"], enabled=False)  # which would merge with what is no longer there
        self._draw()

    # the window --------------------------------------------------------------------------------------------------

    def _compare(self) -> None:
        """Begin to compare, in a thread."""
        session = self._app.session
        self._marks_revision = session.marks_revision
        self._job = MergeJob(session.recipe, session.marks, session.images, self._path, self._wake)
        self._job.start()

    def _wake(self) -> None:
        self._app.post(lambda: None)  # the main loop then looks at the job

    def _follow(self, job: MergeJob) -> None:
        """Show how far the comparison is, or what it found."""
        if "progress" in self.widgets:
            dpg.set_value(self.widgets["progress"], job.part)
            dpg.set_value(self.widgets["doing"], job.words)
        if job.running:
            return
        self._job = None
        if job.compared is None:
            self.close()
            if job.problem:
                self._app.session.report(job.problem)
            return
        first, self._compared = not self._compared, job.compared
        self._places = [(one, dispute) for one in self._compared for dispute in one.disputes]
        self._at = min(self._at, max(len(self._places) - 1, 0))
        if first:
            self._go(0)
        else:
            self._rebuild()

    def _show_waiting(self) -> None:
        with dpg.group(parent=self._window or 0):
            self.widgets["doing"] = dpg.add_text("")
            with dpg.group(horizontal=True):
                self.widgets["progress"] = dpg.add_progress_bar(width=round(240 * self._app.ui_scale))
                self.widgets["stop comparing"] = dpg.add_button(label=CANCEL, callback=self.close)

    def _show_window(self) -> None:
        box = self._screen.box
        below = (round(box.left), round(box.bottom) + 16)  # the picture, which shows the conflict
        self._open_window(OF_ANOTHER, pos=below)

    def _rebuild(self) -> None:
        parent = self._window or 0
        dpg.delete_item(parent, children_only=True)
        self.widgets.clear()
        self._add_summary(parent)
        if self._places:
            self._add_conflict(parent)
        with dpg.group(horizontal=True, parent=parent):
            self.widgets["merge"] = dpg.add_button(label=MERGE, enabled=self._job is None, callback=self._merge)
            dpg.bind_item_theme(self.widgets["merge"], primary_button(self._app.colors))
            dpg.add_button(label=CANCEL, callback=self.close)
            left = len(self._places) - len(self._choices)
            if left:
                dpg.add_text(NOT_DECIDED.format(count=left))

    def _add_summary(self, parent: int | str) -> None:
        with dpg.table(parent=parent, policy=dpg.mvTable_SizingFixedFit, no_host_extendX=True) as table:
            for heading in HEADINGS:
                dpg.add_table_column(label=heading)
            for one in self._compared[:MOST_ROWS]:
                with dpg.table_row():
                    dpg.add_selectable(
                        label=one.image,
                        span_columns=True,
                        height=round(ROW_HEIGHT * self._app.ui_scale),
                        user_data=one,
                        callback=self._look_at,
                    )
                    for text in (title_in(self._app.session.recipe, one.node), one.new, one.same, len(one.disputes)):
                        dpg.add_text(str(text))
        dpg.bind_item_theme(table, row_theme())
        for remark in dict.fromkeys(one.remark for one in self._compared if one.remark):
            dpg.add_text(NOTE.format(remark=remark), parent=parent)

    def _add_conflict(self, parent: int | str) -> None:
        one, dispute = self._places[self._at]
        dpg.add_separator(parent=parent)
        with dpg.group(horizontal=True, parent=parent):
            for name, sign, step, does in STEPS:
                self.widgets[name] = dpg.add_button(
                    label=icon(sign), user_data=step, callback=lambda sender, value, by: self._go(self._at + by)
                )
                with dpg.tooltip(self.widgets[name]):
                    dpg.add_text(does)
            place = {"place": self._at + 1, "count": len(self._places), "image": one.image}
            dpg.add_text(CONFLICT.format(**place, whys="; ".join(dispute.whys)))
        with dpg.group(horizontal=True, parent=parent):
            mine, theirs = (counted(len(side), STROKE) for side in (dispute.ours, dispute.theirs))
            self._add_choice("mine", KEEP_MINE.format(strokes=mine), DRAWN)
            self._add_choice("theirs", KEEP_THEIRS.format(strokes=theirs), THEIRS)
            self._add_choice("both", KEEP_BOTH)

    def _add_choice(self, name: str, label: str, color: Color | None = None) -> None:
        """A button on a ground of the colour that the strokes have in the picture."""
        one, dispute = self._places[self._at]
        chosen = self._choices.get((one.hash, one.node, dispute)) == name
        self.widgets[f"keep {name}"] = button = dpg.add_button(
            label=labelled("check", label) if chosen else label, user_data=name, callback=self._choose
        )
        if color:
            dpg.bind_item_theme(button, accent_button(color, ON_STROKES))

    # what the buttons do -----------------------------------------------------------------------------------------

    def _choose(self, sender: int, value: object, name: str) -> None:
        one, dispute = self._places[self._at]
        self._choices[one.hash, one.node, dispute] = cast(Choice, name)
        self._go(min(self._at + 1, len(self._places) - 1))

    def _go(self, index: int) -> None:
        """Show a conflict in the middle of the picture."""
        if self._places:
            self._at = index % len(self._places)
            one, dispute = self._places[self._at]
            self._look_at(0, None, one)
            points = np.concatenate([mark.points for mark, _ in _strokes(one, dispute)])
            (x0, y0), (x1, y1) = points.min(0).tolist(), points.max(0).tolist()
            self._close_up = ((x0, y0), (x1, y1))
        self._rebuild()

    def _look_at(self, sender: int, value: object, one: TwoDrawings) -> None:
        session = self._app.session
        if one.path:
            session.show_image(one.path.absolute())
            session.view(one.node)

    def _merge(self) -> None:
        session, compared, choices = self._app.session, self._compared, self._choices
        new = sum(one.new for one in compared)
        self.close()
        self._app.attempt(lambda: session.do(merge_edit(compared, choices)))
        counts = {"images": counted(len(compared), IMAGE), "strokes": counted(new, STROKE)}
        session.say((MERGED_ONE if new == 1 else MERGED).format(**counts))

    def close(self) -> bool:
        """Close without merging; False where it is not open."""
        if self._job is not None:
            self._job.cancel()
        self._job = None
        self._compared, self._places, self._choices = [], [], {}
        return super().close()

    # the picture -------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        place = self._places[self._at] if self.is_open and self._places else None
        shown = place is not None and self._picture.shows(place[0].path, place[0].node)
        if shown and self._close_up:
            self._picture.viewpoint.look_closely(*self._close_up)
            self._close_up = None
        drawn = (place if shown else None, self._picture.viewpoint.view)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        layer, view = self._screen.merge_layer, self._picture.viewpoint.view
        dpg.delete_item(layer, children_only=True)
        if place and shown:
            for mark, mine in _strokes(*place):
                width = max(mark.width * view.zoom, 3.0)
                draw_stroke(layer, mark.tool, mark.points, view, DRAWN if mine else THEIRS, width)


def _strokes(one: TwoDrawings, dispute: Dispute) -> list[tuple[Mark, bool]]:
    """The strokes of a conflict, and whether each is one's own."""
    mine = [(one.ours.marks[mark], True) for mark in dispute.ours if mark in one.ours.marks]
    return mine + [(one.theirs.marks[mark], False) for mark in dispute.theirs if mark in one.theirs.marks]
