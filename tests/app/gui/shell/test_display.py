"""Where no window can be shown there is one sentence and exit code 1; a word that is no command is said to be none."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.window_harness import missing_tools


def graingraph(*words: str, cwd: Path, **environment: str) -> tuple[int, str]:
    """Run the command line in a folder; its exit code and what it said."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, "-m", "graingraph.app.cli.main", *words]
    found = subprocess.run(
        command, env={**kept, "PYTHONPATH": str(ROOT), **environment}, cwd=cwd, capture_output=True, text=True
    )
    assert found.stdout == ""
    return found.returncode, found.stderr.strip()


def one_sentence(said: str) -> bool:
    return len(said.splitlines()) == 1 and "Traceback" not in said and "report" not in said


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display")
@pytest.mark.parametrize("display", [{}, {"DISPLAY": ":4711"}, {"DISPLAY": "nowhere.invalid:0"}])
@pytest.mark.parametrize("words", [(), ("open",), ("recipe.graingraph.json",)])
def test_without_a_display_there_is_one_sentence(tmp_path: Path, display: dict[str, str], words: tuple[str, ...]):
    code, said = graingraph(*words, cwd=tmp_path, **display)
    assert code == 1
    assert one_sentence(said), said
    assert "display" in said


@pytest.mark.skipif(bool(missing_tools()), reason="needs Xvfb")
def test_a_display_that_cannot_draw_is_named(tmp_path: Path):
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "640x480x24", "-extension", "GLX", "-nolisten", "tcp"],
        pass_fds=(write_end,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    try:
        with os.fdopen(read_end) as pipe:
            name = f":{pipe.readline().strip()}"
        time.sleep(0.2)
        code, said = graingraph(cwd=tmp_path, DISPLAY=name)
    finally:
        server.terminate()
        server.wait()
    assert code == 1
    assert one_sentence(said), said
    assert "OpenGL" in said


@pytest.mark.parametrize(("word", "near"), [("quantify", ""), ("chek", "Did you mean check?")])
def test_an_unknown_command_is_said_to_be_unknown(tmp_path: Path, word: str, near: str):
    code, said = graingraph(word, cwd=tmp_path, DISPLAY=":4711")
    assert code == 1
    assert one_sentence(said), said
    assert f"no command '{word}'" in said
    assert near in said
