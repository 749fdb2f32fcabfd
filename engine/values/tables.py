"""Tables of a batch: features of all images in one, and one row an image that sums it up."""

import csv
import io
import math
from codecs import BOM_UTF8  # tells spreadsheets that µm and ° are UTF-8
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

from graingraph.engine.files import write_atomically
from graingraph.engine.values.value import Table

NO_MEAN = ("Label", "Centroid X", "Centroid Y", "Orientation", "Box left", "Box top")
"""Columns of features whose mean says nothing: names, places, and directions, which have no plain mean."""


def with_units(table: Table) -> Table:
    """The table with the unit behind every column's name."""
    return replace(table, columns={table.heading(name): column for name, column in table.columns.items()}, units={})


def merge_features(tables: Iterable[Table]) -> Table:
    """Tables that describe the same features (by ``Label``), side by side; a column is taken once."""
    return reduce(_beside, (with_units(table) for table in tables))


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
    return Table(columns, units, next((table.rows for table in tables.values()), "features"))


def summary(table: Table) -> dict[str, Any]:
    """What a table says of one image: the number and the means of its features, or its only row as it is."""
    if table.rows == "fields" and table.count == 1:
        columns = ((name, column) for name, column in table.columns.items() if name not in ("Image", "Label"))
        return {table.heading(name): column.tolist()[0] for name, column in columns}
    names = [name for name in table.quantities if name not in NO_MEAN] if table.count else []
    return {"Features": table.count} | {f"mean {table.heading(name)}": mean(table.columns[name]) for name in names}


def mean(numbers: np.ndarray) -> float:
    """The mean of a column of numbers (rows,) without the missing ones; NaN if all are missing."""
    known = ~np.isnan(numbers)
    count = np.count_nonzero(known)
    return float(np.where(known, numbers, 0).sum() / count) if count else math.nan


def missing(column: np.ndarray) -> np.ndarray:
    """Where a column (rows,) has no value: bool (rows,)."""
    if column.dtype.kind in "biu":
        return np.zeros(len(column), bool)
    if column.dtype.kind == "f":
        return np.isnan(column)
    return np.array([item is None or item != item for item in column], bool)


def write_csv(path: Path, table: Table) -> None:
    """Write a CSV that spreadsheets open with their units intact (UTF-8 with a byte order mark), atomically.

    Arrow writes it: ten times faster than pandas on tables of ten thousand features.
    """
    write_atomically(path, csv_bytes(table))


def csv_bytes(table: Table, *, heading: bool = True) -> bytes:
    """The bytes of the CSV file, or of its rows alone; numbers in full precision, missing values empty."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    out = pa.BufferOutputStream()
    if heading:
        out.write(BOM_UTF8)
    columns = pa.Table.from_arrays([_arrow(column) for column in table.columns.values()], names=list(table.columns))
    arrow_csv.write_csv(columns, out, arrow_csv.WriteOptions(include_header=heading))
    return out.getvalue().to_pybytes()


def join_csv(path: Path, parts: Sequence[tuple[list[str], Path]]) -> None:
    """Write one CSV of the rows in many files, each given with its columns; a column that a file lacks stays empty.

    The rows pass through as they are, one file at a time, so that ten thousand images take no memory.
    """
    columns = list(dict.fromkeys(name for names, _ in parts for name in names))
    write_atomically(path, _joined(columns, parts))


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a CSV of a few rows that need not have the same columns."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = ([_cell(row.get(name)) for name in columns] for row in rows)
    write_atomically(path, BOM_UTF8 + _csv_text([columns, *lines]))


def _cell(item: Any) -> Any:
    return None if isinstance(item, float) and math.isnan(item) else item


def _joined(columns: list[str], parts: Sequence[tuple[list[str], Path]]) -> Iterator[bytes]:
    yield BOM_UTF8 + _csv_text([columns])
    for names, path in parts:
        if names == columns:
            yield path.read_bytes()
            continue
        place = [names.index(name) if name in names else None for name in columns]
        with path.open(encoding="utf-8", newline="") as file:
            yield _csv_text([row[i] if i is not None else None for i in place] for row in csv.reader(file))


def _csv_text(rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_MINIMAL, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


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


def _arrow(column: np.ndarray) -> Any:
    """A column as Arrow has it: mixed things are texts. From its buffers, as ``pyarrow.array`` would import pandas."""
    import pyarrow as pa

    gone = missing(column)
    known = _bits(~gone) if gone.any() else None
    if column.dtype.kind in "iuf":
        kind, content = pa.from_numpy_dtype(column.dtype), [np.ascontiguousarray(column)]
    elif column.dtype.kind == "b":
        kind, content = pa.bool_(), [_bits(column)]
    else:
        texts = [b"" if empty else str(item).encode() for item, empty in zip(column, gone, strict=True)]
        ends = np.cumsum([0, *map(len, texts)], dtype=np.int64)
        kind, content = pa.large_string(), [ends, np.frombuffer(b"".join(texts), np.uint8)]
    buffers = [None if array is None else pa.py_buffer(array) for array in (known, *content)]
    return pa.Array.from_buffers(kind, len(column), buffers)


def _bits(flags: np.ndarray) -> np.ndarray:
    return np.packbits(flags, bitorder="little")
