"""Results as files of their own."""

import io
from typing import Literal

import cv2
import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.problem import Problem
from graingraph.engine.values import ClassMap, Dataset, Document, Image, Labels, Mask, Plot, Raster, Table, Value

XLSX_ROWS, XLSX_COLUMNS = 1_048_575, 16_384
"""What a sheet of a workbook holds below its headings."""
NO_SPECIMEN = "__HIVE_DEFAULT_PARTITION__"
"""What the folder of rows without a specimen is called by whoever reads such datasets."""
LONGEST = 200
"""Letters of a folder's name, on any system."""


@node("Export", category="Report", synonyms=("save", "CSV", "Excel", "XLSX", "Parquet", "PNG", "write"))
def export(
    item: Table | Labels | Mask | ClassMap | Image | Plot,
    image: Image | None = None,
    *,
    name: str = "",
    table_format: Literal["CSV", "CSV with decimal comma", "Parquet", "Parquet by specimen", "XLSX"] = "CSV",
    picture: Literal["values", "overlay"] = "values",
) -> Document:
    """Write a table, labels, a mask, an image or a plot into a file of its own beside the other results.

    A batch writes one file an image into the folder ``exports``, or one in all for what exists once per batch.
    Labels become a 16-bit PNG of the label numbers (TIFF with 32 bits above 65 535), a mask a black and white PNG.

    Settings:
        name: Name of the file without ending; empty takes the kind of thing it is.
        table_format: File format of a table; units stand in the column headings. The CSV with decimal comma is for
            spreadsheets set to a country that writes 0,5. XLSX holds 1 048 575 rows. Parquet by specimen is a folder
            ``name.parquet`` with a folder ``Specimen=...`` for each, as databases read them (pyarrow, Spark, DuckDB);
            the table needs a column Specimen, which Pool gives where Specimen is wired into it. Names of digits alone
            are read as numbers (007 as 7) unless the reader is told that they are text.
        picture: The values themselves, or an overlay: outlines drawn on the wired image.
    """
    stem = name or type(item).__name__.lower()
    if any(sign in stem for sign in '/\\:*?"<>|') or stem.startswith("."):
        raise Problem(f"'{stem}' cannot be a file name; use letters, digits, - and _.")
    if isinstance(item, Table):
        if table_format == "Parquet by specimen":
            return _by_specimen(item, f"{stem}.parquet")
        suffix, data = _table(item, table_format)
    elif isinstance(item, Plot):
        from graingraph.nodes.reporting.plot_picture import plot_png

        suffix, data = "png", plot_png(item)
    else:
        suffix, data = _overlay(item, image) if picture == "overlay" else _pixels(item)
    return Document(f"{stem}.{suffix}", data)


def _table(table: Table, table_format: str) -> tuple[str, bytes]:
    import pandas as pd

    from graingraph.engine.values.csv import csv_bytes
    from graingraph.engine.values.table import with_units

    headed, stream = with_units(table), io.BytesIO()
    if table_format.startswith("CSV"):
        return "csv", csv_bytes(headed, comma=table_format == "CSV with decimal comma")
    if table_format == "Parquet":
        headed.frame.to_parquet(stream, index=False)
        return "parquet", stream.getvalue()
    if table.count > XLSX_ROWS or len(table.columns) > XLSX_COLUMNS:
        raise Problem(
            f"The table has {table.count} rows and {len(table.columns)} columns, and XLSX holds {XLSX_ROWS} and "
            f"{XLSX_COLUMNS}; set the table format to CSV or Parquet."
        )
    # in a workbook a text is a text, whatever it begins with: no apostrophe is needed
    texts_only = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with pd.ExcelWriter(stream, engine="xlsxwriter", engine_kwargs={"options": texts_only}) as writer:
        headed.frame.to_excel(writer, index=False, freeze_panes=(1, 0))
    return "xlsx", stream.getvalue()


def _by_specimen(table: Table, name: str) -> Dataset:
    """A Parquet dataset whose folders tell the specimen, as Hive names them: its column is in their names alone."""
    from urllib.parse import quote

    from graingraph.engine.files import hash_bytes
    from graingraph.engine.values.table import with_units
    from graingraph.nodes.tables.specimens import SPECIMEN, by_specimen, rows_of

    found, files = by_specimen(table), dict[str, bytes]()
    if not found:
        raise Problem("The table names no specimens; wire Specimen into Pool, or set the table format to Parquet.")
    for specimen, chosen in found.items():
        told = quote(specimen, safe="") or NO_SPECIMEN
        if len(told) > LONGEST:
            raise Problem(f"The specimen {specimen[:40]}… has too long a name for a folder; shorten it.")
        stream = io.BytesIO()
        with_units(rows_of(table, chosen)).frame.drop(columns=SPECIMEN).to_parquet(stream, index=False)
        file = f"part-{hash_bytes(specimen.encode())[:8]}.parquet"  # apart also where capitals make no difference
        files[f"{name}/{SPECIMEN}={told}/{file}"] = stream.getvalue()
    return Dataset(name, files=files)


def _pixels(item: Value) -> tuple[str, bytes]:
    assert isinstance(item, Raster)
    pixels = item.pixels
    if isinstance(item, Mask):
        pixels = pixels.astype(np.uint8) * 255
    elif isinstance(item, Labels):
        pixels = pixels.astype(np.uint16) if item.count <= 65_535 else pixels
    elif pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    suffix = "png" if pixels.dtype in (np.uint8, np.uint16) else "tif"
    return suffix, cv2.imencode(f".{suffix}", pixels)[1].tobytes()


def _overlay(item: Value, image: Image | None) -> tuple[str, bytes]:
    from graingraph.nodes.imaging.picture.overlay import as_rgb8, draw_outlines

    if image is None or not isinstance(item, Labels | Mask):
        raise Problem("An overlay needs features and, at the input image, the micrograph; wire both.")
    if image.shape != item.shape:
        raise Problem("The features and the image differ in size; wire the image that they were found in.")
    drawn = draw_outlines(as_rgb8(image.pixels, image.range), item.pixels)
    return "png", cv2.imencode(".png", cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))[1].tobytes()
