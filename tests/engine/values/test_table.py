"""Tables as values: what they hold, and data frames in and out."""

import numpy as np
import pandas as pd
import pytest

from graingraph.engine.values import Table

COLUMNS = {
    "Image": np.array(["a", None], object),
    "Label": np.array([1, 2]),
    "Area": np.array([0.5, np.nan]),
    "Whole": np.array([True, False]),
}
TABLE = Table(COLUMNS, {"Area": "µm²"})


def test_a_table_says_how_much_there_is_of_what():
    assert (TABLE.count, TABLE.quantities, TABLE.nbytes) == (2, ["Area"], 256 + 16 + 16 + 16 + 2)
    assert (Table({}, {}).count, Table({}, {}).frame.empty) == (0, True)


def test_columns_cannot_be_changed_by_mistake_but_a_frame_can():
    with pytest.raises(ValueError, match="read-only"):
        TABLE.columns["Area"][0] = 7
    frame = TABLE.with_note("one of my own").frame
    frame.loc[0, "Area"] = 7
    assert TABLE.columns["Area"][0] == 0.5


@pytest.mark.parametrize("odd", [np.zeros(3), np.zeros((2, 2)), np.array(1.0)])
def test_columns_of_another_length_are_refused(odd):
    with pytest.raises(ValueError, match="one dimension and the same length"):
        Table({**COLUMNS, "Odd": odd}, {})


def test_a_plane_is_no_column():
    with pytest.raises(ValueError, match="one dimension"):
        Table({"Plane": np.zeros((2, 2))}, {})


def test_a_frame_and_back():
    frame = TABLE.frame
    assert frame is TABLE.frame
    assert [frame[name].dtype.kind for name in ("Label", "Area", "Whole")] == ["i", "f", "b"]
    again = Table.of_frame(frame, TABLE.units, rows="fields", headline="two")
    assert (again.rows, again.headline, list(again.columns)) == ("fields", "two", list(COLUMNS))
    for name, column in COLUMNS.items():
        np.testing.assert_array_equal(again.columns[name], column)
        assert again.columns[name].dtype == column.dtype


def test_the_sorts_of_columns_that_only_pandas_has_lose_no_row():
    frame = pd.DataFrame({"n": pd.array([1, None], "Int64"), "c": pd.Categorical(["a", None]), 3: [1, "two"]})
    frame["when"] = pd.Timestamp("2026-01-01")
    columns = Table.of_frame(frame, {}).columns
    np.testing.assert_array_equal(columns["n"], [1, np.nan])
    assert columns["c"].tolist() == ["a", None]
    assert columns["3"].tolist() == [1, "two"]
    assert str(columns["when"][0]).startswith("2026-01-01")
