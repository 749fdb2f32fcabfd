"""The file dialog of the desktop, in a process of its own so that the window goes on.

On Windows and macOS it is the one of Tk, which there is the system's; elsewhere that of the desktop (kdialog, zenity).
Where there is none, or ``GRAINGRAPH_DIALOGS`` is "own", the window's own dialog is used.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

Kind = Literal["open", "several", "folder", "save"]
CHOSEN, GIVEN_UP = 0, 1
"""What the programs answer by their exit code; another one means that they could not show a dialog."""


@dataclass(frozen=True)
class Wanted:
    """What is asked for: the dialog's ``title``, the path that it begins at, and how the files offered end."""

    title: str
    start: str
    kind: Kind
    endings: tuple[str, ...] = ()

    @property
    def patterns(self) -> tuple[str, ...]:
        """The endings as patterns."""
        return tuple(f"*{ending}" for ending in self.endings)


def command(wanted: Wanted) -> list[str] | None:
    """The program that shows the dialog, with its arguments; None where this desktop has none."""
    if os.environ.get("GRAINGRAPH_DIALOGS") == "own":
        return None
    if sys.platform in ("win32", "darwin"):
        shown = json.dumps(asdict(wanted))
        return [sys.executable, "-m", "graingraph.app.gui.shell.tk_dialog", shown] if find_spec("tkinter") else None
    is_kde = "KDE" in os.environ.get("XDG_CURRENT_DESKTOP", "")
    makers = {"kdialog": _kdialog, "zenity": _zenity}
    for program in sorted(makers, key=lambda name: (name == "kdialog") != is_kde):
        if shutil.which(program):
            return makers[program](wanted)
    return None


def _zenity(wanted: Wanted) -> list[str]:
    kinds = {
        "several": ["--multiple", "--separator=\n"],
        "folder": ["--directory"],
        "save": ["--save"],
    }
    found = ["zenity", "--file-selection", f"--title={wanted.title}", f"--filename={wanted.start}"]
    found += kinds.get(wanted.kind, [])
    if wanted.endings and wanted.kind != "folder":
        found += [f"--file-filter={' '.join(wanted.patterns)}", "--file-filter=*"]
    return found


def _kdialog(wanted: Wanted) -> list[str]:
    found = ["kdialog", "--title", wanted.title]
    if wanted.kind == "folder":
        return [*found, "--getexistingdirectory", wanted.start]
    if wanted.kind == "several":
        found += ["--multiple", "--separate-output"]
    files = " ".join(wanted.patterns) or "*"
    return [*found, "--getsavefilename" if wanted.kind == "save" else "--getopenfilename", wanted.start, files]


class NativeDialog:
    """Shows one dialog at a time; the answer comes by ``post``, on the main thread."""

    def __init__(self, post: Callable[[Callable[[], None]], None]) -> None:
        self._post = post
        self._process: subprocess.Popen[str] | None = None

    @property
    def is_open(self) -> bool:
        """Whether a dialog is shown."""
        return self._process is not None

    def ask(self, wanted: Wanted, answer: Callable[[Sequence[Path]], None], otherwise: Callable[[], None]) -> bool:
        """Show the dialog and call ``answer`` with what was chosen, or ``otherwise`` where it cannot be shown.

        False where this desktop has none.
        """
        if self.is_open:
            return True
        arguments = command(wanted)
        if arguments is None:
            return False
        try:
            self._process = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
            )
        except OSError:
            return False
        threading.Thread(target=self._wait, args=(self._process, answer, otherwise), daemon=True).start()
        return True

    def close(self) -> None:
        """Take the dialog away."""
        if self._process is not None:
            self._process.terminate()

    def _wait(
        self,
        process: "subprocess.Popen[str]",
        answer: Callable[[Sequence[Path]], None],
        otherwise: Callable[[], None],
    ) -> None:
        said, _ = process.communicate()
        paths = [Path(line) for line in said.splitlines() if line]

        def done() -> None:
            self._process = None
            if process.returncode == CHOSEN and paths:
                answer(paths)
            elif process.returncode not in (CHOSEN, GIVEN_UP):
                otherwise()

        self._post(done)
