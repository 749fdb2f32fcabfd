"""What is said of traces before a training."""

import numpy as np

from engine.values import ClassMap, PixelClass
from nodes.networks.gather import size_advice
from nodes.networks.targets import fineness
from tests.nodes.networks.pictures import particles

CLASSES = (PixelClass("matrix"), PixelClass("carbide"))


def advice(labels: np.ndarray, size_factor: float) -> str:
    return size_advice(CLASSES, fineness([ClassMap(labels, classes=CLASSES)], 2), size_factor)


def test_particles_that_would_run_together_are_named_with_a_better_size() -> None:
    said = advice(particles(5), 0.3)
    assert said.startswith("carbide is traced about")
    better = float(said.split("a size factor of ")[1].split()[0])
    assert 0.3 < better <= 1
    assert advice(particles(5), better) == ""


def test_nothing_is_said_of_large_particles_of_lines_and_at_full_size() -> None:
    line = np.zeros((120, 160), np.uint8)
    line[:, 80:83] = 1
    assert advice(particles(15), 0.5) == advice(line, 0.2) == advice(particles(3), 1.0) == ""
