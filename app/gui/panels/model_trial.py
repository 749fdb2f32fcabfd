"""What a chosen model makes of the image at hand, shown where it is chosen."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.document.model_trial import Trial, model_applied, tried_on_a_piece
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.theme import FONT_SIZE
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import Step
from graingraph.engine.values import Image

TRYING = "Trying the model"

LINES = 5
"""So many lines of text have room below the picture; more are scrolled to."""

USUAL = 280
"""Width of the inspector, at scale 1, in px, before it is known."""


class ModelTrial:
    """Shown for a node that applies a model of its own: a piece of the image that it gets, beside the classes found
    there, how much of it they cover, and what the model says of itself."""

    def __init__(self, app: AppContext) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="model trial")
        self._place: int | str = 0
        self._registry: int | str = 0
        self._texture: int | str = 0
        self._asked: tuple[object, ...] = ()
        self._found: Trial | str = ""
        self._drawn = False
        self.picture: int | str | None = None
        """The widget with the picture, while there is one."""

    def build(self, parent: int | str) -> None:
        """Make an empty place for it."""
        self._registry = self._registry or dpg.add_texture_registry()
        lines = round(LINES * FONT_SIZE * 1.35 * self._app.ui_scale)
        height = self._room(parent) // 2 + lines  # fixed, so that no widget moves when the picture comes
        self._place = dpg.add_child_window(height=height, border=False, parent=parent)
        self._drawn, self.picture = False, None

    def refresh(self, node: str, step: Step) -> None:
        """Try the model anew where it, a setting or the image changed, and show what was found."""
        if not dpg.does_item_exist(self._place):
            return
        image = self._image(node) if model_applied(step) else None
        asked = (step.type, repr(sorted(step.settings.items())), id(image.pixels)) if image is not None else ()
        if asked != self._asked:
            self._asked, self._found, self._drawn = asked, "", False
            if image is not None:
                trial = partial(self._try, asked, step, image)
                self._app.in_thread(self._pool.submit, TRYING, trial)
        if not self._drawn:
            self._drawn = True
            self._draw()

    def _try(self, asked: tuple[object, ...], step: Step, image: Image) -> Callable[[], object]:
        """In the thread: what the model makes of a piece of the image, or why it makes nothing of it."""
        found: Trial | str
        try:
            found = tried_on_a_piece(step, image, self._app.session.models)
        except Problem as problem:
            found = problem.message
        return partial(self._take, asked, found)

    def _take(self, asked: tuple[object, ...], found: Trial | str) -> None:
        if asked == self._asked:
            self._found, self._drawn = found, False

    def _draw(self) -> None:
        dpg.delete_item(self._place, children_only=True)
        self.picture = None
        if self._texture:
            dpg.delete_item(self._texture)
            self._texture = 0
        if isinstance(self._found, str):
            if self._found:
                dpg.add_text(self._found, wrap=0, color=self._app.colors.states["failed"], parent=self._place)
            return
        picture = self._found.picture
        height, width = picture.shape[:2]
        data = np.ones((height, width, 4), np.float32)
        data[..., :3] = picture / np.float32(255)
        self._texture = dpg.add_static_texture(width, height, data.ravel(), parent=self._registry)
        shown = min(1.0, self._room(dpg.get_item_parent(self._place) or 0) / width)
        self.picture = dpg.add_image(
            self._texture, width=round(width * shown), height=round(height * shown), parent=self._place
        )
        shares = ", ".join(f"{name} {share:.0%}" for name, share in self._found.shares.items())
        for line in (shares, self._found.card, *self._found.notes):
            dpg.add_text(line, wrap=0, color=self._app.colors.faint, parent=self._place)

    def _room(self, parent: int | str) -> int:
        """How wide the picture may be, in px."""
        width = int(dpg.get_item_rect_size(parent)[0]) or round(USUAL * self._app.ui_scale)
        return max(60, width - 32)  # with a scroll bar beside it

    def _image(self, node: str) -> Image | None:
        wire = self._app.session.recipe.wire_into(node, "image")
        value = self._app.live.value(wire.source, wire.output) if wire else None
        return value if isinstance(value, Image) else None
