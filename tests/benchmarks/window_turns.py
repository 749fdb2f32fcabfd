"""How long the window is busy with its own work in all that a person does: ``python -m tests.benchmarks.window_turns``.

Opens the real window (needs Xvfb) on a micrograph of 24 megapixels with 20 000 grains, does one thing after another and
prints the longest turns of each: what the turn itself took (an act, and bringing every panel in step) on the clock and
of processor time, and the whole frame with drawing on software rendering. Target: no turn over 50 ms. On a busy machine
believe the processor time. ``--profile`` says where the longest turns went.
"""

import argparse
import cProfile
import io
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tests.support.recipes import chain
from tests.support.window_harness import missing_tools, x_server

if TYPE_CHECKING:
    from graingraph.app.gui.shell.window import Window
    from graingraph.engine.recipe.recipe import Recipe

LIMIT_MS = 50.0
SHAPE, GRAINS = (4000, 6000), 20_000
Steps = Iterator[None]
Panel = TypeVar("Panel")


@dataclass
class Watch:
    """Takes the window through things to do, a step each turn, and keeps how long every turn took (ms)."""

    window: "Window"
    profiles: bool = False
    turns: dict[str, list[float]] = field(default_factory=dict)
    work: dict[str, list[float]] = field(default_factory=dict)
    frames: dict[str, list[float]] = field(default_factory=dict)
    longest: dict[str, tuple[float, str]] = field(default_factory=dict)

    def watch(self, name: str, steps: Steps) -> None:
        """Do all steps of one thing."""
        import dearpygui.dearpygui as dpg

        turns, frames, work = (kept.setdefault(name, []) for kept in (self.turns, self.frames, self.work))
        going = True
        while going:
            profile = cProfile.Profile(time.thread_time) if self.profiles else None
            start, start_work = time.perf_counter(), time.thread_time()
            if profile:
                profile.enable()
            going = next(steps, self) is None
            self.window.tick()
            if profile:
                profile.disable()
            turns.append(1e3 * (time.perf_counter() - start))
            work.append(1e3 * (time.thread_time() - start_work))
            dpg.render_dearpygui_frame()
            frames.append(1e3 * (time.perf_counter() - start))
            if profile and work[-1] > max(LIMIT_MS / 4, self.longest.get(name, (0.0, ""))[0]):
                self.longest[name] = work[-1], _words(profile)

    def report(self) -> None:
        """Print the longest turns of everything done."""
        print(f"{'':34} longest turn ms  processor (then)  whole frame, median")
        for name, turns in self.turns.items():
            work, frames = sorted(self.work[name])[::-1], sorted(self.frames[name])
            over = sum(turn > LIMIT_MS for turn in turns)
            print(
                f"{name:34} {max(turns):12.1f} {work[0]:13.1f} {work[min(1, len(work) - 1)]:7.1f} {frames[-1]:10.1f}"
                f" {frames[len(frames) // 2]:8.1f}   {over} of {len(turns)} over {LIMIT_MS:g} ms"
            )
        for name, (turn, words) in self.longest.items():
            print(f"\n--- {name}: {turn:.1f} ms\n{words}")


def _words(profile: cProfile.Profile) -> str:
    text = io.StringIO()
    pstats.Stats(profile, stream=text).sort_stats("cumulative").print_stats(22)
    return "\n".join(line for line in text.getvalue().splitlines()[5:] if line.strip())


# waiting ---------------------------------------------------------------------------------------------------------


def panel_of(window: "Window", kind: type[Panel]) -> Panel:
    """The panel of this kind."""
    return next(panel for panel in window.panels.values() if isinstance(panel, kind))


def idle(window: "Window", frames: int = 3) -> Steps:
    """Some turns without doing anything."""
    for _ in range(frames):
        yield


def until(condition: Callable[[], object], seconds: float = 120.0) -> Steps:
    """Turns until a condition holds."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        yield
    assert condition(), "waited in vain"


def computed(window: "Window") -> Steps:
    """Turns until everything looked at is computed and drawn."""
    yield from idle(window, 5)
    yield from until(lambda: not window.app.live.busy)
    yield from idle(window, 8)


# what a person does ----------------------------------------------------------------------------------------------


def open_recipe(window: "Window", recipe: Path, image: Path) -> Steps:
    """File, Open; one large image into the tray."""
    window.app.open(recipe)
    yield
    window.app.session.add_images([image])
    yield
    window.app.session.view("load")
    yield from computed(window)


def look_through(window: "Window") -> Steps:
    """Click every node in turn, computing what is not computed yet."""
    session = window.app.session
    for node in session.recipe.order:
        session.select([node])
        session.view(node)
        yield from computed(window)


def drag_threshold(window: "Window") -> Steps:
    """Drag the level of the threshold for a while, then let go and wait for the results."""
    from graingraph.app.document import commands

    session = window.app.session
    session.select(["threshold"])
    session.view("threshold")
    yield from computed(window)
    for i in range(60):
        session.do(commands.set_value(session.recipe, "threshold", "level", 0.40 + 0.003 * i))
        yield
    session.seal()
    session.view("measure_features")
    yield from computed(window)


def pan_and_zoom_picture(window: "Window") -> Steps:
    """Pan and zoom the labels over the micrograph, wheel and drag."""
    from graingraph.app.gui.viewer.panel import Viewer
    from graingraph.app.rendering.geometry import Point

    session = window.app.session
    session.view("separate_features")
    yield from computed(window)
    viewer = panel_of(window, Viewer)
    viewpoint = viewer.shown.viewpoint
    middle = Point(viewpoint.size[0] / 2, viewpoint.size[1] / 2)
    for i in range(40):
        viewpoint.wheel(1 if i < 20 else -1, middle)
        yield
    viewpoint.press("middle", middle)
    for i in range(40):
        viewpoint.move(middle.moved(5.0 * i, 2.0 * i))
        yield
    viewpoint.release(middle)
    yield from computed(window)


def color_and_compare(window: "Window") -> Steps:
    """Colours by a measurement, outlines, histogram, stretched contrast, a wipe."""
    from graingraph.app.gui.viewer.panel import Viewer

    viewer = panel_of(window, Viewer)
    controls = viewer.controls
    window.app.session.view("measure_features")
    yield from computed(window)
    for act in (
        lambda: controls._set_by(0, "Area"),
        lambda: controls._set_overlay(0, "Outline"),
        lambda: controls._set_histogram(0, True),
        lambda: controls._set_auto(0, True),
        lambda: controls._set_overlay(0, "Features only"),
        lambda: controls._set_overlay(0, "Fill"),
        lambda: controls._set_compare(0, "Wipe"),
        lambda: controls._set_compare(0, "Difference"),
        lambda: controls._set_compare(0, "Compare: off"),
    ):
        act()
        yield from idle(window, 4)
    controls._set_auto(0, False)
    controls._set_histogram(0, False)
    controls._set_by(0, "each its own")
    yield from computed(window)


def sort_table(window: "Window") -> Steps:
    """A table of 20 000 rows: show, sort by every column, turn pages, find a feature's row."""
    from graingraph.app.document.content import Feature, features_for
    from graingraph.app.gui.panels.results import Results

    session = window.app.session
    session.view("measure_features")
    yield from computed(window)
    results = panel_of(window, Results)
    assert results._page
    for column in list(results._columns):
        for direction in (1, -1):
            results._sort(0, [(int(column), direction)])
            yield from idle(window, 2)
    for by in (1, 1, 5, 50, -20):
        results._turn(by)
        yield from idle(window, 2)
    place = features_for(session.recipe, results._place) if results._place else None
    for label in (17, 4000, 9999):
        assert session.image
        assert place
        window.app.feature = Feature(session.image, place, label)
        session.revision += 1
        yield from idle(window, 4)
    window.app.feature = None
    yield from idle(window, 4)


def large_tray(window: "Window", images: list[Path]) -> Steps:
    """100 images into the tray, and a click on several of them."""
    session = window.app.session
    session.add_images(images)
    image_set = window.panels["Images"]
    yield from until(lambda: len(image_set._textures) > len(images))  # type: ignore[attr-defined]
    for path in images[:60:10]:
        session.show_image(path)
        yield from idle(window, 10)
    session.show_image(session.images[0])
    yield from computed(window)
    session.remove_images(images)
    yield from computed(window)


def draw_strokes(window: "Window", recipe: Path) -> Steps:
    """Strokes with brush, pen, snap and polygon on 24 megapixels."""
    import numpy as np

    from graingraph.app.gui.viewer.panel import Viewer
    from graingraph.app.rendering.geometry import Point

    window.app.open(recipe)
    session = window.app.session
    session.select(["trace"])
    session.view("trace")
    yield from computed(window)
    viewer = panel_of(window, Viewer)
    drawing = viewer.tool
    yield from until(lambda: drawing.image)
    for index, tool in enumerate(("brush", "pen", "polygon", "eraser", "brush", "pen")):
        drawing.choose(tool)
        start = Point(800.0 + 500 * index, 1500.0)
        drawing.press(start)
        yield
        for angle in np.linspace(0, 6, 60):
            drawing.move(start.moved(300 * np.sin(angle), 300 * np.cos(angle) - 300))
            yield
        drawing.release(start)
        yield from computed(window)
    for _ in range(3):
        session.undo()
        yield from idle(window)
    yield from computed(window)


def pan_canvas(window: "Window", large: "Recipe") -> Steps:
    """Open a recipe of 300 nodes, pan and zoom it."""
    from graingraph.engine.recipe import file as recipe_file

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "large.graingraph.json"
        recipe_file.save(large, file)
        window.app.open(file)
    yield from computed(window)
    canvas = window.app.canvas
    for i in range(40):
        canvas.viewpoint = canvas.viewpoint.panned(12 if i < 20 else -12, 5)
        yield
    for i in range(30):
        canvas.zoom(1.1 if i < 15 else 1 / 1.1)
        yield


def edit_canvas(window: "Window") -> Steps:
    """Select 300 nodes, drag them, align, arrange, duplicate, undo, redo, mute, delete, copy and paste."""
    from graingraph.app.gui.canvas.controller import Modifiers
    from graingraph.app.rendering.geometry import Point

    session, canvas = window.app.session, window.app.canvas
    window.reader.poll = lambda: None  # type: ignore[method-assign]  # the pointer is ours
    canvas.select_all()
    yield from idle(window)
    box = next(iter(canvas.scene.boxes.values())).box
    at = canvas.viewpoint.to_screen((box.left + 20, box.top + 10))
    canvas.press("left", at, Modifiers())
    yield
    for i in range(15):
        canvas.move(Point(at.x + 3 * i, at.y + 2 * i))
        yield
    canvas.release(Point(at.x + 45, at.y + 30))
    yield from computed(window)
    acts: list[Callable[[], object]] = [canvas.arrange, canvas.copy, canvas.paste, session.undo, session.redo]
    acts += [canvas.duplicate, session.undo, session.redo, canvas.mute, session.undo, canvas.delete, session.undo]
    acts += [session.undo, session.undo, canvas.select_all, lambda: canvas.align("left"), session.undo]
    for act in acts:
        act()
        yield from idle(window, 4)
    yield from computed(window)


def pull_wire(window: "Window") -> Steps:
    """Pull a wire over a canvas of 300 nodes, drop it on empty space, search the palette."""
    from graingraph.app.gui.canvas.controller import Modifiers
    from graingraph.app.rendering.geometry import Point

    canvas = window.app.canvas
    spot = next(spot for spot in canvas.scene.spots.values() if spot.is_output)
    at = canvas.viewpoint.to_screen(spot.at)
    canvas.press("left", at, Modifiers())
    yield
    for i in range(20):
        canvas.move(Point(at.x + 10 * i, at.y + 7 * i))
        yield
    canvas.release(Point(at.x + 1, at.y - 300))
    yield from idle(window)
    canvas.open_palette_here()
    yield from idle(window)
    window.palette._search()
    yield from idle(window)
    canvas.cancel()
    yield from idle(window)


def save(window: "Window", target: Path) -> Steps:
    """Save a recipe of 300 nodes, several times."""
    for _ in range(5):
        window.app.session.save(target)
        yield from idle(window)


def settings_of_300(window: "Window") -> Steps:
    """Change a setting of one of 300 nodes forty times, each an edit of its own with its place in the journal."""
    from graingraph.app.document import commands

    session = window.app.session
    node = next(node for node, step in session.recipe.steps.items() if step.type == "Filter")
    session.select([node])
    yield from idle(window)
    for i in range(40):
        session.do(commands.set_value(session.recipe, node, "size", 3 + 2 * (i % 5)))
        session.seal()
        yield
    for _ in range(20):
        session.undo()
        yield
    yield from computed(window)


def follow_training(window: "Window") -> Steps:
    """A training publishes its curve and a preview many times."""
    import numpy as np

    from graingraph.app.gui.panels.training import TrainingPanel
    from graingraph.app.services.training import Training

    panel = panel_of(window, TrainingPanel)
    training = Training(window.app.session.recipe, "train", (), window.app.live.store)
    panel.training = training
    rng = np.random.default_rng(1)
    for i in range(40):
        epochs = np.arange(1, 10 * i + 2)
        loss = (1 / epochs).tolist()
        training._published("train", "curve", {"loss": loss, "iou": loss[::2], "epoch": epochs[::2].tolist()})
        preview = {"pixels": rng.random((256, 256, 1), np.float32), "probabilities": rng.random((256, 256, 2))}
        preview["colors"] = [(255, 0, 0), (0, 0, 255)]
        training._published("train", "preview", preview)
        training._progress("train", None, i / 40, f"epoch {i}")
        yield
    panel.training = None
    yield from idle(window)


def change_look(window: "Window") -> Steps:
    """Dark to light and back, other arrangements of the panels, help, the path dialog."""
    from graingraph.app.gui.shell import actions

    for label in ("Dark or light", "Dark or light", "Large canvas", "Large picture", "Large results", "All panels"):
        next(action for action in actions.ACTIONS if action.label == label).run(window.app)
        yield from idle(window, 6)
    window.app.show_help()
    yield from idle(window, 5)
    window.dialogs.key("Escape")
    window.app.ask_open()
    yield from idle(window, 5)
    window.dialogs.key("Escape")
    yield from idle(window, 3)


# the whole -------------------------------------------------------------------------------------------------------


def measuring_recipe() -> "Recipe":
    """The grain recipe with a threshold set by hand."""
    from tests.benchmarks.grain_recipe import grain_recipe

    recipe = grain_recipe()[0]
    for name, value in (("method", "manual"), ("level", 0.5)):
        recipe = recipe.with_setting("threshold", name, value)
    return recipe


def write_images(folder: Path) -> tuple[Path, list[Path]]:
    """A micrograph of 24 megapixels, and a hundred of 6."""
    import numpy as np
    import tifffile

    from tests.benchmarks.grain_images import grain_image

    large = grain_image(*SHAPE, GRAINS)
    tifffile.imwrite(folder / "large.tif", large)
    many = [folder / f"field_{i:03}.tif" for i in range(100)]
    for i, path in enumerate(many):
        tifffile.imwrite(path, np.ascontiguousarray(large[20 * i : 20 * i + 2000, 30 * i : 30 * i + 3000]))
    return folder / "large.tif", many


def run(size: tuple[int, int], ui_scale: float, *, profiles: bool, only: str) -> None:
    """Take one window through everything and print."""
    import dearpygui.dearpygui as dpg

    from graingraph.app.document.start import start_session
    from graingraph.app.gui.base.preferences import Preferences
    from graingraph.app.gui.shell.window import Window
    from graingraph.engine.recipe import file as recipe_file
    from tests.benchmarks.canvas_fps import NODES, large_recipe

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        image, many = write_images(folder)
        measuring, tracing = folder / "grains.graingraph.json", folder / "trace.graingraph.json"
        recipe_file.save(measuring_recipe(), measuring)
        recipe_file.save(chain(("Load", "Trace")), tracing)
        window = Window(start_session(folder), Preferences(ui_scale=ui_scale, size=size))
        dpg.setup_dearpygui()
        dpg.show_viewport()
        watch = Watch(window, profiles)
        things: dict[str, Callable[[], Steps]] = {
            "first frames": lambda: idle(window, 10),
            "open a recipe and 24 MP": lambda: open_recipe(window, measuring, image),
            "click every node": lambda: look_through(window),
            "click every node again": lambda: look_through(window),
            "drag a threshold": lambda: drag_threshold(window),
            "pan and zoom 24 MP": lambda: pan_and_zoom_picture(window),
            "colours, outlines, wipe": lambda: color_and_compare(window),
            "sort a table of 20 000 rows": lambda: sort_table(window),
            "100 images in the tray": lambda: large_tray(window, many),
            "dark, light, other panels": lambda: change_look(window),
            "draw on 24 MP": lambda: draw_strokes(window, tracing),
            f"pan and zoom {NODES} nodes": lambda: pan_canvas(window, large_recipe(NODES)),
            f"settings among {NODES} nodes": lambda: settings_of_300(window),
            f"drag, copy, undo {NODES} nodes": lambda: edit_canvas(window),
            f"pull a wire among {NODES} nodes": lambda: pull_wire(window),
            f"save {NODES} nodes": lambda: save(window, folder / "saved.graingraph.json"),
            "follow a training": lambda: follow_training(window),
        }
        for thing, steps in things.items():
            if not only or thing in ("first frames", "open a recipe and 24 MP") or only in thing:
                watch.watch(thing, steps())
        window.app.session.close()
        watch.report()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--ui-scale", type=float, default=1.0)
    parser.add_argument("--profile", action="store_true", help="say where the longest turns went")
    parser.add_argument("--only", default="", help="part of the name of what to do")
    asked = parser.parse_args()
    missing = missing_tools()
    if missing:
        sys.exit(f"needs {' and '.join(missing)}")
    width, height = (int(side) for side in asked.size.split("x"))
    with x_server(width, height) as display:
        os.environ.update(DISPLAY=display, LIBGL_ALWAYS_SOFTWARE="1")
        run((width, height), asked.ui_scale, profiles=asked.profile, only=asked.only)


if __name__ == "__main__":
    main()
