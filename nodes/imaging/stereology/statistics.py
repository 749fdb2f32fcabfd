"""Means, standard deviations and percentiles of samples."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

ROUNDING = 1e-9
"""What differs by no more than this share is the same number, computed in another order."""


def effective_count(weights: np.ndarray) -> float:
    """How many equally weighted values carry as much information as these."""
    total = float(weights.sum())
    return total * total / float((weights * weights).sum()) if total > 0 else 0.0


def mean(values: np.ndarray, weights: np.ndarray | None = None) -> float:
    """The (weighted) arithmetic mean; NaN of nothing."""
    if values.size == 0 or (weights is not None and weights.sum() == 0):
        return math.nan
    return float(np.average(values, weights=weights))


def spread(values: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Sample standard deviation (n − 1; with weights the effective n); NaN for fewer than two values."""
    count = values.size if weights is None else effective_count(weights)
    if count < 2 or values.size < 2:
        return math.nan
    variance = float(np.average((values - mean(values, weights)) ** 2, weights=weights))
    return math.sqrt(variance * count / (count - 1))


def percentile(values: np.ndarray, percent: float, weights: np.ndarray | None = None) -> float:
    """The value below which ``percent`` of the number, or of the weight, lies, linear between values; NaN of nothing.

    Oracle: numpy.percentile where the weights are equal.
    """
    if values.size == 0:
        return math.nan
    if weights is None:
        return float(np.percentile(values, percent))
    order = np.argsort(values)
    below = np.cumsum(weights[order]) - weights[order] / 2
    return float(np.interp(percent / 100 * weights.sum(), below, values[order]))


def bin_edges(values: np.ndarray, bins: int | None) -> np.ndarray:
    """Edges of ``bins`` equal bins over the values, or as many as Freedman and Diaconis' rule gives (5 to 60).

    Values that differ by rounding alone share one bin.
    """
    low, high = float(values.min()), float(values.max())
    if high - low <= ROUNDING * max(abs(low), abs(high)):
        half = max(abs(low) * 0.05, 0.5)
        return np.array([low - half, low + half])
    if bins is None:
        quartiles = np.percentile(values, (25, 75))
        width = 2 * float(quartiles[1] - quartiles[0]) / values.size ** (1 / 3)
        wanted = math.ceil((high - low) / width) if width > 0 else math.ceil(math.sqrt(values.size))
        bins = min(max(wanted, 5), 60)
    return np.linspace(low, high, bins + 1)


class Statistic(NamedTuple):
    """A row of a table of statistics; ``refused`` where the value must not be reported."""

    name: str
    value: float
    unit: str
    refused: bool = False


REMARK, NOT_REPORTABLE = "Remark", "not reportable"
"""The column of a table of statistics that says so where a value must not be reported, and what it says."""


def statistics_columns(rows: Sequence[Statistic]) -> dict[str, np.ndarray]:
    """The columns "Statistic", "Value" and "Unit", one statistic a row; "Remark" as well where one is refused."""
    names, numbers, units, refused = zip(*rows, strict=True)
    columns = {
        "Statistic": np.array(names, object),
        "Value": np.array(numbers, float),
        "Unit": np.array(units, object),
    }
    if any(refused):
        columns[REMARK] = np.array([NOT_REPORTABLE if one else "" for one in refused], object)
    return columns
