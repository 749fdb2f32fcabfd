"""What is done with a library: in a thread, as one on a network may take its time, and one thing after the other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from graingraph.app.gui.base.context import AppContext


class LibraryWork:
    """``busy`` says what is being done, in words; empty for nothing."""

    def __init__(self, app: AppContext) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="library")
        self.busy = ""

    def do(self, words: str, act: Callable[[], Callable[[], None]]) -> None:
        """Do something in the thread, and what it returns in the main thread; nothing while something else is done."""
        if self.busy:
            return
        self.busy = words

        def run() -> Callable[[], None]:
            try:
                return act()
            finally:
                self._app.post(self._rest)

        self._app.in_thread(self._pool.submit, words.rstrip("…"), run)

    def look_up(self, act: Callable[[], None]) -> None:
        """Do something in the thread, after what is being done, that nobody waits for."""
        self._pool.submit(act)

    def _rest(self) -> None:
        self.busy = ""
