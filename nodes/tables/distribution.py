"""The distribution of one column of a table: its statistics and its histogram."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from graingraph.engine.problem import Problem
from graingraph.engine.values import Plot, Result, Series, Table
from graingraph.engine.values.notes import Note
from graingraph.engine.values.results import Sampled, per_scale
from graingraph.engine.values.table import EDGE_WEIGHT
from graingraph.engine.values.wording import between, counted, short, to_digits_of, with_uncertainty, within
from graingraph.nodes.imaging.features.quantities import SHAPES, SMALLEST_SHAPED
from graingraph.nodes.imaging.stereology import statistics as st
from graingraph.nodes.imaging.stereology.over_fields import OverFields, proportion, ratio
from graingraph.nodes.tables.reportable import NO_SCALE, of_mean, refusal
from graingraph.nodes.tables.specimens import SPECIMEN, over_specimens

FEWEST = 50
"""Features below which a note warns that the sample is small."""
MOST_TOO_SMALL = 0.05
"""Share of features that may be too small for a measurement of their shape."""
NATURAL = ("Equivalent diameter", "Mean intercept circles")
"""What is shown where no column is named, before the first column of numbers."""
AREAS = ("Analysed area", "Field area")
"""Columns that tell how large a field is."""


@dataclass(frozen=True)
class Sample:
    """The finite ``values`` (n,) of a column, the ``field`` (n,) that each is of, and what each counts.

    ``noun`` is what a value stands for ("feature", "field"); ``missing`` is how many rows had no value. ``areas`` (n,)
    are those that a weighting by area counts, ``edge`` (n,) the edge weights where there are any; for fields ``areas``
    are the sizes by which they enter the mean, and ``harmonic`` says that it is the size by value that adds up (a mean
    intercept: test lines by crossings). ``share`` says that the values are parts of a whole, in per cent.
    ``too_small`` bool (n,) are the features of which the pixels are too coarse for such a measurement.
    ``specimen`` (n,) names the specimens where they are told; with several the mean is theirs, and its interval is
    over them.
    """

    column: str
    unit: str
    noun: str
    values: np.ndarray
    field: np.ndarray
    missing: int
    areas: np.ndarray | None = None
    edge: np.ndarray | None = None
    harmonic: bool = False
    share: bool = False
    specimen: np.ndarray | None = None
    too_small: np.ndarray | None = None

    @cached_property
    def specimens(self) -> Mapping[str, "Sample"]:
        """The sample of each specimen, by name; empty where they are not told."""
        if self.specimen is None:
            return {}
        return {str(name): self._of(self.specimen == name) for name in dict.fromkeys(self.specimen.tolist())}

    def _of(self, chosen: np.ndarray) -> "Sample":
        areas, edge, small = (None if one is None else one[chosen] for one in (self.areas, self.edge, self.too_small))
        return replace(
            self,
            values=self.values[chosen],
            field=self.field[chosen],
            areas=areas,
            edge=edge,
            specimen=None,
            too_small=small,
        )

    @property
    def over(self) -> Sampled:
        """What the interval of the mean is taken over."""
        return "specimen" if len(self.specimens) > 1 else "field"

    @property
    def counted_over(self) -> int:
        """Over how many of them."""
        return len(self.specimens) if self.over == "specimen" else self.fields

    @cached_property
    def weights(self) -> np.ndarray | None:
        """What each value counts (n,); None where all count the same."""
        found = [one for one in (self.areas, self.edge) if one is not None]
        return math.prod(found[1:], start=found[0]) if found else None

    @cached_property
    def mean(self) -> OverFields:
        """The mean and its 95 % interval over the fields, or over the specimens where there are several."""
        if self.over == "specimen":
            return over_specimens(self.specimen_means, share=self.share)
        return self._over_fields(self.weights)

    @cached_property
    def mean_without_edge_weights(self) -> OverFields:
        """What the mean would be if every feature that lies whole inside counted the same."""
        if self.over == "specimen":
            means = [one.mean_without_edge_weights.value for one in self.specimens.values()]
            return over_specimens(np.array(means), share=self.share)
        return self._over_fields(self.areas)

    @cached_property
    def specimen_means(self) -> np.ndarray:
        """The mean of each specimen (specimens,)."""
        return np.array([one.mean.value for one in self.specimens.values()])

    @cached_property
    def field_means(self) -> np.ndarray:
        """The mean of each field (fields,)."""
        sizes, amounts = self._sums(self.weights)
        return amounts / np.where(sizes > 0, sizes, np.nan)

    @property
    def fields(self) -> int:
        """The number of fields."""
        return len(np.unique(self.field))

    def _over_fields(self, weights: np.ndarray | None) -> OverFields:
        if self.harmonic and weights is not None:
            found = ratio(weights, weights / self.values)
        else:
            sizes, amounts = self._sums(weights)
            if not self.share:
                return ratio(amounts, sizes)
            found = proportion(amounts / 100, sizes)
            found = found.times(100)
        return found

    def _sums(self, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Of each field the sum of weights and of weighted values."""
        each = np.ones(self.values.size) if weights is None else weights
        number = np.unique(self.field, return_inverse=True)[1]
        return np.bincount(number, each, self.fields), np.bincount(number, each * self.values, self.fields)


def sample(table: Table, column: str, weighting: str) -> Sample:
    """Take a column of numbers; a ``Problem`` says which columns there are, or that areas are missing."""
    anything = [name for name in table.columns if name not in ("Image", "Label")]
    numbers = table.quantities if table.count else anything  # without a row, nobody knows what was to be in a column
    column = column or next((name for name in (*NATURAL, *numbers) if name in numbers), "")
    if not column:
        raise Problem("The table has no column of numbers, so there is nothing to show a distribution of.")
    if column not in numbers:
        raise Problem(f"The table has no column of numbers named '{column}'; choose one of {', '.join(numbers)}.")
    if weighting == "area" and "Area" not in numbers:
        raise Problem("Weighting by area needs a column 'Area'; add the area to the measurement, or weight by number.")
    columns = {name: table.columns[name].astype(float) for name in numbers}
    values, unit = columns[column], table.units.get(column, "")
    of_fields = table.rows == "fields"
    areas, harmonic = _field_sizes(columns, column, unit) if of_fields else (None, False)
    if weighting == "area":
        areas = columns["Area"]
    edge = None if of_fields else columns.get(EDGE_WEIGHT)
    good = np.isfinite(values)
    for one in (areas, edge):
        good &= True if one is None else np.isfinite(one)
    if of_fields:
        field = np.arange(len(values))
    else:
        names = table.columns.get("Image", np.zeros(len(values)))
        number = {name: k for k, name in enumerate(dict.fromkeys(names.tolist()))}
        field = np.array([number[name] for name in names.tolist()], int)
    chosen, small = values[good], _too_small(table, column)
    specimen = table.columns.get(SPECIMEN)
    return Sample(
        column=column,
        unit=unit,
        noun="field" if of_fields else "feature",
        values=chosen,
        field=field[good],
        missing=int((~good).sum()),
        areas=None if areas is None else areas[good],
        edge=None if edge is None else edge[good],
        harmonic=harmonic and bool((chosen > 0).all()),
        share=of_fields and unit == "%" and bool(((chosen >= 0) & (chosen <= 100)).all()),
        specimen=None if specimen is None else specimen[good],
        too_small=None if small is None else small[good],
    )


def _too_small(table: Table, column: str) -> np.ndarray | None:
    """The features (bool (rows,)) too small for a shape; None of what pixels are never too coarse for."""
    size = table.columns.get("Equivalent diameter")
    scales = [field.scale.um_per_px for field in table.fields if field.scale and field.scale.is_square]
    if column not in SHAPES or size is None:
        return None
    if table.units["Equivalent diameter"] == "px":
        return size < SMALLEST_SHAPED
    return size < SMALLEST_SHAPED * max(scales) if scales else None


def _field_sizes(columns: Mapping[str, np.ndarray], column: str, unit: str) -> tuple[np.ndarray | None, bool]:
    """By what a column of fields enters their mean, and whether the size by value adds up instead of value by size.

    Shares and densities are of the field's area; all else, such as G, has no size.
    """
    lines = f"Test line {column.removeprefix('Mean intercept ')}"
    if column.startswith("Mean intercept ") and lines in columns:
        return columns[lines], True
    of_area = unit == "%" or unit.startswith("1/")
    return next((columns[name] for name in AREAS if name in columns and of_area), None), False


def statistics_table(sample: Sample, refused: Sequence[str] = ()) -> Table:
    """One statistic a row: columns "Statistic", "Value", "Unit", and the "Quantity" it is of.

    Where specimens are told, the column "Specimen" names the one that a statistic is of; it is empty for those of all
    together. Notes say how far the numbers can be trusted; ``refused`` says why nothing may be reported of it.
    """
    parts = list(sample.specimens.items())
    if len(parts) != 1:
        parts.append(("", sample))
    results = tuple(_result(part, name, refused) for name, part in parts)
    rows = [
        (name, row)
        for (name, part), result in zip(parts, results, strict=True)
        for row in _rows(part, bool(result.reasons))
    ]
    columns = st.statistics_columns([row for _, row in rows])
    columns["Quantity"] = np.full(len(rows), sample.column, object)
    if sample.specimens:
        columns = {SPECIMEN: np.array([name for name, _ in rows], object), **columns}
    table = Table(columns, {}, rows="statistics", headline=_headline(sample), results=results)
    return table.with_note(*_notes(sample))


def _rows(sample: Sample, no: bool) -> list[st.Statistic]:
    """The statistics; with ``no`` those of the mean must not be reported."""
    values, unit, mean, over = sample.values, sample.unit, sample.mean, sample.over
    weights = sample.weights if sample.noun == "feature" else None  # fields spread as they are, whatever their size
    features = sample.noun == "feature"
    return [
        st.Statistic(f"Number of {sample.noun}s", values.size, ""),
        *([st.Statistic("Number of fields", sample.fields, "")] if features else []),
        *([st.Statistic("Number of specimens", len(sample.specimens), "")] if over == "specimen" else []),
        st.Statistic("Mean", mean.value, unit, no),
        *(
            [st.Statistic("Mean without edge weights", sample.mean_without_edge_weights.value, unit, no)]
            if _edge_weighted(sample)
            else []
        ),
        st.Statistic(f"95 % CI of the mean over {over}s, from", mean.low, unit, no),
        st.Statistic(f"95 % CI of the mean over {over}s, to", mean.high, unit, no),
        st.Statistic(f"Relative accuracy over {over}s", mean.relative_accuracy, "%"),
        st.Statistic(f"{over.capitalize()}s needed for 10 %", mean.fields_needed, ""),
        st.Statistic(f"Standard deviation of {sample.noun}s", st.spread(values, weights), unit),
        *([st.Statistic("Standard deviation of field means", st.spread(sample.field_means), unit)] if features else []),
        *(
            [st.Statistic("Standard deviation of specimen means", st.spread(sample.specimen_means), unit)]
            if over == "specimen"
            else []
        ),
        st.Statistic("Minimum", float(values.min()) if values.size else np.nan, unit),
        *(st.Statistic(f"{p}th percentile", st.percentile(values, p, weights), unit) for p in (10, 25)),
        st.Statistic("Median", st.percentile(values, 50, weights), unit),
        *(st.Statistic(f"{p}th percentile", st.percentile(values, p, weights), unit) for p in (75, 90)),
        st.Statistic("Maximum", float(values.max()) if values.size else np.nan, unit),
    ]


def _result(sample: Sample, specimen: str, refused: Sequence[str]) -> Result:
    mean, means = sample.mean, sample.specimen_means if sample.over == "specimen" else sample.field_means
    return Result(
        f"{'Edge-weighted mean' if _edge_weighted(sample) else 'Mean'} {within(sample.column)}",
        sample.unit,
        mean.value,
        mean.low,
        mean.high,
        sample.counted_over,
        sample.over,
        st.spread(means),
        mean.fields_needed,
        specimen,
        (*_reasons(sample), *refused),
        per_scale(mean.value, sample.unit),
        sample.column,
    )


def _reasons(sample: Sample) -> list[str]:
    """Why the mean must not be reported; empty where it may be. Of several specimens, why that of one may not."""
    if sample.over == "specimen":
        parts = {name: _reasons(part) for name, part in sample.specimens.items()}
        return [f"specimen {name}: {'; '.join(why)}" for name, why in parts.items() if why]
    why = [NO_SCALE] if sample.unit.startswith("px") else []
    small = 0.0 if sample.too_small is None or not sample.values.size else float(sample.too_small.mean())
    if small > MOST_TOO_SMALL:
        text = f"{100 * small:.0f} % of the features are under {SMALLEST_SHAPED:g} px across"
        why.append(f"{text}, where pixels bias {within(sample.column)}")
    return [*why, *of_mean("", replace(sample.mean, fields=sample.fields))]


def _edge_weighted(sample: Sample) -> bool:
    return sample.edge is not None and bool((sample.edge != 1).any())


def _headline(sample: Sample) -> str:
    """The mean with the interval over fields; where that is not known, with the standard deviation."""
    if not sample.values.size:
        return f"no {sample.noun}"
    mean, unit = sample.mean, sample.unit
    which = "edge-weighted mean" if _edge_weighted(sample) else "mean"
    how_many = counted(sample.counted_over, sample.over)
    n = "" if sample.noun == "field" else f", n = {sample.values.size}"
    if not math.isfinite(mean.half_width):
        spread = st.spread(sample.values, sample.weights if sample.noun == "feature" else None)
        beside = f", standard deviation {short(spread, 2)} {unit}".rstrip() if math.isfinite(spread) else ""
        found = f"{short(mean.value, 3)} {unit}".rstrip()
        return f"{sample.column}: {which} {found}{beside} ({how_many}{n})"
    if sample.share:
        found = f"{short(mean.value, 3)} {unit}, 95 % CI {between(mean.low, mean.high, unit)}"
        return f"{sample.column}: {which} {found} ({how_many}{n})"
    return (
        f"{sample.column}: {which} {with_uncertainty(mean.value, mean.half_width, unit)} (95 % CI over {how_many}{n})"
    )


def _notes(sample: Sample) -> list[Note]:
    count, notes = sample.values.size, []
    if sample.noun == "feature" and count < FEWEST:
        text = f"Only {counted(count, 'feature')}; the statistics are uncertain below {FEWEST}."
        notes.append(Note("advice", text))
    why = _reasons(sample)
    if count:
        notes = [*refusal(why, about=f"mean of {sample.column}"), *notes]
    if _edge_weighted(sample):
        plain = to_digits_of(sample.mean_without_edge_weights.value, sample.mean.half_width)
        text = (
            "Features that the frame cuts are left out; the mean weighs the others by the chance that the frame holds "
            "them whole."
        )
        without = f" Without these edge weights it is {plain} {sample.unit}".rstrip() + "."
        notes.append(Note("advice", text if why else text + without))
    if sample.missing:
        rows = "1 row has" if sample.missing == 1 else f"{sample.missing} rows have"
        text = f"{rows} no value of {sample.column} and {'is' if sample.missing == 1 else 'are'} left out."
        notes.append(Note("advice", text))
    return notes


def histogram(sample: Sample, bins: int | None) -> Plot:
    """Bars of the number of features a bin, or of the share of the area in per cent where areas are the weights.

    Edge weights count in it: a bar is then as high as the features that the frame would hold if it cut none.
    """
    heading = f"{sample.column} ({sample.unit})" if sample.unit else sample.column
    title = f"Distribution of {within(sample.column)}"
    by_area = sample.noun == "feature" and sample.areas is not None
    weighted = ", edge-weighted" if _edge_weighted(sample) else ""
    label = f"Share of the area (%{weighted})" if by_area else f"Number of {sample.noun}s{weighted}"
    if not sample.values.size:
        return Plot(title, heading, label, ())
    edges = st.bin_edges(sample.values, bins)
    weights = sample.weights if by_area else sample.edge
    shares = 100 * weights / weights.sum() if by_area and weights is not None else weights
    heights = np.histogram(sample.values, edges, weights=shares)[0].astype(float)
    return Plot(title, heading, label, (Series(f"{sample.noun}s", edges, heights, "bars"),))
