"""Tables of a batch: put together as pandas would, what a table says of one image, and its CSV."""

import csv
import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graingraph.engine.values import Table
from graingraph.engine.values.csv import csv_bytes, joined_csv, plain_text, rows_csv, tab_separated
from graingraph.engine.values.pooling import merge_features, pooled, summary
from graingraph.engine.values.table import mean, missing

FEATURES = {
    "Label": np.array([1, 2]),
    "Area": np.array([4.0, 8.0]),
    "Centroid X": np.array([10.0, 30.0]),
    "Centroid Y": np.array([1.0, 2.0]),
    "Orientation": np.array([-89.0, 89.0]),
    "Circularity": np.array([0.5, 1.0]),
    "Phase": np.array(["alpha", "beta"], object),
}
UNITS = {"Area": "µm²", "Centroid X": "µm", "Centroid Y": "µm", "Orientation": "°"}


def test_a_summary_has_the_means_that_say_something():
    said = summary(Table(FEATURES, UNITS))
    assert said == {"Features": 2, "mean Area (µm²)": 6.0, "mean Circularity": 0.75}


def test_a_summary_leaves_them_out_in_pixels_as_well():
    said = summary(Table(FEATURES, {**UNITS, "Centroid X": "px", "Centroid Y": "px"}))
    assert not [name for name in said if "Centroid" in name or "Orientation" in name or "Label" in name]


def test_a_summary_of_no_feature_says_none():
    assert summary(Table({name: column[:0] for name, column in FEATURES.items()}, UNITS)) == {"Features": 0}


def test_the_only_row_of_a_field_is_its_summary():
    field = {"Image": np.array(["a.png"], object), "G": np.array([8.5]), "Orientation": np.array([12.0])}
    assert summary(Table(field, {"Orientation": "°"}, rows="fields")) == {"G": 8.5, "Orientation (°)": 12.0}


@given(st.lists(st.floats(-1e300, 1e300) | st.just(np.nan), max_size=300))
def test_a_mean_is_that_of_pandas_to_the_last_digit(numbers):
    assert repr(mean(np.array(numbers))) == repr(float(pd.Series(numbers, dtype=float).mean()))


def test_what_is_missing():
    assert missing(np.array([1.0, np.nan])).tolist() == [False, True]
    assert missing(np.array(["a", None, np.nan, 0], object)).tolist() == [False, True, True, False]
    assert missing(np.array([0, 1])).tolist() == missing(np.array([False, True])).tolist() == [False, False]


LABELS = st.lists(st.integers(1, 9), unique=True)


@given(LABELS, LABELS, st.booleans())
def test_tables_side_by_side_are_what_an_outer_join_of_pandas_gives(left, right, labelled):
    one = pd.DataFrame({"Label": np.array(left, int), "Area": np.arange(len(left)) + 0.5, "Left": np.arange(len(left))})
    other = pd.DataFrame({"Label": np.array(right, int), "Length": np.arange(len(right)) + 0.5})
    other["Remark"] = np.array([f"r{label}" for label in right], object)
    if not labelled:
        other = other.drop(columns="Label")
    expected = one.merge(other, on="Label", how="outer") if labelled else one.join(other, how="outer")
    tables = (Table.of_frame(one, {"Area": "µm²"}), Table.of_frame(other, {"Length": "µm"}))
    merged = merge_features(tables).frame
    expected = expected.rename(columns={"Area": "Area (µm²)", "Length": "Length (µm)"})
    pd.testing.assert_frame_equal(merged, expected, check_exact=True, check_dtype=bool(len(expected)))


def test_a_column_of_two_tables_is_taken_once():
    one = Table({"Label": np.array([2, 1]), "Area": np.array([20.0, 10.0])}, {})
    other = Table({"Label": np.array([1, 2]), "Area": np.array([7.0, 7.0]), "Tilt": np.array([1.0, 2.0])}, {})
    found = {name: column.tolist() for name, column in merge_features([one, other]).columns.items()}
    assert found == {"Label": [1, 2], "Area": [10.0, 20.0], "Tilt": [1.0, 2.0]}


def test_a_table_alone_keeps_its_order():
    found = merge_features([Table({"Label": np.array([2, 1])}, {})])
    assert found.columns["Label"].tolist() == [2, 1]


def test_pooled_rows_have_what_any_image_has():
    one = Table({"n": np.array([1, 2]), "Phase": np.array(["a", None], object)}, {})
    other = Table({"n": np.array([0.5]), "Width": np.array([3])}, {"Width": "px"})
    found = pooled({"x": one, "none": Table({"n": np.array([])}, {}), "y": other})
    expected = pd.DataFrame(
        {"Image": ["x", "x", "y"], "n": [1, 2, 0.5], "Phase": ["a", None, None], "Width": [np.nan, np.nan, 3]}
    )
    pd.testing.assert_frame_equal(found.frame, expected)
    assert found.units == {"Width": "px"}


def test_pooled_nothing_has_the_columns_alone():
    empty = Table({"Label": np.array([], int)}, {}, rows="fields")
    found = pooled({"x": empty, "y": empty})
    assert (list(found.columns), found.count, found.rows) == (["Image", "Label"], 0, "fields")
    assert list(pooled({}).columns) == ["Image"]


def test_a_table_for_the_clipboard_has_units_order_and_every_digit():
    table = Table(
        {
            "Image": np.array(["a\tb", "=SUM(A1)", "two\nlines"], object),
            "Area": np.array([0.1 + 0.2, np.nan, 2.0]),
            "Remark": np.array([None, 'the "second"', ""], object),
        },
        {"Area": "µm²"},
    )
    text = tab_separated(table, np.array([2, 0, 1]))
    assert list(csv.reader(io.StringIO(text), delimiter="\t")) == [
        ["Image", "Area (µm²)", "Remark"],
        ["two lines", "2.0", ""],
        ["a\tb", "0.30000000000000004", ""],
        ["'=SUM(A1)", "", 'the "second"'],
    ]
    assert tab_separated(table, np.array([], int)).splitlines() == ["Image\tArea (µm²)\tRemark"]


def test_a_csv_file_reads_back_as_it_was():
    table = Table(
        {
            "Image": np.array(["a, b.png", 'the "second"', "ü"], object),
            "Label": np.array([1, 2, 3], np.int32),
            "Area (µm²)": np.array([0.1 + 0.2, 1e-17, 1e300]),
            "Orientation (°)": np.array([np.nan, -45.0, np.inf]),
            "Whole": np.array([True, False, True]),
            "Remark": np.array([None, "mixed", ""], object),
        },
        {},
    )
    data = csv_bytes(table)
    assert data.startswith("\ufeff".encode())
    back = pd.read_csv(io.BytesIO(data), encoding="utf-8-sig", keep_default_na=False, na_values={"Orientation (°)": ""})
    assert list(back.columns) == list(table.columns)
    for name in ("Image", "Label", "Whole"):
        assert back[name].tolist() == table.columns[name].tolist()
    assert back["Area (µm²)"].tolist() == pytest.approx(table.columns["Area (µm²)"].tolist(), rel=1e-15)
    np.testing.assert_array_equal(back["Orientation (°)"], table.columns["Orientation (°)"])
    assert back["Remark"].tolist() == ["", "mixed", ""]
    assert data.decode().splitlines()[1].endswith(",")
    assert data.decode().splitlines()[3].endswith(',""')


def shown(thing):
    return None if thing is None else str(thing)


@given(st.lists(st.none() | st.text(st.characters(codec="utf-8")) | st.integers() | st.booleans(), max_size=20))
def test_texts_are_written_as_arrow_writes_those_of_pandas(things):
    column = np.array(things, object)
    out = io.BytesIO()
    texts = pa.array([plain_text(thing) if isinstance(thing, str) else shown(thing) for thing in things], pa.string())
    pyarrow.csv.write_csv(pa.table({"Value": texts}), out)
    assert csv_bytes(Table({"Value": column}, {})) == "\ufeff".encode() + out.getvalue()


def test_things_of_all_sorts_in_a_column_become_texts():
    data = csv_bytes(Table({"Value": np.array([1, "two", None, 3.5], object)}, {}))
    assert data.decode("utf-8-sig").replace('"', "").splitlines() == ["Value", "1", "two", "", "3.5"]


def test_tables_of_many_files_become_one_although_their_columns_differ(tmp_path):
    odd = 'a "b", c\nd.png'
    tables = [
        {"Image": np.array(["a", "a"], object), "Area (px²)": np.array([1.5, np.nan])},
        {"Image": np.array([odd]), "Area (µm²)": np.array([0.1 + 0.2]), "Phase": np.array([None])},
        {"Image": np.array([], object), "Area (px²)": np.array([])},
        {"Area (px²)": np.array([7.0]), "Image": np.array(["d"])},
    ]
    parts = []
    for number, columns in enumerate(tables):
        parts.append((list(columns), tmp_path / f"{number}.csv"))
        parts[-1][1].write_bytes(csv_bytes(Table(columns, {}), heading=False))
    (tmp_path / "all.csv").write_bytes(b"".join(joined_csv(parts)))
    back = pd.read_csv(tmp_path / "all.csv", encoding="utf-8-sig")
    assert list(back.columns) == ["Image", "Area (px²)", "Area (µm²)", "Phase"]
    assert list(back["Image"]) == ["a", "a", 'a "b", c d.png', "d"]
    np.testing.assert_array_equal(back["Area (px²)"], [1.5, np.nan, np.nan, 7.0])
    np.testing.assert_array_equal(back["Area (µm²)"], [np.nan, np.nan, 0.1 + 0.2, np.nan])


def test_rows_need_not_have_the_same_columns(tmp_path):
    (tmp_path / "rows.csv").write_bytes(
        rows_csv([{"Image": "a, b", "d (µm)": np.nan}, {"Image": "c", "n": 3, "d (µm)": 1e-17}])
    )
    back = pd.read_csv(tmp_path / "rows.csv", encoding="utf-8-sig")
    assert list(back["Image"]) == ["a, b", "c"]
    np.testing.assert_array_equal(back["d (µm)"], [np.nan, 1e-17])
    np.testing.assert_array_equal(back["n"], [np.nan, 3])


FORMULAS = ["=1+1.png", "+cmd|x", "-2+3", "@SUM(A1)", "\t=1", "-0.5", "a\r\nb", "a=b"]
PLAIN = ["'=1+1.png", "'+cmd|x", "'-2+3", "'@SUM(A1)", "'\t=1", "-0.5", "a b", "a=b"]


@pytest.mark.parametrize("comma", [False, True])
def test_what_begins_like_a_formula_stays_a_text_and_a_row_stays_a_row(tmp_path, comma):
    (tmp_path / "0.csv").write_bytes(csv_bytes(Table({"Image": np.array(FORMULAS, object)}, {}), heading=False))
    for data in (
        csv_bytes(Table({"Image": np.array(FORMULAS, object)}, {}), comma=comma),
        rows_csv([{"Image": name} for name in FORMULAS], comma=comma),
        b"".join(joined_csv([(["Image"], tmp_path / "0.csv")], comma=comma)),
    ):
        back = pd.read_csv(io.BytesIO(data), encoding="utf-8-sig", sep=";" if comma else ",", dtype=str)
        assert list(back["Image"]) == PLAIN


@given(
    rows=st.lists(
        st.tuples(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])), st.floats(allow_nan=False))
    )
)
def test_a_table_with_decimal_commas_says_the_same(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("parts")
    table = Table({"Naïve, a.b": np.array([t for t, _ in rows], object), "d (µm)": np.array([d for _, d in rows])}, {})
    (folder / "0.csv").write_bytes(csv_bytes(table, heading=False))
    (folder / "1.csv").write_bytes(b'"x"\n')
    parts = [(list(table.columns), folder / "0.csv"), (["Naïve, a.b"], folder / "1.csv")]
    joined = b"".join(joined_csv(parts, comma=True)).decode("utf-8-sig")
    assert joined.startswith(csv_bytes(table, comma=True).decode("utf-8-sig").split("\n")[0].replace('"', ""))
    back = list(csv.reader(io.StringIO(joined, newline=""), delimiter=";"))[1:-1]
    assert [row[0] for row in back] == [plain_text(text) for text, _ in rows]
    assert [float(row[1].replace(",", ".")) for row in back] == [number for _, number in rows]
