"""Cast aluminium: bright dendrites with secondary arms on both sides of their trunks, dark eutectic between."""

import numpy as np

from graingraph.app.samples.optics import Micrograph, Size, coordinates, photographed, smooth_noise


def make(
    seed: int, size: Size = (360, 400), *, spacing: float = 18.0, um_per_px: float = 1.5, noise: float = 0.008
) -> Micrograph:
    """Draw two dendrites side by side whose arms lie about this many px apart along the trunk.

    Truth: ``dendrites`` bool, and ``trunks``, a table with a row a dendrite: x and y of the trunk beside the middle of
    the first arm, the same of the last, and the number of arms.
    """
    rng = np.random.default_rng((seed, 15))
    y, x = coordinates(size)
    y, x = y + 0.5 + 1.2 * smooth_noise(rng, size, 30), x + 0.5 + 1.2 * smooth_noise(rng, size, 30)
    turn = rng.uniform(-0.25, 0.25)
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    distance = np.full(size, np.inf, np.float32)
    trunks = []
    for side in (-1, 1):
        middle = np.array([size[1] / 2, size[0] / 2]) + side * 85 * across
        u, v = ((x - middle[0]) * axis[0] + (y - middle[1]) * axis[1] for axis in (along, across))
        at = np.arange(-8, 9) * spacing * (1 + 0.02 * rng.standard_normal())
        at = at + 0.08 * spacing * rng.uniform(-1, 1, at.size)
        distance = np.minimum(distance, np.where(np.abs(u) < at[-1] + 10, np.abs(v) - 3.5, np.inf))
        for place in at:
            for half in (-1, 1):
                long = rng.uniform(58, 74)
                beyond = np.maximum(half * v - long, 0) + np.maximum(-half * v, 0)
                arm = np.hypot(u - place, beyond) - (0.33 - 0.02 * np.clip(half * v / long, 0, 1)) * spacing
                distance = np.minimum(distance, arm)
        ends = middle + np.array([[at[0]], [at[-1]]]) * along
        trunks.append([*ends.ravel(), at.size])
    cover = np.clip(0.5 - distance, 0, 1)
    eutectic = 0.36 + 0.05 * smooth_noise(rng, size, 3)
    picture = eutectic + cover * (0.78 + 0.01 * smooth_noise(rng, size, 20) - eutectic)
    pixels = photographed(rng, picture, 0.8, 0.03, noise)
    return Micrograph(pixels, um_per_px, {"dendrites": cover >= 0.5, "trunks": np.array(trunks)})
