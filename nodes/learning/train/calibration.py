"""Probabilities that mean what they say: of pixels given 0.8, eight in ten are right.

Temperature scaling (Guo et al. 2017, "On calibration of modern neural networks"): the scores of the network are divided
by one number that makes the held-out images most likely. It changes no class of a pixel, only how sure it is.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from graingraph.engine.values import UNLABELLED

MOST_PIXELS = 200_000
BINS = 15
SOFTEST, SHARPEST = 5.0, 0.2
"""Temperatures beyond these say that something is wrong with the truth rather than with how sure the network is."""


@dataclass(frozen=True)
class Calibration:
    """The ``temperature`` that scores are divided by, and the expected calibration error on the held-out images before
    and after: the mean difference between how sure the network is of a pixel and how often it is right (0 to 1)."""

    temperature: float = 1.0
    error_before: float | None = None
    error_after: float | None = None

    def as_dict(self) -> dict[str, float | None]:
        """As JSON values, for the model's card."""
        return asdict(self)


def at_temperature(shares: npt.NDArray[np.float32], temperature: float) -> npt.NDArray[np.float32]:
    """Probabilities float32 (..., C) as they are with the scores divided by a temperature."""
    if temperature == 1:
        return shares
    powers = np.power(np.maximum(shares, 1e-9), np.float32(1 / temperature))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def calibrated(pairs: Iterable[tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]]) -> Calibration:
    """Find the temperature for probabilities float32 (h, w, C) and true classes uint8 (h, w), 255 unlabelled.

    The same for the same images; without a labelled pixel it is 1.
    """
    shares, classes = [], []
    for probabilities, truth in pairs:
        known = (truth != UNLABELLED) & (truth < probabilities.shape[2])
        shares.append(probabilities[known])
        classes.append(truth[known].astype(np.int64))
    if not sum(map(len, classes)):
        return Calibration()
    found, true = np.concatenate(shares), np.concatenate(classes)
    if len(true) > MOST_PIXELS:
        some = np.random.default_rng(0).choice(len(true), MOST_PIXELS, replace=False)
        found, true = found[some], true[some]
    temperature = round(_least(found, true), 3)
    before, after = (calibration_error(at_temperature(found, t), true) for t in (1.0, temperature))
    return Calibration(temperature, round(before, 4), round(after, 4))


def calibration_error(shares: npt.NDArray[np.float32], true: npt.NDArray[np.int64]) -> float:
    """Expected calibration error of probabilities (n, C) against true classes (n,), in ``BINS`` equal bins.

    The mean of |how sure − how often right| over bins of how sure the best class is, by their pixels (Naeini 2015).
    """
    sure, right = shares.max(axis=1), shares.argmax(axis=1) == true
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    gaps = np.bincount(bins, weights=sure - right, minlength=BINS)
    return float(np.abs(gaps).sum() / counts.sum())


def _least(shares: npt.NDArray[np.float32], true: npt.NDArray[np.int64]) -> float:
    """The temperature at which the true classes are most likely, by golden section over its logarithm."""
    scores = np.log(np.maximum(shares, 1e-9))

    def surprise(log_temperature: float) -> float:
        cooled = scores / np.float32(np.exp(log_temperature))
        total = np.log(np.exp(cooled - cooled.max(axis=1, keepdims=True)).sum(axis=1)) + cooled.max(axis=1)
        return float((total - cooled[np.arange(len(true)), true]).mean())

    low, high, part = np.log(SHARPEST), np.log(SOFTEST), (np.sqrt(5) - 1) / 2
    while high - low > 1e-3:
        a, b = high - part * (high - low), low + part * (high - low)
        low, high = (low, b) if surprise(a) < surprise(b) else (a, high)
    return float(np.exp((low + high) / 2))
