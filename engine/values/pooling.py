"""Tables of a batch: features of all images in one, and one row an image that sums it up."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np

from graingraph.engine.values.table import EDGE_WEIGHT, Table, mean, with_units

NO_MEAN = (
    "Label",
    EDGE_WEIGHT,
    "Centroid X",
    "Centroid Y",
    "Orientation",
    "Feret angle",
    "Direction",
    "Box left",
    "Box top",
)
"""Columns of features whose mean says nothing: names, places, and directions, which have no plain mean."""


def merge_features(tables: Iterable[Table]) -> Table:
    """Tables that describe the same features (by ``Label``), side by side; a column is taken once."""
    return reduce(_beside, (with_units(table) for table in tables))


def told_of_image(features: Table, tables: Iterable[Table]) -> Table:
    """The features of an image, before them what tables of a row each tell of the image in words (its specimen)."""
    told = {
        name: np.full(features.count, column[0], object)
        for table in tables
        if table.rows == "fields" and table.count == 1
        for name, column in table.columns.items()
        if column.dtype.kind == "O" and column[0] and name not in ("Image", *features.columns)
    }
    return replace(features, columns={**told, **features.columns})


def pooled(tables: Mapping[str, Table]) -> Table:
    """The rows of every image in one table whose first column, ``Image``, names the image.

    What a table lacks is missing in its rows. Units are those of all tables, which have to agree.
    """
    filled = {name: table for name, table in tables.items() if table.count} or dict(list(tables.items())[:1])
    images = np.repeat(np.array(list(filled), object), [table.count for table in filled.values()])
    columns = {"Image": images}
    for name in dict.fromkeys(name for table in filled.values() for name in table.columns if name != "Image"):
        dtype = next(table.columns[name].dtype for table in filled.values() if name in table.columns)
        parts = [
            table.columns[name] if name in table.columns else _gaps(table.count, dtype) for table in filled.values()
        ]
        columns[name] = np.concatenate(parts)
    units = {name: unit for table in tables.values() for name, unit in table.units.items()}
    fields = tuple(replace(field, image=name) for name, table in tables.items() for field in table.fields[:1])
    return Table(columns, units, next((table.rows for table in tables.values()), "features"), fields=fields)


def summary(table: Table) -> dict[str, Any]:
    """What a table says of one image: the number and the means of its features, or its only row as it is.

    Where features have an edge weight, there are plain and weighted means. What is told of the field comes first.
    """
    about = table.fields[0].told() if len(table.fields) == 1 else {}
    if table.rows == "fields" and table.count == 1:
        columns = ((name, column) for name, column in table.columns.items() if name not in ("Image", "Label"))
        return about | {table.heading(name): column.tolist()[0] for name, column in columns}
    names = [name for name in table.quantities if name not in NO_MEAN] if table.count else []
    found = (
        about | {"Features": table.count} | {f"mean {table.heading(name)}": mean(table.columns[name]) for name in names}
    )
    weights = table.columns.get(EDGE_WEIGHT)
    if weights is not None:
        found |= {f"edge-weighted mean {table.heading(name)}": mean(table.columns[name], weights) for name in names}
    return found


def _beside(left: Table, right: Table) -> Table:
    """Two tables side by side, rows matched by ``Label`` if both have it, else by their order."""
    by_label = "Label" in left.columns and "Label" in right.columns
    own = [table.columns["Label"] if by_label else np.arange(table.count) for table in (left, right)]
    every = np.union1d(*own)
    columns: dict[str, np.ndarray] = {}
    for table, keys in zip((left, right), own, strict=True):
        places = np.searchsorted(every, keys)
        new = (name for name in table.columns if name not in columns)
        columns |= {name: _spread(table.columns[name], places, len(every)) for name in new}
    return replace(left, columns=columns | {"Label": every} if by_label else columns)


def _spread(column: np.ndarray, places: np.ndarray, count: int) -> np.ndarray:
    """The entries of a column at their places among ``count``; where none belongs it is missing."""
    spread = _gaps(count, column.dtype) if len(places) < count else np.empty(count, column.dtype)
    spread[places] = column
    return spread


def _gaps(count: int, dtype: np.dtype) -> np.ndarray:
    """So many missing values for a column of this type."""
    if dtype.kind in "iuf":
        return np.full(count, np.nan, dtype if dtype.kind == "f" else float)
    return np.full(count, None, object)
