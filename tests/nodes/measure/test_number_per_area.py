"""NumberPerArea; the oracles are all places of a frame on a periodic pattern, and discs thrown at known intensity."""

import numpy as np
import pytest

from graingraph.app.samples import phantoms
from graingraph.engine.values import Labels, Mask, PerImage, Scale
from graingraph.nodes.clean.edge_reject import edge_reject
from graingraph.nodes.measure.number_per_area import number_per_area
from graingraph.nodes.report.number_per_area_of_fields import number_per_area_of_fields


def pattern() -> tuple[np.ndarray, int]:
    """Features of several sizes on a torus of 40 x 46 px (int32), and how many there are."""
    y, x = np.mgrid[:40, :46]
    pixels, drawn = np.zeros((40, 46), np.int32), 0
    for row, column, tall, broad in ((8, 10, 5, 5), (22, 24, 4, 9), (33, 41, 6, 3), (2, 34, 1, 1), (25, 5, 7, 4)):
        dy, dx = (y - row + 20) % 40 - 20, (x - column + 23) % 46 - 23
        drawn += 1
        pixels[(dy / (tall + 0.3)) ** 2 + (dx / (broad + 0.3)) ** 2 <= 1] = drawn
    return pixels, drawn


def mean_count(pixels: np.ndarray, shape: tuple[int, int], measured) -> float:
    """Features of the pattern by the mean of the number per area over all places of a frame."""
    tiled = np.tile(pixels, (3, 3))
    found = [
        measured(np.ascontiguousarray(tiled[row : row + shape[0], column : column + shape[1]]))
        for row in range(pixels.shape[0])
        for column in range(pixels.shape[1])
    ]
    return float(np.mean([table.columns["Number per area"][0] for table in found])) * pixels.size


def test_the_mean_over_all_places_of_the_frame_is_exact() -> None:
    pixels, number = pattern()
    found = mean_count(pixels, (30, 33), lambda window: number_per_area(Mask(window > 0)))
    assert found == pytest.approx(number, rel=1e-9)


@pytest.mark.parametrize(
    ("sides", "error"),
    [(("top", "bottom", "left", "right"), 1e-9), (("left", "right"), 1e-9), (("left",), 0.01), (("left", "top"), 0.02)],
    ids=["all", "left right", "left", "left top"],
)
def test_so_it_is_behind_edge_reject(sides: tuple[str, ...], error: float) -> None:
    """Features this large now and then meet two sides but not the corner between; then one side alone tells less."""
    pixels, number = pattern()
    chosen = {side: side in sides for side in ("top", "bottom", "left", "right")}
    found = mean_count(pixels, (30, 33), lambda window: number_per_area(edge_reject(Mask(window > 0), **chosen)))
    assert found == pytest.approx(number, rel=error)


def test_grains_that_fill_the_field_count_as_jeffries_has_it() -> None:
    rows, columns = np.mgrid[:60, :60] // 20
    table = number_per_area(Labels((rows * 3 + columns + 1).astype(np.int32), Scale(2.0), count=9))
    assert table.columns["Counted"][0] == 1 + 4 / 2 + 4 / 4
    assert table.columns["Features"][0] == 9
    assert table.columns["Field area"][0] == pytest.approx(59 * 59 * 4e-6)
    assert table.units["Number per area"] == "1/mm²"


def test_discs_thrown_at_random_at_known_intensity() -> None:
    """Overlapping discs of intensity λ form λ (1 − V)(1 + ln(1 − V)) clumps less holes (Miles 1976)."""
    rng, share, diameter = np.random.default_rng(3), 0.05, 24.0
    found = [
        number_per_area(Mask(phantoms.boolean_discs(share, diameter, (600, 600), rng))).columns["Number per area"][0]
        for _ in range(40)
    ]
    intensity = -np.log1p(-share) / (np.pi * diameter**2 / 4)
    expected = intensity * (1 - share) * (1 + np.log1p(-share))
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert abs(np.mean(found) - expected) < 3 * error
    assert error < 0.03 * expected


def test_nothing_is_none_per_area() -> None:
    table = number_per_area(Mask(np.zeros((20, 20), bool)))
    assert table.columns["Number per area"][0] == 0
    assert table.units["Number per area"] == "1/px²"


def test_what_reaches_across_the_frame_in_many_places_is_no_number_below_zero() -> None:
    """A matrix between particles, taken for the features by mistake."""
    matrix = np.ones((60, 80), bool)
    matrix[:4, 8:-8:8] = matrix[-4:, 8:-8:8] = matrix[20:30, 20:30] = False
    found = number_per_area(Mask(matrix, Scale(1.0)))
    assert found.columns["Counted"][0] < 0
    assert np.isnan(found.columns["Number per area"][0])
    assert found.headline.startswith("–")
    of_fields = number_per_area_of_fields(PerImage(("a.png", "b.png"), lambda name: found)).table
    assert all(np.isnan(one.value) and one.reasons for one in of_fields.results)
