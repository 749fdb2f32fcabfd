"""Does an image look like the training images, and how sure is the network?

What an image looks like is put in a few numbers: the spread of its grey levels, its mean, and how much of the contrast
lies in fine, middling and coarse detail. A number far outside what the training images (and their random changes)
showed is worth a warning: a network answers with confidence on anything.
"""

from typing import Any

import cv2
import numpy as np

UNSURE = 0.75
"""A pixel whose best class has less than this probability is one the network is unsure of."""

EXPOSURE = 0.02
"""How far the dark or bright end may lie beyond the training pictures' and still count as seen."""

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
        smooth = cv2.GaussianBlur(level, (0, 0), 1.0)
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


def exposure(pixels: np.ndarray) -> tuple[float, float]:
    """Grey levels that 2 % and 98 % of a picture float32 (h, w, c) lie below."""
    grey = pixels[:: max(1, pixels.shape[0] // 512), :: max(1, pixels.shape[1] // 512)].mean(axis=2)
    low, high = np.quantile(grey, [0.02, 0.98])
    return float(low), float(high)


def match_exposure(pixels: np.ndarray, known: dict[str, Any]) -> np.ndarray:
    """Give a picture the exposure of the nearest training picture when both its dark and bright end were never seen.

    One end alone says more about what the picture shows (no resin, no pores) than about its exposure, and is left.
    """
    limits = known.get("exposure")
    if not limits:
        return pixels
    ends = exposure(pixels)
    wanted = [float(np.clip(end, least, most)) for end, (least, most) in zip(ends, limits, strict=True)]
    if any(abs(end - goal) <= EXPOSURE for end, goal in zip(ends, wanted, strict=True)) or ends[1] - ends[0] < 1e-3:
        return pixels
    gain = (wanted[1] - wanted[0]) / (ends[1] - ends[0])
    return np.asarray((pixels - np.float32(ends[0])) * np.float32(gain) + np.float32(wanted[0]), np.float32)


def statistics(pictures: list[np.ndarray]) -> dict[str, Any]:
    """What the training pictures look like: the least and largest of each number, for the model's card."""
    looks = [look(picture) for picture in pictures]
    limits = {key: [min(item[key] for item in looks), max(item[key] for item in looks)] for key in _WORDS}
    ends = np.array([exposure(picture) for picture in pictures])
    return {"look": limits, "exposure": [[e.min(), e.max()] for e in ends.T]}


def is_sound(known: dict[str, Any]) -> bool:
    """Whether the statistics of a model's card, which may come from anybody, can be compared with."""

    def is_range(pair: Any) -> bool:
        return len(pair) == 2 and all(isinstance(end, int | float) for end in pair)

    looks, ends, unsure = known.get("look"), known.get("exposure"), known.get("unsure")
    return (
        (not looks or (set(_WORDS) <= set(looks) and all(is_range(looks[key]) for key in _WORDS)))
        and (not ends or (len(ends) == 2 and all(is_range(pair) for pair in ends)))
        and (unsure is None or isinstance(unsure, int | float))
    )


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
    if not found:
        return []
    return [
        f"This image looks unlike the training images ({', '.join(found)}); check the segmentation by eye, "
        "and the magnification if its features are larger or smaller."
    ]


def unsure_fraction(planes: np.ndarray) -> float:
    """Fraction of pixels of probabilities (C, h, w) whose best class has a probability below 0.75."""
    return float(np.count_nonzero(planes.max(axis=0) < UNSURE) / planes[0].size)


def unsure_note(planes: np.ndarray, known: dict[str, Any]) -> list[str]:
    """A sentence when the network is unsure of clearly more pixels than on its held-out images (or of over 15 %)."""
    fraction = unsure_fraction(planes)
    usual = known.get("unsure")
    limit = 0.15 if usual is None else max(0.05, 2.5 * usual)
    return [f"The network is unsure of {fraction:.0%} of the pixels; trace this image too."] if fraction > limit else []


def entropy(planes: np.ndarray) -> np.ndarray:
    """How unsure the network is at each pixel of probabilities (C, h, w): entropy over its maximum, float32 0 to 1."""
    safe = np.clip(planes, 1e-6, 1.0)
    return np.asarray(-(safe * np.log(safe)).sum(axis=0) / np.log(max(2, len(planes))), dtype=np.float32)
