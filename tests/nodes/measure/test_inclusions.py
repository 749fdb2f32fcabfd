import numpy as np
import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Mask, Scale
from graingraph.nodes.imaging.stereology.worst_window import most_in_window
from graingraph.nodes.measure.inclusions import inclusions
from graingraph.nodes.tables.inclusion_rating import LIMITS, STEPS, index, series_of

SIDE = 800  # px of 1 µm: more than 0.5 mm²


def section(*boxes: tuple[int, int, int, int, float]) -> tuple[Mask, Image]:
    """Bright metal with boxes at (row, column), so many px high and long, of this grey level."""
    pixels = np.full((SIDE, SIDE), 0.9, np.float32)
    for row, column, height, length, grey in boxes:
        pixels[row : row + height, column : column + length] = grey
    return Mask(pixels < 0.8, Scale(1.0)), Image(pixels, Scale(1.0), range=(0.0, 1.0))


SULPHIDE, OXIDE = 0.6, 0.1
STRINGER = [(100, 100 + 30 * k, 6, 8, OXIDE) for k in range(5)]


def test_types_by_grey_shape_and_line():
    found = inclusions(
        *section(
            (20, 50, 3, 200, SULPHIDE),  # A, thin
            *STRINGER,  # B
            (200, 300, 4, 90, OXIDE),  # C, thin
            (400, 100, 7, 7, OXIDE),  # D, thin
            (500, 100, 20, 20, OXIDE),  # DS
            (600, 100, 2, 2, OXIDE),  # too small to count
            (700, 100, 20, 300, SULPHIDE),  # A, oversized
        )
    )
    columns = found.table.columns
    assert sorted(zip(columns["Type"], columns["Series"], columns["Particles"], strict=True)) == [
        ("A", "oversized", 1),
        ("A", "thin", 1),
        ("B", "thin", 5),
        ("C", "thin", 1),
        ("D", "", 1),
        ("D", "DS", 1),
        ("D", "thin", 1),
    ]
    stringer = list(columns["Type"]).index("B")
    assert columns["Length"][stringer] == 4 * 30 + 8
    assert columns["Width"][stringer] == 8
    rating = {name: column[0] for name, column in found.rating.columns.items()}
    assert rating["A thin"] == 1.0  # 200 µm
    assert rating["B thin"] == 1.0  # 128 µm
    assert rating["C thin"] == 1.0  # 90 µm
    assert rating["D thin"] == 0.5
    assert rating["DS"] == 1.0  # 20 µm
    assert rating["Oversized"] == 1


def test_what_the_frame_cuts_is_not_counted_as_whole():
    field = inclusions(*section((20, 50, 3, 200, SULPHIDE), (300, SIDE - 40, 4, 40, OXIDE))).table.fields[0]
    assert (field.whole, field.cut) == (1, 1)


def test_the_rolling_direction_may_be_vertical():
    mask, image = section((20, 50, 3, 200, SULPHIDE), *STRINGER)
    along = inclusions(mask, image)
    turned = inclusions(
        Mask(np.ascontiguousarray(mask.pixels.T), mask.scale),
        Image(np.ascontiguousarray(image.pixels.T), mask.scale, range=(0.0, 1.0)),
        rolling="vertical",
    )
    assert sorted(along.table.columns["Length"]) == sorted(turned.table.columns["Length"])
    assert {k: v[0] for k, v in along.rating.columns.items()} == {k: v[0] for k, v in turned.rating.columns.items()}


def test_two_globules_are_no_stringer_and_far_ones_do_not_join():
    found = inclusions(*section(*STRINGER[:2], *((300, 100 + 60 * k, 6, 8, OXIDE) for k in range(4))))
    assert list(found.table.columns["Type"]) == ["D"] * 6


def test_the_worst_window_is_that_of_brute_force():
    rng = np.random.default_rng(0)
    x, y, amount = rng.random(60) * 3000, rng.random(60) * 2000, rng.random(60)
    side = 707.0
    best = max(
        amount[(x >= a) & (x <= a + side) & (y >= b) & (y <= b + side)].sum()
        for a in np.unique(x)
        for b in np.unique(y)
        if a + side <= 3000 + side and b + side <= 2000 + side
    )
    found = most_in_window(x, y, amount, (2000.0, 3000.0), side)
    assert 0.75 * best <= found <= best + 1e-9
    fine = most_in_window(x, y, amount, (2000.0, 3000.0), side, steps=100)
    assert fine >= 0.95 * best
    assert most_in_window(x, y, amount, (600.0, 600.0), side) <= amount.sum()


@pytest.mark.parametrize("kind", list(LIMITS))
def test_an_index_begins_at_its_limit(kind):
    for step, limit in zip(STEPS, LIMITS[kind], strict=True):
        assert index(kind, limit) == step
        assert index(kind, limit - 1e-6) == step - 0.5
    assert series_of("A", 1.9) == ""
    told = {3: "thin", 8: "thin", 8.1: "thick", 13: "thick", 14: "DS", 106: "DS", 107: "oversized"}
    assert {width: series_of("D", width) for width in told} == told


def test_a_small_image_has_no_rating_and_sizes_need_a_scale():
    mask, image = section((20, 50, 3, 200, SULPHIDE))
    small = inclusions(Mask(mask.pixels[:400], mask.scale), Image(image.pixels[:400], image.scale, range=(0.0, 1.0)))
    assert np.isnan(small.rating.columns["A thin"][0])
    assert small.rating.notes[0].kind == "not reportable"
    with pytest.raises(Problem, match="SetScale"):
        inclusions(Mask(mask.pixels), Image(image.pixels, range=(0.0, 1.0)))
    empty = inclusions(*section())
    assert empty.table.count == 0
    assert empty.rating.columns["A thin"][0] == 0
