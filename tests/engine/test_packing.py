"""Packing: every type of value comes back as it was; anything else in the bytes is called damaged."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.packing import Damaged, pack, unpack
from engine.values import (
    VALUE_TYPES,
    ClassMap,
    Document,
    Image,
    Labels,
    Mask,
    Model,
    PixelClass,
    Plot,
    Probabilities,
    Scale,
    Series,
    Table,
    Value,
)

FEW = settings(max_examples=40)
SHAPE = hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=5)
TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
FLOAT = st.floats(width=64)
SCALE = st.none() | st.builds(Scale, st.floats(1e-9, 1e9), st.sampled_from(["file metadata", "scale bar", "typed"]))
COMMON: dict[str, Any] = {"notes": st.lists(TEXT, max_size=2).map(tuple)}
RASTER: dict[str, Any] = {**COMMON, "scale": SCALE}
CLASSES = st.lists(st.builds(PixelClass, TEXT), max_size=3).map(tuple)
GREY = st.sampled_from([np.uint8, np.uint16, np.float32])
SERIES = st.builds(Series, TEXT, hnp.arrays(float, 4), hnp.arrays(float, 3), st.sampled_from(["bars", "line"]))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Numbers with NaN and infinity, whole numbers, texts with gaps, and mixtures; any number of rows."""
    rows = draw(st.integers(0, 4))
    kinds = {
        "number": FLOAT,
        "whole": st.integers(-(2**31), 2**31),
        "flag": st.booleans(),
        "text": TEXT | st.none(),
        "mixed": TEXT | st.integers(-9, 9) | st.floats(allow_nan=False),
    }
    columns = draw(st.dictionaries(TEXT, st.sampled_from(sorted(kinds)), max_size=4))
    frame = pd.DataFrame(index=range(rows))
    for name, kind in columns.items():
        values = draw(st.lists(kinds[kind], min_size=rows, max_size=rows))
        frame[name] = pd.Series(values, dtype=object if kind in ("text", "mixed") else None)
    if not columns:
        frame = pd.DataFrame()
    units = dict.fromkeys(columns, draw(TEXT))
    rows_are = draw(st.sampled_from(["features", "fields", "statistics"]))
    return Table(frame, units, rows_are, draw(TEXT), notes=draw(COMMON["notes"]))


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "Image": st.builds(
        Image, hnp.arrays(GREY, SHAPE), name=TEXT, range=st.tuples(FLOAT, FLOAT | st.just(np.float32(0.1))), **RASTER
    ),
    "Mask": st.builds(Mask, hnp.arrays(bool, SHAPE), **RASTER),
    "Labels": st.builds(Labels, hnp.arrays(np.int32, SHAPE), count=st.integers(0, 99), **RASTER),
    "ClassMap": st.builds(ClassMap, hnp.arrays(np.uint8, SHAPE), classes=CLASSES, **RASTER),
    "Probabilities": st.builds(Probabilities, hnp.arrays(np.float32, (2, 3, 2)), classes=CLASSES, **RASTER),
    "Table": tables(),
    "Model": st.builds(Model, TEXT.map("models/m{}".format).map(Path), TEXT, **COMMON),
    "Plot": st.builds(Plot, TEXT, TEXT, TEXT, st.lists(SERIES, max_size=2).map(tuple), **COMMON),
    "Document": st.builds(Document, TEXT, st.binary(max_size=20), **COMMON),
}


def assert_same(one: Any, other: Any) -> None:
    if isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other)
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
    elif isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
        assert [[type(x) for x in one[c]] for c in one] == [[type(x) for x in other[c]] for c in other]
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    elif isinstance(one, Value | Series):
        assert type(one) is type(other)
        for name, item in vars(one).items():
            assert_same(item, getattr(other, name))
    else:
        assert one == other or (one != one and other != other)


def test_every_type_of_value_is_tried() -> None:
    assert set(VALUES) == set(VALUE_TYPES)


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_comes_back_as_it_was(kind: str) -> None:
    @FEW
    @given(value=VALUES[kind])
    def round_trip(value: Value) -> None:
        again = unpack(pack({"result": value, "second": value}))
        assert list(again) == ["result", "second"]
        assert_same(value, again["result"])

    round_trip()


def test_nullable_columns_and_dates_lose_no_row() -> None:
    frame = pd.DataFrame({"n": pd.array([1, None], "Int64"), "c": pd.Categorical(["a", "b"])})
    frame["when"] = pd.Timestamp("2026-01-01")
    value = unpack(pack({"t": Table(frame, {})}))["t"]
    assert isinstance(value, Table)
    assert value.frame["n"][0] == 1
    assert value.frame["n"].isna()[1]
    assert list(value.frame["c"]) == ["a", "b"]
    assert str(value.frame["when"][0]).startswith("2026-01-01")


def test_arrays_that_come_back_are_read_only() -> None:
    value = unpack(pack({"m": Mask(np.ones((2, 2), bool))}))["m"]
    assert isinstance(value, Mask)
    with pytest.raises(ValueError, match="read-only"):
        value.pixels[0, 0] = False


WHOLE = pack({"t": Table(pd.DataFrame({"a": [1.0, 2.0], "b": ["x", None]}), {}), "m": Mask(np.eye(5, dtype=bool))})


@settings(FEW, max_examples=200)
@given(place=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255), cut=st.booleans())
def test_damage_anywhere_is_called_damage_or_changes_nothing(place: int, byte: int, cut: bool) -> None:
    damaged = WHOLE[:place] if cut else WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :]
    try:
        again = unpack(damaged)
    except Damaged:
        return
    assert pack(again) == WHOLE


@FEW
@given(st.binary(max_size=200))
def test_noise_is_called_damaged(noise: bytes) -> None:
    with pytest.raises(Damaged):
        unpack(noise)


class Trap:
    sprung = False

    def __reduce__(self) -> tuple[Any, ...]:
        return setattr, (Trap, "sprung", True)


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    np.savez(tmp_path / "trap.npz", meta=np.array([Trap()], object), a0=np.array([Trap()], object))
    for data in ((tmp_path / "trap.npz").read_bytes(), pickle.dumps(Trap())):
        with pytest.raises(Damaged):
            unpack(data)
    assert not Trap.sprung
    with pytest.raises(ValueError, match="pickle"):
        pack({"m": Mask(np.array([[object()]]))})
