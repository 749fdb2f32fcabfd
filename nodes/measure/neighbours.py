"""Neighbours: whether features cluster, keep apart, or lie at random, and how far they lie from each other."""

from typing import NamedTuple

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.values import Labels, Mask, Plot, Series, Table
from graingraph.engine.values.wording import counted, short

FEWEST = 20
"""Features without which nothing is said of how they lie."""


class NeighboursFound(NamedTuple):
    """One row for the image, a row a feature, and Ripley's L."""

    table: Table
    features: Table
    ripley: Plot


@node(
    "Neighbours",
    category="Measure",
    version=2,  # 1 counted what the frame cuts as whole
    synonyms=(
        "neighbors",
        "nearest neighbour",
        "clustering",
        "segregation",
        "dispersion",
        "Ripley",
        "Clark-Evans",
        "tessellation",
        "Voronoi",
        "spacing",
        "ASTM E1245",
    ),
)
def neighbours(features: Labels | Mask) -> NeighboursFound:
    """Measure how far features lie from each other, and whether they cluster, keep apart or lie at random.

    Nearest neighbour: the mean distance from centroid to nearest other centroid, without bias by the frame. Features
    at random would have ½ / √N_A, where N_A is their number per area; the ratio of both is 1 at random, smaller in
    clusters, larger where features keep apart (Clark and Evans). Ripley's L(r) tells at which distances: it exceeds r
    in clusters of about that size. The band of the plot holds L of random points in about 95 of 100 cases. Edge
    distance: from the edge of a feature to that of the nearest other. Zones: what lies nearer to a feature than to any
    other; their areas spread little where features are evenly dispersed, and a zone's neighbours are counted. The local
    fraction is the area of a feature by that of its zone. One field has no interval: wire NeighboursOfFields.

    Sources: Clark and Evans 1954, Ripley 1977, Hanisch 1984 (frame); ASTM E1245 has the mean free path, which
    AreaFraction gives. Assumes one pattern over the whole field. Oracles: Poisson points, hard cores, clusters, the
    least distance of all pairs of pixels. Known error: none of the ratio for points; large features cannot overlap, so
    they seem to keep apart at distances of their size; edge distances are right to a pixel.
    """
    from graingraph.nodes.imaging.features.runs import feature_runs, paint_labels
    from graingraph.nodes.imaging.features.shape import Shape
    from graingraph.nodes.imaging.stereology import neighbours as parts
    from graingraph.nodes.imaging.stereology.number_per_area import counting_area, counts
    from graingraph.nodes.measure.field_table import field_table

    runs = feature_runs(features.pixels, features.count if isinstance(features, Labels) else None)
    shape = Shape(runs, features.shape[1])
    there = np.flatnonzero(shape.area > 0)
    x, y = shape.regions.x[there], shape.regions.y[there]
    distance = shape.of("Nearest neighbour")[there]
    curve = parts.ripley(x, y, features.shape)
    every = np.arange(runs.features + 1, dtype=np.int32)
    found = parts.zones(paint_labels(runs, every, features.shape), runs.features)
    scale = features.scale
    per_px, unit = (scale.um_per_px, "µm") if scale else (1.0, "px")
    per_mm2, dense = (1e6 / per_px**2, "1/mm²") if scale else (1.0, "1/px²")
    area = counting_area(features.shape)
    per_area = max(float(counts(runs, features.shape, features.whole_at).sum()), 0.0) / area if area else 0.0
    nearest = parts.mean_nearest(x, y, distance, features.shape)
    expected = 0.5 / np.sqrt(per_area) if per_area else np.nan
    inner = found.area[there][found.whole[there]]
    edge = found.edge_distance[there]
    values = [
        ("Features", float(there.size), ""),
        ("Number per area", per_area * per_mm2, dense),
        ("Nearest neighbour", nearest * per_px, unit),
        ("Nearest neighbour at random", expected * per_px, unit),
        ("Neighbour ratio", nearest / expected, ""),
        ("Edge distance", float(np.nanmean(edge)) * per_px if np.isfinite(edge).any() else np.nan, unit),
        ("Largest departure of L", curve.departure * per_px, unit),
        ("Distance of it", curve.at * per_px, unit),
        ("Departure of random points", curve.unusual * per_px, unit),
        ("Spread of zones", 100 * float(inner.std(ddof=1) / inner.mean()) if inner.size > 1 else np.nan, "%"),
    ]
    if there.size < FEWEST:
        verdict = f"only {counted(there.size, 'feature')}"
    elif abs(curve.departure) <= curve.unusual:
        verdict = "at random"
    else:
        verdict = "clustered" if curve.departure > 0 else "keeping apart"
    ratio = f", neighbour ratio {short(nearest / expected, 3)}" if np.isfinite(nearest / expected) else ""
    table = field_table(values, features, headline=f"{verdict}{ratio}")
    if there.size < FEWEST:
        table = table.with_note(f"Only {counted(there.size, 'feature')}; of fewer than {FEWEST} nothing can be said.")
    columns: dict[str, np.ndarray] = {
        "Label": there + 1,
        "Centroid X": x * per_px,
        "Centroid Y": y * per_px,
        "Nearest neighbour": distance * per_px,
        "Edge distance": edge * per_px,
        "Neighbours": found.neighbours[there].astype(float),
        "Zone area": np.where(found.whole[there], found.area[there], np.nan) * per_px**2,
        "Local fraction": np.where(found.whole[there], 100 * shape.area[there] / found.area[there], np.nan),
    }
    units = dict.fromkeys(("Centroid X", "Centroid Y", "Nearest neighbour", "Edge distance"), unit)
    units |= {"Label": "", "Neighbours": "", "Zone area": f"{unit}²", "Local fraction": "%"}
    rows = Table(columns, units, headline=table.headline, fields=table.fields)
    r = curve.r * per_px
    band = curve.unusual * per_px
    series = (
        Series("L(r) − r", r, curve.l * per_px - r),
        Series("random, upper end", r, np.full(r.size, band)),
        Series("random, lower end", r, np.full(r.size, -band)),
    )
    plot = Plot("Ripley's L", f"r ({unit})", f"L(r) − r ({unit})", series if r.size else ())
    return NeighboursFound(table, rows, plot)
