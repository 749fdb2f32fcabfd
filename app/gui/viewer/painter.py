"""The picture of a content: its rasters made ready and composed, and two pictures compared."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from graingraph.app.document.content import Content
from graingraph.app.rendering.appearance import RenderStyle
from graingraph.app.rendering.compose import auto_levels, compose, faint_levels, put_part
from graingraph.app.rendering.prepare import Preparer
from graingraph.app.rendering.resample import Pyramid
from graingraph.app.rendering.view import View
from graingraph.engine.values import Image


class Painter:
    """Paints contents; ``ready`` is called, from a thread, when a raster that was asked for can be painted."""

    def __init__(self, ready: Callable[[], None]) -> None:
        self._preparer = Preparer(ready)
        self.brightened = False

    def paint(
        self,
        content: Content,
        look: RenderStyle,
        view: View,
        size: tuple[int, int],
        ground: tuple[int, int, int],
        *,
        auto: bool,
    ) -> np.ndarray | None:
        """A panel of ``size`` (width, height): uint8 (height, width, 3); None until its rasters are ready.

        ``auto`` stretches the contrast to the grey levels that there are. What is too dark to be seen is shown
        ``brightened``.
        """
        image, features = content.image, content.features
        if content.drawn and look.style == "fill":
            look = replace(look, style="off")  # which would hide the drawing
        base = self._with_pyramid(image) if image else None
        prepared = self._preparer.get(features, look.plane) if features is not None else None
        over = (features, prepared) if features is not None and prepared is not None else None
        if (image and base is None) or (features is not None and over is None):
            return None
        faint = faint_levels(*base) if base else None
        self.brightened = faint is not None and not auto
        if base and auto:
            look = replace(look, levels=auto_levels(base[1]))
        elif faint:
            look = replace(look, levels=faint)
        picture = compose(base, over, look, view, size, ground)
        if content.part is not None:
            value, box = content.part
            newer = self._preparer.get(value, look.plane)
            if newer is None:
                return None
            put_part(picture, base, (value, newer), box, look, view, ground)
        return picture

    def _with_pyramid(self, image: Image) -> tuple[Image, Pyramid] | None:
        pyramid = self._preparer.get(image)
        return (image, pyramid) if isinstance(pyramid, Pyramid) else None


def compare(picture: np.ndarray, other: np.ndarray | None, how: str, wipe: float) -> None:
    """Put the other picture left of the wipe line, or the difference of both, into ``picture`` (changed in place)."""
    if other is None:
        return
    if how == "difference":
        np.copyto(picture, np.where(picture > other, picture - other, other - picture))
    else:
        column = round(wipe * picture.shape[1])
        picture[:, :column] = other[:, :column]
