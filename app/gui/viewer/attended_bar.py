"""The row above the picture while a batch waits for the person: where it is, Continue, Skip, and going on alone."""

from pathlib import Path

import dearpygui.dearpygui as dpg

from graingraph.app.document.names import title_in
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.flow_row import FlowRow
from graingraph.app.gui.base.panel_layout import LARGE_PICTURE
from graingraph.app.gui.base.theme import accent_button
from graingraph.app.gui.viewer.draw_tool import DrawTool
from graingraph.app.gui.viewer.shown import Shown
from graingraph.app.services.attended_run import Attended, Stop
from graingraph.engine.evaluation.explain import seconds_text
from graingraph.engine.values.notes import of_kind

CONTINUE = "Continue"
ACCEPT_AND_CONTINUE = "Accept and continue"
BACK_TO = "Back to {image}"
WHAT_CONTINUE_DOES = "Go on with the next image (Ctrl+Enter)"
SKIP = "Skip this image"
WHAT_SKIP_DOES = "Leave this image out of the results (Ctrl+Shift+Enter)"
UNATTENDED = "Stop here; continue unattended"
WHAT_UNATTENDED_DOES = "Measure this and all further images as they are"
IMAGE_OF = "Image {place} of {count}: {image}"
NODE_OF = "{node} ({place} of {count})"
TO_GO = "about {time} to go"
COMPUTING = "computing what is to be corrected"
RECIPE_CHANGED = "the recipe was changed; the run goes on with the old one"
REVIEW = "Needs review: left of the line is what lies under the strokes now, right what they make of it."


class AttendedBar:
    """Takes the window to each stop of the run; hidden while nobody is asked."""

    def __init__(self, app: AppContext, shown: Shown, tool: DrawTool, parent: int | str) -> None:
        self._app, self._picture, self._tool = app, shown, tool
        self._at: Stop | None = None
        self._compared = False
        self._layout = self._app.layout
        self._shown: tuple[object, ...] = ()
        self.widgets: dict[str, int | str] = {}
        with dpg.group(parent=parent, show=False) as self._row:
            self._buttons = FlowRow(self._row, app.ui_scale)
        self._add("continue", CONTINUE, WHAT_CONTINUE_DOES, self.go_on)
        self._add("skip", SKIP, WHAT_SKIP_DOES, self.skip)
        self._add("unattended", UNATTENDED, WHAT_UNATTENDED_DOES, self._go_unattended)
        self._words = dpg.add_text("", parent=parent, wrap=0, show=False)
        self._app.go_on, self._app.skip_image = self.go_on, self.skip

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know."""
        return {"at": list(self._at[::2]) if self._at else None, "words": dpg.get_value(self._words)}

    def refresh(self) -> None:
        """Follow the run."""
        attended = self._app.attended
        stop = attended.current if attended else None
        colors = self._app.colors
        dpg.bind_item_theme(self.widgets["continue"], accent_button(colors.accent, colors.on_accent))
        if stop != self._at:
            self._leave()
            self._give_room(bool(stop), bool(self._at))
            self._at = stop
            self._show_stop()
        review = self._needs_review()
        if review and not self._compared:
            self._compared = True
            self._tool.compare_before()
        shown = (stop, self._label(review), self._words_for(attended, review))
        if shown != self._shown:
            self._shown = shown
            for item in (self._row, self._words):
                dpg.configure_item(item, show=stop is not None)
            dpg.configure_item(self.widgets["continue"], label=shown[1])
            dpg.set_value(self._words, shown[2])
        self._buttons.refresh()

    def go_on(self) -> None:
        """The person is done with this image; where they have looked elsewhere, back to it first."""
        attended = self._app.attended
        if attended is None or self._at is None or attended.current != self._at:
            return
        if not self._is_shown:
            self._show_stop()
            return
        self._tool.key("Enter")  # a line of clicked corners is finished, not lost
        if self._needs_review():
            self._tool.accept()
        self._app.attempt(attended.go_on)

    def skip(self) -> None:
        """Leave this image out."""
        if self._app.attended and self._at:
            self._tool.brush.give_up()
            self._app.attempt(self._app.attended.skip)

    def _go_unattended(self) -> None:
        if self._app.attended:
            self._app.attended.go_unattended()

    def _add(self, name: str, label: str, tip: str, act: object) -> None:
        with self._buttons.part():
            self.widgets[name] = dpg.add_button(label=label, callback=act)
            with dpg.tooltip(self.widgets[name]):
                dpg.add_text(tip)

    @property
    def _is_shown(self) -> bool:
        session, stop = self._app.session, self._at
        return bool(stop and session.viewed and (session.image, session.viewed.node) == (_file(stop), stop.node))

    def _show_stop(self) -> None:
        session, stop = self._app.session, self._at
        path = _file(stop) if stop else None
        if stop and path and stop.node in session.recipe.steps:
            if path not in session.images:
                session.add_images([path])
            session.show_image(path)
            session.view(stop.node)

    def _give_room(self, now: bool, before: bool) -> None:
        """Make the picture large for the run, and put the panels back where they were after it."""
        if now and not before:
            self._layout, self._app.layout = self._app.layout, LARGE_PICTURE
        elif before and not now and self._app.layout == LARGE_PICTURE:
            self._app.layout = self._layout

    def _leave(self) -> None:
        if self._compared:
            self._compared = False
            self._picture.stop_comparing()

    def _needs_review(self) -> bool:
        if not self._is_shown or self._at is None:
            return False
        value = self._app.live.value(self._at.node)
        return value is not None and bool(of_kind(value.notes, "needs review"))

    def _label(self, review: bool) -> str:
        if self._at and not self._is_shown:
            return BACK_TO.format(image=self._at.image)
        return ACCEPT_AND_CONTINUE if review else CONTINUE

    def _words_for(self, attended: Attended | None, review: bool) -> str:
        if attended is None or self._at is None:
            return ""
        place = attended.total - attended.left + 1
        words = [IMAGE_OF.format(place=place, count=attended.total, image=self._at.image)]
        if len(attended.nodes) > 1:
            title = title_in(self._app.session.recipe, self._at.node)
            place = attended.nodes.index(self._at.node) + 1
            words.append(NODE_OF.format(node=title, place=place, count=len(attended.nodes)))
        if attended.eta is not None:
            words.append(TO_GO.format(time=seconds_text(attended.eta)))
        if not attended.ready:
            words.append(COMPUTING)
        elif self._app.session.recipe.id != attended.recipe.id:
            words.append(RECIPE_CHANGED)
        return "   ".join([*words, REVIEW] if review else words)


def _file(stop: Stop) -> Path | None:
    """The image's file, written as the tray of the window does."""
    return stop.path.absolute() if stop.path else None
