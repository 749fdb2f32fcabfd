"""Letters of all scripts: what is shown is looked through, and letters that the fonts lack are put into them.

Inter, which ships, has Latin, Greek and Cyrillic letters. Others (Chinese, Japanese, Korean, accents that stand alone)
are taken from Noto Sans CJK and fonts of this machine, in a thread, once a text needs them; until then they are shown
as "?". Starting is not slowed where no text does.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.theme import FONTS, font_file, replace_fonts

FINDING_LETTERS = "Finding a font for the letters of a text"

MOST_S = 0.001
"""How long a turn of the main loop may look through texts; all of them take some turns."""
REST_S = 0.2
"""How long it rests after all of them."""
LAST = 0xFFFF
"""The last letter that Dear PyGui can show (it counts letters in 16 bits)."""
PLAIN = frozenset("–—‘’“”•…→←↑↓−≈≠≤≥√∞∑✓\u2007\u202fΔΣΦΩαβγδεθλμπρστφχω")
"""Letters beyond those of Latin that the program writes itself; Inter has them all."""
_WITH_VALUE = {f"mvAppItemType::mv{kind}" for kind in ("Text", "InputText", "Combo", "Listbox")}


class Letters:
    """The letters that are shown, and those that the fonts have. ``changed`` is called after more were put in."""

    def __init__(self, app: AppContext, changed: Callable[[], None]) -> None:
        self._app, self._changed = app, changed
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="letters")
        self._asked: set[str] = set()
        self._busy = False
        self._texts: Iterator[str] = iter(())
        self._rests_until = 0.0
        self.folder: Path | None = None
        self.added = ""
        """The letters that were put into the fonts."""

    def refresh(self) -> None:
        """Look through some more of what is shown, and have missing letters fetched."""
        start = time.perf_counter()
        if start < self._rests_until:
            return
        wanted: set[str] = set()
        for text in self._texts:
            if not text.isascii():
                wanted.update(text)
            if time.perf_counter() > start + MOST_S:
                break
        else:
            self._texts, self._rests_until = _texts(), start + REST_S
        more = {letter for letter in wanted if _may_lack(letter)} - self._asked
        if more and not self._busy:
            self._asked |= more
            self._busy = True
            self._app.in_thread(self._pool.submit, FINDING_LETTERS, self._fetch)

    def end(self) -> None:
        """Take away the files."""
        self._pool.shutdown(cancel_futures=True)
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    # in the thread -----------------------------------------------------------------------------------------------

    def _fetch(self) -> Callable[[], None]:
        """Write the fonts with all letters that are asked for; returns what is to be done in the main thread."""
        from graingraph.nodes.reporting.font_subset import write_extended
        from graingraph.nodes.reporting.fonts import all_for, letters_of

        weights = {weight for weight, _ in FONTS.values()}
        try:
            known = frozenset.intersection(*(letters_of(font_file(weight), 0) for weight in weights))
            letters = frozenset(map(ord, self._asked)) - known
            others = all_for(letters)
            found = frozenset[int]().union(*(font.letters for font in others))
            if found <= frozenset(map(ord, self.added)):
                return self._done
            self.folder = self.folder or Path(tempfile.mkdtemp(prefix="graingraph-fonts-"))
            files = {weight: self.folder / f"{weight}-{len(found)}.ttf" for weight in weights}
            for weight, file in files.items():
                write_extended(font_file(weight), others, file)
        except BaseException:
            self._app.post(self._done)
            raise
        return lambda: self._take(files, "".join(map(chr, sorted(found))))

    # after it ----------------------------------------------------------------------------------------------------

    def _take(self, files: dict[str, Path], added: str) -> None:
        replace_fonts(files, self._app.ui_scale)
        for before in {*self.folder.iterdir()} - {*files.values()} if self.folder else ():
            before.unlink(missing_ok=True)
        self.added = added
        self._done()
        self._changed()

    def _done(self) -> None:
        self._busy = False


def _may_lack(letter: str) -> bool:
    """Whether the fonts may not have a letter; icons, in the area for private use, they have."""
    return "\u0180" <= letter <= chr(LAST) and not "\ue000" <= letter <= "\uf8ff" and letter not in PLAIN


def _texts() -> Iterator[str]:
    """Every text of every widget and drawing; between two of them the window may have changed."""
    for item in dpg.get_all_items():
        if dpg.does_item_exist(item):
            yield from _texts_of(item)


def _texts_of(item: int | str) -> list[str]:
    values = [*dpg.get_item_configuration(item).values()]
    if dpg.get_item_info(item)["type"] in _WITH_VALUE:
        values.append(dpg.get_value(item))
    lists = [value for value in values if isinstance(value, list) and value and isinstance(value[0], str)]
    return [value for value in values if isinstance(value, str)] + [text for texts in lists for text in texts]
