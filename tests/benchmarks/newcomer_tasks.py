"""What a newcomer does, with real mouse and keys: ``python -m tests.benchmarks.newcomer_tasks`` (needs Xvfb).

For each it counts the clicks (a drag is one), the keys and words typed (a word is one), and the seconds, in which the
machine's own time is included: it presses and lets go as fast as the window sees it, and does not think. Target: no
task takes more than ten clicks, and none needs the manual.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2

from tests.support.paths import ASSETS
from tests.support.window_harness import Driver, missing_tools, x_server

IMAGES = sorted((ASSETS / "nodules").glob("*.tif"))


class Person:
    """Somebody in front of the window whose clicks and keys are counted."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.clicks = self.keys = 0

    def click(self, at: tuple[float, float], **how: Any) -> None:
        """Click, or double-click, at a pixel."""
        self.clicks += 1
        self.driver.click(at, **how)

    def click_on(self, widget: str) -> None:
        """Click on a widget by its name."""
        left, top, right, bottom = self.driver.box(widget, 30)
        self.click(((left + right) / 2, (top + bottom) / 2))

    def choose(self, entry: str, at: tuple[float, float]) -> None:
        """Choose an entry of the menu of a right click."""
        self.click(at, button=3)
        left, top, right, bottom = self.sees(lambda s: entry in s["menu"])["menu"][entry]
        self.click(((left + right) / 2, (top + bottom) / 2))

    def answer(self, words: str) -> None:
        """Type into the dialog that is open, over what stands there, and press Enter."""
        self.sees(lambda s: s["dialog"] and s["typing"])
        self.type(words)
        self.press("Return")

    def open_example(self, title: str) -> None:
        """Turn the wheel over the start page until an example is in sight, and click it."""
        left, top, right, bottom = self.driver.state["panels"]["viewer"]
        while self.driver.box(f"start {title}", 60)[3] > bottom:
            self.driver.wheel(((left + right) / 2, (top + bottom) / 2), -3)
            time.sleep(0.3)
        self.click_on(f"start {title}")

    def click_node(self, node: str) -> None:
        """Click on the header of a node."""
        left, top, right, _ = self.sees(lambda s: s["nodes"][node])["nodes"][node]
        self.click(((left + right) / 2, top + 6))
        self.sees(lambda s: s["selection"] == [node])

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag from a pixel to another."""
        self.clicks += 1
        self.driver.drag(start, end)

    def press(self, keys: str) -> None:
        """Press a key with its modifiers."""
        self.keys += 1
        before = self.driver.state["keys"]
        self.driver.key(keys)
        self.sees(lambda s: s["keys"] > before)

    def type(self, words: str) -> None:
        """Type into the field that has the keyboard."""
        self.keys += 1
        self.driver.type(words)

    def sees(self, condition: Callable[[dict[str, Any]], Any], seconds: float = 60.0) -> dict[str, Any]:
        """Wait until the window shows something."""
        return self.driver.wait_for(condition, seconds)

    def add_on_canvas(self, word: str, node: str) -> None:
        """Add a node by a double click on empty canvas, a word, Enter."""
        left, top, right, bottom = self.driver.state["panels"]["canvas"]
        self.click((0.8 * left + 0.2 * right, (top + bottom) / 2), twice=True)
        self._choose(word, node)

    def add_behind(self, word: str, node: str) -> None:
        """Add a node behind the selected one: Tab, a word, Enter."""
        self.press("Tab")
        self._choose(word, node)

    def _choose(self, word: str, node: str) -> None:
        self.sees(lambda s: s["palette"] is not None)
        self.type(word)
        time.sleep(0.4)  # the list follows every letter
        self.sees(lambda s: s["palette"][0].lower() == node.replace("_", ""))
        self.press("Return")
        self.sees(lambda s: node in s["nodes"] and s["palette"] is None)


def middle(box: list[float]) -> tuple[float, float]:
    """The middle of a box."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def open_images(person: Person) -> None:
    """Open images of one's own, all of a folder, in the window's own dialog."""
    person.click_on("start images")
    person.answer(f"{IMAGES[0].parent}/")
    person.sees(lambda s: len(s["images"]) == len(IMAGES) and s["facts"]["Viewer"]["drawn"])


def set_pixel_size(person: Person) -> None:
    """Set the pixel size of images whose files tell none: draw over the burned-in bar, type its length."""
    person.click(middle(person.sees(lambda s: s["facts"]["Viewer"]["scale bar"])["facts"]["Viewer"]["scale bar"]))
    person.sees(lambda s: s["facts"]["Viewer"]["pixel size"]["open"])
    left, top, right, bottom = person.driver.state["widgets"]["viewer"]
    y = 0.2 * top + 0.8 * bottom
    person.drag((0.6 * left + 0.4 * right, y), (0.4 * left + 0.6 * right, y))
    person.sees(lambda s: s["facts"]["Viewer"]["pixel size"]["line"] and s["typing"])
    person.type("200 um")
    person.press("Return")
    person.sees(lambda s: s["facts"]["Viewer"]["scale"])


def compare_steps(person: Person) -> None:
    """See two steps of an example side by side."""
    person.open_example("Nodules")
    person.sees(lambda s: s["facts"]["Viewer"]["drawn"])
    person.click_node("threshold")
    person.click_on("pin")
    person.sees(lambda s: s["facts"]["Viewer"]["second drawn"])
    person.click_node("separate")
    person.sees(lambda s: s["facts"]["Viewer"]["node"] == "separate" and s["facts"]["Viewer"]["second drawn"])


def copy_table(person: Person) -> None:
    """Copy the table of an example, for a spreadsheet."""
    person.open_example("Nodules")
    person.sees(lambda s: s["facts"]["Results"].get("count"))
    shown = person.sees(lambda s: s["facts"]["Results"]["rows"]["1"][2] > 0)
    person.choose("Copy the table", middle(shown["facts"]["Results"]["rows"]["1"]))
    person.sees(lambda s: "copied, for a spreadsheet" in s["status"])
    if shutil.which("xclip"):
        assert person.driver.pasted().count("\n") > 90


def name_and_save(person: Person) -> None:
    """Name a recipe that has no file yet, say what it does, and save it."""
    left, top, right, bottom = person.driver.state["panels"]["canvas"]
    person.choose("Name and description…", (0.9 * left + 0.1 * right, 0.2 * top + 0.8 * bottom))
    person.sees(lambda s: s["dialog"] and s["typing"])
    person.type("Nodules of our iron")
    person.press("ctrl+Return")
    person.sees(lambda s: not s["dialog"])
    person.press("ctrl+s")
    person.sees(lambda s: s["dialog"] and s["typing"])
    person.press("Return")
    person.sees(lambda s: s["path"] and Path(s["path"]).name.startswith("Nodules of our iron") and not s["dirty"])


def find_porosity(person: Person) -> None:
    """Find the node for porosity, images being open."""
    person.add_on_canvas("porosity", "porosity")


def build_nodules(person: Person) -> None:
    """Build the recipe of the tutorial as far as the table of nodules, images being open."""
    person.click_node("load")
    for word, node in (
        ("flatten", "flatten_background"),
        ("threshold", "threshold"),
        ("fillholes", "fill_holes"),
        ("separate", "separate_features"),
        ("edge", "edge_reject"),
        ("measure features", "measure_features"),
    ):
        person.add_behind(word, node)
    person.press("Home")
    person.click_node("threshold")
    left, _, _, bottom = person.driver.box("keep")
    person.click((left + 20, bottom - 12))
    time.sleep(0.3)
    person.click((left + 20, bottom + 16 + 20))
    person.sees(lambda s: s["settings"]["threshold"]["keep"] == "darker")
    person.click_node("measure_features")
    person.sees(lambda s: s["headlines"].get("measure_features"))


def correct_boundary(person: Person) -> None:
    """Correct a boundary: open the example for it, draw one line."""
    person.open_example("Grains, by correcting")
    person.sees(lambda s: s["facts"]["Viewer"]["drawn"])
    person.click_node("correct")
    person.sees(lambda s: s["facts"]["Viewer"]["drawing"]["active"] and "running" not in s["statuses"].values())
    left, top, right, bottom = person.driver.box("viewer")
    middle = (left + right) / 2, (top + bottom) / 2
    person.drag(middle, (middle[0] + 40, middle[1] + 20))
    person.sees(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] > 0)


def train(person: Person) -> None:
    """Train on what is traced: open the example for it, press Train."""
    person.open_example("Twinned brass, learnt")
    person.sees(lambda s: s["nodes"] and s["images"])
    person.click_on("tab Training")
    person.click_on("train")
    person.sees(lambda s: s["facts"]["Training"]["running"])


def run_as_operator(person: Person) -> None:
    """Run a recipe that is locked for operators on the images of the tray."""
    person.click_on("operator run")
    person.sees(lambda s: s["facts"]["Batch"]["done"] == len(IMAGES) and not s["facts"]["Batch"]["running"])


@contextmanager
def window(**options: Any) -> Iterator[Person]:
    """A fresh window of a fresh user."""
    with x_server(1600, 1000) as display, tempfile.TemporaryDirectory() as folder:
        driver = Driver(display, Path(folder), cwd=Path(folder), size=(1600, 1000), **options)
        try:
            yield Person(driver)
        finally:
            driver.screenshot("task")
            driver.kill()


def without_pixel_size(folder: Path) -> list[Path]:
    """Copies of the images whose files tell no pixel size."""
    images = [folder / f"{image.stem}.png" for image in IMAGES]
    for image, copy in zip(IMAGES, images, strict=True):
        cv2.imwrite(str(copy), cv2.imread(str(image), cv2.IMREAD_UNCHANGED))
    return images


def operators_recipe(folder: Path) -> Path:
    """A locked recipe with one setting for operators."""
    from graingraph.engine.recipe import file as recipe_file
    from graingraph.engine.recipe.parts import Exposed
    from tests.app.gui.panels.test_results_window import measuring

    file = folder / "operator.graingraph.json"
    recipe_file.save(measuring().with_exposed([Exposed("threshold", "level", "Darker than")], locked=True), file)
    return file


def main() -> None:
    """Do all, or those whose name holds what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    missing = missing_tools()
    if missing:
        sys.exit(f"needs {' and '.join(missing)}")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GRAINGRAPH_MODELS"] = folder
        tasks: dict[Callable[[Person], None], dict[str, Any]] = {
            open_images: {},
            set_pixel_size: {"images": without_pixel_size(Path(folder))},
            find_porosity: {"images": IMAGES},
            build_nodules: {"images": IMAGES},
            compare_steps: {},
            correct_boundary: {},
            train: {},
            copy_table: {},
            name_and_save: {"images": IMAGES},
            run_as_operator: {"images": IMAGES, "recipe": operators_recipe(Path(folder))},
        }
        for task, options in tasks.items():
            if asked.only in task.__name__:
                with window(**options) as person:
                    start = time.monotonic()
                    task(person)
                    took = time.monotonic() - start
                    print(f"{task.__name__:18} {person.clicks:3} clicks {person.keys:3} keys and words {took:6.1f} s")


if __name__ == "__main__":
    main()
