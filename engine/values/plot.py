"""Diagrams as data."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from graingraph.engine.values.registry import record, value_type
from graingraph.engine.values.value import Value


@record
@dataclass(frozen=True, eq=False)
class Series:
    """One curve or set of bars of a plot: ``x`` (n,) and ``y`` (n,); for bars ``x`` has the n + 1 bin edges."""

    name: str
    x: np.ndarray
    y: np.ndarray
    kind: Literal["bars", "line", "points"] = "line"


@value_type(pin="#4dd0e1")
@dataclass(frozen=True, eq=False)
class Plot(Value):
    """A diagram as data, so that the window and the report each draw it their own way."""

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]

    @property
    def nbytes(self) -> int:
        """Memory held by the curves, in bytes."""
        return 64 + sum(one.x.nbytes + one.y.nbytes for one in self.series)
