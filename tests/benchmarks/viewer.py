"""How long the viewer takes on 24 megapixels: first picture, pan and zoom. Run: python -m tests.benchmarks.viewer

Targets: first picture under 500 ms (reading the file included), pan and zoom under 33 ms a frame.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

import graingraph.nodes  # noqa: F401  (declares the nodes)
from graingraph.app.rendering.appearance import ColoredLabels, RenderStyle
from graingraph.app.rendering.compose import compose
from graingraph.app.rendering.resample import Pyramid
from graingraph.app.rendering.view import View, fit
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Image, Labels, Mask

SHAPE = (4000, 6000)
MOVING = "viewer at 4K, half resolution while it moves"
PANELS = {"viewer at 1280 × 800": (750, 300), "viewer at 4K": (2300, 1100), MOVING: (1150, 550)}


def micrograph(shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """Grey noise with structure: uint8."""
    small = np.random.default_rng(1).integers(0, 255, (shape[0] // 20, shape[1] // 20), np.uint8)
    large = cv2.resize(small, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return cv2.add(large, np.random.default_rng(2).integers(0, 20, shape, np.uint8))


def median_ms(act: Callable[[], object], times: int = 9) -> float:
    """Median time of an act, in milliseconds."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        found.append((time.perf_counter() - start) * 1e3)
    return statistics.median(found)


def first_picture_ms(suffix: str) -> float:
    """From a file on disk to the picture of a panel: hash, read, pyramid, compose."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"large{suffix}"
        cv2.imwrite(str(file), micrograph())
        recipe, node = Recipe().add("Load", (0, 0))
        start = time.perf_counter()
        image = Evaluation(recipe, ImageSet.of_files([file])).value(node, image=file.name)
        assert isinstance(image, Image)
        pyramid = Pyramid(image.pixels)
        size = PANELS["viewer at 1280 × 800"]
        compose((image, pyramid), None, RenderStyle(), fit(image.shape, size), size)
        return (time.perf_counter() - start) * 1e3


def redraw_ms(size: tuple[int, int]) -> dict[str, float]:
    """Composing one frame at several zooms, with nothing, labels, or a mask over the micrograph."""
    pixels = micrograph()
    image = (Image(pixels), Pyramid(pixels))
    mask = pixels > 120
    count, numbers = cv2.connectedComponents(mask.view(np.uint8))
    labels = Labels(numbers.astype(np.int32), count=count - 1)
    over = {
        "micrograph": None,
        "labels": (labels, ColoredLabels(labels)),
        "mask": (Mask(mask), Pyramid(mask)),
    }
    found = {}
    for name, features in over.items():
        for words, view in {
            "fit": fit(SHAPE, size),
            "1:2": View(0.5, 1000, 900),
            "1:1": View(1.0, 1000, 900),
            "8:1": View(8.0, 1000, 900),
        }.items():
            found[f"{name}, {words}"] = median_ms(
                lambda v=view, f=features: compose(image, f, RenderStyle(), v, size)  # type: ignore[misc]
            )
    return found


def main() -> None:
    """Print the times."""
    for suffix in (".tif", ".png", ".bmp"):
        print(f"first picture of 24 MP {suffix}: {first_picture_ms(suffix):.0f} ms")
    print(f"pyramid of 24 MP: {median_ms(lambda: Pyramid(micrograph_once), 3):.0f} ms (in a thread)")
    for name, size in PANELS.items():
        for words, ms in redraw_ms(size).items():
            print(f"{name}: {words}: {ms:.1f} ms")


micrograph_once = micrograph()

if __name__ == "__main__":
    main()
