"""Opening a file or folder with the program that the desktop has for it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from graingraph.engine.problem import Problem

GONE = "{path} is not there any more; run the batch again."
NO_PROGRAM = "This desktop names no program to open {path} with; open it yourself."


def open_outside(path: Path) -> None:
    """Open a report, a table or a folder. ``Problem`` where it is gone or nothing can open it."""
    if not path.exists():
        raise Problem(GONE.format(path=path))
    if sys.platform == "win32":
        os.startfile(path)
        return
    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if opener is None:
        raise Problem(NO_PROGRAM.format(path=path))
    subprocess.Popen(
        [opener, str(path)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
