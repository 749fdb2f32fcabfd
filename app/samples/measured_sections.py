"""Fields of sections of 3-D Voronoi grains, measured by the program, and how often its intervals hold the truth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from graingraph.app.samples import phantoms
from graingraph.engine.values import Labels, Mask, Scale, Table
from graingraph.engine.values.pooling import pooled
from graingraph.engine.values.table import EDGE_WEIGHT
from graingraph.nodes.clean.edge_reject import edge_reject
from graingraph.nodes.imaging.boundaries.partition import border_lines
from graingraph.nodes.imaging.stereology.over_fields import OverFields
from graingraph.nodes.measure.area_fraction import area_fraction
from graingraph.nodes.measure.grain_size import grain_size
from graingraph.nodes.measure.measure_features import measure_features
from graingraph.nodes.tables.distribution import sample
from graingraph.nodes.tables.grain_size_fields import sizes_over_fields

SECOND_PHASE = 0.05
"""Volume fraction of the second phase."""


@dataclass(frozen=True)
class Field:
    """What the nodes say of one field, one table each."""

    grain_size: Table
    diameters: Table
    fraction: Table


def measured(grains: np.ndarray, second: np.ndarray, lines: int = 0) -> Field:
    """Measure a field of grains (int32, H, W) and its second phase (bool, H, W).

    With ``lines`` the grain size is that of a mask of the boundaries, drawn so many px wide.
    """
    labels = Labels(phantoms.numbered(grains), Scale(1.0))
    labels = Labels(labels.pixels, labels.scale, count=int(labels.pixels.max()))
    features = measure_features(edge_reject(labels))
    kept = {name: features.columns[name] for name in ("Area", "Equivalent diameter", EDGE_WEIGHT)}
    return Field(
        grain_size(Mask(border_lines(labels.pixels, lines), Scale(1.0)) if lines else labels).table,
        Table(kept, {name: features.units[name] for name in kept}),
        area_fraction(Mask(second, Scale(1.0))),
    )


def fields(mean_intercept: float, side: int, sections: int, size: int, seed: int, lines: int = 0) -> list[Field]:
    """All fields of ``side`` px out of so many sections of ``size`` px; ``lines`` as in ``measured``."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(sections):
        grains = phantoms.voronoi_section(mean_intercept, (size, size), rng)
        second = phantoms.of_two_phases(grains, SECOND_PHASE, rng)
        for top in range(0, size - side + 1, side):
            for left in range(0, size - side + 1, side):
                window = np.s_[top : top + side, left : left + side]
                found.append(measured(grains[window], second[window], lines))
    return found


def _grain_size(method: str) -> Callable[[list[Field]], OverFields]:
    def interval(chosen: list[Field]) -> OverFields:
        table = pooled({str(k): field.grain_size for k, field in enumerate(chosen)})
        return next(size.mean for size in sizes_over_fields(table) if size.method == method)

    return interval


def _column(name: str, which: str, weighting: str = "number") -> Callable[[list[Field]], OverFields]:
    def interval(chosen: list[Field]) -> OverFields:
        table = pooled({str(k): getattr(field, which) for k, field in enumerate(chosen)})
        return sample(table, name, weighting).mean

    return interval


INTERVALS: dict[str, Callable[[list[Field]], OverFields]] = {
    "mean intercept by circles": _grain_size("circles"),
    "mean intercept by lines": _grain_size("lines"),
    "grains per area": _grain_size("planimetric"),
    "diameter": _column("Equivalent diameter", "diameters"),
    "diameter by area": _column("Equivalent diameter", "diameters", "area"),
    "area fraction": _column("Area fraction", "fraction"),
}
"""From fields to the interval that the program states, by the name of what is measured."""
OF_GRAIN_SIZE = ("mean intercept by circles", "mean intercept by lines", "grains per area")
"""Those that GrainSize measures."""


def coverage(
    interval: Callable[[list[Field]], OverFields],
    pools: list[list[Field]],
    truths: Sequence[float],
    count: int,
    times: int,
    rng: np.random.Generator,
) -> list[float]:
    """How often the intervals of ``count`` fields, drawn from the pools in turn, hold each of the truths."""
    held = np.zeros(len(truths))
    for _ in range(times):
        chosen = [pools[k % len(pools)][rng.integers(len(pools[k % len(pools)]))] for k in range(count)]
        found = interval(chosen)
        held += [found.low <= truth <= found.high for truth in truths]
    return list(held / times)
