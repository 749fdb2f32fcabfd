"""Driving the real window: a private X server, real mouse and keys, and the state that the window tells."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.support.paths import ROOT
from tests.support.x_hand import WHEEL_DOWN, WHEEL_LEFT, WHEEL_RIGHT, WHEEL_UP, XHand

NEEDED = ("Xvfb",)
BUTTONS = (1, 2, 3)
"""As X calls left, middle and right."""
PNG_END = b"IEND\xaeB`\x82"
"""With this a picture is written to its end."""
TURNS = 6
"""In so many turns of its main loop the window sees what mouse and keys did, or never will: it looks elsewhere."""
FIELD_TURNS = 30
"""In so many a field that something opens has the keyboard."""
AT_REST = 5
"""After so many turns in which no key came, all have: it takes them from a queue, some in each turn."""
MOST_S = 20.0
"""How long that is waited for; a turn of a busy machine takes a quarter of a second, and some take several."""
BETWEEN_KEYS_S = 0.03
"""How long a person who types takes from key to key."""
STILL_S = 1.5
"""How long is waited for panels and buttons to stay where they are; where a list grows all the time they never do."""


def missing_tools() -> list[str]:
    """The programs that window tests need and this machine lacks."""
    return [tool for tool in NEEDED if shutil.which(tool) is None]


@contextlib.contextmanager
def x_server(width: int, height: int) -> Iterator[str]:
    """A private X server of this size, whose keys do not repeat themselves; gives its display name."""
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-r"],
        pass_fds=(write_end,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    try:
        with os.fdopen(read_end) as pipe:
            yield f":{pipe.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


class Driver:
    """A running window and the person in front of it."""

    def __init__(self, display: str, folder: Path, *, cwd: Path = ROOT, dialogs: str = "own", **options: Any) -> None:
        self.display, self.folder, self._cwd = display, folder, cwd
        self.state_folder = folder / "state"
        self._options = options
        self._probe = folder / "probe.json"
        self.hand = XHand(display)
        self._environment = {
            **os.environ,
            "DISPLAY": display,
            "XDG_STATE_HOME": str(self.state_folder),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "XDG_DOCUMENTS_DIR": str(folder / "documents"),
            "XDG_DATA_HOME": str(folder / "data"),
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "LP_NUM_THREADS": "0",  # drawn by the main thread: others would wait for cores that it and other tests use
            "OMP_NUM_THREADS": "1",
            "GRAINGRAPH_DIALOGS": dialogs,
            "PYTHONPATH": os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(ROOT)]),
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    # the program -------------------------------------------------------------------------------------------------

    def start(self, **changes: Any) -> None:
        """Start the program (again) and wait until it shows its first frames."""
        self._options.update(changes)
        self._probe.unlink(missing_ok=True)
        options = json.dumps({**self._options, "probe": self._probe}, default=str)
        with (self.folder / "window.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.window_child", options],
                env=self._environment,
                stdout=log,
                stderr=log,
                cwd=self._cwd,
            )
        try:
            self.wait_for(lambda state: state["ready"], timeout=120)
        except BaseException:
            self.kill()  # a window left behind would take the mouse and keys of every test after this one
            raise

    def kill(self) -> None:
        """Kill the program as a crash would, if it still runs."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def leave(self) -> None:
        """End the program, in whatever state it is, and let go of mouse and keys."""
        self.kill()
        self.hand.close()

    def close(self) -> None:
        """Quit, if it still runs: as a person does, where no open menu takes the key and nothing is asked."""
        assert self.process
        if self.process.poll() is None:
            self.key("ctrl+q")
            assert self.process.wait(60) == 0, self._log_text()

    # what the window tells ---------------------------------------------------------------------------------------

    @property
    def state(self) -> dict[str, Any]:
        """The newest state that the window wrote, once nothing moves any more: what is to be clicked stays there."""
        end = time.monotonic() + STILL_S
        while not (state := self._read()).get("settled") and time.monotonic() < end:
            time.sleep(0.02)
        return state

    def _read(self) -> dict[str, Any]:
        return json.loads(self._probe.read_bytes()) if self._probe.exists() else {"ready": False}

    def wait_for(self, condition: Callable[[dict[str, Any]], Any], timeout: float = 10.0) -> dict[str, Any]:
        """Wait until the state meets a condition and nothing moves, and return it.

        Fails with the last state and the program's log. The time in which other programs had the cores counts for
        nothing, up to twice the ``timeout``: what a test waits for takes as much longer.
        """
        start, hindered = time.monotonic(), self.hindered
        met: float | None = None
        while time.monotonic() - start - min(self._hindered_since(hindered), 2 * timeout) < timeout:
            assert self.process is None or self.process.poll() is None, f"the window died:\n{self._log_text()}"
            state = self._read()
            mistakes = [text for text in state.get("messages", ()) if "please report it" in text]
            assert not mistakes, f"{mistakes}\n{self._log_text()}"
            with contextlib.suppress(KeyError, IndexError):
                if condition(state):
                    met = met or time.monotonic()
                    if state.get("settled") or time.monotonic() - met > STILL_S:
                        return state
            time.sleep(0.02)
        raise AssertionError(f"waited {timeout} s in vain; state {self._read()}\n{self._log_text()}")

    @property
    def hindered(self) -> dict[int, float]:
        """Seconds for which each thread of the program was ready to run and had no core; the main one has its number.

        A thread that is just beginning or ending may be missing.
        """
        found = {}
        for thread in Path(f"/proc/{self.process.pid}/task").glob("*") if self.process else ():
            with contextlib.suppress(OSError, IndexError):
                found[int(thread.name)] = int((thread / "schedstat").read_text().split()[1]) / 1e9
        return found

    def _hindered_since(self, before: dict[int, float]) -> float:
        """How long the thread had no core that was hindered the most."""
        return max((seconds - before.get(thread, 0.0) for thread, seconds in self.hindered.items()), default=0.0)

    def screenshot(self, name: str) -> Path:
        """Take a picture of the window into the folder of screenshots, once nothing moves."""
        folder = Path(os.environ.get("GRAINGRAPH_SCREENSHOTS", str(self.folder)))
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{name}.png"
        target.unlink(missing_ok=True)
        assert self.state
        asked = self._probe.with_suffix(".asked")
        asked.write_text(str(target))
        asked.replace(self._probe.with_suffix(".shot"))  # whole at once, as the window may look at any moment
        end = time.monotonic() + 30
        while not (target.exists() and target.read_bytes().endswith(PNG_END)) and time.monotonic() < end:
            self.nudge()
            time.sleep(0.02)
        return target

    def cut_texts(self) -> list[str]:
        """What is shown and cannot be read, as it is cut."""
        asked, answer = self._probe.with_suffix(".words"), self._probe.with_suffix(".cut")
        answer.unlink(missing_ok=True)
        asked.touch()
        end = time.monotonic() + 10
        while not answer.exists() and time.monotonic() < end:
            self.nudge()
            time.sleep(0.05)
        return list(json.loads(answer.read_text()))

    def _log_text(self) -> str:
        return (self.folder / "window.log").read_text()[-3000:]

    # mouse and keys ----------------------------------------------------------------------------------------------

    def move(self, at: tuple[float, float], *, rest: bool = False) -> None:
        """Move the pointer to a pixel of the window, and wait until the window has seen it there (for two turns).

        What lies over something else, as a tab does, takes a press only where the pointer was a turn before.
        """
        x, y = round(at[0]), round(at[1])
        self.hand.move(x, y)
        self._seen(lambda state: state["pointer"] == [x, y] and (not rest or state["rested"] > 1))

    def press(self, button: int = 1) -> None:
        """Press a mouse button, and wait until the window has seen it."""
        self.hand.button(button, down=True)
        self._seen(lambda state: state["down"][BUTTONS.index(button)])

    def release(self, button: int = 1) -> None:
        """Let a mouse button go, and wait until the window has seen it."""
        self.hand.button(button, down=False)
        self._seen(lambda state: not state["down"][BUTTONS.index(button)])

    def click(self, at: tuple[float, float], button: int = 1, *, twice: bool = False) -> None:
        """Click at a pixel."""
        self.move(at, rest=True)
        if twice:  # as fast as a person: what waits for the window comes too late for a double click
            for down in (True, False, True, False):
                self.hand.button(button, down=down)
                time.sleep(0.04)
            self._pass_turns(TURNS)
        else:
            self.press(button)
            self.release(button)

    def _seen(self, condition: Callable[[dict[str, Any]], Any], turns: int = TURNS) -> None:
        """Wait until the window has seen what was done; it is gone on without where the window does not look."""
        end = time.monotonic() + MOST_S
        for _ in range(turns):
            self._ask_for_turn()
            turned = False
            while not turned and time.monotonic() < end:
                turned = self._turned()
                with contextlib.suppress(KeyError, FileNotFoundError):
                    if condition(self._read()):
                        return
                time.sleep(0.01)

    def _pass_turns(self, count: int) -> None:
        """Wait for so many turns of the main loop."""
        self._seen(lambda state: False, count)

    def _keys_at_rest(self) -> None:
        """Wait until the window has taken all keys that were pressed."""
        end, before, same = time.monotonic() + MOST_S, None, 0
        while same < AT_REST and time.monotonic() < end:
            self._pass_turns(1)
            keys = self._read().get("keys")
            same = same + 1 if keys == before else 0
            before = keys

    def _ask_for_turn(self) -> None:
        """Ask to be told of the end of a turn."""
        self._probe.with_suffix(".pong").unlink(missing_ok=True)
        self._probe.with_suffix(".ping").touch()

    def _turned(self) -> bool:
        """Whether a turn has ended since that was asked for, or the program has."""
        return self._probe.with_suffix(".pong").exists() or bool(self.process and self.process.poll() is not None)

    def box(self, widget: str, timeout: float = 10.0) -> tuple[float, float, float, float]:
        """Where a widget is, once it is shown and stays there: left, top, right and bottom."""
        left, top, right, bottom = self.wait_for(lambda state: widget in state["widgets"], timeout)["widgets"][widget]
        return left, top, right, bottom

    def click_on(self, widget: str) -> None:
        """Click the middle of a widget, once it is shown."""
        left, top, right, bottom = self.box(widget)
        self.click(((left + right) / 2, (top + bottom) / 2))

    def choose(self, widget: str, number: int) -> None:
        """Choose an entry of a drop-down list, counted from 0."""
        left, _, _, bottom = self.box(widget)
        self.click((left + 20, bottom - 12))
        time.sleep(0.3)
        self.click((left + 20, bottom + 16 + 20 * number))

    def held_click(self, at: tuple[float, float], keys: str) -> None:
        """Click with a key held down."""
        self.move(at)
        self.hand.hold(keys)
        time.sleep(0.06)
        self.click(at)
        self.hand.let_go(keys)
        time.sleep(0.06)

    def drag(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        button: int = 1,
        *,
        held: str = "",
        steps: int = 8,
        release: bool = True,
    ) -> None:
        """Drag from a pixel to another, with keys held down."""
        self.move(start, rest=True)
        if held:
            self.hand.hold(held)
            time.sleep(0.06)
        self.press(button)
        for step in range(1, steps + 1):
            part = step / steps
            self.move((start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part))
        if release:
            self.drop(button, held)

    def drop(self, button: int = 1, held: str = "") -> None:
        """End a drag."""
        self.release(button)
        if held:
            self.hand.let_go(held)
            time.sleep(0.06)

    def wheel(self, at: tuple[float, float], steps: int) -> None:
        """Turn the wheel at a pixel; positive is away from the person."""
        self.move(at)
        for _ in range(abs(steps)):
            self._click_wheel(WHEEL_UP if steps > 0 else WHEEL_DOWN)
            time.sleep(0.05)

    def scroll_across(self, at: tuple[float, float], steps: int) -> None:
        """Tilt the wheel at a pixel, as two fingers do; positive is to the right."""
        self.move(at)
        for _ in range(abs(steps)):
            self._click_wheel(WHEEL_RIGHT if steps > 0 else WHEEL_LEFT)
            time.sleep(0.05)

    def _click_wheel(self, button: int) -> None:
        for down in (True, False):
            self.hand.button(button, down=down)

    def key(self, keys: str) -> None:
        """Press a key with modifiers: ``ctrl+z``.

        All are held until the window has seen the key, as by a person: let go within the same frame, which may be a
        long one on a busy machine, a modifier counts for nothing, and a text field hears no Ctrl+V.
        """
        before = self._read().get("keys")
        self.hand.hold(keys)
        self._seen(lambda state: state["keys"] != before)
        self.hand.let_go(keys)
        time.sleep(0.1)

    def keys_at_once(self, *keys: str) -> None:
        """Press one after the other faster than the window looks at them."""
        for one in keys:
            self.hand.hold(one)
            self.hand.let_go(one)

    def copy_picture(self, file: Path) -> None:
        """Put a picture on the clipboard, and no text, as a screenshot does."""
        self._copy(file.read_bytes(), "image/png")

    def copy_text(self, text: str) -> None:
        """Put a text on the clipboard."""
        self._copy(text.encode(), "UTF8_STRING")

    def _copy(self, data: bytes, kind: str) -> None:
        """Put something on the clipboard, and wait until it is there: xclip does it after it has come back."""
        command = ["xclip", "-selection", "clipboard", "-t", kind, "-i"]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(command, input=data, env=self._environment, check=True, **silent)
        end = time.monotonic() + MOST_S
        while self._copied(kind) != data:
            assert time.monotonic() < end, "the clipboard holds something else"
            time.sleep(0.02)

    def pasted(self) -> str:
        """The text on the clipboard, as another program gets it."""
        return self._copied("UTF8_STRING").decode()

    def _copied(self, kind: str) -> bytes:
        command = ["xclip", "-selection", "clipboard", "-t", kind, "-o"]
        found = subprocess.run(command, env=self._environment, check=False, capture_output=True, timeout=20)
        return found.stdout

    def nudge(self) -> None:
        """Move the pointer by nothing that matters, so that the window takes a turn."""
        self.hand.nudge()

    def press_cross(self) -> None:
        """Close the window as the desktop does when its cross is pressed: it is asked to go."""
        self.hand.ask_to_close("Graingraph")

    def type(self, text: str) -> None:
        """Type a text, once a field has the keyboard."""
        self._seen(lambda state: state["typing"], FIELD_TURNS)
        for sign in text:
            self.hand.type(sign)
            time.sleep(BETWEEN_KEYS_S)
        self._keys_at_rest()

    def enter(self, text: str) -> None:
        """Bring a long text into the field that has the keyboard: pasted where that can be, else typed."""
        if not shutil.which("xclip"):
            self.type(text)
            return
        self._seen(lambda state: state["typing"], FIELD_TURNS)
        self.copy_text(text)
        self.key("ctrl+v")
        self._keys_at_rest()
