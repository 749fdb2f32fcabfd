"""LargestExpected: the largest feature to be expected in a large area, from the largest in each field."""

from dataclasses import replace
from typing import Annotated, NamedTuple

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, Range, Unit
from graingraph.engine.problem import Problem
from graingraph.engine.values import PerImage, Plot, Result, Series, Table
from graingraph.engine.values.results import per_scale
from graingraph.engine.values.wording import counted, short, with_uncertainty, within
from graingraph.nodes.report.pool import pool

FEWEST = 24
"""Fields that ASTM E2283 takes: those of six specimens, polished anew to four depths."""


class LargestExpected(NamedTuple):
    """The largest of each field, the statistics of the extremes, and both as a plot on Gumbel's paper."""

    table: Table
    statistics: Table
    plot: Plot


@node(
    "LargestExpected",
    category="Report",
    version=3,  # 1 did not count fields without a feature, 2 wrote Feret's name small
    synonyms=("extreme value", "Gumbel", "largest inclusion", "largest pore", "maximum", "ASTM E2283", "return period"),
)
def largest_expected(
    tables: PerImage[Table],
    *,
    column: str = "",
    area: Annotated[float, Range(0.001, 1e9, log=True), Unit("mm²"), Label("reference area")] = 150_000.0,
) -> LargestExpected:
    """Estimate the largest inclusion, pore or grain to be expected in a reference area.

    Takes the tables of features of all images, fields of one size. The largest of each field follows a Gumbel
    distribution, which is fitted by maximum likelihood; the largest expected is the one that is exceeded once in as
    many fields as make up the reference area, with its 95 % interval. The plot shows the largest of each field against
    the reduced variate: points along the line are what the method assumes.

    Standard: ASTM E2283 (the largest inclusion on each of 24 areas of 150 mm², for 150 000 mm²), but for the bias of
    its fit, which is made good: 3 % more at 24 fields. Not reportable with fewer than 24 fields, without a pixel size,
    or from fields of several sizes. Assumes fields with features of one kind. Oracles: SciPy's Gumbel fit; samples of
    Gumbel's distribution. Known error: none on average (under 0.2 % of the largest of 1000 fields), scattering by 10 %
    with 24 fields and 5 % with 100; the interval holds the truth in 93 to 97 of 100 cases. Limits and factors are from
    memory of the standard, not read in it: compare them with your edition.

    Settings:
        column: Name of the column. Empty takes "Feret max" where it is there, else the first column of numbers.
        area: Area in which the largest is asked for.
    """
    from graingraph.nodes.imaging.stereology.extremes import expected_largest, gumbel
    from graingraph.nodes.imaging.stereology.statistics import Statistic, mean, statistics_columns
    from graingraph.nodes.tables.reportable import NO_SCALE, of_notes, refusal

    features = pool(tables)
    if features.rows != "features":
        raise Problem("Wire tables of features into it, such as those of MeasureFeatures; this one has other rows.")
    column = column or next((name for name in ("Feret max", *features.quantities) if name in features.quantities), "")
    if column not in features.quantities:
        there = ", ".join(features.quantities)
        raise Problem(f"There is no column of numbers named '{column}'; choose one of {there}.")
    values, unit = np.asarray(features.columns[column], float), features.units.get(column, "")
    images, largest = _largest(values, features.columns["Image"])
    fields = len(features.fields)
    scaled = all(field.scale is not None for field in features.fields)
    sizes = np.array([field.area for field in features.fields])
    why = [] if scaled else [NO_SCALE]
    if fields < FEWEST:
        why.append(f"{counted(fields, 'field')} of at least {FEWEST}")
    if sizes.size and np.ptp(sizes) > 0.02 * sizes.mean():
        why.append("the fields differ in size")
    if len(largest) < fields:
        why.append(f"{counted(fields - len(largest), 'field has', 'fields have')} no feature")
    why += of_notes(features.notes)
    location, scale, expected, half = np.nan, np.nan, np.nan, np.nan
    if len(largest) >= 2:
        location, scale = gumbel(largest)
        if not scale > 0:
            why.append("the largest of all fields are alike, which tells nothing of larger ones")
        period = max(area / float(sizes.mean()), 1.001) if scaled else np.nan
        if scaled:
            expected, half = expected_largest(location, scale, len(largest), period)
    title = f"Largest {within(column)} expected in {short(area, 6)} mm²"
    result = Result(
        title,
        unit,
        expected,
        expected - half,
        expected + half,
        fields,
        reasons=tuple(why),
        per_scale=per_scale(expected, unit),
        column=column,
    )
    no = bool(why)
    rows = [
        Statistic("Number of fields", fields, ""),
        Statistic("Mean of the largest", mean(largest), unit),
        Statistic(
            "Standard deviation of the largest", float(largest.std(ddof=1)) if largest.size > 1 else np.nan, unit
        ),
        Statistic("Location λ", location, unit),
        Statistic("Scale δ", scale, unit),
        Statistic(title, expected, unit, no),
        Statistic(f"{title}, 95 % CI from", result.low, unit, no),
        Statistic(f"{title}, 95 % CI to", result.high, unit, no),
    ]
    told = with_uncertainty(expected, half, unit) if np.isfinite(expected) else "not known"
    headline = f"{title}: {told}"
    statistics = Table(statistics_columns(rows), {}, rows="statistics", headline=headline, results=(result,))
    notes = [*refusal(why, about="largest expected", beside=features.notes), *features.notes]
    statistics = replace(statistics, notes=tuple(notes), fields=features.fields)
    table = Table({"Image": images, column: largest}, {column: unit}, rows="fields", headline=headline)
    return LargestExpected(
        table, statistics, _paper(largest, location, scale, f"{column} ({unit})" if unit else column)
    )


def _largest(values: np.ndarray, names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The names of the images with a feature, and the largest value of each."""
    known = np.isfinite(values)
    found: dict[str, float] = {}
    for name, value in zip(names[known].tolist(), values[known].tolist(), strict=True):
        found[name] = max(value, found.get(name, value))
    return np.array(list(found), object), np.array(list(found.values()), float)


def _paper(largest: np.ndarray, location: float, scale: float, label: str) -> Plot:
    """The largest in rising order against −ln(−ln(i / (n + 1))), and the fitted line."""
    ranks = np.arange(1, largest.size + 1) / (largest.size + 1)
    reduced = -np.log(-np.log(ranks))
    series = [Series("largest of a field", np.sort(largest), reduced, "points")]
    if largest.size and scale > 0:
        ends = np.array([largest.min(), largest.max()])
        series.append(Series("Gumbel distribution", ends, (ends - location) / scale))
    return Plot("Largest of each field", label, "Reduced variate", tuple(series))
