"""The image tray: a thumbnail, what is drawn and the state of each image; add by path, click one to look at it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dearpygui.dearpygui as dpg
import numpy as np

from app.desk import Desk
from app.panels.rows import row_theme
from app.thumbnails import thumbnail_of
from engine.image_files import content_hash, find_images
from engine.problem import Problem
from engine.values import Image

SHOWN = 300


class Tray:
    """The images that the recipe runs on. Thumbnails and hashes are made in a thread."""

    title = "Images"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._shown: tuple[object, ...] = ()
        self._list: int | str = 0
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="tray")
        self._asked: set[Path] = set()
        self._pictures: dict[Path, np.ndarray] = {}
        self._hashes: dict[Path, str] = {}
        self._textures: dict[Path, int | str] = {}
        self._rows: dict[Path, int | str] = {}
        self.widgets: dict[str, int | str] = {}

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know."""
        shown = self._desk.session.image
        return {"shown": shown.name if shown else None, "thumbnails": len(self._textures)}

    def build(self, parent: int | str) -> None:
        """Make the buttons and the list."""
        with dpg.group(horizontal=True, parent=parent):
            self.widgets["add images"] = dpg.add_button(label="Add images…", callback=self._ask)
            self.widgets["remove image"] = dpg.add_button(label="Remove", callback=self._remove)
            with dpg.tooltip(self.widgets["remove image"]):
                dpg.add_text("Take the image shown out of the tray; the file stays")
        self._list = dpg.add_child_window(parent=parent, border=False)
        dpg.bind_item_theme(self._list, row_theme())
        self._registry = dpg.add_texture_registry()

    def refresh(self) -> None:
        """Show the images of the session."""
        session = self._desk.session
        for path in session.images[:SHOWN]:
            if path not in self._asked:
                self._asked.add(path)
                self._pool.submit(self._look, path)
        shown = (
            session.images,
            session.image,
            session.marks_revision,
            len(self._pictures),
            len(self._hashes),
            self._worst(),
        )
        if shown != self._shown:
            rebuild = not self._shown or shown[0] != self._shown[0] or shown[3] != self._shown[3]
            self._shown = shown
            if rebuild:
                self._rebuild()
            self._mark()

    # the list ----------------------------------------------------------------------------------------------------

    def _rebuild(self) -> None:
        session, scale = self._desk.session, self._desk.ui_scale
        dpg.delete_item(self._list, children_only=True)
        self._rows.clear()
        wide, high = round(64 * scale), round(40 * scale)
        for path in session.images[:SHOWN]:
            with dpg.group(horizontal=True, parent=self._list):
                texture = self._texture(path)
                if texture:
                    facts = dpg.get_item_configuration(texture)
                    factor = min(wide / facts["width"], high / facts["height"])
                    size = (round(facts["width"] * factor), round(facts["height"] * factor))
                    dpg.add_image(texture, width=size[0], height=size[1])
                    dpg.add_spacer(width=max(0, wide - size[0] - round(6 * scale)))
                else:
                    dpg.add_spacer(width=wide, height=high)
                row = dpg.add_selectable(label=path.name, height=high, user_data=path, callback=self._show)
                with dpg.tooltip(row):
                    dpg.add_text(str(path))
            self._rows[path] = row
        if not session.images:
            dpg.add_text("No images yet.", parent=self._list, wrap=0, color=self._desk.colors.faint)
        if len(session.images) > SHOWN:
            dpg.add_text(f"and {len(session.images) - SHOWN} more", parent=self._list)

    def _mark(self) -> None:
        """Write beside each name what is drawn on it and, for the one shown, how its results are."""
        session = self._desk.session
        for path, row in self._rows.items():
            dpg.set_value(row, path == session.image)
            strokes = self._strokes(path)
            words = [f"{strokes} stroke{'' if strokes == 1 else 's'}"] if strokes else []
            words += [self._worst()] if path == session.image and self._worst() else []
            dpg.configure_item(row, label="\n".join([path.name, ", ".join(words)]).rstrip())

    def _strokes(self, path: Path) -> int:
        """How many strokes there are on an image for the nodes of the recipe."""
        session, image = self._desk.session, self._hashes.get(path)
        if image is None:
            return 0
        drawn = [node for node, step in session.recipe.steps.items() if step.declared and _takes_marks(step.declared)]
        try:
            return sum(len(session.marks.load(image, node).marks) for node in drawn)
        except Problem:
            return 0

    def _worst(self) -> str:
        """The most pressing state among the nodes for the image shown."""
        states = {status.state for status in self._desk.session.statuses.values()}
        return next((state for state in ("failed", "needs review", "running") if state in states), "")

    def _texture(self, path: Path) -> int | str | None:
        picture = self._pictures.get(path)
        if picture is None:
            return None
        if path not in self._textures:
            data = (picture.astype(np.float32) / 255).ravel()
            size = (picture.shape[1], picture.shape[0])
            self._textures[path] = dpg.add_static_texture(*size, data, parent=self._registry)
        return self._textures[path]

    # in the thread -----------------------------------------------------------------------------------------------

    def _look(self, path: Path) -> None:
        """Hash an image and make its thumbnail."""
        from nodes.kernels.read_image import read_pixels

        self._hashes[path] = content_hash(path)
        try:
            pixels, _ = read_pixels(path)
            limits = (float(pixels.min()), float(pixels.max()))
            picture = thumbnail_of(Image(pixels, range=limits))
        except Exception:  # an unreadable file has no thumbnail; Load says what is wrong with it
            return
        if picture is not None:
            self._desk.post(lambda: self._pictures.__setitem__(path, picture))

    # what the buttons do -----------------------------------------------------------------------------------------

    def _show(self, sender: int, value: object, path: Path) -> None:
        self._desk.session.show_image(path)
        self._mark()

    def _remove(self) -> None:
        session = self._desk.session
        if session.image:
            session.remove_images([session.image])

    def _ask(self) -> None:
        session = self._desk.session
        start = session.images[-1].parent if session.images else Path.cwd()
        title = "Add an image, a folder or a pattern"
        self._desk.ask_path(title, start, False, lambda path: session.add_images(find_images([str(path)])))


def _takes_marks(declared: object) -> bool:
    return any(kind.__name__ == "Marks" for kind in declared.injected.values())  # type: ignore[attr-defined]
