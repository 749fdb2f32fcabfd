"""Measurements as a table of arrays with units."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from graingraph.engine.values.measured_field import MeasuredField
from graingraph.engine.values.registry import value_type
from graingraph.engine.values.results import Result
from graingraph.engine.values.value import Value

if TYPE_CHECKING:
    import pandas as pd


EDGE_WEIGHT = "Edge weight"
"""The column that tells for how many features each one stands, where those that the frame cuts are left out."""


@value_type(pin="#ffb74d")
@dataclass(frozen=True, eq=False)
class Table(Value):
    """Measurements: columns by name, the unit of each column, and what a row stands for.

    ``columns`` are arrays of one length (rows,): numbers, bool, or object for texts and mixed things, where None is
    missing; a missing number is NaN. ``rows`` is "features" (one row a grain, pool, nodule ...; column ``Label`` is the
    feature's number in its labels), "fields" (one row an image) or "statistics". Columns named in ``units`` carry that
    unit ("µm", "µm²", "px", "%", "°", "" for a pure number). ``headline`` is the short answer shown on the node, such
    as "mean 41.3 µm (n = 312)", ``results`` are the answers of a whole batch with their
    intervals, and ``fields`` tell of each field that the rows are from.
    """

    columns: Mapping[str, np.ndarray]
    units: Mapping[str, str]
    rows: Literal["features", "fields", "statistics"] = "features"
    headline: str = ""
    results: tuple[Result, ...] = ()
    fields: tuple[MeasuredField, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if len({column.shape for column in self.columns.values()} | {(self.count,)}) > 1:
            raise ValueError("the columns of a table have one dimension and the same length")
        for column in self.columns.values():
            column.flags.writeable = False

    @classmethod
    def of_frame(cls, frame: "pd.DataFrame", units: Mapping[str, str], **others: Any) -> Self:
        """A table of a data frame's columns; ``others`` are the other fields of the table."""
        return cls({str(name): _array(column) for name, column in frame.items()}, units, **others)

    @cached_property
    def frame(self) -> "pd.DataFrame":
        """The columns as a data frame, for work that pandas makes easier; importing pandas takes half a second."""
        import pandas as pd

        return pd.DataFrame(dict(self.columns))

    @property
    def count(self) -> int:
        """The number of rows."""
        return next((len(column) for column in self.columns.values()), 0)

    @property
    def quantities(self) -> list[str]:
        """The names of the columns of numbers, without ``Label``, whose numbers are names."""
        return [name for name, column in self.columns.items() if column.dtype.kind in "iuf" and name != "Label"]

    @property
    def nbytes(self) -> int:
        """Memory held by the columns, in bytes."""
        return 256 + sum(column.nbytes for column in self.columns.values())

    def heading(self, column: str) -> str:
        """The column's name with its unit, as printed above a column: ``Diameter (µm)``."""
        unit = self.units.get(column, "")
        return f"{column} ({unit})" if unit else column


def _array(column: "pd.Series[Any]") -> np.ndarray:
    """A column of a data frame as a table keeps it."""
    if column.dtype.kind not in "biuf":
        return column.astype(object).where(column.notna(), None).to_numpy()
    return column.to_numpy() if isinstance(column.dtype, np.dtype) else column.to_numpy(float, na_value=np.nan)


def with_units(table: Table) -> Table:
    """The table with the unit behind every column's name."""
    return replace(table, columns={table.heading(name): column for name, column in table.columns.items()}, units={})


def mean(numbers: np.ndarray, weights: np.ndarray | None = None) -> float:
    """The (weighted) mean of a column of numbers (rows,) without the missing ones; NaN if all are missing."""
    known = ~np.isnan(numbers)
    each = known.astype(float) if weights is None else np.where(known, weights, 0.0)
    total = float(each.sum())
    return float((np.where(known, numbers, 0) * each).sum() / total) if total else math.nan


def missing(column: np.ndarray) -> np.ndarray:
    """Where a column (rows,) has no value: bool (rows,)."""
    if column.dtype.kind in "biu":
        return np.zeros(len(column), bool)
    if column.dtype.kind == "f":
        return np.isnan(column)
    return np.array([item is None or item != item for item in column], bool)
