"""Probabilities that were made too sure, or not sure enough, are brought back; the class of a pixel never changes."""

import numpy as np
import pytest

from graingraph.engine.values import UNLABELLED
from graingraph.nodes.learning.train.calibration import Calibration, at_temperature, calibrated, calibration_error


def drawn(seed: int = 1, classes: int = 3, shape: tuple[int, int] = (200, 300)) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, and classes drawn by them: as sure as they are right."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(classes, 0.5), shape).astype(np.float32)
    truth = (shares.cumsum(axis=2) < rng.random((*shape, 1))).sum(axis=2).clip(0, classes - 1)
    return shares, truth.astype(np.uint8)


@pytest.mark.parametrize("wrong", [0.5, 0.8, 1.0, 1.6, 3.0])
def test_the_temperature_undoes_what_made_the_network_too_sure_or_too_unsure(wrong: float) -> None:
    shares, truth = drawn()
    found = calibrated([(at_temperature(shares, 1 / wrong), truth)])
    assert found.temperature == pytest.approx(wrong, rel=0.05)
    assert found.error_after < 0.01
    assert found.error_before >= found.error_after - 1e-3
    assert np.array_equal(at_temperature(shares, wrong).argmax(axis=2), shares.argmax(axis=2))
    assert np.allclose(at_temperature(shares, wrong).sum(axis=2), 1, atol=1e-5)


def test_what_nobody_traced_does_not_count() -> None:
    shares, truth = drawn()
    half = truth.copy()
    half[:, 150:] = UNLABELLED
    sure = at_temperature(shares, 0.5)
    sure[:, 150:] = 1 / 3
    assert calibrated([(sure, half)]).temperature == pytest.approx(2, rel=0.05)
    assert calibrated([(sure, np.full_like(truth, UNLABELLED))]) == Calibration()
    assert calibrated([]) == Calibration()


def test_the_error_is_the_mean_difference_of_how_sure_and_how_often_right() -> None:
    shares = np.array([[0.9, 0.1]] * 10, np.float32)
    true = np.array([0] * 7 + [1] * 3)
    assert calibration_error(shares, true) == pytest.approx(0.2, abs=1e-6)
    assert calibration_error(np.eye(2, dtype=np.float32)[[0, 1]], np.array([0, 1])) == 0
