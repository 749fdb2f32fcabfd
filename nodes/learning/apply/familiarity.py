"""Does an image look like the training images? A network answers with confidence on anything.

What an image looks like is put in a few numbers: the spread of its grey levels, its mean, how much of the contrast lies
in fine, middling and coarse detail; and, for windows of it, what its texture is like: whether lines and spots are dark
or bright, how sparse they are and how far they run side by side, each at three scales. Numbers far outside what the
training images (and their random changes) showed are worth a warning.
"""

from typing import Any

import cv2
import numpy as np

from graingraph.nodes.learning.apply.contrast import blur
from graingraph.nodes.learning.apply.exposure import exposure

WINDOW = 128
"""Side in px of the windows that texture is looked at in."""

MOST_WINDOWS = 9
"""Windows looked at in an image that a model is applied to, spread evenly."""

TOLERANCE = 0.3, 0.22, 0.22
"""How much a number of the fine, middling or coarse texture may differ beside its spread in training: fine texture
changes with focus and noise."""

FAR = 1.75
"""Texture this many times as far from the mean of the training images as theirs usually is, is unlike it.

Of ten sets, real and drawn, at full and half size, each learnt from three images: 91 of 100 images of the others are
noticed (65 by grey levels alone); what is missed looks alike (etched iron and etched steel). 4 of 100 images of the
same set are, all of a steel whose micrographs differ in constituents and magnification.
"""

_WORDS = {
    "mean": ("darker", "brighter"),
    "spread": ("flatter in contrast", "stronger in contrast"),
    "fine": ("blurrier or less noisy", "noisier or sharper"),
    "middle": ("poorer in middling detail", "richer in middling detail"),
    "coarse": ("more even on a large scale", "more uneven or coarser"),
}

_ALLOWED = {"mean": 0.25, "spread": 0.7, "fine": 0.8, "middle": 0.6, "coarse": 0.7}
"""How far beyond the training images a number may lie: what the random changes in training cover."""


def look(pixels: np.ndarray) -> dict[str, float]:
    """The numbers of one picture float32 (h, w, c) from 0 to 1 at the network's size."""
    channels = pixels.shape[2]
    grey = cv2.transform(pixels, np.full((1, channels), 1 / channels, np.float32))
    low, high = np.quantile(grey[:: max(1, grey.shape[0] // 512), :: max(1, grey.shape[1] // 512)], [0.02, 0.98])
    mean, total = (float(number.item()) for number in cv2.meanStdDev(grey))
    total += 1e-4
    bands = []
    level = grey
    for _ in range(3):
        smooth = blur(level, 1)
        bands.append(float(cv2.meanStdDev(cv2.subtract(level, smooth))[1].item()))
        if min(level.shape) >= 8:
            level = cv2.resize(smooth, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    logs = [float(np.log((band + 1e-4) / total)) for band in bands]
    return {
        "mean": mean,
        "spread": float(np.log(high - low + 1e-2)),
        "fine": logs[0],
        "middle": logs[1],
        "coarse": logs[2],
    }


def textures(pixels: np.ndarray, most: int | None = None) -> np.ndarray:
    """What the texture of a picture float32 (h, w, c) is like in windows spread over it: float64 (n, 15).

    At ``most`` so many windows are looked at; all of them when it is None.
    """
    tops, lefts = (_starts(length) for length in pixels.shape[:2])
    places = [(top, left) for top in tops for left in lefts]
    if most is not None and len(places) > most:
        places = [places[k] for k in np.linspace(0, len(places) - 1, most).round().astype(int)]
    windows = (pixels[top : top + WINDOW, left : left + WINDOW] for top, left in places)
    return np.array([_texture(window.mean(axis=2, dtype=np.float32)) for window in windows])


def _starts(length: int) -> np.ndarray:
    """Where windows begin along a side."""
    return np.linspace(0, max(0, length - WINDOW), max(1, length // WINDOW)).round().astype(int)


def _texture(grey: np.ndarray) -> list[float]:
    """Contrast, skewness and kurtosis of the fine, middling and coarse detail of a window, and how far its directions
    agree, near by and over the window. All are the same for a picture turned by right angles or lit otherwise."""
    found, total = [], float(grey.std()) + 1e-4
    for _ in TOLERANCE:
        smooth = blur(grey, 1)
        detail = grey - smooth
        spread = float(detail.std()) + 1e-5
        powers = (detail / spread) ** 2
        found += [np.log(spread / total), float((powers * detail).mean()) / spread, np.log((powers**2).mean() + 1e-2)]
        x, y = (cv2.Sobel(smooth, -1, *order, scale=0.125) for order in ((1, 0), (0, 1)))
        cosine, sine, size = x * x - y * y, 2 * x * y, float((x * x + y * y).mean()) + 1e-9
        found += [float(np.hypot(blur(cosine, 2), blur(sine, 2)).mean()) / size]
        found += [float(np.hypot(cosine.mean(), sine.mean())) / size]
        grey = cv2.resize(smooth, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return [float(number) for number in found]


def _strangeness(found: np.ndarray, known: dict[str, Any]) -> float:
    """Distance of textures (n, 15) from the mean of the training images: the median of the windows, in spreads."""
    spread = np.sqrt(np.square(known["spread"]) + np.repeat(np.square(TOLERANCE), found.shape[1] // len(TOLERANCE)))
    return float(np.median(np.sqrt(np.square((found - known["mean"]) / spread).mean(axis=1))))


def statistics(pictures: list[np.ndarray]) -> dict[str, Any]:
    """What the training pictures look like, for the model's card: the least and largest of each number, the exposures,
    mean and spread of the textures, and how far pictures usually are from that mean."""
    looks = [look(picture) for picture in pictures]
    limits = {key: [min(item[key] for item in looks), max(item[key] for item in looks)] for key in _WORDS}
    ends = np.array([exposure(picture) for picture in pictures])
    found = [textures(picture) for picture in pictures]
    windows = np.concatenate(found)
    texture: dict[str, Any] = {"mean": windows.mean(axis=0).tolist(), "spread": windows.std(axis=0).tolist()}
    texture["usual"] = max(0.5, float(np.median([_strangeness(windows, texture) for windows in found])))
    return {"look": limits, "exposure": [[e.min(), e.max()] for e in ends.T], "texture": texture}


def unlike_training(pixels: np.ndarray, known: dict[str, Any]) -> list[str]:
    """A sentence when the picture is unlike the training pictures, saying in what; else nothing."""
    limits = known.get("look")
    if not limits or min(pixels.shape[:2]) < 32:
        return []
    found = []
    for key, value in look(pixels).items():
        low, high = limits[key]
        if value < low - _ALLOWED[key]:
            found.append(_WORDS[key][0])
        elif value > high + _ALLOWED[key]:
            found.append(_WORDS[key][1])
    texture = known.get("texture")
    if texture and _strangeness(textures(pixels, MOST_WINDOWS), texture) > FAR * texture["usual"]:
        found.append("another texture")
    if not found:
        return []
    return [
        f"This image looks unlike the training images ({', '.join(found)}); check the segmentation by eye, "
        "and the magnification if its features are larger or smaller."
    ]
