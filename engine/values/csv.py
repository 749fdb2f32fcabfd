"""Tables as CSV files that spreadsheets open with their units intact."""

import csv
import io
import math
from codecs import BOM_UTF8  # tells spreadsheets that µm and ° are UTF-8
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from graingraph.engine.values.table import Table, missing


def csv_bytes(table: Table, *, heading: bool = True) -> bytes:
    """A CSV that spreadsheets open with their units intact (UTF-8 with a byte order mark), or its rows alone.

    Numbers in full precision, missing values empty. Arrow writes it: ten times faster than pandas on tables of ten
    thousand features.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    out = pa.BufferOutputStream()
    if heading:
        out.write(BOM_UTF8)
    columns = pa.Table.from_arrays([_arrow(column) for column in table.columns.values()], names=list(table.columns))
    arrow_csv.write_csv(columns, out, arrow_csv.WriteOptions(include_header=heading))
    return out.getvalue().to_pybytes()


def joined_csv(parts: Sequence[tuple[list[str], Path]]) -> Iterator[bytes]:
    """One CSV of the rows in many files, each given with its columns; a column that a file lacks stays empty.

    The rows pass through as they are, one file at a time, so that ten thousand images take no memory.
    """
    return _joined(list(dict.fromkeys(name for names, _ in parts for name in names)), parts)


def rows_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The CSV of a few rows that need not have the same columns."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = ([_cell(row.get(name)) for name in columns] for row in rows)
    return BOM_UTF8 + _csv_text([columns, *lines])


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
