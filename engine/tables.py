"""Tables of a batch: features of all images in one, and one row an image that sums it up."""

import csv
import io
import math
from codecs import BOM_UTF8  # tells spreadsheets that µm and ° are UTF-8
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.files import write_atomically
from engine.values import Table

if TYPE_CHECKING:
    import pandas as pd

NO_MEAN = ("Label", "Centroid X", "Centroid Y", "Orientation", "Box left", "Box top")
"""Columns of features whose mean says nothing: names, places, and directions, which have no plain mean."""


def with_units(table: Table) -> "pd.DataFrame":
    """The data frame with the unit behind every column's name."""
    return table.frame.rename(columns={name: table.heading(name) for name in table.frame.columns})


def merge_features(tables: Iterable[Table]) -> "pd.DataFrame":
    """Tables that describe the same features (by ``Label``), side by side; a column is taken once."""
    frames = [with_units(table) for table in tables]
    merged = frames[0]
    for frame in frames[1:]:
        new = [name for name in frame.columns if name not in merged.columns]
        if "Label" in frame.columns and "Label" in merged.columns:
            merged = merged.merge(frame[["Label", *new]], on="Label", how="outer")
        else:
            merged = merged.join(frame[new], how="outer")
    return merged


def pool(frames: Mapping[str, "pd.DataFrame"]) -> "pd.DataFrame":
    """The rows of every image in one data frame whose first column, ``Image``, names the image."""
    import pandas as pd

    parts = [frame.assign(Image=name) for name, frame in frames.items() if len(frame)]
    if not parts:
        first = next(iter(frames.values()), pd.DataFrame())
        return pd.DataFrame(columns=["Image", *first.columns])
    pooled = pd.concat(parts, ignore_index=True)
    return pooled[["Image", *(name for name in pooled.columns if name != "Image")]]


def summary(table: Table) -> dict[str, Any]:
    """What a table says of one image: the number and the means of its features, or its only row as it is."""
    frame = with_units(table)
    if table.rows == "fields" and len(frame) == 1:
        return {str(name): value for name, value in frame.iloc[0].items() if name not in ("Image", "Label")}
    numbers = frame.select_dtypes("number").drop(columns=[table.heading(name) for name in NO_MEAN], errors="ignore")
    means = {f"mean {name}": float(numbers[name].mean()) for name in numbers.columns} if len(frame) else {}
    return {"Features": len(frame), **means}


def write_csv(path: Path, frame: "pd.DataFrame") -> None:
    """Write a CSV that spreadsheets open with their units intact (UTF-8 with a byte order mark), atomically.

    Arrow writes it: ten times faster than pandas on tables of ten thousand features.
    """
    write_atomically(path, csv_bytes(frame))


def csv_bytes(frame: "pd.DataFrame", *, heading: bool = True) -> bytes:
    """The bytes of the CSV file, or of its rows alone; numbers in full precision, missing values empty."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names, columns = [str(name) for name in frame.columns], [_arrow(column) for _, column in frame.items()]
    out = pa.BufferOutputStream()
    if heading:
        out.write(BOM_UTF8)
    arrow_csv.write_csv(pa.Table.from_arrays(columns, names=names), out, arrow_csv.WriteOptions(include_header=heading))
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


def _arrow(column: "pd.Series[Any]") -> Any:
    """A column as Arrow has it: not a number is missing, mixed things are texts. Columns one by one are fastest."""
    import pyarrow as pa

    if column.dtype == object:
        column = column.astype("string")
    return pa.array(column.to_numpy() if isinstance(column.dtype, np.dtype) else column, from_pandas=True)
