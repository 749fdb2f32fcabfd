"""Does an image look like the training images? A network answers with confidence on anything.

What an image looks like is put in a few numbers: the spread of its grey levels, its mean, how much of the contrast lies
in fine, middling and coarse detail; and, for windows of it, what its texture is like: whether lines and spots are dark
or bright, how sparse they are and how far they run side by side, each at three scales; how its grey levels are
distributed, how its contrast over five octaves, and its colour. Numbers far outside what the training images (and their
random changes) showed are worth a warning.
"""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from graingraph.nodes.learning.apply.contrast import blur
from graingraph.nodes.learning.apply.exposure import exposure
from graingraph.nodes.learning.model.card import TEXTURE_NUMBERS

WINDOW = 128
"""Side in px of the windows that texture is looked at in."""

MOST_WINDOWS = 9
"""Windows looked at in an image that a model is applied to, spread evenly."""

TOLERANCE = 0.3, 0.22, 0.22
"""How much a number of the fine, middling or coarse texture may differ beside its spread in training: fine texture
changes with focus and noise."""

FAR = 1.75
"""Texture this many times as far from the mean of the training images as theirs usually is, is unlike it."""

LEVELS = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
OCTAVES = 5
TRAIT_TOLERANCE = np.repeat((*TOLERANCE, 0.15, 0.3, 0.22, 0.05), (5, 5, 5, len(LEVELS), 1, OCTAVES - 1, 2))
"""How far each trait of a picture may lie beyond those of the training pictures; see ``traits``."""

MOST_UNLIKE, BEYOND = 5, 1.3
"""A picture is unlike the training pictures where the traits that lie farthest beyond theirs, so many of them, do so by
this many times what they may, on average.

Of 13 sets, real and drawn, at full and half size, each learnt from three images: 95 of 100 images of the others are
noticed (92 without the traits), and 2 of 100 images of the same set; what is missed looks alike (etched iron and etched
steel, two nickel superalloys): ``python -m tests.benchmarks.familiarity``. The numbers were chosen on these sets.
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


def traits(pixels: np.ndarray, most: int | None = None) -> np.ndarray:
    """What windows of a picture float32 (h, w, c) are like, float64 (n, 29): their texture (15), the levels below which
    shares of the grey values lie (in spreads from their mean), contrast in five octaves, and how far red and blue
    differ from green.

    At ``most`` so many windows are looked at, spread over the picture; all of them when it is None.
    """
    found = []
    for window in _windows(pixels, most):
        grey = window.mean(axis=2, dtype=np.float32)
        spread = float(grey.std())
        levels = (np.quantile(grey, LEVELS) - float(grey.mean())) / (spread + 1e-3)
        octaves, level = [], grey
        for _ in range(OCTAVES):
            smooth = blur(level, 1)
            octaves.append(np.log(float((level - smooth).std()) / (spread + 1e-4) + 1e-3))
            if min(level.shape) >= 8:
                level = cv2.resize(smooth, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        tints = [float((window[..., k] - window[..., 1]).mean()) if window.shape[2] == 3 else 0.0 for k in (0, 2)]
        found.append([*_texture(grey), *levels, *octaves, *tints])
    return np.array(found)


def _windows(pixels: np.ndarray, most: int | None) -> Iterator[np.ndarray]:
    tops, lefts = (_starts(length) for length in pixels.shape[:2])
    places = [(top, left) for top in tops for left in lefts]
    if most is not None:
        places = [places[k] for k in _evenly(len(places), most)]
    return (pixels[top : top + WINDOW, left : left + WINDOW] for top, left in places)


def _evenly(count: int, most: int) -> np.ndarray:
    """Which of so many windows are looked at, where at most ``most`` are: evenly spread ones."""
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).round().astype(int)


def _beyond(found: np.ndarray, known: dict[str, Any]) -> float:
    """How far traits (n, 29) of a picture lie beyond those of the training pictures: the mean of the farthest."""
    mean = found.mean(axis=0)
    may = np.sqrt(np.square(TRAIT_TOLERANCE) + np.square(np.array(known["spread"]) / 2))
    excess = np.maximum(np.maximum(known["least"] - mean, mean - known["greatest"]), 0) / may
    return float(np.sort(excess)[-MOST_UNLIKE:].mean())


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
    all_traits = [traits(picture) for picture in pictures]
    found = [one[:, :TEXTURE_NUMBERS] for one in all_traits]
    windows = np.concatenate(found)
    means = np.array([one[_evenly(len(one), MOST_WINDOWS)].mean(axis=0) for one in all_traits])  # as when it is applied
    known = {"least": means.min(axis=0).tolist(), "greatest": means.max(axis=0).tolist()}
    known["spread"] = np.concatenate(all_traits).std(axis=0).tolist()
    texture: dict[str, Any] = {"mean": windows.mean(axis=0).tolist(), "spread": windows.std(axis=0).tolist()}
    texture["usual"] = max(0.5, float(np.median([_strangeness(windows, texture) for windows in found])))
    return {"look": limits, "exposure": [[e.min(), e.max()] for e in ends.T], "texture": texture, "traits": known}


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
    seen = traits(pixels, MOST_WINDOWS)
    texture, usual = known.get("texture"), known.get("traits")
    another = texture and _strangeness(seen[:, :TEXTURE_NUMBERS], texture) > FAR * texture["usual"]
    if another or (usual and _beyond(seen, usual) > BEYOND):
        found.append("another texture")
    if not found:
        return []
    return [
        f"This image looks unlike the training images ({', '.join(found)}); check the segmentation by eye, "
        "and the magnification if its features are larger or smaller."
    ]
