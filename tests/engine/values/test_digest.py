"""The digest tells results apart that differ in the last bit, and none that are the same."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from graingraph.engine.values import Document, Image, Labels, Model, Plot, Scale, Series, Table, Value
from graingraph.engine.values.digest import LARGE, digest
from graingraph.engine.values.notes import Note

PIXELS = np.arange(2 * LARGE, dtype=np.uint16).reshape(256, -1)
TABLE = Table({"Image": np.array(["a", "b"], object), "Area": np.array([1.5, np.nan])}, {"Area": "µm²"})


def changed(array: np.ndarray) -> np.ndarray:
    other = array.copy()
    other[-1, -1] ^= 1
    return other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Image(PIXELS), Image(changed(PIXELS))),
        (Image(PIXELS), Image(PIXELS.astype(np.float32))),
        (Image(PIXELS), Image(PIXELS.reshape(128, -1))),
        (Image(PIXELS), Image(PIXELS, Scale(0.5))),
        (Image(PIXELS, Scale(0.5)), Image(PIXELS, Scale(float(np.nextafter(0.5, 1))))),
        (Labels(np.ones((2, 2), np.int32), count=1), Labels(np.ones((2, 2), np.int32), count=2)),
        (TABLE, replace(TABLE, units={"Area": "px²"})),
        (TABLE, replace(TABLE, columns={**TABLE.columns, "Area": np.array([np.nextafter(1.5, 2), np.nan])})),
        (TABLE, replace(TABLE, columns={**TABLE.columns, "Image": np.array(["a", "c"], object)})),
        (TABLE, replace(TABLE, columns={**TABLE.columns, "Image": np.array(["a", None], object)})),
        (Document("a.pdf", b"1"), Document("a.pdf", b"2")),
    ],
)
def test_what_differs_has_another_digest(one: Value, other: Value) -> None:
    assert digest({"out": one}) != digest({"out": other})
    assert digest({"out": one}) == digest({"out": replace(one)})


def test_notes_and_folders_are_no_part_of_it_and_pins_are() -> None:
    assert digest({"out": TABLE}) == digest({"out": TABLE.with_note(Note("advice", "Look again."))})
    assert digest({"out": Model(Path("/a/m.onnx"), "1")}) == digest({"out": Model(Path("/b/m.onnx"), "1")})
    assert digest({"out": TABLE}) != digest({"other": TABLE})


def test_the_order_of_memory_makes_no_difference() -> None:
    turned = np.asfortranarray(PIXELS)
    assert digest({"out": Image(PIXELS)}) == digest({"out": Image(turned)})


def test_every_kind_of_entry_has_one() -> None:
    mixed = np.array([None, True, 1, 1.5, "x", np.float32(2), Path("x")], object)
    assert digest({"out": Table({"a": mixed}, {})}) != digest({"out": Table({"a": mixed[::-1].copy()}, {})})
    line = Series("a", np.arange(2.0), np.arange(2.0))
    assert digest({"out": Plot("t", "x", "y", (line,))}) != digest({"out": Plot("t", "x", "y", (line, line))})
