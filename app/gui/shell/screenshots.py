"""The pictures of the window in the documentation: ``python -m graingraph.app.gui.shell.screenshots [FOLDER]``.

Without a display they are taken under Xvfb.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from graingraph.app.document.session import Session
from graingraph.app.gui.base.preferences import Preferences
from graingraph.app.rendering.geometry import Point
from graingraph.engine.declare.plugins import load_plugins

if TYPE_CHECKING:
    from graingraph.app.gui.shell.window import Window

ROOT = Path(__file__).parents[3]
Steps = Callable[["Window"], Iterator[None]]


def main(folder: Path) -> None:
    """Make the documentation's pictures, each in a process of its own (a process shows one window only)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in DOCUMENTED:
        subprocess.run(
            [sys.executable, "-m", "graingraph.app.gui.shell.screenshots", str(folder), name], cwd=ROOT, check=True
        )


def picture(folder: Path, name: str) -> None:
    """Make one picture."""
    folder.mkdir(parents=True, exist_ok=True)
    load_plugins()
    recipe, images, size, scale, light, steps = SCENES[name]
    if "DISPLAY" not in os.environ and sys.platform == "linux":
        with _PrivateDisplay(size) as display:
            os.environ["DISPLAY"] = display
            _take(folder / f"{name}.png", recipe, images, size, scale, light, steps)
    else:
        _take(folder / f"{name}.png", recipe, images, size, scale, light, steps)


def _take(
    target: Path, recipe: str, images: str, size: tuple[int, int], scale: float, light: bool, steps: Steps
) -> None:
    from graingraph.app.gui.shell.window import show
    from graingraph.engine.images.files import find_images

    with tempfile.TemporaryDirectory() as state:
        os.environ["XDG_STATE_HOME"] = state
        session = Session()
        session.open(ROOT / "graphs" / f"{recipe}.graingraph.json")
        session.add_images(find_images([str(ROOT / "assets" / images)]))

        def script(window: "Window") -> Iterator[None]:
            yield from _frames(10)
            yield from steps(window)
            yield from _frames(20)
            yield from _save(target)
            window.app.quitting = True

        show(session, Preferences(light, ui_scale=scale, size=size), script=script)


def _save(target: Path) -> Iterator[None]:
    import dearpygui.dearpygui as dpg

    target.unlink(missing_ok=True)
    dpg.output_frame_buffer(str(target))
    end = time.monotonic() + 20
    while not target.exists() and time.monotonic() < end:
        yield
    yield from _frames(5)


def _frames(count: int) -> Iterator[None]:
    for _ in range(count):
        yield


def _view(window: "Window", node: str) -> Iterator[None]:
    """Look at a node and wait for its result."""
    session = window.app.session
    session.select([node])
    session.view(node)
    end = time.monotonic() + 120
    while time.monotonic() < end:
        yield
        status = session.statuses.get(node)
        if status and status.state in ("fresh", "failed", "needs review") and not window.app.live.busy:
            break
    yield from _frames(20)


def _whole(node: str, result: str) -> Steps:
    def steps(window: "Window") -> Iterator[None]:
        yield from _view(window, result)
        yield from _view(window, node)
        window.app.canvas.fit(everything=True)

    return steps


def _adding(window: "Window") -> Iterator[None]:
    """The palette, opened from a wire that was dropped on nothing."""
    from graingraph.app.document import commands

    yield from _view(window, "threshold")
    canvas = window.app.canvas
    at = canvas.scene.spots["threshold", "mask", True].at
    canvas.open_palette(Point(at.x + 40, at.y + 60), commands.WireEnd("threshold", "mask", True))


def _two(window: "Window") -> Iterator[None]:
    """A step beside the image that it was made of."""
    yield from _view(window, "load")
    window.app.pin("load")
    yield from _view(window, "edge_reject")
    window.app.canvas.fit(everything=True)


# Each picture: recipe, folder of images, size in pixels, UI scale, whether light, and what is done before it.
SCENES: dict[str, tuple[str, str, tuple[int, int], float, bool, Steps]] = {
    "window": ("twinned_brass", "brass", (1600, 1000), 1.0, False, _whole("edge_reject", "measure_diameter")),
    "window_light": ("nodules", "nodules", (1280, 800), 1.0, True, _whole("edge_reject", "measure")),
    "palette": ("nodules", "nodules", (1280, 800), 1.0, False, _adding),
    "two_pictures": ("nodules", "nodules", (1280, 800), 1.0, True, _two),
    "painting": ("paint_phases", "titanium", (1280, 800), 1.0, False, _whole("paint_segment", "paint_segment")),
    "window_4k": ("nodules", "nodules", (3840, 2160), 2.0, False, _whole("edge_reject", "measure")),
}
DOCUMENTED = ("window", "window_light", "palette", "two_pictures", "painting")
"""The pictures that the documentation shows; another is made when it is named."""


class _PrivateDisplay:
    """A private X server for the time of one picture."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size

    def __enter__(self) -> str:
        read_end, write_end = os.pipe()
        screen = f"{self._size[0]}x{self._size[1]}x24"
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", screen, "-nolisten", "tcp"],
            pass_fds=(write_end,),
            stderr=subprocess.DEVNULL,
        )
        os.close(write_end)
        with os.fdopen(read_end) as pipe:
            return f":{pipe.readline().strip()}"

    def __exit__(self, *error: object) -> None:
        self._server.terminate()
        self._server.wait()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        picture(Path(sys.argv[1]), sys.argv[2])
    else:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs")
