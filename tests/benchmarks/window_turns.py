"""How long the window is busy with its own work in all that a person does: ``python -m tests.benchmarks.window_turns``.

Opens the real window (needs Xvfb) on a micrograph of 24 megapixels with 20 000 grains, does one thing after another
(``window_acts``) and prints the longest turns of each: what the turn itself took (an act, and bringing every panel in
step) on the clock and of processor time, and the whole frame with drawing on software rendering. Target: no turn over
50 ms. On a busy machine believe the processor time. ``--profile`` says where the longest turns went.
"""

import argparse
import cProfile
import io
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks import window_acts as acts
from tests.benchmarks.window_acts import Steps
from tests.support.recipes import CHAIN, chain
from tests.support.window_harness import missing_tools, x_server

if TYPE_CHECKING:
    from graingraph.app.gui.shell.window import Window

LIMIT_MS = 50.0
SHAPE, GRAINS = (4000, 6000), 20_000


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

    def tell(self, name: str) -> None:
        """Print the longest turns of one thing."""
        turns = self.turns[name]
        work, frames = sorted(self.work[name])[::-1], sorted(self.frames[name])
        over = sum(turn > LIMIT_MS for turn in turns)
        print(
            f"{name:34} {max(turns):12.1f} {work[0]:13.1f} {work[min(1, len(work) - 1)]:7.1f} {frames[-1]:10.1f}"
            f" {frames[len(frames) // 2]:8.1f}   {over} of {len(turns)} over {LIMIT_MS:g} ms",
            flush=True,
        )

    def tell_longest(self) -> None:
        """Print where the longest turn of everything done went, where that was asked for."""
        for name, (turn, words) in self.longest.items():
            print(f"\n--- {name}: {turn:.1f} ms\n{words}")


def _words(profile: cProfile.Profile) -> str:
    text = io.StringIO()
    pstats.Stats(profile, stream=text).sort_stats("cumulative").print_stats(22)
    return "\n".join(line for line in text.getvalue().splitlines()[5:] if line.strip())


# the whole -------------------------------------------------------------------------------------------------------


def write_recipes(folder: Path) -> dict[str, Path]:
    """The recipes that are opened, by what they are for."""
    from graingraph.app.document import commands
    from graingraph.engine.recipe import file as recipe_file
    from tests.benchmarks import many_rows  # noqa: F401  (declares its node)
    from tests.benchmarks.canvas_fps import large_recipe
    from tests.benchmarks.grain_recipe import grain_recipe
    from tests.nodes.learn.test_paint_segment import painting_recipe

    grains = grain_recipe()[0]
    for name, value in (("method", "manual"), ("level", 0.5)):
        grains = grains.with_setting("threshold", name, value)
    made = {
        "grains": grains,
        "rows": chain(("Load", "ManyRows")),
        "trace": chain(("Load", "Trace")),
        "paint": painting_recipe(),
        "60 nodes": large_recipe(60),
        "moved": commands.expose(chain((*CHAIN, "Pool", "Distribution")), "filter", "size", "Size").after,
    }
    files = {name: folder / f"{name.replace(' ', '_')}.graingraph.json" for name in made}
    for name, recipe in made.items():
        recipe_file.save(recipe, files[name])
    return files


def write_images(folder: Path) -> tuple[Path, list[Path], list[Path]]:
    """A micrograph of 24 megapixels, a hundred of 6, and two thousand small ones."""
    import numpy as np
    import tifffile

    from tests.benchmarks.grain_images import grain_image

    large = grain_image(*SHAPE, GRAINS)
    tifffile.imwrite(folder / "large.tif", large)

    def parts(name: str, count: int, rows: int, columns: int) -> list[Path]:
        paths = [folder / f"{name}_{i:04}.tif" for i in range(count)]
        for i, path in enumerate(paths):
            top, left = 37 * i % (SHAPE[0] - rows + 1), 23 * i % (SHAPE[1] - columns + 1)
            tifffile.imwrite(path, np.ascontiguousarray(large[top : top + rows, left : left + columns]))
        return paths

    return folder / "large.tif", parts("field", 100, 2000, 3000), parts("small", 2000, 200, 300)


def run(size: tuple[int, int], ui_scale: float, *, profiles: bool, only: str) -> None:
    """Take one window through everything and print."""
    import dearpygui.dearpygui as dpg

    from graingraph.app.document.start import start_session
    from graingraph.app.gui.base.preferences import Preferences
    from graingraph.app.gui.shell.window import Window
    from tests.benchmarks.canvas_fps import NODES, large_recipe

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        image, fields, small = write_images(folder)
        recipes = write_recipes(folder)
        window = Window(start_session(folder), Preferences(ui_scale=ui_scale, size=size))
        dpg.setup_dearpygui()
        dpg.show_viewport()
        watch = Watch(window, profiles)
        things: dict[str, Callable[[], Steps]] = {
            "first frames": lambda: acts.idle(window, 10),
            "open a recipe and 24 MP": lambda: acts.open_recipe(window, recipes["grains"], image),
            "click every node": lambda: acts.look_through(window),
            "click every node again": lambda: acts.look_through(window),
            "drag a threshold": lambda: acts.drag_threshold(window),
            "pan and zoom 24 MP": lambda: acts.pan_and_zoom_picture(window),
            "colours, outlines, wipe": lambda: acts.color_and_compare(window),
            "a table of 20 000 rows": lambda: acts.sort_table(window),
            "a table of 100 000 rows": lambda: acts.large_table(window, recipes["rows"]),
            "100 images in the tray": lambda: acts.large_tray(window, fields),
            "2 000 images in the tray": lambda: acts.large_tray(window, small),
            "dark, light, other panels": lambda: acts.change_look(window),
            "draw on 24 MP": lambda: acts.draw_strokes(window, recipes["trace"]),
            "paint on 6 MP": lambda: acts.paint(window, recipes["paint"], fields[0]),
            "run 60 nodes": lambda: acts.run_60_nodes(window, recipes["60 nodes"], fields[1]),
            "rows of a batch": lambda: acts.rows_of_batch(window, small, folder / "rows"),
            "move the settings": lambda: acts.move_settings(window, recipes["moved"], small[:6], folder / "moved"),
            f"pan and zoom {NODES} nodes": lambda: acts.pan_canvas(window, large_recipe(NODES)),
            f"settings among {NODES} nodes": lambda: acts.settings_of_300(window),
            f"drag, copy, undo {NODES} nodes": lambda: acts.edit_canvas(window),
            f"pull a wire among {NODES} nodes": lambda: acts.pull_wire(window),
            f"save {NODES} nodes": lambda: acts.save(window, folder / "saved.graingraph.json"),
            "follow a training": lambda: acts.follow_training(window),
        }
        print(f"{'':34} longest turn ms  processor (then)  whole frame, median")
        for thing, steps in things.items():
            if (
                not only
                or thing in ("first frames", "open a recipe and 24 MP")
                or any(part in thing for part in only.split(","))
            ):
                watch.watch(thing, steps())
                watch.tell(thing)
        window.app.session.close()
        watch.tell_longest()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--ui-scale", type=float, default=1.0)
    parser.add_argument("--profile", action="store_true", help="say where the longest turns went")
    parser.add_argument("--only", default="", help="parts of the names of what to do, parted by commas")
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
