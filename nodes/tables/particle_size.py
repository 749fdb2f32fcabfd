"""Particle sizes: quantiles by number, area and volume with their intervals over fields, and the log-normal fit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from graingraph.engine.problem import Problem
from graingraph.engine.values import Plot, Series, Table
from graingraph.engine.values.table import EDGE_WEIGHT
from graingraph.engine.values.wording import short
from graingraph.nodes.imaging.stereology.over_fields import OverFields, proportion, ratio
from graingraph.nodes.imaging.stereology.statistics import effective_count, percentile
from graingraph.nodes.tables.reportable import ACCURATE, of_mean
from graingraph.nodes.tables.stated import Stated

By = Literal["number", "area", "volume"]
POWERS: dict[By, int] = {"number": 0, "area": 2, "volume": 3}
"""The power of the diameter by which a particle counts."""
SHARES = (10, 50, 90)
FEWEST_FITTED = 8
"""Particles that the test of the fit needs."""
SMALLEST_SURE = 10.0
"""Pixels across below which half a pixel at either edge is a tenth of a size: such are missed, joined, or noise."""
MOST_POINTS = 400
"""Points of a curve that is drawn."""


@dataclass(frozen=True)
class Sizes:
    """Diameters (n,) in ``unit`` of the particles of a table, what each counts, and the number of its field.

    ``unsure`` are those under ``SMALLEST_SURE``; none where the size of pixels is not known.
    """

    column: str
    unit: str
    diameters: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    field: npt.NDArray[np.intp]
    unsure: npt.NDArray[np.bool_]

    @property
    def fields(self) -> int:
        """The number of fields."""
        return int(self.field.max()) + 1 if self.field.size else 0

    @property
    def some_sure(self) -> bool:
        """Whether there are particles to be sure of."""
        return bool((~self.unsure).any())

    def counted(self, by: By) -> npt.NDArray[np.float64]:
        """What each particle counts by number, area or volume, (n,)."""
        return self.weights * self.diameters ** POWERS[by]

    def of_fields(self, amounts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The sum of the amounts (n,) in each field, (fields,)."""
        return np.bincount(self.field, amounts, self.fields).astype(float)


def sizes_of(table: Table, column: str) -> Sizes:
    """The sizes in a table of features; a ``Problem`` where it has no such column of lengths."""
    if column not in table.quantities and table.count:
        lengths = [name for name in table.quantities if table.units.get(name) in ("µm", "px")]
        raise Problem(f"The table has no column '{column}'; its lengths are {', '.join(lengths) or 'none'}.")
    if table.rows != "features":
        raise Problem("Wire a table of features, such as that of MeasureFeatures through Pool, into ParticleSize.")
    values = np.asarray(table.columns.get(column, np.empty(0)), float)
    weights = np.asarray(table.columns.get(EDGE_WEIGHT, np.ones(values.size)), float)
    images = table.columns.get("Image", np.zeros(values.size))
    good = np.isfinite(values) & (values > 0) & np.isfinite(weights)
    number = {name: k for k, name in enumerate(dict.fromkeys(images[good].tolist()))}
    field = np.array([number[name] for name in images[good].tolist()], np.intp)
    unit = table.units.get(column, "")
    pixels = values[good] / _per_pixel(table, images[good], unit)
    return Sizes(column, unit, values[good], weights[good], field, pixels < SMALLEST_SURE)


def _per_pixel(table: Table, images: npt.NDArray[np.object_], unit: str) -> npt.NDArray[np.float64]:
    """How long the side of a pixel is in the unit, in the image of each row, (rows,); NaN where it is not known."""
    if unit == "px":
        return np.ones(len(images))
    known = {field.image: field.scale.um_per_px for field in table.fields if field.scale and field.scale.is_square}
    only = next(iter(known.values())) if len(table.fields) == 1 and known else math.nan
    return np.array([known.get(image, only) for image in images.tolist()], float)


def stated(sizes: Sizes, first: By) -> Sequence[Stated]:
    """D10, D50 and D90 by number, area and volume, one of these first, and the mean diameters, over the fields."""
    d, unit, found = sizes.diameters, sizes.unit, []
    for by in sorted(POWERS, key=lambda one: one != first):
        counted = sizes.counted(by)
        for share in SHARES:
            sure = percentile(d[~sizes.unsure], share, counted[~sizes.unsure]) if sizes.some_sure else math.nan
            found.append(_state(f"D{share} by {by}", unit, quantile(sizes, share, by), sure, sizes))
    for name, high in (("Mean diameter", 1), ("Sauter diameter D[3,2]", 3), ("Volume mean diameter D[4,3]", 4)):
        amount, count = (sizes.weights * d**power for power in (high, high - 1))
        mean = ratio(sizes.of_fields(amount), sizes.of_fields(count))
        sure = float(amount[~sizes.unsure].sum() / count[~sizes.unsure].sum()) if sizes.some_sure else math.nan
        found.append(_state(name, unit, mean, sure, sizes))
    return found


def _state(name: str, unit: str, mean: OverFields, sure: float, sizes: Sizes) -> Stated:
    """A size over fields; ``sure`` is what it would be without the particles that are too small to be sure of."""
    why = of_mean(unit, replace(mean, fields=sizes.fields))
    if sizes.unsure.any() and not abs(sure / mean.value - 1) <= ACCURATE / 100:
        share = float(np.average(sizes.unsure, weights=sizes.weights))
        without = f"; without them it would be {short(sure, 3)} {unit}" if math.isfinite(sure) else ""
        why.append(
            f"{short(100 * share, 2)} % of the particles are under {SMALLEST_SURE:g} px across, where they are missed, "
            f"joined, or noise{without}: magnify more"
        )
    return Stated(name, unit, mean, reasons=tuple(why))


def quantile(sizes: Sizes, percent: float, by: By) -> OverFields:
    """The diameter below which so much of the number, area or volume lies, and its 95 % interval over fields.

    The interval is Woodruff's (1952, J. Am. Stat. Assoc. 47:635): that of the share below the quantile, a ratio over
    fields, read off the curve. Oracle: coverage on log-normal sets whose fields differ.
    """
    counted = sizes.counted(by)
    if not counted.sum() > 0:
        return OverFields(math.nan, math.nan, math.nan, sizes.fields)
    value = percentile(sizes.diameters, percent, counted)
    below = np.where(sizes.diameters < value, counted, np.where(sizes.diameters == value, counted / 2, 0.0))
    share = proportion(sizes.of_fields(below), sizes.of_fields(counted))
    low, high = (
        percentile(sizes.diameters, 100 * end, counted) if math.isfinite(end) else math.nan
        for end in (share.low, share.high)
    )
    return OverFields(value, low, high, sizes.fields)


class LogNormal(NamedTuple):
    """A log-normal distribution by number: ``median`` and geometric standard deviation ``deviation``.

    ``statistic`` is Anderson and Darling's, corrected for the number, ``probability`` that of one as large where sizes
    are log-normal, and ``distance`` the largest between curve and fit, from 0 to 1. NaN where it is not known.
    """

    median: float
    deviation: float
    statistic: float
    probability: float
    distance: float

    def share_below(self, diameters: npt.NDArray[np.float64], by: By) -> npt.NDArray[np.float64]:
        """The share by number, area or volume below each diameter (n,).

        By the power p of the diameter the median is larger by exp(p · ln² deviation) (Hatch and Choate 1929).
        """
        from scipy.special import ndtr

        spread = math.log(self.deviation)
        return np.asarray(ndtr((np.log(diameters / self.median) - POWERS[by] * spread**2) / spread))


def fit(sizes: Sizes) -> LogNormal:
    """The log-normal distribution of the same mean and standard deviation of ln d, and how well it fits.

    The test is of the sizes as they lie, without edge weights: Anderson and Darling's with both parameters estimated
    (Stephens 1974; probabilities by D'Agostino and Stephens 1986, ch. 4). Oracle: log-normal sets, of which 5 % are
    refused; scipy.stats.anderson.
    """
    d, weights = sizes.diameters, sizes.weights
    if d.size < 2 or np.ptp(d) == 0:
        return LogNormal(float(d.mean()) if d.size else math.nan, math.nan, math.nan, math.nan, math.nan)
    logs = np.log(d)
    centre = float(np.average(logs, weights=weights))
    count = effective_count(weights)
    spread = math.sqrt(float(np.average((logs - centre) ** 2, weights=weights)) * count / max(count - 1, 1))
    found = LogNormal(math.exp(centre), math.exp(spread), math.nan, math.nan, math.nan)
    if d.size < FEWEST_FITTED:
        return found
    statistic = anderson_darling(logs)
    order = np.argsort(d)
    curve = (np.cumsum(weights[order]) - weights[order] / 2) / weights.sum()
    distance = float(np.abs(curve - found.share_below(d[order], "number")).max())
    return found._replace(statistic=statistic, probability=_probability(statistic), distance=distance)


def anderson_darling(values: npt.NDArray[np.float64]) -> float:
    """The statistic A² · (1 + 0.75 / n + 2.25 / n²) of values (n,) against the normal distribution fitted to them."""
    from scipy.special import log_ndtr

    n = values.size
    z = np.sort((values - values.mean()) / values.std(ddof=1))
    weights = 2 * np.arange(1, n + 1) - 1
    squared = -n - float((weights * (log_ndtr(z) + log_ndtr(-z[::-1]))).sum()) / n
    return squared * (1 + 0.75 / n + 2.25 / n**2)


def _probability(a: float) -> float:
    if a < 0.2:
        return 1 - math.exp(-13.436 + 101.14 * a - 223.73 * a * a)
    if a < 0.34:
        return 1 - math.exp(-8.318 + 42.796 * a - 59.938 * a * a)
    if a < 0.6:
        return math.exp(0.9177 - 4.279 * a - 1.38 * a * a)
    a = min(a, 10.0)  # the formula turns upwards further out; here it is down to 10⁻²⁴
    return math.exp(1.2937 - 5.709 * a + 0.0186 * a * a)


def cumulative_curve(sizes: Sizes, by: By, fitted: LogNormal) -> Plot:
    """The share below each size in per cent, and that of the fit."""
    heading = f"{sizes.column} ({sizes.unit})" if sizes.unit else sizes.column
    title, label = f"Cumulative size distribution by {by}", f"Share below (% by {by})"
    if not sizes.diameters.size:
        return Plot(title, heading, label, ())
    order = np.argsort(sizes.diameters)
    d, counted = sizes.diameters[order], sizes.counted(by)[order]
    share = 100 * np.cumsum(counted) / counted.sum()
    chosen = np.unique(np.linspace(0, d.size - 1, min(d.size, MOST_POINTS)).astype(int))
    series = [Series("measured", d[chosen], share[chosen])]
    if math.isfinite(fitted.deviation):
        grid = np.geomspace(d[0], d[-1], 100)
        series.append(Series("log-normal", grid, 100 * fitted.share_below(grid, by)))
    return Plot(title, heading, label, tuple(series))
