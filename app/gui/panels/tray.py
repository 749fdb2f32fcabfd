"""The image tray: a thumbnail, what is drawn and the state of each image; add by path, click one to look at it."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path

import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.document import image_edits
from graingraph.app.document.picking import Picked
from graingraph.app.document.roles import learns_from_strokes
from graingraph.app.document.status import State
from graingraph.app.gui.base.context import AppContext, Lookup, Target
from graingraph.app.gui.base.icons import icon, labelled
from graingraph.app.gui.base.nouns import STROKE
from graingraph.app.gui.base.opening import open_outside
from graingraph.app.gui.base.panel import Panel, panel
from graingraph.app.gui.base.rows import row_theme, shown_row_theme
from graingraph.app.gui.base.text import shortened, shortened_apart, text_width
from graingraph.app.gui.base.theme import SCROLLBAR
from graingraph.app.rendering.geometry import Box, Point
from graingraph.app.rendering.thumbnails import thumbnail_of_file
from graingraph.app.services.folder_watch import FolderWatch
from graingraph.engine.images.files import find_images, images_in, picture_hash
from graingraph.engine.images.image_set import printable
from graingraph.engine.images.passed_over import passed_over
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Problem
from graingraph.engine.values.wording import counted, named

LOOKING_FOR_IMAGES = "Looking for the images"
ADD_IMAGES = "Add images…"
ADD_A_FOLDER = "Add a folder of images"
TAKE_OUT = "Take the selected images out of the tray; the files stay, and Ctrl+Z brings them back (Delete)"
NO_IMAGES = "No images yet."
THE_FIRST = "The first {shown} of {count}:"
UNREADABLE = "unreadable"
MEASURED, FAILED = "measured", "failed"
PRESSING: dict[State, str] = {"failed": FAILED, "needs review": "needs review", "running": "running"}
"""What is said of the state of the nodes for an image, the most pressing first."""
WATCH_A_FOLDER = "Watch a folder: new images join the tray"
WATCHING = "Watching {folder}"
STOP = "Stop"
NO_FOLDER = "{path} is no folder; choose one that images are written into."
IMAGES_WILL_JOIN = "New images in {folder} join the tray from now on."
NO_PICTURES = (
    "Annotations and no pictures: {files}. Annotations… in the tab Training takes over the folder they are in."
)
NEW_IMAGE = "new image"
JOINED = "{images} joined: {last}."
TEACHES_NO_MORE = "What is drawn on images out of the tray teaches nothing; Ctrl+Z brings them back, with {strokes}."

SHOWN = 300
THUMBNAIL = 64, 40
BESIDE_NAME = THUMBNAIL[0] + 10
"""What of a row its name has not, at UI scale 1, in pixels; where the list scrolls, ``SCROLLBAR`` goes, too."""
MOST_WIDE = 480
"""Width of a path that is pointed at, at UI scale 1, in pixels."""
MOST_S = 0.008
"""How long a turn of the main loop may spend on new rows."""


@panel("Images", place="left", order=10)
class ImageSet(Panel):
    """The images that the recipe runs on. Thumbnails and hashes are made, and strokes counted, in a thread."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self._shown: tuple[object, ...] = ()
        self._listed: tuple[Path, ...] | None = None
        self._list: int | str = 0
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="tray")
        self._asked: set[Path] = set()
        self._hashes: dict[Path, str] = {}
        self._unreadable: set[Path] = set()
        self._strokes: dict[Path, int] = {}
        self._counted: tuple[object, ...] = ()
        self._textures: dict[Path, int | str] = {}
        self._rows: dict[Path, int | str] = {}
        self._frames: dict[Path, int | str] = {}
        self._short: tuple[object, dict[Path, str]] = (None, {})
        self._labels: dict[Path, tuple[object, ...]] = {}
        self._watch: FolderWatch | None = None
        self.widgets: dict[str, int | str] = {}

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know."""
        shown = self._app.session.image
        picked = [path.name for path in self._app.session.images if path in self._app.session.picked.images]
        rows = {path.name: _box(row) for path, row in self._rows.items() if dpg.does_item_exist(row)}
        return {
            "shown": shown.name if shown else None,
            "thumbnails": len(self._textures),
            "watching": str(self._watch.folder) if self._watch else None,
            "picked": picked,
            "rows": rows,
            "labels": [dpg.get_item_label(row) for row in self._rows.values()],
        }

    def build(self, parent: int | str) -> None:
        """Make the buttons and the list."""
        self._app.next_image = self.go
        self._app.add_places, self._app.choose_images = self.add_places, self._ask
        self._app.choose_folder, self._app.watch_folder = self.ask_folder, self.ask_watched
        self._app.show_in_folder, self._app.remove_images = self.show_folder, self._remove
        with dpg.group(horizontal=True, parent=parent):
            self.widgets["add images"] = dpg.add_button(label=labelled("images", ADD_IMAGES), callback=self._ask)
            self.widgets["remove image"] = dpg.add_button(label=icon("trash"), callback=self._remove)
            with dpg.tooltip(self.widgets["remove image"]):
                dpg.add_text(TAKE_OUT)
        with dpg.group(horizontal=True, parent=parent, show=False) as self._watching:
            self.widgets["stop watching"] = dpg.add_button(label=STOP, small=True, callback=self.stop_watching)
            self._watched = dpg.add_text("")
        self._said = dpg.add_text("", parent=parent, wrap=0, show=False)
        self._list = dpg.add_child_window(parent=parent, border=False)
        dpg.bind_item_theme(self._list, row_theme())
        self._registry = dpg.add_texture_registry()
        with dpg.item_handler_registry() as self._clicks:
            dpg.add_item_clicked_handler(dpg.mvMouseButton_Left, callback=self._show_pictured)

    def refresh(self) -> None:
        """Show the images of the session."""
        session = self._app.session
        if session.image in self._unreadable and "fresh" in {one.state for one in session.statuses.values()}:
            self._unreadable.discard(session.image)  # the file was mended meanwhile
            self._asked.discard(session.image)
        for path in session.images[:SHOWN]:
            if path not in self._asked:
                self._asked.add(path)
                self._pool.submit(self._look, path)
        self._count_strokes()
        self._add_rows()
        wide = dpg.get_item_rect_size(self._list)[0]
        room = (wide, self._scrolls, self._app.letters)
        looks = (session.picked.images, session.outcomes, self._app.colors.accent, room)
        unreadable = len(self._unreadable)
        shown = (session.images, session.image, len(self._rows), self._strokes, self._worst(), unreadable, looks)
        if shown != self._shown:
            self._shown = (*shown[:3], dict(self._strokes), *shown[4:])
            self._mark()

    # the list ----------------------------------------------------------------------------------------------------

    def _add_rows(self) -> None:
        """Make rows of new images, as many as there is time for, below those that stay."""
        images = self._app.session.images
        shown = images[:SHOWN]
        if self._listed != images:
            kept = tuple(path for path in shown if path in self._rows)
            self._clear(kept if shown[: len(kept)] == kept else ())
            self._listed = images
            words = "" if images else NO_IMAGES
            if len(images) > SHOWN:
                words = THE_FIRST.format(shown=SHOWN, count=len(images))
            dpg.set_value(self._said, words)
            dpg.configure_item(self._said, show=bool(words), color=self._app.colors.faint)
        end = time.perf_counter() + MOST_S
        for path in shown[len(self._rows) :]:
            if time.perf_counter() > end:
                break
            self._add_row(path)

    def _clear(self, kept: Collection[Path]) -> None:
        """Take away the rows of all images but these, and the pictures of those that left the tray."""
        images, staying = set(self._app.session.images), set(kept)
        for path in [path for path in self._rows if path not in staying]:
            dpg.delete_item(dpg.get_item_parent(self._rows.pop(path)) or 0)
            del self._frames[path]
            self._labels.pop(path, None)
            if path in self._textures and path not in images:
                dpg.delete_item(self._textures.pop(path))
                self._asked.discard(path)
            if path in self._unreadable and path not in images:
                self._unreadable.discard(path)
                self._asked.discard(path)

    def _add_row(self, path: Path) -> None:
        scale = self._app.ui_scale
        wide, high = (round(side * scale) for side in THUMBNAIL)
        with dpg.group(horizontal=True, parent=self._list):
            self._frames[path] = dpg.add_drawlist(wide, high)
            self._rows[path] = dpg.add_selectable(
                label=printable(path.name), height=high, user_data=path, callback=self._show
            )
            with dpg.tooltip(self._rows[path]):
                dpg.add_text(printable(str(path)), wrap=round(MOST_WIDE * scale))
        dpg.bind_item_handler_registry(self._frames[path], self._clicks)
        self._show_picture(path)

    def _show_picture(self, path: Path) -> None:
        """Draw an image's thumbnail into its row, if both are there."""
        frame, texture = self._frames.get(path), self._textures.get(path)
        if frame is None or texture is None:
            return
        room, picture = dpg.get_item_configuration(frame), dpg.get_item_configuration(texture)
        factor = min(room["width"] / picture["width"], room["height"] / picture["height"])
        wide, high = max(1.0, picture["width"] * factor), max(1.0, picture["height"] * factor)
        top = (room["height"] - high) / 2
        dpg.draw_image(texture, (0, top), (wide, top + high), parent=frame)

    def _mark(self) -> None:
        """Write beside each name what is drawn on it, how its results are and how the last batch went."""
        session, accent = self._app.session, self._app.colors.link
        several = len(session.picked.images) > 1
        room = dpg.get_item_rect_size(self._list)[0] - (BESIDE_NAME + SCROLLBAR * self._scrolls) * self._app.ui_scale
        names = self._short_names(room)
        for path, row in self._rows.items():
            strokes, shown = self._strokes.get(path, 0), path == session.image
            words = [counted(strokes, STROKE)] if strokes else []
            words += [UNREADABLE] if path in self._unreadable else [self._worst()] if shown and self._worst() else []
            words += [MEASURED if session.outcomes[path] == "ok" else FAILED] if path in session.outcomes else []
            words = list(dict.fromkeys(words))
            while len(words) > 1 and text_width(", ".join(words)) > room:
                del words[0]  # the last is the newest
            label = f"{names[path]}\n{shortened(', '.join(words), room)}".rstrip()
            look = (label, path in session.picked.images if several else shown, accent if shown else None)
            if self._labels.get(path) != look:
                self._labels[path] = look
                dpg.set_value(row, look[1])
                dpg.configure_item(row, label=label)
                dpg.bind_item_theme(row, shown_row_theme(accent) if shown else row_theme())

    @property
    def _scrolls(self) -> bool:
        return dpg.get_y_scroll_max(self._list) > 0

    def _short_names(self, room: float) -> dict[Path, str]:
        """What fits of the name of each image; found once, as it takes a while."""
        asked = (tuple(self._rows), room, self._app.letters)
        if asked != self._short[0]:
            names = told_apart(self._rows)
            short = shortened_apart([printable(name) for name in names.values()], room)
            self._short = (asked, dict(zip(names, short, strict=True)))
        return self._short[1]

    def _count_strokes(self) -> None:
        """Have the strokes counted anew where something may have been drawn or another recipe was opened."""
        session = self._app.session
        steps = session.recipe.steps.items()
        nodes = tuple(node for node, step in steps if step.declared and step.declared.drawn_on)
        counted = (session.marks, session.marks_revision, nodes, len(self._hashes))
        if counted != self._counted:
            anew = counted[:3] != self._counted[:3]
            self._counted = counted
            paths = [path for path in self._hashes if anew or path not in self._strokes]
            self._pool.submit(self._count, session.marks, {path: self._hashes[path] for path in paths}, nodes)

    def _worst(self) -> str:
        """The most pressing state among the nodes for the image shown."""
        states = {status.state for status in self._app.session.statuses.values()}
        return next((said for state, said in PRESSING.items() if state in states), "")

    def _looked(self, path: Path, image_hash: str, picture: np.ndarray | None) -> None:
        self._hashes[path] = image_hash
        if picture is not None:
            data = (picture.astype(np.float32) / 255).ravel()
            size = (picture.shape[1], picture.shape[0])
            self._textures[path] = dpg.add_static_texture(*size, data, parent=self._registry)
            self._show_picture(path)

    def _failed(self, path: Path) -> None:
        self._unreadable.add(path)
        self._app.session.revision += 1

    # in the thread -----------------------------------------------------------------------------------------------

    def _look(self, path: Path) -> None:
        """Hash an image and make its thumbnail."""
        image_hash, picture, journal = "", None, self._app.session.journal
        try:
            image_hash = picture_hash(path)
            with journal.while_reading(path) if journal else nullcontext():
                picture = thumbnail_of_file(path)
        except Exception:  # an unreadable file has no thumbnail; Load says what is wrong with it
            self._app.post(lambda: self._failed(path))
        if image_hash:
            self._app.post(lambda: self._looked(path, image_hash, picture))

    def _count(self, marks: MarkStore, hashes: dict[Path, str], nodes: tuple[str, ...]) -> None:
        """Count the strokes on images for the nodes of the recipe."""
        found = dict.fromkeys(hashes, 0)
        for path, image_hash in hashes.items():
            with suppress(Problem):  # a damaged file is said where it is used
                found[path] = sum(len(marks.load(image_hash, node).marks) for node in nodes)
        self._app.post(lambda: self._strokes.update(found))

    # what the buttons do -----------------------------------------------------------------------------------------

    def key(self, name: str) -> bool:
        """Take a key that belongs to the tray: arrows, with Shift too, Ctrl+A, Delete."""
        session = self._app.session
        step = {"Up": -1, "Down": 1}.get(name.removeprefix("Shift+"))
        if step:
            self.go(step, shift=name.startswith("Shift+"))
        elif name == "Ctrl+A":
            session.pick(session.picked.all_of(session.images))
        elif name in ("Delete", "Backspace"):
            self._remove()
        else:
            return False
        return True

    def go(self, steps: int, *, shift: bool = False) -> None:
        """Look at the image so many places further down the list, and keep it in sight."""
        session = self._app.session
        picked = session.picked if session.picked.here == session.image else Picked(here=session.image)
        session.pick(picked.moved(session.images, steps, shift=shift))
        row = self._rows.get(session.image) if session.image else None
        if row is not None:
            middle = dpg.get_item_pos(row)[1] - dpg.get_item_rect_size(self._list)[1] / 2
            dpg.set_y_scroll(self._list, max(0.0, middle))

    def _show(self, sender: int, value: object, path: Path) -> None:
        session = self._app.session
        ctrl = dpg.is_key_down(dpg.mvKey_LControl) or dpg.is_key_down(dpg.mvKey_RControl)
        shift = dpg.is_key_down(dpg.mvKey_LShift) or dpg.is_key_down(dpg.mvKey_RShift)
        picked = session.picked if session.picked.images else Picked().clicked(session.images, session.image or path)
        session.pick(picked.clicked(session.images, path, ctrl=ctrl, shift=shift))
        self._labels.pop(path, None)  # Dear PyGui has turned the clicked row over by itself
        self._mark()

    def _show_pictured(self, sender: int, clicked: tuple[int, int | str]) -> None:
        """Take a click on a thumbnail for one on the name beside it."""
        path = next(path for path, frame in self._frames.items() if frame == clicked[1])
        self._show(sender, None, path)

    def _remove(self) -> None:
        session = self._app.session
        session.seal()
        gone = session.picked.images or ([session.image] if session.image else ())
        strokes = sum(self._strokes.get(path, 0) for path in gone)
        image_edits.remove_images(session, gone)
        if strokes and learns_from_strokes(session.recipe):
            session.say(TEACHES_NO_MORE.format(strokes=counted(strokes, STROKE)), "warning", until_edit=True)

    def add(self, paths: Iterable[Path]) -> None:
        """Add images and look at the first new one."""
        session = self._app.session
        session.seal()
        began = not session.recipe.steps
        image_edits.add_images(session, paths)
        if began and session.recipe.steps:
            self._app.fit_selected()

    def add_places(self, places: Iterable[str]) -> None:
        """Add the images of files, folders and patterns, once they are found; say it if one of them has none."""
        self._app.look_up(self._images_at(list(places)))

    def _images_at(self, places: Sequence[str]) -> Lookup:
        """Adding the images of files, folders and patterns, and saying what is passed over."""

        def find() -> Callable[[], None]:
            from graingraph.nodes.formats.annotations import holds_annotations

            found, remarks = find_images(places), passed_over(places)
            drawn = [path for path in found if holds_annotations(path)]
            if drawn:
                remarks.append(NO_PICTURES.format(files=named([printable(path.name) for path in drawn])))
            return partial(self._add_found, [path for path in found if path not in drawn], remarks)

        return Lookup(LOOKING_FOR_IMAGES, find)

    def _add_found(self, paths: Sequence[Path], remarks: Sequence[str]) -> None:
        self.add(paths)
        for sentence in remarks:
            self._app.session.say(sentence, "warning")

    @property
    def _start(self) -> Path:
        """Where a person is likely to look for images."""
        images = self._app.session.images
        return images[-1].parent if images else Path.cwd()

    def ask_folder(self) -> None:
        """Ask for a folder and add all images in it."""
        self._app.ask_path(ADD_A_FOLDER, self._start, "folder", lambda path: self._images_at([str(path)]))

    def ask_watched(self) -> None:
        """Ask for a folder, add the images in it, and have those that come later join them."""
        self._app.ask_path(WATCH_A_FOLDER, self._start, "folder", self._images_in)

    def _images_in(self, folder: Path) -> Lookup:
        """Watching a folder, if it is one."""
        folder = folder.absolute()

        def find() -> Callable[[], None]:
            if not folder.is_dir():
                raise Problem(NO_FOLDER.format(path=folder))
            return partial(self._watch_from_now_on, folder, images_in(folder))

        return Lookup(LOOKING_FOR_IMAGES, find)

    def _watch_from_now_on(self, folder: Path, inside: Sequence[Path]) -> None:
        if inside:
            self.add(inside)
        self.stop_watching()
        self._watch = FolderWatch(folder, inside, lambda new: self._app.post(lambda: self._join(new)))
        dpg.set_value(self._watched, WATCHING.format(folder=printable(folder.name)))
        dpg.configure_item(self._watching, show=True)
        self._app.session.say(IMAGES_WILL_JOIN.format(folder=folder))

    def stop_watching(self) -> None:
        """Watch no folder any more."""
        if self._watch:
            self._watch.stop()
        self._watch = None
        dpg.configure_item(self._watching, show=False)

    def _join(self, new: list[Path]) -> None:
        """Images of the watched folder join those of the tray, or take the place of others; what is looked at stays."""
        session = self._app.session
        others = [path for path in new if path not in session.images]
        replaced = set(new) - set(others)
        self._unreadable -= replaced
        self._asked -= replaced
        if replaced:
            self._app.live.refresh()
        if others:
            session.add_images(others)
            image_edits.look_at_something(session)
            session.say(JOINED.format(images=counted(len(others), NEW_IMAGE), last=others[-1].name))

    def pointed(self, at: Point) -> Target | None:
        """The tray, wherever on it; the image under the pointer is looked at first, so that its menu is about it."""
        for path, row in self._rows.items():
            left, top = _box(self._frames[path])[:2]
            right, bottom = _box(row)[2:]
            if Box(left, top, right, bottom).holds(at) and path not in self._app.session.picked.images:
                self._app.session.pick(Picked().clicked(self._app.session.images, path))
        return "image"

    def show_folder(self) -> None:
        """Show the image that is looked at in the file manager."""
        if self._app.session.image:
            open_outside(self._app.session.image.parent)

    def _ask(self) -> None:
        self._app.ask_images(self._start, self._images_at)


def told_apart(paths: Iterable[Path]) -> dict[Path, str]:
    """The name of each file, and behind it the folder where files of several have the same."""
    names = {path: path.name for path in paths}
    several = {name for name, count in Counter(names.values()).items() if count > 1}
    return {path: f"{name} ({path.parent.name})" if name in several else name for path, name in names.items()}


def _box(item: int | str) -> list[float]:
    state = dpg.get_item_state(item)
    return [*state["rect_min"], *state["rect_max"]]
