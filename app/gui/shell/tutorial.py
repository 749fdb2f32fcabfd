"""The tutorial beside the work: a small window that says step by step how a first recipe is built.

The same steps in more words, with what can be done next, are in docs/tutorial.md.
"""

import dearpygui.dearpygui as dpg

from graingraph.app.document import image_edits
from graingraph.app.document.origin import SAMPLES
from graingraph.app.gui.base.theme import in_font, primary_button
from graingraph.app.gui.shell.application import Application
from graingraph.app.gui.viewer.small_window import SmallWindow
from graingraph.engine.images.files import find_images

TITLE = "Tutorial"
STEP = "{place} of {count}: {title}"
BACK, ON = "Back", "Next"
ADD_PICTURES = "Begin anew with these pictures"
STEPS: tuple[tuple[str, str], ...] = (
    (
        "Two pictures",
        "You build a recipe that finds the graphite nodules in cast iron, measures them and writes a report. Two "
        "pictures come with the program; later you add your own in the same place. Every edit can be taken back with "
        "Ctrl+Z.",
    ),
    (
        "Look",
        "The recipe has its first node: Load, on the canvas. Over the picture the wheel zooms, a drag with the middle "
        "button moves, F shows all of it. Page Down goes to the next picture.",
    ),
    (
        "Even out the light",
        "Drag from the small circle on the right of Load onto empty canvas, type flatten and press Enter. Go on from "
        "there in the same way to Filter and to Threshold. Click FlattenBackground and set, on the right, Correction "
        "to divide, Brightness to mid grey and σ to 120.",
    ),
    (
        "Select what is dark",
        "Click Threshold. Set Method to manual and Keep to darker, then drag Level until only the nodules are "
        "coloured, at about 0.35.",
    ),
    (
        "Clean up",
        "Go on from Threshold with FillHoles, SeparateFeatures (Depth 2), RejectFeatures (Minimum 80) and EdgeReject: "
        "holes are filled, touching nodules parted, specks and nodules that the frame cuts left out.",
    ),
    (
        "Measure",
        "Go on to MeasureFeatures. L arranges the nodes, Home shows all of them. Click MeasureFeatures: the table "
        "below has a row for each nodule. A click on a row shows its nodule.",
    ),
    (
        "All pictures in one report",
        "Go on from MeasureFeatures to Pool, from Pool to Distribution and from its statistics to Report. Save with "
        "Ctrl+S, then open the tab Batch, press Run and Open report.",
    ),
)

PICTURES, FOLDER = 2, "nodules"
"""So many samples of this folder are worked on."""
WIDE, MARGIN = 300, 8
"""Width of the words, and room to the border of the window, at UI scale 1, in pixels."""


class Tutorial(SmallWindow):
    """Stays open beside everything else until its cross is pressed; ``toggle`` opens it where it was left."""

    def __init__(self, app: Application) -> None:
        super().__init__(app)
        self._application = app
        self._at = 0

    def toggle(self) -> None:
        """Open it, or close it."""
        if not self.close():
            scale, height = self._app.ui_scale, dpg.get_viewport_client_height()
            self._open_window(TITLE, pos=(round(MARGIN * scale), round(height / 2)))
            self._show()

    def refresh(self) -> None:
        """Notice that its cross was pressed."""
        if self._crossed:
            self.close()

    def _show(self) -> None:
        parent, wide = self._window or 0, round(WIDE * self._app.ui_scale)
        dpg.delete_item(parent, children_only=True)
        self.widgets.clear()
        title, words = STEPS[self._at]
        heading = STEP.format(place=self._at + 1, count=len(STEPS), title=title)
        in_font(dpg.add_text(heading, parent=parent, wrap=wide), "strong")
        dpg.add_text(words, parent=parent, wrap=wide)
        if self._at == 0:
            self.widgets["tutorial pictures"] = dpg.add_button(label=ADD_PICTURES, parent=parent, callback=self._begin)
        with dpg.group(horizontal=True, parent=parent):
            if self._at:
                self.widgets["tutorial back"] = dpg.add_button(label=BACK, callback=lambda: self._go(-1))
            if self._at < len(STEPS) - 1:
                self.widgets["tutorial on"] = dpg.add_button(label=ON, callback=lambda: self._go(1))
                dpg.bind_item_theme(self.widgets["tutorial on"], primary_button(self._app.colors))

    def _go(self, by: int) -> None:
        self._at += by
        self._show()

    def _begin(self) -> None:
        """Begin a new recipe on the pictures, in place of what is open."""
        self._application.attempt(self._begin_anew)

    def _begin_anew(self) -> None:
        session = self._app.session
        self._application.new()
        if session.recipe.locked:  # it is asked first whether its form may be left
            return
        image_edits.remove_images(session, session.images)
        image_edits.add_images(session, find_images([str(SAMPLES / FOLDER)])[:PICTURES])
        self._application.canvas.fit(everything=True)
        self._go(1)
