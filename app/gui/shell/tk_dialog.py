"""The file dialog of Tk: ``python -m graingraph.app.gui.shell.tk_dialog JSON`` prints the paths chosen, one a line."""

import json
import sys
from pathlib import Path
from typing import Any

from graingraph.app.gui.shell.native_dialog import CHOSEN, GIVEN_UP, Wanted


def options(wanted: Wanted) -> dict[str, Any]:
    """What ``tkinter.filedialog`` is told."""
    start = Path(wanted.start)
    is_folder = wanted.kind == "folder" or start.is_dir()
    told: dict[str, Any] = {"title": wanted.title, "initialdir": str(start if is_folder else start.parent)}
    if wanted.kind == "folder":
        return told | {"mustexist": False}
    if not is_folder:
        told["initialfile"] = start.name
    if wanted.endings:
        told["filetypes"] = [("", wanted.patterns), ("*", "*")]
    return told | ({"confirmoverwrite": False} if wanted.kind == "save" else {})


def main(text: str) -> int:
    """Show the dialog; returns the exit code."""
    import tkinter
    from tkinter import filedialog

    facts = json.loads(text)
    wanted = Wanted(facts["title"], facts["start"], facts["kind"], tuple(facts["endings"]))
    root = tkinter.Tk()
    root.withdraw()
    root.attributes("-topmost", True)
    show: Any = {
        "open": filedialog.askopenfilename,
        "several": filedialog.askopenfilenames,
        "folder": filedialog.askdirectory,
        "save": filedialog.asksaveasfilename,
    }[wanted.kind]
    found = show(parent=root, **options(wanted))
    paths = [found] if isinstance(found, str) else list(found)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print("\n".join(path for path in paths if path))
    return CHOSEN if any(paths) else GIVEN_UP


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
