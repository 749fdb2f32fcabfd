"""Unetched steel rolled along the rows: grey sulphides drawn out, lines of dark oxides, and single globules."""

import cv2
import numpy as np

from graingraph.app.samples.optics import Micrograph, Size, photographed, smooth_noise

SULPHIDE, OXIDE = 1, 2


def make(
    seed: int,
    size: Size = (480, 500),
    *,
    sulphides: int = 14,
    lines: int = 2,
    globules: int = 9,
    um_per_px: float = 1.5,
    noise: float = 0.004,
) -> Micrograph:
    """Draw so many sulphides, lines of oxides and globules; a field is 0.54 mm², enough for the worst 0.5 mm².

    Truth: ``kinds`` uint8, 0 steel, 1 sulphide, 2 oxide.
    """
    rng = np.random.default_rng((seed, 11))
    kinds = np.zeros(size, np.uint8)
    cover = np.zeros((2, *size), np.float32)

    def draw(kind: int, middle: tuple[float, float], long: float, wide: float) -> None:
        one = np.zeros(size, np.uint8)
        at, axes = (round(16 * middle[0]), round(16 * middle[1])), (round(8 * long), round(8 * wide))
        if long == wide:
            cv2.circle(one, at, axes[0], 255, -1, cv2.LINE_AA, 4)
        else:
            cv2.ellipse(one, at, axes, 0, 0, 360, 255, -1, cv2.LINE_AA, 4)
        part = one.astype(np.float32) / 255
        cover[kind - 1] = np.maximum(cover[kind - 1], part)
        kinds[part >= 0.5] = kind

    def anywhere() -> tuple[float, float]:
        x, y = rng.uniform((0, 0), size[::-1])
        return x, y

    for _ in range(sulphides):
        long = 22 * rng.lognormal(0, 0.5)
        draw(SULPHIDE, anywhere(), long, max(1.8, long * rng.uniform(0.06, 0.1)))
    for _ in range(lines):
        x, y = rng.uniform((60, 20), (size[1] - 120, size[0] - 20))
        for k in range(int(rng.integers(5, 9))):
            side = rng.uniform(3.5, 5)
            draw(OXIDE, (x + 12 * k + rng.normal(0, 1.5), y + rng.normal(0, 0.8)), side, side)
    for _ in range(globules):
        side = 4 * rng.lognormal(0, 0.35)
        draw(OXIDE, anywhere(), side, side)
    steel = 0.86 + 0.006 * smooth_noise(rng, size, 25)
    picture = steel - 0.36 * cover[0] - 0.68 * cover[1]
    pixels = photographed(rng, np.clip(picture, 0.12, 1), 0.7, 0.02, noise)
    return Micrograph(pixels, um_per_px, {"kinds": kinds})
