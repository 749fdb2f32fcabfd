"""Packing: every type of value comes back as it was; anything else in the bytes is called damaged."""

import io
import pickle
from datetime import date
from pathlib import Path
from typing import Any, get_args

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from graingraph.engine.values import (
    ClassMap,
    Dataset,
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
from graingraph.engine.values.notes import Note, NoteKind
from graingraph.engine.values.packing import Damaged, pack, unpack
from graingraph.engine.values.registry import VALUE_TYPES

FEW = settings(max_examples=40)
SHAPE = hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=5)
TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
FLOAT = st.floats(width=64)
SCALE = st.none() | st.builds(Scale, st.floats(1e-9, 1e9), st.sampled_from(["file metadata", "scale bar", "typed"]))
NOTE = st.builds(Note, st.sampled_from(get_args(NoteKind)), TEXT, TEXT)
COMMON: dict[str, Any] = {"notes": st.lists(NOTE, max_size=2).map(tuple)}
RASTER: dict[str, Any] = {**COMMON, "scale": SCALE}
CLASSES = st.lists(st.builds(PixelClass, TEXT), max_size=3).map(tuple)
GREY = st.sampled_from([np.uint8, np.uint16, np.float32])
SERIES = st.builds(Series, TEXT, hnp.arrays(float, 4), hnp.arrays(float, 3), st.sampled_from(["bars", "line"]))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Numbers with NaN and infinity, whole numbers, texts with gaps, and mixtures; any number of rows."""
    rows = draw(st.integers(0, 4))
    kinds: dict[str, tuple[st.SearchStrategy[Any], type]] = {
        "number": (FLOAT, float),
        "whole": (st.integers(-(2**31), 2**31), int),
        "flag": (st.booleans(), bool),
        "text": (TEXT | st.none(), object),
        "mixed": (TEXT | st.integers(-9, 9) | st.floats(), object),
    }
    names = draw(st.dictionaries(TEXT, st.sampled_from(sorted(kinds)), max_size=4))
    columns = {}
    for name, kind in names.items():
        values, dtype = kinds[kind]
        columns[name] = np.array(draw(st.lists(values, min_size=rows, max_size=rows)), dtype)
    units = dict.fromkeys(columns, draw(TEXT))
    rows_are = draw(st.sampled_from(["features", "fields", "statistics"]))
    return Table(columns, units, rows_are, draw(TEXT), notes=draw(COMMON["notes"]))


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
    "Dataset": st.builds(Dataset, TEXT, files=st.dictionaries(TEXT, st.binary(max_size=20), max_size=3), **COMMON),
}


def assert_same(one: Any, other: Any) -> None:
    if isinstance(one, np.ndarray):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        if one.dtype == object:  # in which NumPy takes no NaN for another
            assert [(type(x), repr(x)) for x in one] == [(type(x), repr(x)) for x in other]
        else:
            np.testing.assert_array_equal(one, other)
    elif isinstance(one, dict):
        assert list(one) == list(other)
        for name, item in one.items():
            assert_same(item, other[name])
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
    ours = {kind.__name__ for kind in VALUE_TYPES if kind.__module__.startswith("graingraph.engine.")}
    assert set(VALUES) == ours - {"Value", "Raster"}


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_comes_back_as_it_was(kind: str) -> None:
    @FEW
    @given(value=VALUES[kind])
    def round_trip(value: Value) -> None:
        again = unpack(pack({"result": value, "second": value}))
        assert list(again) == ["result", "second"]
        assert_same(value, again["result"])

    round_trip()


def test_what_json_does_not_know_comes_back_as_its_text() -> None:
    value = unpack(pack({"t": Table({"when": np.array([date(2026, 1, 1), np.int64(3)], object)}, {})}))["t"]
    assert isinstance(value, Table)
    assert value.columns["when"].tolist() == ["2026-01-01", 3]


def test_arrays_that_come_back_are_read_only() -> None:
    value = unpack(pack({"m": Mask(np.ones((2, 2), bool))}))["m"]
    assert isinstance(value, Mask)
    with pytest.raises(ValueError, match="read-only"):
        value.pixels[0, 0] = False


TABLE = Table({"a": np.array([1.0, 2.0]), "b": np.array(["x", None], object)}, {})
WHOLE = pack({"t": TABLE, "m": Mask(np.eye(5, dtype=bool))})


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


def test_a_table_packed_by_an_earlier_version_is_a_miss() -> None:
    content = {
        "notes": [],
        "frame": [["a", {"array": 0}]],
        "units": {"mapping": {}},
        "rows": "features",
        "headline": "",
    }
    stream = io.BytesIO()
    description = orjson.dumps({"t": {"kind": "Table", "content": content}})
    np.savez(stream, meta=np.frombuffer(description, np.uint8), a0=np.array([1.0]))
    with pytest.raises(Damaged):
        unpack(stream.getvalue())


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


def test_notes_of_an_earlier_version_are_a_miss() -> None:
    packed = pack({"m": Mask(np.ones((2, 2), bool), notes=("Only 3 grains.",))})  # type: ignore[arg-type]
    with pytest.raises(Damaged):
        unpack(packed)
