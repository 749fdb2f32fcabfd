"""What the rasters that are looked at are painted from, made in a thread so that 24 megapixels hold up no frame."""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from graingraph.app.rendering.appearance import Prepared, appearance_of
from graingraph.engine.values import Raster

KEPT = 6


class Preparer:
    """Hands out what a raster is painted from, or None until it is ready; ``ready`` is called from the thread then."""

    def __init__(self, ready: Callable[[], None]) -> None:
        self._ready = ready
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="pyramids")
        self._made: OrderedDict[tuple[int, int], tuple[np.ndarray, Prepared | None]] = OrderedDict()

    def get(self, value: Raster, plane: int = -1) -> Prepared | None:
        """What a raster, or one plane of it, is painted from. Main thread only."""
        key = (id(value.pixels), plane)
        if key in self._made:
            self._made.move_to_end(key)
            return self._made[key][1]
        if value.pixels.size < 1_000_000:
            made = appearance_of(type(value)).prepare(value, plane)
            self._keep(key, value, made)
            return made
        self._keep(key, value, None)
        self._pool.submit(self._work, key, value, plane)
        return None

    def close(self) -> None:
        """Stop the thread."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _work(self, key: tuple[int, int], value: Raster, plane: int) -> None:
        made = appearance_of(type(value)).prepare(value, plane)
        if key in self._made:
            self._made[key] = (value.pixels, made)
        self._ready()

    def _keep(self, key: tuple[int, int], value: Raster, made: Prepared | None) -> None:
        # The array is kept with its pyramid, so that its id cannot become that of another one.
        self._made[key] = (value.pixels, made)
        while len(self._made) > KEPT:
            self._made.popitem(last=False)
