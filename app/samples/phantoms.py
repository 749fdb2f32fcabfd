"""Structures whose true measurements are known by theory: the oracles of the measurements.

Labels and masks are drawn exactly: a pixel belongs to what its centre lies in. Positions and lengths are in px, with
the origin at the top left corner of the image.
"""

import numpy as np

MEAN_INTERCEPT, GRAINS_PER_AREA, SURFACE_PER_VOLUME = 0.6872, 1.458, 2.910
"""Of 3-D Poisson-Voronoi grains, λ in a unit of volume: mean intercept by λ^(-1/3), grains seen per area of a planar
section by λ^(2/3), boundary area per volume by λ^(1/3) (Møller 1989, Adv. Appl. Prob. 21:37; Okabe et al. 2000)."""


def grains_per_area(mean_intercept: float) -> float:
    """Grains per px² in planar sections of Poisson-Voronoi grains of this mean intercept in px."""
    return GRAINS_PER_AREA * (MEAN_INTERCEPT / mean_intercept) ** 2


def voronoi_section(
    mean_intercept: float, shape: tuple[int, int], rng: np.random.Generator, stretch: float = 1.0
) -> np.ndarray:
    """A planar section through 3-D Poisson-Voronoi grains of this mean intercept in px: int32 (H, W), 1..n.

    ``stretch`` draws the grains out along the rows: the mean intercept is that many times longer there. Grains are
    convex, so a pixel between two of one grain is of it: every fourth or so is looked up, and those between two grains.
    """
    from scipy.spatial import cKDTree

    density = (MEAN_INTERCEPT / mean_intercept) ** 3
    margin = 3.5 * mean_intercept  # a point of the section has its seed within 2.1 of them, but once in a million
    height, width = shape[0], shape[1] / stretch
    sides = np.array([height + 2 * margin, width + 2 * margin, 2 * margin])
    seeds = rng.random((rng.poisson(density * sides.prod()), 3)) * sides - margin
    tree = cKDTree(seeds)

    def grain_at(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        points = np.stack([rows + 0.5, (columns + 0.5) / stretch, np.zeros(rows.size)], axis=1)
        return np.asarray(tree.query(points)[1])

    step = 2 ** max(0, int(np.log2(max(1.0, mean_intercept / 3))))
    owner = np.full([-(-(side - 1) // step) * step + 1 for side in shape], -1)
    rows, columns = np.mgrid[: owner.shape[0] : step, : owner.shape[1] : step]
    owner[::step, ::step] = grain_at(rows.ravel(), columns.ravel()).reshape(rows.shape)
    while step > 1:
        known, half = owner[::step, ::step], step // 2
        a, b, c, d = known[:-1, :-1], known[:-1, 1:], known[1:, :-1], known[1:, 1:]
        owner[::step, half::step] = np.where(known[:, :-1] == known[:, 1:], known[:, :-1], -1)
        owner[half::step, ::step] = np.where(known[:-1] == known[1:], known[:-1], -1)
        owner[half::step, half::step] = np.where(a == d, a, np.where(b == c, b, -1))
        finer = owner[::half, ::half]
        rows, columns = np.nonzero(finer < 0)
        finer[rows, columns] = grain_at(rows * half, columns * half)
        step = half
    return numbered(owner[: shape[0], : shape[1]])


def numbered(names: np.ndarray) -> np.ndarray:
    """Labels int32 (H, W) 1..n from any whole numbers (H, W)."""
    present = np.zeros(int(names.max()) + 1, bool)
    present[names] = True
    return np.cumsum(present).astype(np.int32)[names]


def of_two_phases(grains: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Grains (int32, H, W) each of the second phase with this probability: bool (H, W); its volume fraction."""
    return np.asarray((rng.random(int(grains.max()) + 1) < share)[grains])


def stripes(spacing: float, degrees: float, shape: tuple[int, int]) -> np.ndarray:
    """Bands of this width at an angle to the rows (counterclockwise): int32 (H, W), 1..n.

    Lines square to them have a mean intercept of ``spacing``; lines in all directions of π/2 times that.
    """
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    turn = np.radians(degrees)
    across = (x * np.sin(turn) + y * np.cos(turn)) / spacing
    return numbered(np.floor(across).astype(np.int64) - int(np.floor(across.min())))


def ellipse(
    diameter: float, centre: tuple[float, float], shape: tuple[int, int], ratio: float = 1.0, degrees: float = 0.0
) -> np.ndarray:
    """An ellipse (bool, H, W) by its long diameter, centre (row, column), long over short axis, and angle."""
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    y, x, turn = y - centre[0], x - centre[1], np.radians(degrees)
    along, across = np.cos(turn) * x - np.sin(turn) * y, np.sin(turn) * x + np.cos(turn) * y
    return np.asarray(along**2 + (ratio * across) ** 2 < diameter**2 / 4)


def boolean_discs(fraction: float, diameter: float, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Discs thrown at random, overlapping, that cover this area fraction on average: bool (H, W)."""
    density = -np.log1p(-fraction) / (np.pi * diameter**2 / 4)  # 1 − exp(−density · area of a disc)
    reach = diameter / 2
    sides = np.array(shape) + 2 * reach
    covered = np.zeros(shape, bool)
    for row, column in rng.random((rng.poisson(density * sides.prod()), 2)) * sides - reach:
        box = tuple(
            slice(max(0, int(at - reach)), max(0, min(side, int(at + reach) + 1)))
            for at, side in zip((row, column), shape, strict=True)
        )
        y, x = np.ogrid[box]
        covered[box] |= (y + 0.5 - row) ** 2 + (x + 0.5 - column) ** 2 < reach**2
    return covered


def gaussian_texture(fraction: float, sigma: float, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """White noise smoothed by a Gaussian of ``sigma`` px, where it exceeds a level: bool (H, W), this fraction of it.

    With the level u in standard deviations, lines enter it exp(−u² / 2) / (2π · √2 · sigma) times a px (Rice 1945).
    """
    from scipy.ndimage import gaussian_filter
    from scipy.special import ndtri

    # Noise of unit variance is 1 / (2 · √π · sigma) after smoothing in two dimensions.
    smooth = gaussian_filter(rng.standard_normal(shape), sigma, mode="wrap") * (2 * np.sqrt(np.pi) * sigma)
    return np.asarray(smooth > -ndtri(fraction))


def sphere_sections(
    per_volume: float, median: float, sigma: float, shape: tuple[float, float], rng: np.random.Generator
) -> np.ndarray:
    """Diameters (n,) of the circles in a plane of this height and width through log-normal spheres at random.

    ``per_volume`` spheres lie in a unit of volume, with this ``median`` diameter and log-standard deviation ``sigma``.
    Only circles whose middle lies in the field are given, so the frame cuts none.
    """
    reach = median * np.exp(6 * sigma) / 2
    diameters = median * np.exp(sigma * rng.standard_normal(rng.poisson(per_volume * shape[0] * shape[1] * 2 * reach)))
    away = rng.uniform(-reach, reach, diameters.size)
    cut = 2 * np.abs(away) < diameters
    return np.asarray(np.sqrt(diameters[cut] ** 2 - (2 * away[cut]) ** 2))


def hierarchical(
    fields: int, features: int, between: float, within: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Values of features with true mean 1 and the number of their field, both (fields · features,).

    Fields differ by the standard deviation ``between``, the features of a field by ``within`` (log-normal).
    """
    spread = np.log1p(within**2) ** 0.5
    field = np.repeat(np.arange(fields), features)
    level = rng.normal(1, between, fields)
    return level[field] * rng.lognormal(-(spread**2) / 2, spread, field.size), field


def vickers_indent(diagonal: float, shape: tuple[int, int], degrees: float, blur: float) -> np.ndarray:
    """A dark square on bright ground, float32 (H, W) from 0 to 1, by its diagonal in px, turned by an angle, in focus
    but for a Gaussian of ``blur`` px, which also stands for the pixels' own width."""
    from scipy.special import erf

    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    y, x, turn = y - shape[0] / 2, x - shape[1] / 2, np.radians(degrees + 45)
    half, width = diagonal / np.sqrt(8), blur * np.sqrt(2)

    def across(place: np.ndarray) -> np.ndarray:
        return np.asarray(erf((half - place) / width) + erf((half + place) / width)) / 2

    inside = across(np.cos(turn) * x + np.sin(turn) * y) * across(np.cos(turn) * y - np.sin(turn) * x)
    return (0.8 - 0.5 * inside).astype(np.float32)
