"""SizeInSpace: the sizes of particles in space, from the circles that sections show."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, NamedTuple

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, Range
from graingraph.engine.problem import Problem
from graingraph.engine.values import PerImage, Plot, Series, Table
from graingraph.engine.values.notes import Note
from graingraph.engine.values.table import EDGE_WEIGHT
from graingraph.engine.values.wording import counted, with_uncertainty
from graingraph.nodes.report.pool import pool
from graingraph.nodes.tables.stated import Stated

DIAMETER = "Equivalent diameter"
NO_BAND = Note(
    "not reportable",
    "The classes have no band: it takes 5 fields, or specimens, and 5 sections in a class over them all.",
)
FEWEST = 200
"""Sections below which the classes are mostly chance."""


class SizeInSpace(NamedTuple):
    """Numbers by class of diameter, the statistics of the sizes in space, and both distributions as a plot."""

    classes: Table
    statistics: Table
    plot: Plot


@node(
    "SizeInSpace",
    category="Report",
    synonyms=("Saltykov", "unfolding", "3D size", "sphere", "stereology", "Wicksell", "corpuscle", "log-normal"),
    version=4,  # 2 left the area of fields without a feature out, 3 had no band
)
def size_in_space(
    tables: PerImage[Table],
    specimens: PerImage[Table] | None = None,
    *,
    classes: Annotated[int, Range(4, 30), Label("number of classes")] = 10,
) -> SizeInSpace:
    """Estimate how large roundish particles are in space, and how many there are per volume.

    A section cuts a sphere seldom through its middle, and large spheres more often than small ones. Takes the tables of
    MeasureDiameter or MeasureFeatures of all images, behind EdgeReject, which gives the edge weights. The statistics
    take log-normal diameters with the mean and mean square that the sections show; their 95 % intervals are over the
    fields (each left out once). The classes make no such assumption (Saltykov): the numbers per volume, none below 0,
    that come closest to the sections seen, with a 95 % band from drawing the fields anew a thousand times (or the
    specimens, where there are several). It takes five of them, and five sections in a class. Where the two curves of
    the plot differ by more than the band, believe neither.

    Source: E. E. Underwood, Quantitative Stereology, 1970, ch. 5; S. A. Saltykov 1958. Assumes spheres, at random in
    space, and every section seen: where small ones are lost (below some 5 px), mean and number per volume err.
    Oracle: analytic sections of equal and of log-normal spheres. Known error of the mean diameter: under 1 %
    for such spheres; what other shapes or another distribution make of it has not been measured. Over such spheres the
    intervals hold the truth in 93 to 97 % of cases; the band holds what very many fields would give in 92 % at 5 fields
    and 95 % from 10 on, and the true number of a class in 89 to 94 %.

    Settings:
        classes: Number of classes of equal width, from 0 to the largest section.
    """
    from graingraph.nodes.imaging.stereology.unfolding import saltykov
    from graingraph.nodes.tables.reportable import of_notes, refusal
    from graingraph.nodes.tables.stated import of_specimens, statistics

    features = pool(tables)
    if features.rows != "features" or DIAMETER not in features.columns:
        raise Problem("Wire tables of features with an equivalent diameter, such as those of MeasureDiameter.")
    diameters = np.asarray(features.columns[DIAMETER], float)
    weights = np.asarray(features.columns.get(EDGE_WEIGHT, np.ones(features.count)), float)
    unit = features.units[DIAMETER]
    fields = _fields(features, diameters, weights, specimens)
    groups = of_specimens(fields, lambda chosen: _stated(chosen, unit), of_notes(features.notes))
    whole = groups[-1]
    found = next(one for one in whole.stated if one.quantity == "Mean diameter in space")
    of_all = statistics(groups)
    headline = (
        f"mean diameter in space {with_uncertainty(found.mean.value, found.mean.half_width, unit)}"
        f" ({whole.how_many}, n = {features.count})"
        if features.count
        else "no feature"
    )
    notes = refusal(found.reasons, about="size in space", beside=features.notes)
    if 0 < features.count < FEWEST:
        text = f"Only {counted(features.count, 'section')}; the classes are uncertain below {FEWEST}."
        notes.append(Note("advice", text))
    if features.count and EDGE_WEIGHT not in features.columns:
        text = "Features that the frame cuts are counted as they are; wire EdgeReject before the measurement."
        notes.append(Note("advice", text))
    notes += [one for one in features.notes if one not in notes]
    of_all = replace(of_all, headline=headline, notes=tuple(notes), fields=features.fields)

    area = float(np.sum(fields.columns["Field area"]))
    edges = np.linspace(0, float(diameters.max(initial=0)) * (1 + 1e-9) or 1.0, classes + 1)
    per_area = np.histogram(diameters, edges, weights=weights)[0] / (area or np.nan)
    per_volume = saltykov(np.nan_to_num(per_area), edges)
    band = _band(features, diameters, weights, fields, edges)
    by_class = _class_table(edges, per_area, per_volume, band, unit)
    return SizeInSpace(by_class, of_all, _plot(edges, per_area, per_volume, band, fields, unit))


def _band(
    features: Table, diameters: np.ndarray, weights: np.ndarray, fields: Table, edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the 95 % band of the numbers per volume by class, over the fields, or the specimens if there are several.

    NaN where no band is known.
    """
    from graingraph.nodes.imaging.stereology.unfolding import bootstrapped
    from graingraph.nodes.tables.field_sums import field_sums
    from graingraph.nodes.tables.specimens import by_specimen

    own = np.searchsorted(edges, diameters, "right") - 1
    names = [str(k) for k in range(len(edges) - 1)]
    sums = field_sums(features, {name: np.where(own == k, weights, 0) for k, name in enumerate(names)})
    sections, areas = np.stack([sums.columns[name] for name in names], axis=1), fields.columns["Field area"]
    each = list(by_specimen(fields).values())
    if len(each) > 1:
        sections, areas = (np.array([amount[rows].sum(axis=0) for rows in each]) for amount in (sections, areas))
    return bootstrapped(sections, areas, edges)


def _fields(features: Table, diameters: np.ndarray, weights: np.ndarray, specimens: PerImage[Table] | None) -> Table:
    """One row a field: the sums that the moments are made of, and the area in the square of the diameters' unit."""
    from graingraph.nodes.tables.field_sums import field_sums
    from graingraph.nodes.tables.specimens import with_specimens

    of = {"Sections": weights, "Sum": weights * diameters, "Sum of squares": weights * diameters**2}
    sums = field_sums(features, of)
    square = 1e6 if features.units[DIAMETER] == "µm" else 1
    areas = np.array([field.area * square for field in features.fields])
    return with_specimens(replace(sums, columns={**sums.columns, "Field area": areas}), specimens)


def _stated(fields: Table, unit: str) -> Sequence[Stated]:
    """Mean diameter, spread and number per volume of log-normal spheres over fields (rows of ``_fields``)."""
    from graingraph.nodes.imaging.stereology.unfolding import jackknifed, log_normal, mean_diameter
    from graingraph.nodes.tables.reportable import of_mean

    totals = np.stack(
        [np.asarray(fields.columns[name], float) for name in ("Field area", "Sections", "Sum", "Sum of squares")],
        axis=1,
    )

    def moments(total: np.ndarray) -> tuple[float, float]:
        return (total[2] / total[1], total[3] / total[1]) if total[1] > 0 else (np.nan, np.nan)

    def per_volume(total: np.ndarray) -> float:
        mean = mean_diameter(*moments(total))  # a plane meets spheres that are as many as it, per area, by their height
        return float(total[1] / total[0] / mean) if total[0] > 0 and mean > 0 else np.nan

    size = jackknifed(totals, lambda total: mean_diameter(*moments(total)))
    spread = jackknifed(totals, lambda total: np.exp(log_normal(*moments(total))[1]))
    why = of_mean(unit, replace(size, fields=fields.count))
    density = jackknifed(totals, per_volume)
    if unit == "µm":
        density = density.times(1e9)
    cubic = "1/mm³" if unit == "µm" else "1/px³"
    of_density = of_mean(cubic, replace(density, fields=fields.count))
    return [
        Stated("Mean diameter in space", unit, size, reasons=tuple(why)),
        Stated("Geometric standard deviation in space", "", spread, reasons=tuple(why), answers=False),
        Stated("Number per volume", cubic, density, reasons=tuple(of_density)),
    ]


def _class_table(
    edges: np.ndarray, per_area: np.ndarray, per_volume: np.ndarray, band: tuple[np.ndarray, np.ndarray], unit: str
) -> Table:
    square, cubic, area, volume = ("1/mm²", "1/mm³", 1e6, 1e9) if unit == "µm" else ("1/px²", "1/px³", 1.0, 1.0)
    columns = {
        "Diameter from": edges[:-1],
        "Diameter to": edges[1:],
        "Sections per area": per_area * area,
        "Number per volume": per_volume * volume,
        "95 % band, from": band[0] * volume,
        "95 % band, to": band[1] * volume,
    }
    units = dict(zip(columns, (unit, unit, square, cubic, cubic, cubic), strict=True))
    table = Table(columns, units, rows="statistics", headline=counted(len(per_area), "class", "classes"))
    if np.isfinite(band[0]).any():
        return table
    return table.with_note(NO_BAND)


def _plot(
    edges: np.ndarray,
    per_area: np.ndarray,
    per_volume: np.ndarray,
    band: tuple[np.ndarray, np.ndarray],
    fields: Table,
    unit: str,
) -> Plot:
    """Shares of the number by class: sections, spheres by class with their band, and the log-normal spheres."""
    from scipy.special import ndtr

    from graingraph.nodes.imaging.stereology.unfolding import log_normal

    def percent(numbers: np.ndarray) -> np.ndarray:
        total = float(numbers.sum())
        return 100 * numbers / total if total > 0 else np.zeros(len(numbers))

    series = [
        Series("in space, by classes", edges, percent(per_volume), "bars"),
        Series("in the section", (edges[:-1] + edges[1:]) / 2, percent(np.nan_to_num(per_area)), "points"),
    ]
    known, total = np.isfinite(band[0]), float(per_volume.sum())
    if known.any() and total > 0:
        middle = (edges[:-1] + edges[1:]) / 2
        series += [
            Series(f"95 % band by classes, {side}", middle[known], 100 * end[known] / total, "line")
            for side, end in zip(("from", "to"), band, strict=True)
        ]
    sections, first, second = (float(np.sum(fields.columns[name])) for name in ("Sections", "Sum", "Sum of squares"))
    if sections > 0:
        median, sigma = log_normal(first / sections, second / sections)
        if sigma > 0:
            with np.errstate(divide="ignore"):
                below = ndtr((np.log(edges) - np.log(median)) / sigma)
            series.append(Series("in space, log-normal", (edges[:-1] + edges[1:]) / 2, 100 * np.diff(below), "line"))
    return Plot("Sizes in space", f"{DIAMETER} ({unit})", "Share of the number (%)", tuple(series))
