"""DuplexGrains: how much of the area is fine grains and how much is coarse ones."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, Range, Unit, When
from graingraph.engine.problem import Problem
from graingraph.engine.values import PerImage, Plot, Series, Table
from graingraph.engine.values.notes import Note
from graingraph.engine.values.table import EDGE_WEIGHT
from graingraph.engine.values.wording import short
from graingraph.nodes.report.pool import pool
from graingraph.nodes.tables.answers import Fields, mean, of_fields, share
from graingraph.nodes.tables.stated import Stated

UNIFORM = 0.75
"""Share of the spread that a cut in two explains of sizes that are evenly spread; of a log-normal hill it is 0.64."""
FEWEST = 100
"""Grains, as many as weigh the same, below which one large grain makes a hill of its own."""


class Duplex(NamedTuple):
    """The fields' rows under the shares of all, their statistics, and the area by diameter as a plot."""

    table: Table
    statistics: Table
    plot: Plot


@node(
    "DuplexGrains",
    category="Report",
    synonyms=(
        "duplex",
        "bimodal",
        "mixed grain size",
        "coarse grains",
        "necklace",
        "abnormal grain growth",
        "ASTM E1181",
    ),
)
def duplex_grains(
    grains: PerImage[Table],
    specimens: PerImage[Table] | None = None,
    *,
    limit: Literal["automatic", "manual"] = "automatic",
    diameter: Annotated[
        float, Range(0.001, 1e6, log=True), Unit("µm"), Label("coarse from a diameter of"), When(limit="manual")
    ] = 50.0,
) -> Duplex:
    """Part the grains into fine and coarse ones, and measure the share of the area and the mean area of each.

    Takes the grains of GrainAreas of all images. The automatic limit is the diameter that parts the logarithms of the
    diameters, weighed by area, in two with the least spread inside (Otsu). It is told how well it parts them: of one
    hill of sizes, as single grain sizes have, it explains 64 % of the spread, of sizes that are evenly spread 75 %,
    of two hills more. Where it is under 75 % the grain size is not duplex, and the shares are not reportable. The 95 %
    intervals are over the fields.

    Standard: ASTM E1181 (duplex grain sizes: each by its size and its share of the area). Whether coarse grains lie in
    bands, in necklaces or at the surface is for you to see. Oracles: two log-normal hills of known shares; sections of
    3-D Voronoi grains, which are not duplex. Known error: under 2 % (of the whole) of the share of coarse grains, under
    5 % of the mean areas, of hills a factor of 5 apart. Limits and factors are from memory of the standard, not read in
    it: compare them with your edition.

    Settings:
        limit: Where coarse grains begin: found, or set.
        diameter: Equivalent diameter from which a grain is coarse, in µm; in px without a pixel size.
    """
    from graingraph.nodes.imaging.stereology.statistics import effective_count
    from graingraph.nodes.tables.field_sums import field_sums
    from graingraph.nodes.tables.specimens import with_specimens

    every = pool(grains)
    needed = {"Area", "Equivalent diameter", EDGE_WEIGHT}
    if every.rows != "features" or not needed <= every.columns.keys():
        raise Problem("Wire the grains of GrainAreas into it; this table has other columns.")
    size, area, weight = (
        np.asarray(every.columns[name], float) for name in ("Equivalent diameter", "Area", EDGE_WEIGHT)
    )
    by_area = weight * area
    found, explained = _parted(np.log(size), by_area) if size.size > 1 else (np.nan, np.nan)
    least = float(np.exp(found)) if limit == "automatic" else diameter
    coarse = size > least
    sums = field_sums(
        every,
        {
            "Coarse grains": weight * coarse,
            "Coarse area": by_area * coarse,
            "Fine grains": weight * ~coarse,
            "Fine area": by_area * ~coarse,
        },
    )
    unit_of_area = every.units["Area"]
    fields = with_specimens(replace(sums, units={"Coarse area": unit_of_area, "Fine area": unit_of_area}), specimens)
    notes = list(every.notes)
    enough = effective_count(by_area) >= FEWEST
    if limit == "automatic" and not (explained >= UNIFORM and enough):
        reason = (
            f"parting the grains in two explains {100 * explained:.0f} % of the spread of their sizes, as of one hill,"
            " so they are not duplex."
            if enough and np.isfinite(explained)
            else "all grains are of one size."
            if enough
            else "there are too few grains to tell a second grain size from a few large ones."
        )
        notes.insert(0, Note("not reportable", reason, about="duplex grain size"))
    stated = of_fields(
        replace(fields, notes=tuple(notes), fields=every.fields),
        _measure,
        of="GrainAreas",
        needs=("Coarse area", "Fine area"),
        main=("Area fraction of coarse grains", "Mean area of coarse grains", "Mean area of fine grains"),
    )
    unit = every.units["Equivalent diameter"]
    headline = stated.table.headline
    headline += f"; coarse from {short(least, 3)} {unit}" if np.isfinite(least) else ""
    return Duplex(
        replace(stated.table, headline=headline),
        replace(stated.statistics, headline=headline),
        _plot(size, by_area, least, unit),
    )


def _parted(values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> tuple[float, float]:
    """The value that parts the weighted values in two with the least spread inside, and the share that explains.

    Midway to the next value. Source: Otsu 1979. NaN where all are alike.
    """
    from graingraph.nodes.imaging.filters.grey_levels import otsu

    levels, number = np.unique(values, return_inverse=True)
    if len(levels) < 2:
        return np.nan, np.nan
    cut = otsu(levels, np.bincount(number, weights), 2)[0]
    low = values <= cut
    parts = [(float(weights[one].sum()), float(np.average(values[one], weights=weights[one]))) for one in (low, ~low)]
    middle = float(np.average(values, weights=weights))
    between = sum(weight * (mean - middle) ** 2 for weight, mean in parts)
    spread = float((weights * (values - middle) ** 2).sum())
    return (cut + float(levels[levels > cut][0])) / 2, between / spread


def _measure(fields: Fields) -> Sequence[Stated]:
    unit = fields.units["Coarse area"]
    coarse, fine = fields["Coarse area"], fields["Fine area"]
    return [
        share("Area fraction of coarse grains", coarse, coarse + fine),
        mean("Mean area of coarse grains", unit, coarse, fields["Coarse grains"]),
        mean("Mean area of fine grains", unit, fine, fields["Fine grains"]),
    ]


def _plot(size: np.ndarray, by_area: np.ndarray, least: float, unit: str) -> Plot:
    """Share of the area by class of diameter, the classes even in the logarithm, and where coarse grains begin."""
    if not size.size:
        return Plot("Area by grain diameter", f"Equivalent diameter ({unit})", "Share of the area (%)", ())
    edges = np.geomspace(size.min() * 0.999, size.max() * 1.001, 31)
    bars = 100 * np.histogram(size, edges, weights=by_area)[0] / by_area.sum()
    ends = np.array([0.0, float(bars.max())])
    return Plot(
        "Area by grain diameter",
        f"Equivalent diameter ({unit})",
        "Share of the area (%)",
        (
            Series("grains", edges, bars, "bars"),
            *([Series("coarse from", np.array([least, least]), ends)] if np.isfinite(least) else []),
        ),
    )
