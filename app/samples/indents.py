"""Vickers indents in polished steel: one dark pyramid print in the middle of each field, a little turned."""

import cv2
import numpy as np

from graingraph.app.samples.optics import Micrograph, Size, photographed, scratches, smooth_noise
from graingraph.app.samples.phantoms import vickers_indent


def make(
    seed: int, size: Size = (280, 280), *, diagonal: float = 118.0, um_per_px: float = 0.5, noise: float = 0.006
) -> Micrograph:
    """Draw an indent of about this diagonal in px: every seed has another by 3 %.

    Truth: ``indents`` bool, and ``diagonal``, a table of one number: the mean diagonal in px.
    """
    rng = np.random.default_rng((seed, 9))
    exact = diagonal * (1 + 0.03 * rng.standard_normal())
    print_ = vickers_indent(exact, size, rng.uniform(-8, 8), 0.9)
    indent = np.clip((0.8 - print_) / 0.5, 0, 1)  # 0 on the ground, 1 in the print
    facets = 0.06 * cv2.GaussianBlur(rng.standard_normal(size).astype(np.float32), (0, 0), 25) * 25
    ground = 0.78 + 0.008 * smooth_noise(rng, size, 10) - 0.05 * scratches(rng, size, 12)
    picture = ground - indent * (0.5 + np.clip(facets, -0.05, 0.05))
    pixels = photographed(rng, picture, 0.5, 0.03, noise)
    return Micrograph(pixels, um_per_px, {"indents": indent >= 0.5, "diagonal": np.array([[exact]])})
