import ctypes
import queue
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from graingraph.app.gui.shell.file_drop import FileDrop
from graingraph.app.gui.shell.native_dialog import NativeDialog, Wanted, command
from graingraph.app.gui.shell.tk_dialog import options

IMAGES = Wanted("Add images", "/steel/", "several", (".png", ".tif"))


def desktop(monkeypatch: pytest.MonkeyPatch, folder: Path, **programs: str) -> None:
    """A desktop with these programs, each a script of the shell."""
    for name, text in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("GRAINGRAPH_DIALOGS", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")


def test_the_desktop_s_own_program_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    desktop(monkeypatch, tmp_path, zenity="", kdialog="")
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "GNOME")
    asked = command(IMAGES)
    assert asked is not None
    assert asked[0] == "zenity"
    assert {"--multiple", "--file-filter=*.png *.tif", "--filename=/steel/"} <= set(asked)
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "KDE")
    assert command(IMAGES) == [
        *("kdialog", "--title", "Add images", "--multiple", "--separate-output"),
        *("--getopenfilename", "/steel/", "*.png *.tif"),
    ]
    folder = command(Wanted("Results", "/steel/", "folder"))
    assert folder == ["kdialog", "--title", "Results", "--getexistingdirectory", "/steel/"]


def test_without_one_the_window_asks_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    desktop(monkeypatch, tmp_path)
    assert command(IMAGES) is None
    desktop(monkeypatch, tmp_path, zenity="")
    monkeypatch.setenv("GRAINGRAPH_DIALOGS", "own")
    assert command(IMAGES) is None


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo '/steel/a b.tif'; echo /steel/ä.tif", ["/steel/a b.tif", "/steel/ä.tif"]),
        ("exit 1", []),
        ("exit 255", ["asked otherwise"]),
    ],
)
def test_what_was_chosen_comes_back_and_a_failure_asks_otherwise(
    script: str, told: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    desktop(monkeypatch, tmp_path, zenity=script)
    posted: queue.Queue[Callable[[], None]] = queue.Queue()
    dialog, seen = NativeDialog(posted.put), list[str]()
    assert dialog.ask(IMAGES, lambda paths: seen.extend(map(str, paths)), lambda: seen.append("asked otherwise"))
    posted.get(timeout=20)()
    assert seen == told
    assert not dialog.is_open


def test_tk_is_told_the_same(tmp_path: Path):
    told = options(Wanted("Add images", str(tmp_path), "several", (".png",)))
    assert told == {"title": "Add images", "initialdir": str(tmp_path), "filetypes": [("", ("*.png",)), ("*", "*")]}
    saving = options(Wanted("Save", str(tmp_path / "a.json"), "save"))
    assert saving == {
        "title": "Save",
        "initialdir": str(tmp_path),
        "initialfile": "a.json",
        "confirmoverwrite": False,
    }


def test_paths_that_are_dropped_are_handed_on():
    seen: list[Path] = []
    drop = FileDrop(seen.extend)
    names = (ctypes.c_char_p * 2)("/steel/ä.tif".encode(), b"/steel/b.tif")
    drop._ours(None, 2, names)
    assert seen == [Path("/steel/ä.tif"), Path("/steel/b.tif")]
