"""The exposure of a picture: where its dark and bright ends lie, and giving it that of the training pictures."""

from typing import Any

import numpy as np

from graingraph.nodes.learning.model.card import Card

EXPOSURE = 0.02
"""How far the dark or bright end may lie beyond the training pictures' and still count as seen."""


def exposure(pixels: np.ndarray) -> tuple[float, float]:
    """Grey levels that 2 % and 98 % of a picture float32 (h, w, c) lie below."""
    grey = pixels[:: max(1, pixels.shape[0] // 512), :: max(1, pixels.shape[1] // 512)].mean(axis=2)
    low, high = np.quantile(grey, [0.02, 0.98])
    return float(low), float(high)


def as_learnt(pixels: np.ndarray, card: Card) -> np.ndarray:
    """A picture float32 (h, w, c), 0 to 1, with the exposure that a model knows pictures with; itself where it has."""
    return standardised(pixels) if card.settings.get("standardise") else match_exposure(pixels, card.statistics)


def standardised(pixels: np.ndarray) -> np.ndarray:
    """A picture float32 (h, w, c), 0 to 1, with mean ½ and spread 0.2 whatever its exposure: for a general model."""
    mean, spread = float(pixels.mean()), float(pixels.std())
    return np.clip((pixels - np.float32(mean)) * np.float32(0.2 / (spread + 0.03)) + np.float32(0.5), 0, 1)


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
