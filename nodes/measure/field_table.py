"""A table of one row: what was measured of a field."""

from collections.abc import Sequence

import numpy as np

from graingraph.engine.values import MeasuredField, Table
from graingraph.engine.values.raster import Raster


def field_table(
    values: Sequence[tuple[str, float, str]],
    region: Raster,
    *,
    headline: str,
    whole: int | None = None,
    cut: int | None = None,
) -> Table:
    """One row of named values with their units, measured of the ``region``, which has the scale and the frame.

    ``whole`` and ``cut`` are the features inside and at the frame, where features are told apart.
    """
    return Table(
        {name: np.array([value], float) for name, value, _ in values},
        {name: unit for name, _, unit in values},
        rows="fields",
        headline=headline,
        fields=(MeasuredField(*region.shape, region.scale, whole, cut),),
    )
