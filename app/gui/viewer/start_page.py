"""What is shown where nothing is open: recipes that were open last and the examples, each with a picture."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.document.examples import EXAMPLES
from graingraph.app.document.origin import SAMPLES, without_ending
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.flow_row import FlowRow
from graingraph.app.gui.base.icons import labelled
from graingraph.app.gui.base.text import shortened
from graingraph.app.gui.base.theme import FRAME_PADDING, in_font, primary_button
from graingraph.engine.images.image_set import printable

ADD_IMAGES = "Add your images…"
OPEN_A_RECIPE = "Open a recipe…"
DROP_HERE = "or drop files here"
OPEN_AGAIN = "Open again"
OF_EXAMPLES = "Examples, each a copy of your own with its samples"

CARD, GAP = (232, 128), 16
"""Width and height of a picture, and the room between two, at UI scale 1, in pixels."""
FEWEST = 2
"""In a page that is too narrow for so many columns, the pictures are smaller."""
SCROLLBAR = 20
"""What the scroll bar and the room before it take, at UI scale 1, in pixels."""
MOST_RECENT = 6


class StartPage:
    """Shown in the place of the picture while the document is empty. Pictures are made in a thread."""

    def __init__(self, app: AppContext, parent: int | str) -> None:
        self._app = app
        self._pool: ThreadPoolExecutor | None = None
        self._textures: dict[str, int | str] = {}
        self._frames: dict[str, int | str] = {}
        self._built: tuple[object, ...] = ()
        self._card = CARD
        self._registry = dpg.add_texture_registry()
        self._page = dpg.add_child_window(parent=parent, border=False, show=False)
        self.widgets: dict[str, int | str] = {}

    def refresh(self) -> bool:
        """Show the page where there is neither a recipe nor an image; True while it is shown."""
        session = self._app.session
        shown = not session.images and not session.recipe.steps
        if not shown:
            if self._built:
                self._built = ()
                dpg.configure_item(self._page, show=False)
            return False
        scale = self._app.ui_scale
        room = (dpg.get_item_rect_size(self._page)[0] or 760 * scale) - SCROLLBAR * scale
        columns = max(FEWEST, int((room + GAP * scale) // ((CARD[0] + GAP) * scale)))
        share = min(1.0, (room + GAP * scale - GAP * scale * columns) / (CARD[0] * scale * columns))
        self._card = round(CARD[0] * scale * share), round(CARD[1] * scale * share)
        built = (columns, self._card, session.document, self._app.colors)
        if built != self._built:
            self._built = built
            dpg.configure_item(self._page, show=True)
            self._build(columns)
        self._first.refresh()
        return True

    def _build(self, columns: int) -> None:
        dpg.delete_item(self._page, children_only=True)
        self._frames.clear()
        self.widgets.clear()
        app = self._app
        with dpg.group(parent=self._page) as page:
            self._first = FlowRow(page, app.ui_scale)
            with self._first.part():
                self.widgets["start images"] = dpg.add_button(
                    label=labelled("images", ADD_IMAGES), callback=app.choose_images
                )
                dpg.bind_item_theme(self.widgets["start images"], primary_button(app.colors))
            with self._first.part():
                self.widgets["start recipe"] = dpg.add_button(
                    label=labelled("folder", OPEN_A_RECIPE), callback=app.choose_recipe
                )
            if app.hears_of_drops:
                with self._first.part():
                    dpg.add_text(DROP_HERE, color=app.colors.faint)
            recent = app.session.recent.paths[:MOST_RECENT] if app.session.recent else []
            if recent:
                self._heading(OPEN_AGAIN)
                cards = [
                    (printable(str(path)), printable(without_ending(path)), partial(app.open_recipe, path))
                    for path in recent
                ]
                self._cards(columns, cards)
            self._heading(OF_EXAMPLES)
            self._cards(columns, [(title, title, partial(app.open_shipped, title)) for title in EXAMPLES])
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="start page")
        for key in self._frames:
            if key in self._textures:
                self._show(key)
            else:
                self._pool.submit(self._make, key)

    def _heading(self, words: str) -> None:
        dpg.add_spacer(height=round(8 * self._app.ui_scale))
        in_font(dpg.add_text(words, wrap=0), "title")

    def _cards(self, columns: int, cards: Sequence[tuple[str, str, Callable[[], object]]]) -> None:
        width, height = self._card
        for start in range(0, len(cards), columns):
            with dpg.group(horizontal=True, horizontal_spacing=round(GAP * self._app.ui_scale)):
                for key, title, act in cards[start : start + columns]:
                    with dpg.group():
                        frame = self._frames[key] = dpg.add_drawlist(width, height)
                        corners = ((0, 0), (width, height))
                        dpg.draw_rectangle(*corners, fill=self._app.colors.field, color=(0, 0, 0, 0), parent=frame)
                        label = f"{shortened(title, width - 2 * FRAME_PADDING[0] * self._app.ui_scale)}##{key}"
                        button = dpg.add_button(label=label, width=width, user_data=act, callback=self._run)
                        self.widgets[f"start {title}"] = button
                        with dpg.tooltip(button):
                            dpg.add_text(key)
                        with dpg.item_handler_registry() as clicks:
                            dpg.add_item_clicked_handler(dpg.mvMouseButton_Left, user_data=act, callback=self._run)
                        dpg.bind_item_handler_registry(frame, clicks)

    def _run(self, sender: int, value: object, act: Callable[[], object]) -> None:
        self._app.attempt(act)

    def _show(self, key: str) -> None:
        """Draw a picture into its card, cut to fill it."""
        texture, frame = self._textures[key], self._frames[key]
        picture = dpg.get_item_configuration(texture)
        width, height = self._card
        scale = max(width / picture["width"], height / picture["height"])
        across, down = width / scale / picture["width"] / 2, height / scale / picture["height"] / 2
        dpg.draw_image(
            texture,
            (0, 0),
            (width, height),
            uv_min=(0.5 - across, 0.5 - down),
            uv_max=(0.5 + across, 0.5 + down),
            parent=frame,
        )

    def _made(self, key: str, picture: np.ndarray) -> None:
        height, width = picture.shape[:2]
        self._textures[key] = dpg.add_static_texture(width, height, picture.ravel(), parent=self._registry)
        if key in self._frames and dpg.does_item_exist(self._frames[key]):
            self._show(key)

    # in the thread -----------------------------------------------------------------------------------------------

    def _make(self, key: str) -> None:
        try:
            rgba = _of_example(EXAMPLES[key][1]) if key in EXAMPLES else _of_recipe(Path(key))
        except Exception:  # a picture that cannot be made is none; opening the file says what is wrong with it
            return
        picture = rgba.astype(np.float32) / 255
        self._app.post(lambda: self._made(key, picture))


def _of_recipe(file: Path) -> np.ndarray:
    """The recipe as it lies on the canvas: uint8 (height, width, 4)."""
    from graingraph.app.rendering.recipe_thumbnail import recipe_picture
    from graingraph.engine.recipe import file as recipe_file

    return np.asarray(recipe_picture(recipe_file.load(file)).convert("RGBA"))


def _of_example(folder: str) -> np.ndarray:
    """The first sample of an example: uint8 (height, width, 4)."""
    import cv2

    from graingraph.app.rendering.compose import as_rgb
    from graingraph.engine.images.files import find_images
    from graingraph.nodes.reading.read_image import read_pixels

    pixels, _ = read_pixels(find_images([str(SAMPLES / folder)])[0])
    height, width = pixels.shape[:2]
    side = min(height, width * CARD[1] // CARD[0])
    part = pixels[(height - side) // 2 : (height + side) // 2]
    small = cv2.resize(part, (2 * CARD[0], round(2 * CARD[0] * side / width)), interpolation=cv2.INTER_AREA)
    low, high = (float(level) for level in np.percentile(small, (1, 99)))
    rgb = as_rgb(small, (low, max(high, low + 1.0)))
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2RGBA)
