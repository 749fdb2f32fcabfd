"""Pool: one table of all images, or a sentence why not."""

import numpy as np
import pandas as pd
import pytest

from graingraph.engine.problem import NeedsTraining, Problem
from graingraph.engine.values import PerImage, Table
from graingraph.engine.values.notes import of_kind, texts
from graingraph.nodes.report.pool import pool


def features(*diameters, unit="µm", said=()):
    frame = pd.DataFrame({"Label": range(1, len(diameters) + 1), "Equivalent diameter": map(float, diameters)})
    return Table.of_frame(frame, {"Label": "", "Equivalent diameter": unit}).with_note(*said)


def fields(**tables):
    def get(name):
        if isinstance(tables[name], Problem):
            raise tables[name]
        return tables[name]

    return PerImage(list(tables), get)


def test_rows_name_their_image_and_keep_its_order():
    pooled = pool(fields(b=features(1, 2), a=features(3)))
    assert list(pooled.frame.columns) == ["Image", "Label", "Equivalent diameter"]
    assert pooled.frame.to_numpy().tolist() == [["b", 1, 1.0], ["b", 2, 2.0], ["a", 1, 3.0]]
    assert pooled.units["Equivalent diameter"] == "µm"
    assert pooled.headline == "3 features in 2 images"


def test_failed_image_is_left_out_and_named():
    pooled = pool(fields(a=features(1), broken=Problem("The file is truncated.", node="load")))
    assert set(pooled.frame["Image"]) == {"a"}
    assert any("broken" in note and "The file is truncated." in note for note in texts(pooled.notes))


def test_no_image_worked():
    with pytest.raises(Problem, match=r"\(image a: The file is empty\)\."):
        pool(fields(a=Problem("The file is empty.")))


def test_a_reason_is_said_once_for_all_images_that_have_it():
    untaught = {f"i{k}": NeedsTraining("It needs training.", node="deep") for k in range(5)}
    with pytest.raises(NeedsTraining) as told:
        pool(fields(**untaught, z=Problem("The file is empty.")))
    assert "(image i0, i1, i2 and 2 more, node deep: It needs training; image z: The file is empty)" in str(told.value)
    found = pool(fields(**untaught, good=features(1)))
    assert texts(found.notes) == ("Left out: image i0, i1, i2 and 2 more, node deep: It needs training.",)


def test_px_and_um_are_never_mixed():
    with pytest.raises(Problem, match=r"in µm for a but in px for b; give every image a pixel size"):
        pool(fields(a=features(1), b=features(2, unit="px")))


def test_different_measurements_are_not_pooled():
    row = Table.of_frame(pd.DataFrame([{"Area fraction": 3.0}]), {"Area fraction": "%"}, rows="fields")
    with pytest.raises(Problem, match="features and of fields"):
        pool(fields(a=features(1), b=row))


def test_remarks_name_their_images_once():
    same = "Only 12 grains."
    pooled = pool(fields(**{f"i{k}": features(1, said=(same,)) for k in range(5)}, z=features(1, said=("Blurred.",))))
    assert texts(pooled.notes) == ("i0, i1, i2 and 2 more: Only 12 grains.", "z: Blurred.")


def test_remarks_that_differ_in_numbers_are_one():
    counts = {"a": 9, "b": 12, "c": 5}
    tables = {k: features(1, said=(f"Only {n} grains, fewer than 50.",)) for k, n in counts.items()}
    assert texts(pool(fields(**tables)).notes) == ("a, b, c: Only 5 to 12 grains, fewer than 50.",)


def test_images_without_features():
    pooled = pool(fields(a=features(), b=features(4)))
    assert pooled.frame["Image"].tolist() == ["b"]
    assert pooled.frame["Equivalent diameter"].dtype == float
    empty = pool(fields(a=features()))
    assert len(empty.frame) == 0
    assert list(empty.frame.columns) == ["Image", "Label", "Equivalent diameter"]
    assert empty.headline == "0 features in 1 image"


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_an_image_without_features_needs_no_pixel_size(order):
    tables = {"a": features(1), "b": features(unit="px")}
    pooled = pool(fields(**{name: tables[name] for name in order}))
    assert pooled.frame["Image"].tolist() == ["a"]
    assert pooled.units["Equivalent diameter"] == "µm"
    assert pooled.headline == "1 feature in 2 images"


def test_no_image_with_features_at_all():
    pooled = pool(fields(a=features(), b=features(unit="px")))
    assert (pooled.count, pooled.headline) == (0, "0 features in 2 images")


@pytest.mark.parametrize(("names", "said"), [("a", "1 field"), ("ab", "2 fields")])
def test_fields_are_counted_in_plain_words(names, said):
    row = Table.of_frame(pd.DataFrame([{"Area fraction": 3.0}]), {"Area fraction": "%"}, rows="fields")
    assert pool(fields(**dict.fromkeys(names, row))).headline == said


def test_two_images_with_the_same_features_are_one_twice() -> None:
    def features(seed: int) -> Table:
        sizes = np.random.default_rng(seed).lognormal(2, 0.4, (3, 40))
        names = ("Area", "Feret max", "Feret min")
        return Table({"Label": np.arange(1, 41), **dict(zip(names, sizes, strict=True))}, dict.fromkeys(names, "px"))

    tables = {"a": features(1), "b": features(2), "c": features(1)}
    notes = pool(PerImage(tuple(tables), tables.__getitem__)).notes
    assert [note.text for note in of_kind(notes, "not reportable")] == ["a and c are one image twice."]
