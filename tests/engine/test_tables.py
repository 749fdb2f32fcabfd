"""Tables of a batch: what a table says of one image, and its CSV."""

import io

import numpy as np
import pandas as pd
import pytest

from engine.tables import csv_bytes, summary
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
