"""Fit symmetric melt-pool models to visible outlines, all pools of a picture together.

One pool's visible arc can leave its hidden side open: a wider pool and a leaning one may look alike. But the pools of a
picture were melted in the same way, so each tells what to expect of the others. Every pool is fitted by itself first;
then again with the shapes of the others as its expectation: a random-effects model, solved by one step of empirical
Bayes (B. P. Carlin and T. A. Louis, "Bayesian Methods for Data Analysis", 2008) on Gaussian approximations.

A picture's pools lean in one of two ways, whichever makes all outlines more probable: as a whole, the top with them, or
under a level top. (A body's mirror symmetry seen obliquely is a skewed symmetry: T. Kanade, Artif. Intell. 17, 1981.)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numba
import numpy as np

from graingraph.nodes.imaging.melt_pools.pool_models import PoolModel, Shape

# What is expected of any pool before it is seen; each is one standard deviation.
LEAN_SPREAD = np.radians(8.0)  # of the axis from upright
STIFFNESS = np.radians(1.0)  # of the angle that does not change: between axis and top, or of the top itself
VISIBLE_SPREAD = 0.5  # of the logarithm of the half-width by what is visible
HALF_WIDTH = 0.65  # of the visible width: between one half (all visible) and nine tenths (45 % hidden)

# Form of a pool: crown / depth, logarithms of half-width, depth / half-width, n, and m / n.
EXPECTED = np.array([0.0, 0.0, np.log(0.9), np.log(2.0), 0.0])
SPREAD = np.array([0.12, 1.0, 0.4, 0.6, 0.6])
BETWEEN_POOLS = np.array([0.04, 0.12, 0.06, 0.08, 0.08])
"""How much the pools of one picture differ; more where their outlines say so."""
UNKNOWN = 1e3
"""Variance of what an outline leaves open."""
FIRST = 4
"""Place of the form among the parameters: x and y (in half-widths), angle of the top, skew, form."""
FREE: dict[Shape, int] = {"mirror": 9, "superellipse": 8, "half-ellipse": 7, "conduction": 6}
"""How many parameters each model has; the others stay at ``FIXED``: a half circle has depth = half-width, n = m = 2."""
FIXED = np.array([0, 0, 0, 0, 0, 0, 0, np.log(2), 0.0])


@dataclass(frozen=True)
class Arc:
    """A visible outline, hidden on its left: points (k, 2) in px, and their distance apart in px."""

    points: np.ndarray
    spacing: float


@dataclass(frozen=True)
class _Form:
    """A Gaussian expectation of a pool's form: mean (f,) and precision (f, f)."""

    mean: np.ndarray
    precision: np.ndarray


@dataclass(frozen=True)
class _Fit:
    """Parameters in lengths of ``unit`` px, and what the outline alone, without expectations, says of the form."""

    p: np.ndarray
    unit: float
    cost: float
    form: np.ndarray
    covariance: np.ndarray


def fit_pools(
    arcs: Sequence[Arc], shape: Shape, noise: float = 1.0, step: Callable[[float], None] = lambda done: None
) -> list[PoolModel]:
    """Fit a model of this shape to each visible outline; ``step`` is told the part that is done, 0 to 1.

    Robust least squares of the first-order distances from the outline (P. L. Rosin and G. A. W. West, "Curve
    segmentation and representation by superellipses", IEE Proc. Vision 142, 1995). What an arc leaves open is settled
    by the other arcs, and by weak expectations: an upright pool with a flat top, exponents near 2, between none and
    half of it hidden. ``noise`` is the expected scatter of the outlines in px; it tells how much points count against
    expectations. "conduction" is the isotherm of Rosenthal's moving point source on a thick plate: it is symmetric
    about the track, so its section is half a circle, whatever the material. (D. Rosenthal, Trans. ASME 68, 1946.)
    """
    turned: list[_Fit] = []
    sheared: list[_Fit] = []
    for number, arc in enumerate(arcs):
        step(0.7 * number / len(arcs))
        for level, fits in ((False, turned), (True, sheared)):
            starts = [_start(arc, FREE[shape], share) for share in (0.5, 0.7)]
            tried = [_fit(arc, *start, level, _prior(arc, FREE[shape]), noise) for start in starts]
            fits.append(min(tried, key=lambda fit: fit.cost))
    level = sum(fit.cost for fit in sheared) < sum(fit.cost for fit in turned)
    alone = sheared if level else turned
    if len(alone) < 2:
        return [_model(fit) for fit in alone]
    models = []
    for number, (arc, fit) in enumerate(zip(arcs, alone, strict=True)):
        step(0.7 + 0.3 * number / len(arcs))
        models.append(_model(_fit(arc, fit.p, fit.unit, level, _expected(alone, number, arc), noise)))
    return models


def _start(arc: Arc, free: int, share: float) -> tuple[np.ndarray, float]:
    """Parameters of an upright pool whose half-width is this share of the visible width; and that half-width, px."""
    (left, top), (right, low) = arc.points.min(0), arc.points.max(0)
    unit, height = share * (right - left), max(3.0, low - top)
    middle = (right / unit - 1, (top + 0.05 * height) / unit)
    return np.array([*middle, 0, 0, 0, np.log(unit), np.log(height / unit), np.log(2), 0])[:free], unit


def _expected_half_width(arc: Arc) -> float:
    """Logarithm of the half-width in px that what is visible makes likely."""
    return float(np.log(HALF_WIDTH * np.ptp(arc.points[:, 0])))


def _prior(arc: Arc, free: int) -> _Form:
    mean = EXPECTED.copy()
    mean[1] = _expected_half_width(arc)
    return _Form(mean[: free - FIRST], np.diag(SPREAD[: free - FIRST] ** -2.0))


def _expected(fits: Sequence[_Fit], number: int, arc: Arc) -> _Form:
    """What the other pools say of this one's form."""
    size = len(fits[number].form)
    prior = _prior(arc, FIRST + size)
    between = np.diag(BETWEEN_POOLS[:size] ** 2)
    others = [fit for other, fit in enumerate(fits) if other != number]
    for _ in range(2):
        weights = [np.linalg.inv(fit.covariance + between) for fit in others]
        precision = prior.precision + sum(weights)
        pull = prior.precision @ prior.mean + sum(w @ fit.form for w, fit in zip(weights, others, strict=True))
        mean = np.linalg.solve(precision, pull)
        off = sum((fit.form - mean) @ w @ (fit.form - mean) for w, fit in zip(weights, others, strict=True))
        between = between * max(1.0, off / (size * len(others)))
    return _Form(mean, np.linalg.inv(np.linalg.inv(precision) + between))


def _fit(arc: Arc, start: np.ndarray, unit: float, level: bool, expected: _Form, noise: float) -> _Fit:
    from scipy.optimize import leastsq

    free, count = len(start), len(arc.points)
    # Points closer than the scatter's reach tell the same thing again.
    weight = np.sqrt(min(1.0, arc.spacing / (4 * noise))) / noise
    root = np.linalg.cholesky(expected.precision).T
    half_width = _expected_half_width(arc)

    def residuals(p: np.ndarray) -> np.ndarray:
        out = np.empty(count + 3 + free - FIRST)
        _distances(np.r_[p, FIXED[free:]], arc.points, unit, weight, out)
        out[count] = (p[2] + np.arctan(p[3])) / LEAN_SPREAD
        out[count + 1] = (p[2] if level else p[3]) / STIFFNESS
        out[count + 2] = (p[5] - half_width) / VISIBLE_SPREAD
        out[count + 3 :] = root @ (p[FIRST:] - expected.mean)
        return out

    p, covariance, info, *_ = leastsq(residuals, start, full_output=True, maxfev=400, xtol=1e-5, ftol=1e-5)
    form, spread = p[FIRST:], UNKNOWN * np.eye(free - FIRST)
    if covariance is not None:
        posterior = np.linalg.inv(covariance[FIRST:, FIRST:])
        values, vectors = np.linalg.eigh(posterior - expected.precision)
        spread = (vectors / np.maximum(values, 1 / UNKNOWN)) @ vectors.T
        form = spread @ (posterior @ form - expected.precision @ expected.mean)
    return _Fit(p, unit, 0.5 * float(info["fvec"] @ info["fvec"]), form, spread)


def _model(fit: _Fit) -> PoolModel:
    x, y, top, skew, crown, *logarithms = np.r_[fit.p, FIXED[len(fit.p) :]].tolist()
    a, aspect, n, ratio = np.exp(logarithms)
    n = np.clip(n, 0.5, 20.0)
    m = np.clip(n * ratio, 0.2, 20.0)
    return PoolModel(fit.unit * x, fit.unit * y, top, a, a * aspect, n, m, crown * a * aspect, skew)


@numba.njit(cache=True, nogil=True)
def _distances(p: np.ndarray, points: np.ndarray, unit: float, weight: float, out: np.ndarray) -> None:
    """Weighted robust distances of points (k, 2) from the outline with nine parameters ``p``, into ``out[:k]``."""
    a = np.exp(p[5])
    d = a * np.exp(p[6])
    n = min(max(np.exp(p[7]), 0.5), 20.0)
    m = min(max(n * np.exp(p[8]), 0.2), 20.0)
    crown = p[4] * d
    c, s, k = np.cos(p[2]), np.sin(p[2]), p[3]
    for i in range(len(points)):
        x, y = points[i, 0] - unit * p[0], points[i, 1] - unit * p[1]
        v = c * y - s * x
        u = c * x + s * y + k * v
        across, down = max(abs(u) / a, 1e-6), max(v / d, 1e-4)
        f, g = across**n, down**m
        fu, fv = n * f / across / a, m * g / down / d
        if u < 0:
            fu = -fu
        below = (f + g - 1) / max(np.hypot(fu, fv + k * fu), 1e-9)
        slope = 2 * crown * u / a**2 if across < 1 else 0.0
        above = (-crown * (1 - min(across, 1.0) ** 2) - v) / np.hypot(slope, 1 + k * slope)
        off = weight * max(below, above) / 3
        # The square root of twice the pseudo-Huber loss: outliers beyond three times the noise count less.
        out[i] = 3 * np.sign(off) * np.sqrt(2 * (np.sqrt(1 + off * off) - 1))
