"""The measurements on phantoms of known truth: bias, repeatability and coverage on this very machine."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from graingraph.app.samples import phantoms
from graingraph.app.samples.measured_sections import INTERVALS, OF_GRAIN_SIZE, SECOND_PHASE, Field, coverage, fields
from graingraph.engine.values import Mask, Scale
from graingraph.nodes.measure.area_fraction import area_fraction
from graingraph.nodes.measure.measure_features import measure_features

INTERCEPT, SIDE, SECTIONS, SEED = 12.0, 156, 6, 20
"""Mean intercept (px) of the grains, the side of a field, and so many sections of 36 fields."""
OF_LINES, LINES = 18.0, 3
"""Mean intercept (px) of the grains whose boundaries are drawn as lines, and the width of these."""
DRAWS, FIELDS = 400, 5
"""How often an interval over so many fields is tried."""
COVERS = (92.0, 98.5)
"""Coverage in per cent between which 95 % lies with so many draws."""


@dataclass(frozen=True)
class Checked:
    """A measurement on a phantom. ``bias`` and ``repeatability`` are in ``unit``; the first may be ± ``limit``.

    ``repeatability`` is the standard deviation of one measurement where the same thing lies elsewhere on the pixels,
    or of one field among others. ``coverage`` is in per cent, NaN where the measurement states no interval.
    """

    measurement: str
    phantom: str
    truth: float
    unit: str
    mean: float
    repeatability: float
    count: int
    limit: float
    coverage: float = math.nan

    @property
    def bias(self) -> float:
        """Mean less truth, in per cent of the truth; in degrees for an angle."""
        return self.mean - self.truth if self.unit == "°" else 100 * (self.mean / self.truth - 1)

    @property
    def bias_known_to(self) -> float:
        """Half of the 95 % interval of the bias, as so many measurements tell it, in its unit."""
        half = 1.96 * self.repeatability / math.sqrt(self.count)
        return half if self.unit == "°" else 100 * half / abs(self.truth)

    @property
    def kept(self) -> bool:
        """Whether the bias may be within its limit, and the interval holds the truth as often as it says."""
        covered = math.isnan(self.coverage) or COVERS[0] <= self.coverage <= COVERS[1]
        return abs(self.bias) - self.bias_known_to <= self.limit and covered


def checks(progress: Callable[[float, str], None] = lambda done, what: None) -> Iterator[Checked]:
    """Every measurement, one after the other; the same numbers on every machine, or something is wrong with it."""
    progress(0.0, "discs")
    for diameter, limits in ((60.0, 1.0), (20.0, 2.0), (10.0, 4.0)):
        yield from _shapes(diameter, 1.0, limits)
    progress(0.2, "ellipses")
    yield from _shapes(60.0, 2.0, 1.0)
    progress(0.3, "area fractions")
    yield _discs_thrown()
    progress(0.4, "grains")
    yield from _grains(progress)


def _shapes(diameter: float, ratio: float, limit: float) -> Iterator[Checked]:
    """One disc or ellipse in forty places between the pixels and at as many angles; limits are larger for Feret's."""
    rng, side = np.random.default_rng(int(diameter)), int(diameter) + 12
    found: dict[str, list[float]] = {}
    turned: list[float] = []
    for degrees in rng.uniform(-80, 80, 40):
        centre = tuple(rng.uniform(-0.5, 0.5, 2) + side / 2)
        mask = phantoms.ellipse(diameter, (centre[0], centre[1]), (side, side), ratio, degrees)
        row = measure_features(Mask(mask, Scale(1.0))).columns
        for name in _true_shape(diameter, ratio):
            found.setdefault(name, []).append(float(row[name][0]))
        turned.append(float(row["Orientation"][0]) - degrees)
    phantom = f"disc of {diameter:g} px" if ratio == 1 else f"ellipse of {diameter:g} × {diameter / ratio:g} px"
    for name, (truth, unit, wider) in _true_shape(diameter, ratio).items():
        if name == "Aspect ratio" and ratio == 1:
            continue
        values = np.array(found[name])
        mean, spread = float(values.mean()), float(values.std(ddof=1))
        yield Checked(name, phantom, truth, unit, mean, spread, values.size, wider * limit)
    if ratio != 1:
        spread = float(np.std(turned, ddof=1))
        yield Checked("Orientation error", phantom, 0.0, "°", float(np.mean(turned)), spread, len(turned), limit)


def _true_shape(diameter: float, ratio: float) -> Mapping[str, tuple[float, str, float]]:
    """The truth, the unit, and how many times wider the limit of each measure of an ellipse."""
    long, short = diameter / 2, diameter / ratio / 2
    h = ((long - short) / (long + short)) ** 2
    around = math.pi * (long + short) * (1 + 3 * h / (10 + math.sqrt(4 - 3 * h)))  # Ramanujan 1914, to 1e-6 here
    area = math.pi * long * short
    return {
        "Area": (area, "px²", 1),
        "Equivalent diameter": (2 * math.sqrt(long * short), "px", 1),
        "Feret max": (2 * long, "px", 1.5),
        "Feret min": (2 * short, "px", 1.5),
        "Perimeter": (around, "px", 1),
        "Circularity": (4 * math.pi * area / around**2, "", 2),
        "Aspect ratio": (ratio, "", 2),
    }


def _discs_thrown() -> Checked:
    rng = np.random.default_rng(SEED)
    masks = (phantoms.boolean_discs(0.2, 20, (400, 400), rng) for _ in range(60))
    found = np.array([area_fraction(Mask(mask, Scale(1.0))).columns["Area fraction"][0] for mask in masks])
    mean, spread = float(found.mean()), float(found.std(ddof=1))
    return Checked("Area fraction", "discs thrown at random", 20.0, "%", mean, spread, found.size, 2.0)


def _grains(progress: Callable[[float, str], None]) -> Iterator[Checked]:
    """Sections of 3-D Voronoi grains against theory; coverage against the mean of all fields."""
    pool = fields(INTERCEPT, SIDE, SECTIONS, 6 * SIDE, SEED)
    yield from _over_fields(pool, INTERCEPT, f"3-D Voronoi grains, fields of {SIDE} px", INTERVALS, 2.0, progress, 0.6)
    progress(0.85, "boundary masks")
    side = round(13 * OF_LINES)
    pool = fields(OF_LINES, side, 2, 6 * side, SEED, lines=LINES)
    phantom = f"their boundaries as lines of {LINES} px, fields of {side} px"
    yield from _over_fields(pool, OF_LINES, phantom, OF_GRAIN_SIZE, 2.0, progress, 0.9)


def _over_fields(
    pool: list[Field],
    intercept: float,
    phantom: str,
    names: Iterable[str],
    limit_of_sizes: float,
    progress: Callable[[float, str], None],
    done: float,
) -> Iterator[Checked]:
    """Each measurement of these fields against theory, and the coverage of its interval."""
    theory = {
        "mean intercept by circles": (intercept, "px", limit_of_sizes),
        "mean intercept by lines": (intercept, "px", limit_of_sizes),
        "grains per area": (phantoms.grains_per_area(intercept), "1/px²", limit_of_sizes),
        "area fraction": (100 * SECOND_PHASE, "%", 15.0),
    }
    for name in names:
        progress(done, name)
        interval = INTERVALS[name]
        whole = interval(pool)
        each = np.array([interval([field]).value for field in pool])
        [held] = coverage(interval, [pool], [whole.value], FIELDS, DRAWS, np.random.default_rng(SEED))
        truth, unit, limit = theory.get(name, (math.nan, "px", math.inf))
        factor = 1e-6 if name == "grains per area" else 1.0  # of 1/mm² at 1 µm/px
        yield Checked(
            name.capitalize(),
            phantom,
            truth if math.isfinite(truth) else whole.value,
            unit,
            factor * whole.value,
            factor * float(np.nanstd(each, ddof=1)),
            len(pool),
            limit,
            100 * held,
        )
