"""Large etched-grain micrographs to measure speed on: quick to make, and always the same."""

import cv2
import numpy as np


def grain_image(height: int, width: int, grains: int, seed: int = 0) -> np.ndarray:
    """Bright polygonal grains between dark etched lines, under noise and uneven light: uint8 (H, W).

    The grains are the Voronoi cells of a jittered grid of ``grains`` points, about that many of them.
    """
    rng = np.random.default_rng(seed)
    pitch = np.sqrt(height * width / grains)
    y, x = np.mgrid[pitch / 2 : height : pitch, pitch / 2 : width : pitch]
    y, x = (axis + rng.uniform(-0.45, 0.45, axis.shape) * pitch for axis in (y, x))
    seeds = np.ones((height, width), np.uint8)
    seeds[y.astype(int).clip(0, height - 1), x.astype(int).clip(0, width - 1)] = 0
    cell = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)[1]
    inside = np.ones((height, width), np.uint8)
    inside[:-1][cell[:-1] != cell[1:]] = 0
    inside[:, :-1][cell[:, :-1] != cell[:, 1:]] = 0
    from_line = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    shade = rng.normal(0, 6, cell.max() + 1).astype(np.float32)[cell]
    light = cv2.resize(rng.normal(0, 20, (4, 6)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    noise = rng.standard_normal((height, width), np.float32) * 10
    return np.clip(165 + shade + light + noise - 90 * np.exp(-((from_line / 2.5) ** 2)), 0, 255).astype(np.uint8)
