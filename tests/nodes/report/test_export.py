"""Export: what a spreadsheet opens is what was measured."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.values import Table
from graingraph.nodes.report.export import XLSX_ROWS, export


def test_a_name_that_looks_like_a_formula_or_a_link_is_a_text_in_a_workbook() -> None:
    names = np.array(["=1+1.png", "https://a.b/c.png", "007"], object)
    file = export(Table({"Image": names, "d": np.array([1.5, 2, 3])}, {"d": "µm"}), table_format="XLSX")
    book = zipfile.ZipFile(io.BytesIO(file.data))
    sheet, texts = (book.read(f"xl/{name}.xml").decode() for name in ("worksheets/sheet1", "sharedStrings"))
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert all(f">{name}<" in texts for name in (*names, "Image", "d (µm)"))


def test_more_rows_than_a_workbook_holds_are_refused_with_what_takes_them() -> None:
    table = Table({"Area": np.zeros(XLSX_ROWS + 1)}, {})
    with pytest.raises(Problem, match=r"1048576 rows .* set the table format to CSV or Parquet"):
        export(table, table_format="XLSX")


def test_a_csv_for_spreadsheets_with_a_decimal_comma() -> None:
    table = Table({"Image": np.array(["a,b.png"], object), "d": np.array([1234.5])}, {"d": "µm"})
    file = export(table, table_format="CSV with decimal comma")
    assert file.name == "table.csv"
    assert file.data.decode("utf-8-sig") == '"Image";"d (µm)"\n"a,b.png";1234,5\n'
    back = pd.read_csv(io.BytesIO(file.data), sep=";", decimal=",", encoding="utf-8-sig")
    assert back.to_dict("records") == [{"Image": "a,b.png", "d (µm)": 1234.5}]
