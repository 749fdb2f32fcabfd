"""Pyramids of the rasters that are looked at, made in a thread so that 24 megapixels do not hold up a frame."""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from graingraph.app.rendering.compose import plane_of
from graingraph.app.rendering.resample import ClassPyramid, Pyramid
from graingraph.engine.values import ClassMap, Probabilities, Raster

KEPT = 6
Prepared = Pyramid | ClassPyramid


class Preparer:
    """Hands out the pyramid of a raster, or None until it is ready; ``ready`` is called from the thread then."""

    def __init__(self, ready: Callable[[], None]) -> None:
        self._ready = ready
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="pyramids")
        self._made: OrderedDict[tuple[int, int], tuple[np.ndarray, Prepared | None]] = OrderedDict()

    def get(self, value: Raster, plane: int = -1) -> Prepared | None:
        """The pyramid of an image, a mask, a class map, or one plane of probabilities. Main thread only."""
        key = (id(value.pixels), plane)
        if key in self._made:
            self._made.move_to_end(key)
            return self._made[key][1]
        if value.pixels.size < 1_000_000:
            made = _make(value, plane)
            self._keep(key, value, made)
            return made
        self._keep(key, value, None)
        self._pool.submit(self._work, key, value, plane)
        return None

    def close(self) -> None:
        """Stop the thread."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _work(self, key: tuple[int, int], value: Raster, plane: int) -> None:
        made = _make(value, plane)
        if key in self._made:
            self._made[key] = (value.pixels, made)
        self._ready()

    def _keep(self, key: tuple[int, int], value: Raster, made: Prepared | None) -> None:
        # The array is kept with its pyramid, so that its id cannot become that of another one.
        self._made[key] = (value.pixels, made)
        while len(self._made) > KEPT:
            self._made.popitem(last=False)


def _make(value: Raster, plane: int) -> Prepared:
    if isinstance(value, ClassMap):
        return ClassPyramid(value.pixels)
    return Pyramid(plane_of(value, plane) if isinstance(value, Probabilities) else value.pixels)
