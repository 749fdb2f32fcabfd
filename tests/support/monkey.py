"""A monkey at the window: seeded mouse and keys, pictures on the clipboard, all panels, locked recipes and others.

``python -m tests.support.monkey --minutes 20`` runs it and prints what it saw. It fails where the window crashes, says
that something went wrong, does not answer for two seconds, grows by more than 300 MiB, loses a lock, or where a file
outside its folder, or an image in it, is changed.
"""

import argparse
import contextlib
import json
import math
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from graingraph.engine.files import hash_file
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Exposed, Recipe
from tests.support.paths import ASSETS, GRAPHS, ROOT
from tests.support.recipes import chain
from tests.support.window_harness import Driver, x_server

SIZE = (1280, 800)
_POINT = re.compile(r"-?\d+,-?\d+")
MOST_HANG_S, MOST_GROWTH = 2.0, 300 * 2**20
WARM_STEPS = 300
"""Steps after which the window's memory is measured for the first time: libraries are loaded by then."""
KEY_NAMES = """
Escape Return Tab Delete BackSpace space Left Right Up Down Home Next Prior F1 m n l f h p b e g k r o w
bracketleft bracketright shift+a shift+f shift+Left shift+Down ctrl+a ctrl+c ctrl+x ctrl+v ctrl+d ctrl+z
ctrl+y ctrl+g ctrl+shift+g ctrl+j alt+Down alt+Up ctrl+n ctrl+s ctrl+shift+s ctrl+o ctrl+t ctrl+1 ctrl+2
ctrl+3 ctrl+4 ctrl+period ctrl+plus ctrl+minus ctrl+Delete
"""
KEYS = tuple(KEY_NAMES.split())
TEXTS = ("0.35", "0,5", "0.0.36", "-1", "1e9", "7", "abc", "Thr", "Load", "", "measure", "a" * 40, "#()[]{}", "1 000")


@dataclass
class Sightings:
    """What the monkey saw."""

    seed: int
    seconds: float = 0.0
    steps: int = 0
    starts: int = 0
    longest_s: float = 0.0
    growth_mib: float = 0.0
    crashes: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    hangs: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unlocked: list[str] = field(default_factory=list)

    @property
    def bad(self) -> bool:
        """Whether anything must be mended."""
        found = (self.crashes, self.mistakes, self.hangs, self.changed, self.unlocked)
        return any(found) or self.growth_mib * 2**20 > MOST_GROWTH


class Monkey:
    """One monkey in one folder. The window's home, cache, state and working folder lie in it."""

    def __init__(self, display: str, folder: Path, seed: int) -> None:
        self._random, self._folder, self.saw = random.Random(seed), folder, Sightings(seed)
        self._work = folder / "work"
        self._work.mkdir(parents=True)
        self._recipes = _recipes(self._work)
        self._images = _images(self._work)
        self._hashes = {path: hash_file(path) for path in self._images}
        self._outside = _listing()
        self._picture = folder / "screenshot.png"
        cv2.imwrite(str(self._picture), np.zeros((40, 60, 3), np.uint8))
        self._driver = Driver(display, folder, cwd=self._work, recipe=self._recipes[0], images=self._images[:2])
        self.saw.starts = 1
        self._last: deque[str] = deque(maxlen=12)
        self._said: set[str] = set()
        self._before: dict[str, Any] = {}
        self._memory = self._steps_since_start = 0

    def run(self, *, seconds: float = math.inf, steps: float = math.inf) -> Sightings:
        """Play for so long, or for so many steps."""
        start = time.monotonic()
        while time.monotonic() - start < seconds and self.saw.steps < steps:
            self._step()
            self.saw.steps += 1
            self._steps_since_start += 1
            self.saw.seconds = time.monotonic() - start
        self._compare_files()
        self._end()
        self.saw.mistakes += self._tracebacks()
        return self.saw

    def _end(self) -> None:
        """Close the window by its cross, and kill it where it asks or where something open holds it."""
        process = self._driver.process
        assert process
        if self._alive():
            self._driver.press_cross()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
        self._driver.leave()

    # one step ----------------------------------------------------------------------------------------------------

    def _step(self) -> None:
        state = self._driver.state
        acts: list[tuple[int, Callable[[dict[str, Any]], str]]] = [
            (20, self._click),
            (10, self._click_widget),
            (10, self._drag),
            (6, self._wheel),
            (22, self._key),
            (6, self._type),
            (2, self._clipboard),
            (2, self._open),
            (1, self._add_images),
        ]
        weights, choices = zip(*acts, strict=True)
        act = self._random.choices(choices, weights)[0]
        self._last.append("")  # in case the process ends while it acts
        try:
            self._last[-1] = act(state)
        except (subprocess.CalledProcessError, KeyError, IndexError) as error:
            self._last[-1] = f"{act.__name__} failed: {error!r:.80}"
        self._stay_inside()
        self._look()

    def _stay_inside(self) -> None:
        """A dialog that shows a place outside the folder is left."""
        typed = self._driver.state.get("field")
        if typed and "/" in typed and not str(Path(typed).resolve()).startswith(str(self._folder)):
            self._driver.key("Escape")

    def _point(self, state: dict[str, Any]) -> tuple[float, float]:
        panels = [box for box in state.get("panels", {}).values() if box[0] >= 0]
        boxes = [*state.get("nodes", {}).values(), *panels] or [[0, 0, *SIZE]]
        left, top, right, bottom = self._random.choice(boxes)
        at = self._random.uniform(left, right), self._random.uniform(top, bottom)
        if self._random.random() < 0.1:
            at = self._random.uniform(0, SIZE[0]), self._random.uniform(0, SIZE[1])
        return _inside(*at)

    def _click(self, state: dict[str, Any]) -> str:
        at, button = self._point(state), self._random.choices((1, 2, 3), (8, 1, 2))[0]
        held = self._random.choices(("", "ctrl", "shift", "alt"), (10, 1, 1, 1))[0]
        if held:
            self._driver.held_click(at, held)
        else:
            self._driver.click(at, button, twice=self._random.random() < 0.15)
        return f"click {button} {held} {at[0]:.0f},{at[1]:.0f}"

    def _click_widget(self, state: dict[str, Any]) -> str:
        widgets = {name: box for name, box in state.get("widgets", {}).items() if box[0] >= 0}
        name = self._random.choice(sorted(widgets))
        left, top, right, bottom = widgets[name]
        self._driver.click((left + self._random.uniform(0.2, 0.8) * (right - left), (top + bottom) / 2))
        return f"click {name}"

    def _drag(self, state: dict[str, Any]) -> str:
        start, end = self._point(state), self._point(state)
        pins = [*state.get("inputs", {}).values(), *state.get("outputs", {}).values()]
        if pins and self._random.random() < 0.4:
            start, end = (_inside(*self._random.choice(pins)) for _ in range(2))
        button = self._random.choices((1, 2, 3), (6, 1, 1))[0]
        held = self._random.choices(("", "ctrl", "shift", "alt"), (10, 1, 1, 1))[0]
        self._driver.drag(start, end, button, held=held, steps=4)
        return f"drag {button} {held} {start[0]:.0f},{start[1]:.0f} {end[0]:.0f},{end[1]:.0f}"

    def _wheel(self, state: dict[str, Any]) -> str:
        steps = self._random.choice((-3, -1, 1, 3))
        self._driver.wheel(self._point(state), steps)
        return f"wheel {steps}"

    def _key(self, state: dict[str, Any]) -> str:
        key = self._random.choice(KEYS)
        self._driver.key(key)
        return f"key {key}"

    def _type(self, state: dict[str, Any]) -> str:
        text = self._random.choice(TEXTS)
        if text:
            self._driver.type(text)
        return f"type {text}"

    def _clipboard(self, state: dict[str, Any]) -> str:
        what = self._random.choice(("picture", "text", "recipe"))
        if what == "picture":
            self._driver.copy_picture(self._picture)
        else:
            self._driver.copy_text(self._recipes[0].read_text() if what == "recipe" else "µ 中 \N{GRINNING FACE}")
        self._driver.key("ctrl+v")
        return f"paste a {what}"

    def _open(self, state: dict[str, Any]) -> str:
        self._driver.key("Escape")
        path = self._random.choice(self._recipes)
        self._typed_path("ctrl+o", path)
        return f"open {path.name}"

    def _add_images(self, state: dict[str, Any]) -> str:
        left, top, right, bottom = state["widgets"]["add images"]
        self._driver.click(((left + right) / 2, (top + bottom) / 2))
        self._typed_path("", self._random.choice(self._images))
        return "add an image"

    def _typed_path(self, key: str, path: Path) -> None:
        if key:
            self._driver.key(key)
        end = time.monotonic() + 3
        while time.monotonic() < end and not (self._driver.state.get("field") and self._driver.state["typing"]):
            time.sleep(0.05)
        if self._driver.state.get("field"):
            self._driver.key("ctrl+a")
            self._driver.type(str(path))
            self._driver.key("Return")

    # what is looked for ------------------------------------------------------------------------------------------

    def _look(self) -> None:
        took = self._answer_time()
        if self._ended():
            return
        self.saw.longest_s = max(self.saw.longest_s, took)
        if took > MOST_HANG_S:
            self.saw.hangs.append(f"{took:.1f} s after {list(self._last)[-3:]}")
        state = self._driver.state
        for text in state.get("messages", ()):
            if "please report it" in text and text not in self._said:
                self._said.add(text)
                self.saw.mistakes.append(f"{text} after {list(self._last)[-4:]}")
        self._check_lock(state)
        if self._steps_since_start == WARM_STEPS:
            self._memory = self._resident()
        if self._memory:
            self.saw.growth_mib = max(self.saw.growth_mib, (self._resident() - self._memory) / 2**20)

    def _answer_time(self) -> float:
        """Seconds from an event to the end of a turn, without those for which the main thread waited for a core."""
        ping, pong = self._folder / "probe.ping", self._folder / "probe.pong"
        end = time.monotonic() + 60
        while ping.exists() and time.monotonic() < end and self._alive():  # the driver has asked and did not wait
            self._driver.nudge()
            time.sleep(0.02)
        pong.unlink(missing_ok=True)
        self._driver.nudge()
        start, hindered = time.monotonic(), self._hindered()
        ping.touch()
        while not pong.exists() and time.monotonic() - start < 60 and self._alive():
            self._driver.nudge()
            time.sleep(0.02)
        end = float(pong.read_text()) if pong.exists() else time.monotonic()
        return max(0.0, end - start - (self._hindered() - hindered))

    def _alive(self) -> bool:
        return self._driver.process is not None and self._driver.process.poll() is None

    def _ended(self) -> bool:
        """Start anew where the window was closed; note it where it crashed."""
        if self._alive():
            return False
        code = self._driver.process.returncode if self._driver.process else 0
        if code:
            log = (self._folder / "window.log").read_text(errors="replace")[-1500:]
            self.saw.crashes.append(f"exit {code} after {list(self._last)}\n{log}")
        self._driver.start(recipe=self._random.choice(self._recipes), images=self._images[:2])
        self.saw.starts += 1
        self._memory = self._steps_since_start = 0
        self._before, self._said = {}, set()
        return True

    def _check_lock(self, state: dict[str, Any]) -> None:
        """A locked recipe keeps its nodes, wires, mutes and frames until its button unlocks it or another is opened."""
        before, self._before = self._before, state
        same = before.get("document") == state.get("document")
        if not same or not before.get("locked"):
            return
        pressed = any(self._on_lock(step, before) for step in list(self._last)[-2:])
        parts = ("wires", "muted", "frames", "locked")
        lost = [part for part in parts if before.get(part) != state.get(part)]
        lost += ["nodes"] if before["settings"].keys() != state["settings"].keys() else []
        if lost and not pressed:
            self.saw.unlocked.append(f"{lost} after {list(self._last)[-4:]}")

    def _on_lock(self, step: str, state: dict[str, Any]) -> bool:
        """Whether a step pressed the button of the lock: clicked it, or began and ended a drag on it."""
        if step == "click lock":
            return True
        box = state.get("widgets", {}).get("lock")
        points = [tuple(map(float, word.split(","))) for word in step.split() if _POINT.fullmatch(word)]
        return bool(box and points) and all(
            box[0] - 1 <= x <= box[2] + 1 and box[1] - 1 <= y <= box[3] + 1 for x, y in points
        )

    def _tracebacks(self) -> list[str]:
        """What the log of the window tells of exceptions, each once: also those that a person sees as a sentence."""
        log = (self._folder / "window.log").read_text(errors="replace")
        blocks = log.split("Traceback (most recent call last):")[1:]
        ends = (next((line for line in block.splitlines() if line and line[0].isalpha()), "") for block in blocks)
        return [f"traceback: {end[:200]}" for end in dict.fromkeys(ends)]

    def _resident(self) -> int:
        try:
            pages = int(Path(f"/proc/{self._driver.process.pid}/statm").read_text().split()[1])  # type: ignore[union-attr]
        except (OSError, IndexError):
            return self._memory
        return pages * 4096

    def _hindered(self) -> float:
        """Seconds for which the main thread was ready to run and had no core."""
        return self._driver.hindered.get(self._driver.process.pid, 0.0) if self._driver.process else 0.0

    def _compare_files(self) -> None:
        now = _listing()
        for path in sorted(self._outside.keys() | now.keys()):
            if self._outside.get(path) != now.get(path):
                self.saw.changed.append(path)
        for path, known in self._hashes.items():
            if not path.exists() or hash_file(path) != known:
                self.saw.changed.append(str(path))


def _inside(x: float, y: float) -> tuple[float, float]:
    """The nearest point of the window."""
    return min(max(x, 1), SIZE[0] - 2), min(max(y, 1), SIZE[1] - 2)


def _recipes(folder: Path) -> list[Path]:
    """Recipes to open: unlocked, locked, with drawing, with learning, empty, and copies of those that ship."""
    exposed = [Exposed("threshold", "level", "Level")]
    made: dict[str, Recipe] = {
        "chain": chain(),
        "locked": chain().with_setting("threshold", "method", "manual").with_exposed(exposed, locked=True),
        "trace": chain(("Load", "Trace")),
        "edit": chain(("Load", "Threshold", "ManualEdit", "LabelFeatures", "MeasureFeatures")),
        "empty": Recipe(),
    }
    paths = [folder / f"{name}{recipe_file.SUFFIX}" for name in made]
    for path, recipe in zip(paths, made.values(), strict=True):
        recipe_file.save(recipe, path)
    for name in ("nodules", "etched_steel_grain_size"):
        paths.append(Path(shutil.copy(GRAPHS / f"{name}{recipe_file.SUFFIX}", folder)))
    return paths


def _images(folder: Path) -> list[Path]:
    """Small images of several kinds."""
    paths = []
    for number, path in enumerate(sorted((ASSETS / "nodules").glob("nodules_*.tif"))[:2]):
        pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        paths.append(folder / f"image_{number}.png")
        cv2.imwrite(str(paths[-1]), pixels[:300, :400])
    paths.append(folder / "colour.png")
    cv2.imwrite(str(paths[-1]), np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8))
    paths.append(folder / "broken.png")
    paths[-1].write_bytes(b"\x89PNG broken")
    return paths


def _listing() -> dict[str, tuple[int, int]]:
    """Every file of the program and of the person's own folders, with its time and size."""
    home = Path.home()
    places = [ROOT / name for name in ("app", "engine", "nodes", "graphs", "assets", "graingraph")]
    places += [home / ".local", home / ".config", home / "Documents"]
    files = (path for place in places if place.is_dir() for path in place.rglob("*") if path.is_file())
    kept = (path for path in files if "__pycache__" not in path.parts)
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in kept}


def main() -> None:
    """Run a monkey from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=None)
    asked = parser.parse_args()
    folder = (asked.folder or Path(tempfile.mkdtemp(prefix="monkey"))).resolve()
    with x_server(*SIZE) as display:
        saw = Monkey(display, folder, asked.seed).run(seconds=60 * asked.minutes)
    print(json.dumps(asdict(saw), indent=1, ensure_ascii=False))
    sys.exit(1 if saw.bad else 0)


if __name__ == "__main__":
    main()
