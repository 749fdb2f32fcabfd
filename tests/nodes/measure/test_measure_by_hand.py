"""Measuring by hand: bars of known width drawn in any direction, exact angles and circles, counts."""

import numpy as np
import pytest
from scipy.special import ndtr

from graingraph.engine.declare.injected import Mark, Marks
from graingraph.engine.values import Image, Scale
from graingraph.engine.values.notes import texts
from graingraph.nodes.measure.measure_by_hand import measure_by_hand


def drawn(*strokes: tuple[str, list[tuple[float, float]]]) -> Marks:
    marks = tuple(Mark(str(k), tool, np.array(points, np.float32)) for k, (tool, points) in enumerate(strokes))
    return Marks(marks, hash=str(len(marks)))


def bar(width: float, degrees: float, blur: float = 1.0, noise: float = 0.0, shift: float = 0.0) -> np.ndarray:
    """A bright bar on dark with the edges that a Gaussian blur of this many px leaves: uint8 (120, 140)."""
    y, x = np.mgrid[:120, :140] + 0.5
    turn = np.radians(degrees)
    across = (x - 70) * np.sin(turn) + (y - 60) * np.cos(turn) + shift
    picture = ndtr((width / 2 - across) / blur) - ndtr((-width / 2 - across) / blur)
    noisy = 40 + 150 * picture + noise * np.random.default_rng(1).standard_normal(picture.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def across_the_bar(width: float, degrees: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    """A line drawn by hand across it, its ends up to 2 px beside the edges, or a fifth of a narrow bar."""
    turn, place = np.radians(degrees), rng.uniform(-15, 15)
    normal, along = np.array([np.sin(turn), np.cos(turn)]), np.array([np.cos(turn), -np.sin(turn)])
    ends = (
        np.array([70, 60]) + place * along + side * (width / 2 + min(2.0, width / 5) * rng.uniform(-1, 1)) * normal
        for side in (-1, 1)
    )
    return [(float(x), float(y)) for x, y in ends]


@pytest.mark.parametrize("width", [4.0, 9.3, 30.0])
@pytest.mark.parametrize("degrees", [0.0, 17.0, 45.0, 90.0])
def test_three_repeats_across_a_bar(width: float, degrees: float) -> None:
    rng = np.random.default_rng(int(width * 10 + degrees))
    image = Image(bar(width, degrees, noise=2.0, shift=0.3), Scale(0.5))
    strokes = [("edges", across_the_bar(width, degrees, rng)) for _ in range(3)]
    table = measure_by_hand(image, reach=3.0, marks=drawn(*strokes)).table
    found = table.columns["Length"] / 0.5
    assert found.mean() == pytest.approx(width, abs=0.06 + 0.2 * (width == 4))
    assert found.std(ddof=1) < 0.08
    assert not any(table.columns["Remark"])
    assert table.units["Length"] == "µm"


def test_lengths_angles_radii_and_counts() -> None:
    turn = np.radians(np.linspace(10, 120, 9))
    arc = [(float(60 + 33 * np.cos(t)), float(50 + 33 * np.sin(t))) for t in turn]
    marks = drawn(
        ("length", [(10, 10), (40, 50)]),
        ("angle", [(80, 20), (20, 20), (20 + 30 * np.cos(np.radians(40)), 20 - 30 * np.sin(np.radians(40)))]),
        ("radius", arc),
        ("pick", [(5, 5)]),
        ("pick", [(9, 9)]),
    )
    found = measure_by_hand(Image(np.zeros((120, 140), np.uint8), Scale(2.0)), marks=marks)
    columns = found.table.columns
    assert columns["Length"][0] == pytest.approx(100)
    assert columns["Angle"][1] == pytest.approx(40, abs=1e-4)
    assert columns["Radius"][2] == pytest.approx(66, rel=1e-5)
    assert columns["Kind"].tolist() == ["length", "angle", "radius", "count", "count"]
    assert np.isnan(columns["Length"][1:]).all()
    assert found.table.headline == "mean length 100 µm (n = 1), count 2"
    assert (found.picture.pixels != 0).any()


def test_where_there_is_no_edge_the_line_stays_as_drawn_and_says_so() -> None:
    flat = Image(np.full((60, 80), 90, np.uint8))
    table = measure_by_hand(flat, marks=drawn(("edges", [(10, 30), (50, 30)]))).table
    assert table.columns["Length"][0] == pytest.approx(40)
    assert "not snapped" in table.columns["Remark"][0]
    assert table.units["Length"] == "px"


def test_nothing_drawn_and_points_in_line() -> None:
    image = Image(np.zeros((20, 20), np.uint8))
    assert measure_by_hand(image, marks=drawn()).table.headline == "nothing drawn"
    for stroke in (
        ("radius", [(1, 1), (5, 5), (9, 9)]),
        ("angle", [(1, 1), (1, 1), (9, 9)]),
        ("angle", [(1, 1), (9, 9)]),
        ("length", [(4, 4), (4, 4)]),
    ):
        nothing = measure_by_hand(image, marks=drawn(stroke)).table
        assert all(np.isnan(nothing.columns[name][0]) for name in ("Length", "Angle", "Radius"))
        assert nothing.columns["Remark"][0]
        assert any("remark" in text for text in texts(nothing.notes))
