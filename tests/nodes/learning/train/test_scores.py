"""Scores against shapes whose overlap, distance and diameter are known exactly."""

import numpy as np
import pytest

from graingraph.engine.values import UNLABELLED, PixelClass
from graingraph.nodes.learning.train.scores import Tally, boundary_hits, equivalent_diameters, f1

CLASSES = (PixelClass("matrix"), PixelClass("feature"))


def tally(predicted: np.ndarray, truth: np.ndarray, lines: tuple[int, ...] = ()) -> Tally:
    found = Tally(CLASSES, lines)
    found.add(predicted.astype(np.uint8), truth.astype(np.uint8))
    return found


def test_overlap_of_two_shifted_squares() -> None:
    truth, predicted = np.zeros((60, 60)), np.zeros((60, 60))
    truth[10:30, 10:30] = 1
    predicted[10:30, 20:40] = 1
    score = tally(predicted, truth).scores()[1]
    assert score.iou == pytest.approx(200 / 600)
    assert score.fraction == score.true_fraction == pytest.approx(400 / 3600)
    assert score.diameter == pytest.approx(np.sqrt(1600 / np.pi))


def test_unlabelled_pixels_count_nowhere() -> None:
    truth = np.zeros((40, 40))
    truth[:, 20:] = 1
    truth[20:] = UNLABELLED
    wrong_where_unlabelled = truth.copy()
    wrong_where_unlabelled[20:] = 1
    for score in tally(wrong_where_unlabelled, truth).scores():
        assert score.iou == 1
        assert score.boundary_f1 == 1
        assert score.fraction == 0.5


@pytest.mark.parametrize(("shift", "expected"), [(3, 1.0), (4, 0.0)])
def test_lines_match_up_to_three_pixels(shift: int, expected: float) -> None:
    true, drawn = np.zeros((40, 40), bool), np.zeros((40, 40), bool)
    true[:, 10] = True
    drawn[:, 10 + shift] = True
    assert f1(*boundary_hits(drawn, true, np.ones_like(true))) == expected


def test_a_missing_half_of_a_line_costs_recall_only() -> None:
    true = np.zeros((40, 40), np.uint8)
    true[:, 10] = 1
    half = true.copy()
    half[20:] = 0
    score = tally(half, true, lines=(1,)).scores()[1]
    assert score.boundary_f1 == pytest.approx(2 * (23 / 40) / (1 + 23 / 40), abs=0.03)


def test_equivalent_diameter_of_a_disc() -> None:
    y, x = np.mgrid[:100, :100]
    disc = (y - 50) ** 2 + (x - 50) ** 2 < 30**2
    assert equivalent_diameters(disc)[0] == pytest.approx(60, rel=0.01)


def test_grains_between_lines_are_counted_although_a_line_has_a_gap() -> None:
    truth = np.zeros((90, 90), np.uint8)
    truth[29:31] = truth[59:61] = truth[:, 44:46] = 1
    predicted = truth.copy()
    predicted[29:31, 20:24] = predicted[10:13, 44:46] = 0
    tally = Tally((PixelClass("grain"), PixelClass("grain boundary")), lines=(1,))
    tally.add(predicted, truth)
    grain = tally.scores()[0]
    assert grain.count == grain.true_count == 6
    assert grain.diameter == pytest.approx(grain.true_diameter, rel=0.01)
