"""Closely packed precipitates of a superalloy: faint, darker than the thin channels between them, in uneven light."""

import cv2
import numpy as np

from graingraph.app.samples.optics import Micrograph, Size, coordinates, photographed, smooth_noise


def make(
    seed: int,
    size: Size = (400, 480),
    *,
    pitch: float = 46.0,
    channel: float = 9.0,
    contrast: float = 0.07,
    um_per_px: float = 0.01,
    noise: float = 0.03,
) -> Micrograph:
    """Draw precipitates about ``pitch`` px apart between channels about ``channel`` px wide, in about half of the area.

    Every fifth place is left to the matrix. One corner is contaminated: a black speck, far darker than anything else.
    Truth: ``precipitates`` int32 labels from 1.
    """
    from scipy.spatial import cKDTree

    rng = np.random.default_rng((seed, 19))
    y, x = coordinates(size)
    rows, columns = (np.arange(-1, int(side / pitch) + 2) for side in size)
    places = np.stack([one.ravel() for one in np.meshgrid(columns, rows)], axis=1) * pitch
    places = places + rng.uniform(-0.3, 0.3, places.shape) * pitch
    distance, nearest = cKDTree(places).query(np.stack([x.ravel(), y.ravel()], axis=1), k=2)
    apart = np.hypot(*(places[nearest[:, 0]] - places[nearest[:, 1]]).T)
    from_side = ((distance[:, 1] ** 2 - distance[:, 0] ** 2) / (2 * apart)).reshape(size)
    filled = (rng.random(len(places)) > 0.2)[nearest[:, 0]].reshape(size)
    inside = ((from_side > channel / 2) & filled).astype(np.float32)
    rounded = cv2.GaussianBlur(inside, (0, 0), 3.5) > 0.5
    labels = cv2.connectedComponents(rounded.view(np.uint8), connectivity=4, ltype=cv2.CV_32S)[1]
    depth = cv2.distanceTransform((~rounded).view(np.uint8), cv2.DIST_L2, 5)
    rim = np.exp(-((depth / 4) ** 2)) * ~rounded
    picture = 0.55 + 0.015 * smooth_noise(rng, size, 12) - contrast * rounded + 0.4 * contrast * rim
    speck = np.hypot(x - size[1] + 24, 0.7 * (y - size[0] + 30)) < 15
    picture = picture * (1 - 0.85 * speck)
    pixels = photographed(rng, picture, 0.9, 0.12, noise)
    return Micrograph(pixels, um_per_px, {"precipitates": np.asarray(labels, np.int32)})
