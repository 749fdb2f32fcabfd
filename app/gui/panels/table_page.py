"""A table as the results panel shows it: sorted, one page at a time, every number in a few digits. No display."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import floor, log10

import numpy as np

from graingraph.engine.values import Table
from graingraph.engine.values.results import in_digits
from graingraph.engine.values.table import missing
from graingraph.engine.values.wording import LARGE, cell

PAGE = 100
FIGURE_SPACE = "\u2007"
"""A blank as wide as a digit."""


@dataclass(frozen=True, eq=False)
class TablePage:
    """A sorted view of a table's rows. ``column`` is the sorted column; None keeps the table's own order."""

    table: Table
    column: str | None = None
    ascending: bool = True
    page: int = 0

    @cached_property
    def order(self) -> np.ndarray:
        """Row numbers in the order shown; rows without a value come last either way."""
        if self.column is None or self.column not in self.table.columns:
            return np.arange(self.table.count)
        values = self.table.columns[self.column]
        gone = missing(values)
        known = np.flatnonzero(~gone)[:: 1 if self.ascending else -1]  # equal ones keep their own order either way
        ranks = values[known] if values.dtype != object else values[known].astype(str)
        ranked = known[np.argsort(ranks, kind="stable")][:: 1 if self.ascending else -1]
        return np.concatenate([ranked, np.flatnonzero(gone)])

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.table.count // PAGE))

    @property
    def headings(self) -> list[str]:
        """The columns with their units."""
        return [self.table.heading(column) for column in self.table.columns]

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The rows of the page: row number in the table, and the text of every cell."""
        chosen = self.order[self.page * PAGE : (self.page + 1) * PAGE]
        if {"Value", "Unit"} <= set(self.table.columns):
            columns = [column[chosen].tolist() for column in self.table.columns.values()]
            for row, values in zip(chosen.tolist(), zip(*columns, strict=True), strict=True):
                yield row, self._texts(values)
        else:
            texts = [aligned(column[chosen], column) for column in self.table.columns.values()]
            yield from zip(chosen.tolist(), map(list, zip(*texts, strict=True)), strict=True)

    def _texts(self, values: tuple[object, ...]) -> list[str]:
        """The cells of a row with a value in a unit of its own; one to the digits that are known of its result."""
        texts = [cell(value, missing="") for value in values]
        names = list(self.table.columns)
        if self.table.results:
            value, unit = values[names.index("Value")], values[names.index("Unit")]
            if isinstance(value, float) and value == value:
                texts[names.index("Value")] = in_digits(value, str(unit), self.table.results)
        return texts

    def place_of(self, row: int) -> tuple[int, int]:
        """The page on which a row of the table is shown, and how many rows are above it there."""
        return divmod(int(np.flatnonzero(self.order == row)[0]), PAGE)

    def turned(self, by: int) -> "TablePage":
        """Pages further on or back, within the table."""
        return self.at(self.page + by)

    def at(self, page: int) -> "TablePage":
        """At a page, the nearest one there is."""
        return TablePage(self.table, self.column, self.ascending, min(max(page, 0), self.pages - 1))

    def sorted_by(self, column: str, ascending: bool) -> "TablePage":
        """Sorted by a column, from the first page."""
        return TablePage(self.table, column, ascending)

    def of(self, table: Table) -> "TablePage":
        """The same sorting and page of another table."""
        return TablePage(table, self.column, self.ascending, self.page).at(self.page)


def aligned(shown: np.ndarray, column: np.ndarray) -> list[str]:
    """The cells of part of a column: its numbers with the same decimals, and as wide as the widest, by figure spaces.

    What is no number is written as it is.
    """
    if column.dtype.kind not in "iuf":
        return [cell(value, missing="") for value in shown.tolist()]
    places = decimals(column)
    if places is None:
        texts = [cell(value, missing="") for value in shown.tolist()]
    else:
        texts = ["" if value != value else f"{value:.{places}f}" for value in shown.tolist()]
    return flush_right(texts)


def flush_right(numbers: Sequence[str]) -> list[str]:
    """Written numbers as wide as the widest, by figure spaces, so that they end below each other."""
    wide = max(map(len, numbers), default=0)
    return [text.rjust(wide, FIGURE_SPACE) if text else "" for text in numbers]


def decimals(column: np.ndarray) -> int | None:
    """How many decimals show the largest number of a column in four digits or more, and the smallest in two.

    None where that would take more than six, as in a column over many orders of magnitude, and where numbers have a
    power of ten.
    """
    if column.dtype.kind in "iu":
        return 0
    known = np.abs(column[np.isfinite(column)])
    known = known[known > 0]
    if known.size and known.max() >= LARGE:
        return None
    if not known.size or (known == np.round(known)).all():
        return 0
    digits = (floor(log10(known.max())), floor(log10(np.percentile(known, 5, method="lower"))))
    places = max(3 - digits[0], 1 - digits[1], 0)
    return int(places) if places <= 6 else None


def row_of(table: Table, label: int, image: str | None = None) -> int | None:
    """The row of the table for a feature's label (and image, in a pooled table)."""
    if "Label" not in table.columns:
        return None
    found = table.columns["Label"] == label
    if image is not None and "Image" in table.columns:
        found = found & (table.columns["Image"] == image)
    rows = np.flatnonzero(found)
    return int(rows[0]) if len(rows) else None
