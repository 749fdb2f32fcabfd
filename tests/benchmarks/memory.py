"""Whether memory stays flat over a thousand edits: ``python -m tests.benchmarks.memory``.

Makes edits of every kind (settings, nodes, wires, moves, strokes, undo and redo), each an edit of its own in the
journal, and waits each time until what is looked at is computed: once without a display, once in the real window
(needs Xvfb). Prints the resident memory after so many edits. The results kept in memory have a small budget here, so
that they are not what grows.
"""

import argparse
import gc
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tests.support.recipes import chain, first_wire
from tests.support.window_harness import missing_tools, x_server

if TYPE_CHECKING:
    from graingraph.app.document.session import Session
    from graingraph.app.gui.shell.application import Application

BUDGET = 20_000_000
PRINTED = (100, 200, 300, 500, 700, 1000, 1500, 2000, 3000)
IMAGES = 3


def edits(app: "Application") -> list[Callable[[int], None]]:
    """One edit of each kind; the argument is the number of the edit."""
    from graingraph.app.document import commands
    from graingraph.app.document.mark_edits import Draw
    from graingraph.engine.declare.injected import Mark
    from graingraph.engine.marks.store import new_mark_id

    session, canvas = app.session, app.canvas

    def change_level(i: int) -> None:
        session.do(commands.set_value(session.recipe, "threshold", "level", 0.3 + 0.0001 * i))

    def add_and_wire(i: int) -> None:
        node = canvas.add("Invert", (100.0, 400.0))
        session.do(commands.connect(session.recipe, first_wire(session.recipe, "load", node)))
        session.view(node)

    def move(i: int) -> None:
        session.do(commands.move(session.recipe, {"load": (float(i), float(i % 7))}))

    def delete(i: int) -> None:
        canvas.session.select([node for node in session.recipe.steps if node.startswith("invert")][:1])
        canvas.delete()
        session.view("measure_features")

    def draw(i: int) -> None:
        source = app.live.source()
        points = np.array([[10, 10], [20.0 + i % 50, 30.0]], np.float32)
        if source:
            session.do(Draw(source.hash, "manual_edit", Mark(new_mark_id(), "brush", points, 4.0)))

    def undo_and_redo(i: int) -> None:
        for _ in range(3):
            session.undo()
        for _ in range(3 - i % 2):
            session.redo()

    def look_elsewhere(i: int) -> None:
        session.show_image(session.images[i % len(session.images)])
        session.select([("load", "threshold", "measure_features")[i % 3]])
        session.do(commands.set_value(session.recipe, "filter", "size", 3 + 2 * (i % 3)))

    return [change_level, add_and_wire, move, delete, draw, undo_and_redo, look_elsewhere, change_level]


def resident() -> float:
    """Memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def make_session(folder: Path) -> "Session":
    """A session with a journal, a recipe that measures and takes strokes, and a few small images."""
    import cv2

    from graingraph.app.document.start import start_session
    from graingraph.engine.recipe import file as recipe_file
    from tests.benchmarks.grain_images import grain_image

    for i in range(IMAGES):
        cv2.imwrite(str(folder / f"field_{i}.png"), grain_image(200, 300, 60, seed=i))
    types = ("Load", "Filter", "Threshold", "FillHoles", "LabelFeatures", "ManualEdit", "MeasureFeatures")
    recipe = chain(types).with_setting("threshold", "method", "manual")
    recipe_file.save(recipe, folder / "recipe.graingraph.json")
    session = start_session(folder / "state", folder / "recipe.graingraph.json", sorted(folder.glob("*.png")))
    session.view("measure_features")
    return session


def go(app: "Application", turn: Callable[[], None], count: int, *, objects: bool) -> None:
    """Make the edits and print."""
    acts = edits(app)
    before: Counter[str] = Counter()
    for i in range(1, count + 1):
        acts[i % len(acts)](i)
        app.session.seal()
        for _ in range(2):
            turn()
        end = time.monotonic() + 30
        while app.live.busy and time.monotonic() < end:
            turn()
        if i in PRINTED:
            print(f"  {i:5} edits: {resident():7.1f} MiB", flush=True)
            if objects:
                gc.collect()
                kinds = Counter(type(thing).__name__ for thing in gc.get_objects())
                print("       ", ", ".join(f"{name} +{n}" for name, n in (kinds - before).most_common(14)))
                before = kinds


def without_display(count: int, *, objects: bool) -> None:
    """Session, journal and live evaluation alone."""
    from graingraph.app.gui.canvas.controller import Canvas
    from graingraph.app.gui.shell.application import Application
    from graingraph.app.services.live_evaluation import LiveEvaluation
    from graingraph.engine.evaluation.cache import MemoryCache
    from graingraph.engine.evaluation.store import Store

    with tempfile.TemporaryDirectory() as folder:
        session = make_session(Path(folder))
        app = Application(session, canvas=Canvas(session, copy=lambda text: None, paste=lambda: ""))
        app.live = LiveEvaluation(app.session, app.post, Store(MemoryCache(BUDGET)))

        def turn() -> None:
            time.sleep(0.002)
            while not app.events.empty():
                app.events.get()()
            app.live.follow()

        go(app, turn, count, objects=objects)
        session.close()


def in_window(count: int, *, objects: bool) -> None:
    """The real window, every panel following."""
    import dearpygui.dearpygui as dpg

    from graingraph.app.gui.base.preferences import Preferences
    from graingraph.app.gui.shell.window import Window

    with tempfile.TemporaryDirectory() as folder:
        session = make_session(Path(folder))
        window = Window(session, Preferences())
        window.app.live.store.memory.budget = BUDGET
        dpg.setup_dearpygui()
        dpg.show_viewport()

        def turn() -> None:
            dpg.render_dearpygui_frame()
            window.tick()

        for _ in range(5):
            turn()
        go(window.app, turn, count, objects=objects)
        print(f"  items of the window: {len(dpg.get_all_items())}")
        session.close()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=1000)
    parser.add_argument("--objects", action="store_true", help="also count what objects there are more of")
    parser.add_argument("--skip-window", action="store_true", help="only without a display")
    parser.add_argument("--only-window", action="store_true", help="only in the window")
    asked = parser.parse_args()
    if not asked.only_window:
        print("without a display")
        without_display(asked.edits, objects=asked.objects)
    if asked.skip_window:
        return
    missing = missing_tools()
    if missing:
        sys.exit(f"the window needs {' and '.join(missing)}")
    with x_server(1280, 800) as display:
        os.environ.update(DISPLAY=display, LIBGL_ALWAYS_SOFTWARE="1")
        print("in the window")
        in_window(asked.edits, objects=asked.objects)


if __name__ == "__main__":
    main()
