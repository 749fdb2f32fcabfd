"""How fast the canvas pans with 300 nodes on software rendering, how soon the window is up, and what it costs idle.

Run with ``python -m tests.benchmarks.canvas_fps``; needs Xvfb. Targets: 30 frames a second or more at every zoom,
window usable within 1.5 s of start, under 3 % of a core without input.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.support.recipes import first_wire
from tests.support.window_harness import Driver, missing_tools, x_server

NODES = 300
FRAMES = 150


def large_recipe(nodes: int):
    """Chains of ten nodes each, side by side, wired across: filters on images, then masks and labels."""
    from graingraph.engine.recipe.recipe import Recipe

    types = ("Load", "Filter", "AutoContrast", "Invert", "Filter", "Threshold", "FillHoles", "Morphology")
    types = (*types, "LabelFeatures", "MeasureFeatures")
    recipe, previous = Recipe(name="Large"), ""
    for i in range(nodes):
        row, column = divmod(i, 10)
        recipe, node = recipe.add(types[column], (column * 250.0 + (row % 3) * 2600, row // 3 * 210.0))
        if column:
            recipe = recipe.connect(first_wire(recipe, previous, node))
        previous = node
    return recipe


def pan_rates(size: tuple[int, int]) -> dict[str, str]:
    """Frames a second while panning, at several zooms, all nodes with state and thumbnail."""
    import dearpygui.dearpygui as dpg

    from graingraph.app.document.session import NodeStatus, Session
    from graingraph.app.gui.base.preferences import Preferences
    from graingraph.app.gui.shell.window import Window
    from graingraph.app.rendering.geometry import Point

    recipe = large_recipe(NODES)
    session = Session(recipe)
    noise = np.random.default_rng(1)
    for i, node in enumerate(recipe.steps):
        session.thumbnails[str(i)] = noise.integers(0, 255, (92, 178, 4), np.uint8)
        session.statuses[node] = NodeStatus("fresh", "Up to date.", 0.123, None, "mean 41.3 µm (n = 312)", str(i))
    window = Window(session, Preferences(size=size))
    window.app.live.follow = lambda: None  # type: ignore[method-assign]
    dpg.setup_dearpygui()
    dpg.show_viewport()
    canvas = window.app.canvas

    def frame() -> None:
        dpg.render_dearpygui_frame()
        window.tick()

    for _ in range(5):
        frame()
    rates = {}

    def measure(name: str, frames: int, act: Callable[[int], None]) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        for i in range(frames):
            act(i)
            frame()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        rates[name] = f"{frames / wall:.0f} frames a second, {1000 * cpu / frames:.1f} ms of processor a frame"

    def pan(i: int) -> None:
        step = 12 if (i // 30) % 2 == 0 else -12
        canvas.viewpoint = canvas.viewpoint.panned(step, step / 2)

    for name, zoom in (("all in view", None), ("zoom 0.3", 0.3), ("zoom 0.55", 0.55), ("zoom 1", 1.0)):
        canvas.fit(everything=True)
        if zoom:
            canvas.zoom(zoom / canvas.viewpoint.zoom)
        frame()
        measure(f"pan, {name}", FRAMES, pan)
    canvas.fit(everything=True)
    middle = Point(canvas.size[0] / 2, canvas.size[1] / 2)

    def zoom_in_and_out(i: int) -> None:
        canvas.viewpoint = canvas.viewpoint.zoomed(1.1 if i < 20 else 1 / 1.1, middle)

    measure("zooming", 40, zoom_in_and_out)
    return rates


def idle_share(driver: Driver, seconds: float = 10.0) -> float:
    """Share of a core that the window takes without input."""
    time.sleep(3)
    ticks = _cpu_ticks(driver)
    time.sleep(seconds)
    return (_cpu_ticks(driver) - ticks) / os.sysconf("SC_CLK_TCK") / seconds


def _cpu_ticks(driver: Driver) -> int:
    fields = Path(f"/proc/{driver.process.pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def main() -> None:
    """Measure and print."""
    missing = missing_tools()
    if missing:
        sys.exit(f"needs {' and '.join(missing)}")
    import tifffile

    from graingraph.engine.recipe import file as recipe_file
    from tests.benchmarks.grain_images import grain_image
    from tests.benchmarks.grain_recipe import SIZES, grain_recipe

    with x_server(1280, 800) as display, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.graingraph.json"
        recipe_file.save(large_recipe(NODES), path)
        image, measuring = Path(folder) / "large.tif", Path(folder) / "grains.graingraph.json"
        tifffile.imwrite(image, grain_image(*SIZES["6000x4000"]))
        recipe_file.save(grain_recipe()[0], measuring)
        for name, options in (
            ("empty", {}),
            (f"{NODES} nodes", {"recipe": path}),
            ("a recipe and 24 megapixels", {"recipe": measuring, "images": [image]}),
        ):
            start = time.perf_counter()
            driver = Driver(display, Path(folder), **options)
            print(f"window up, {name}: {time.perf_counter() - start:.2f} s")
            if "images" in options:
                driver.wait_for(lambda state: state["facts"]["Viewer"]["drawn"], 30)
                print(f"first picture, {name}: {time.perf_counter() - start:.2f} s")
                driver.wait_for(lambda state: state["statuses"]["measure_features"] == "fresh", 120)
            print(f"idle, {name}: {100 * idle_share(driver):.1f} % of a core")
            driver.close()
        os.environ.update(DISPLAY=display, LIBGL_ALWAYS_SOFTWARE="1")
        for name, rate in pan_rates((1280, 800)).items():
            print(f"{name}: {rate}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
