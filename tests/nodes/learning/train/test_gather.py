"""What is said of traces before a training."""

import numpy as np
import pytest

from graingraph.engine.declare.injected import Context
from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, ClassMap, Image, PerImage, PixelClass
from graingraph.nodes.learning.train.gather import make_samples, size_advice, traced_images
from graingraph.nodes.learning.train.sample import fineness, has_colour
from tests.support.pictures import particles

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


def test_a_class_of_which_nothing_is_left_at_the_size_is_named() -> None:
    labels = np.full((60, 80), UNLABELLED, np.uint8)
    labels[5:8, 5:60] = 1
    labels[30:, 20:60] = 0
    traced = {"a": (Image(np.zeros((60, 80), np.uint8)), ClassMap(labels, classes=CLASSES))}
    with pytest.raises(Problem, match="nothing is left of what is traced as carbide"):
        make_samples(traced, 0.1)
    assert make_samples(traced, 1.0)[0][0].labels.shape == (60, 80)


def test_where_no_image_can_be_read_the_reason_is_said() -> None:
    def damaged(name: str) -> ClassMap:
        raise Problem("The file is damaged.", image=name)

    images = PerImage(("a", "b"), lambda name: Image(np.zeros((4, 4), np.uint8)))
    with pytest.raises(Problem, match="damaged"):
        traced_images(images, PerImage(("a", "b"), damaged), Context())


@pytest.mark.parametrize("white", [255, 4095, 65535])
def test_colour_is_seen_at_every_depth(white: int) -> None:
    pixels = np.zeros((40, 40, 3), np.uint8 if white == 255 else np.uint16)
    assert not has_colour(Image(pixels + np.array(white // 2, pixels.dtype)))
    pixels[..., 0] = white
    assert has_colour(Image(pixels))
