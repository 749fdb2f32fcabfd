"""Tables of a batch: what a table says of one image, and its CSV."""

import io

import numpy as np
import pandas as pd
import pytest

from engine.tables import csv_bytes, join_csv, summary, write_rows
from engine.values import Table

FEATURES = pd.DataFrame(
    {
        "Label": [1, 2],
        "Area": [4.0, 8.0],
        "Centroid X": [10.0, 30.0],
        "Centroid Y": [1.0, 2.0],
        "Orientation": [-89.0, 89.0],
        "Circularity": [0.5, 1.0],
        "Phase": ["alpha", "beta"],
    }
)
UNITS = {"Area": "µm²", "Centroid X": "µm", "Centroid Y": "µm", "Orientation": "°"}


def test_a_summary_has_the_means_that_say_something():
    said = summary(Table(FEATURES, UNITS))
    assert said == {"Features": 2, "mean Area (µm²)": 6.0, "mean Circularity": 0.75}


def test_a_summary_leaves_them_out_in_pixels_as_well():
    said = summary(Table(FEATURES, {**UNITS, "Centroid X": "px", "Centroid Y": "px"}))
    assert not [name for name in said if "Centroid" in name or "Orientation" in name or "Label" in name]


def test_a_summary_of_no_feature_says_none():
    assert summary(Table(FEATURES[:0], UNITS)) == {"Features": 0}


def test_the_only_row_of_a_field_is_its_summary():
    field = pd.DataFrame({"Image": ["a.png"], "G": [8.5], "Orientation": [12.0]})
    assert summary(Table(field, {"Orientation": "°"}, rows="fields")) == {"G": 8.5, "Orientation (°)": 12.0}


def test_a_csv_file_reads_back_as_it_was():
    frame = pd.DataFrame(
        {
            "Image": ["a, b.png", 'the "second"'],
            "Label": np.array([1, 2]),
            "Area (µm²)": [0.1 + 0.2, 1e-17],
            "Orientation (°)": [np.nan, -45.0],
            "Whole": [True, False],
            "Remark": [None, "mixed"],
        }
    )
    data = csv_bytes(frame.astype({"Remark": object}))
    assert data.startswith("\ufeff".encode())
    back = pd.read_csv(io.BytesIO(data), encoding="utf-8-sig")
    assert list(back.columns) == list(frame.columns)
    for name in ("Image", "Label", "Whole"):
        assert back[name].tolist() == frame[name].tolist()
    assert back["Area (µm²)"].tolist() == pytest.approx(frame["Area (µm²)"].tolist(), rel=1e-15)
    assert np.isnan(back["Orientation (°)"][0])
    assert back["Orientation (°)"][1] == -45.0
    assert pd.isna(back["Remark"][0])
    assert back["Remark"][1] == "mixed"


def test_things_of_all_sorts_in_a_column_become_texts():
    data = csv_bytes(pd.DataFrame({"Value": pd.Series([1, "two", None, 3.5], dtype=object)}))
    assert data.decode("utf-8-sig").replace('"', "").splitlines() == ["Value", "1", "two", "", "3.5"]


def test_tables_of_many_files_become_one_although_their_columns_differ(tmp_path):
    odd = 'a "b", c\nd.png'
    frames = [
        pd.DataFrame({"Image": ["a", "a"], "Area (px²)": [1.5, np.nan]}),
        pd.DataFrame({"Image": [odd], "Area (µm²)": [0.1 + 0.2], "Phase": [None]}),
        pd.DataFrame({"Image": pd.Series([], dtype=str), "Area (px²)": []}),
        pd.DataFrame({"Area (px²)": [7.0], "Image": ["d"]}),
    ]
    parts = []
    for number, frame in enumerate(frames):
        parts.append((list(frame.columns), tmp_path / f"{number}.csv"))
        parts[-1][1].write_bytes(csv_bytes(frame, heading=False))
    join_csv(tmp_path / "all.csv", parts)
    back = pd.read_csv(tmp_path / "all.csv", encoding="utf-8-sig")
    assert list(back.columns) == ["Image", "Area (px²)", "Area (µm²)", "Phase"]
    assert list(back["Image"]) == ["a", "a", odd, "d"]
    np.testing.assert_array_equal(back["Area (px²)"], [1.5, np.nan, np.nan, 7.0])
    np.testing.assert_array_equal(back["Area (µm²)"], [np.nan, np.nan, 0.1 + 0.2, np.nan])


def test_rows_need_not_have_the_same_columns(tmp_path):
    write_rows(tmp_path / "rows.csv", [{"Image": "a, b", "d (µm)": np.nan}, {"Image": "c", "n": 3, "d (µm)": 1e-17}])
    back = pd.read_csv(tmp_path / "rows.csv", encoding="utf-8-sig")
    assert list(back["Image"]) == ["a, b", "c"]
    np.testing.assert_array_equal(back["d (µm)"], [np.nan, 1e-17])
    np.testing.assert_array_equal(back["n"], [np.nan, 3])
