"""The distribution of one column of a table: its statistics and its histogram."""

from dataclasses import dataclass

import numpy as np

from graingraph.engine.problem import Problem
from graingraph.engine.values import Plot, Series, Table
from graingraph.nodes.imaging.stereology import statistics as st

FEWEST = 50
"""Features below which a note warns that the sample is small."""


NATURAL = ("Equivalent diameter", "Mean intercept circles")
"""What is shown where no column is named, before the first column of numbers."""


@dataclass(frozen=True)
class Sample:
    """The finite ``values`` (n,) of a column with their ``weights`` (n,) or None, and the mean of each image.

    ``noun`` is what a value stands for ("feature", "field"); ``missing`` is how many rows had no value.
    """

    column: str
    unit: str
    noun: str
    values: np.ndarray
    weights: np.ndarray | None
    field_means: np.ndarray
    missing: int


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
    values = table.columns[column].astype(float)
    weights = table.columns["Area"].astype(float) if weighting == "area" else None
    good = np.isfinite(values) if weights is None else np.isfinite(values) & np.isfinite(weights)
    images = table.columns["Image"][good] if "Image" in table.columns else np.zeros(int(good.sum()))
    values, weights = values[good], None if weights is None else weights[good]
    means = [st.mean(values[own], None if weights is None else weights[own]) for own in _groups(images)]
    return Sample(
        column=column,
        unit=table.units.get(column, ""),
        noun="field" if table.rows == "fields" else "feature",
        values=values,
        weights=weights,
        field_means=np.array(means),
        missing=int((~good).sum()),
    )


def _groups(images: np.ndarray) -> list[np.ndarray]:
    return [np.flatnonzero(images == name) for name in dict.fromkeys(images.tolist())]


def statistics_table(sample: Sample) -> Table:
    """One statistic a row: columns "Statistic", "Value", "Unit", and the "Quantity" it is of.

    Notes say how far the numbers can be trusted.
    """
    values, weights, unit = sample.values, sample.weights, sample.unit
    mean, half = st.mean(values, weights), st.mean_interval(values, weights)
    rows: list[tuple[str, float, str]] = [
        (f"Number of {sample.noun}s", values.size, ""),
        ("Mean", mean, unit),
        (f"95 % CI of the mean over {sample.noun}s (±)", half, unit),
        (f"Relative accuracy over {sample.noun}s", 100 * half / abs(mean) if mean else np.nan, "%"),
    ]
    if sample.noun == "feature":
        field_mean, field_half = st.mean(sample.field_means), st.mean_interval(sample.field_means)
        rows += [
            ("Number of fields", sample.field_means.size, ""),
            ("Mean of field means", field_mean, unit),
            ("95 % CI of the mean over fields (±)", field_half, unit),
            ("Relative accuracy over fields", 100 * field_half / abs(field_mean) if field_mean else np.nan, "%"),
        ]
    rows += [
        ("Standard deviation", st.spread(values, weights), unit),
        ("Minimum", float(values.min()) if values.size else np.nan, unit),
        *((f"{p}th percentile", st.percentile(values, p, weights), unit) for p in (10, 25)),
        ("Median", st.percentile(values, 50, weights), unit),
        *((f"{p}th percentile", st.percentile(values, p, weights), unit) for p in (75, 90)),
        ("Maximum", float(values.max()) if values.size else np.nan, unit),
    ]
    columns = {**st.statistics_columns(rows), "Quantity": np.full(len(rows), sample.column, object)}
    table = Table(columns, {}, rows="statistics", headline=_headline(sample, mean, half))
    return table.with_note(*_notes(sample))


def _headline(sample: Sample, mean: float, half: float) -> str:
    if not sample.values.size:
        return f"no {sample.noun}"
    interval = f" ± {st.short(half, 2)}" if np.isfinite(half) else ""
    found = f"{sample.column}: mean {st.short(mean, 4)}{interval} {sample.unit}".rstrip()
    return f"{found} (n = {sample.values.size})"


def _notes(sample: Sample) -> list[str]:
    count, notes = sample.values.size, []
    if sample.noun == "feature" and count < FEWEST:
        notes.append(f"Only {count} features; the statistics are uncertain below {FEWEST}.")
    notes += st.few_fields(sample.field_means.size)
    if sample.missing:
        rows = "1 row has" if sample.missing == 1 else f"{sample.missing} rows have"
        notes.append(f"{rows} no value of {sample.column} and {'is' if sample.missing == 1 else 'are'} left out.")
    return notes


def histogram(sample: Sample, bins: int | None) -> Plot:
    """Bars of the number of features a bin, or of the share of the area in per cent where areas are the weights."""
    heading = f"{sample.column} ({sample.unit})" if sample.unit else sample.column
    title = f"Distribution of {sample.column[:1].lower()}{sample.column[1:]}"
    label = f"Number of {sample.noun}s" if sample.weights is None else "Share of the area (%)"
    if not sample.values.size:
        return Plot(title, heading, label, ())
    edges = st.bin_edges(sample.values, bins)
    shares = None if sample.weights is None else 100 * sample.weights / sample.weights.sum()
    heights = np.histogram(sample.values, edges, weights=shares)[0].astype(float)
    return Plot(title, heading, label, (Series(f"{sample.noun}s", edges, heights, "bars"),))
