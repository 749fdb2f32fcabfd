"""Layers whose interfaces are drawn roughly: steps, thin lines, wedges and sines, in noise and in nothing."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from graingraph.engine.declare.injected import Mark, Marks
from graingraph.engine.values import Image, Mask, Scale
from graingraph.engine.values.notes import of_kind
from graingraph.nodes.draw.layer_between_lines import layer_between_lines
from graingraph.nodes.measure.layer_thickness import layer_thickness
from tests.support.paths import SHARED

HEIGHT, WIDTH = 300, 420
Y, X = np.mgrid[:HEIGHT, :WIDTH] + 0.5
COATING = SHARED / "data" / "coating"
Curve = Callable[[np.ndarray], np.ndarray]


def top(x: np.ndarray) -> np.ndarray:
    return 100 + 6 * np.sin(2 * np.pi * x / 140)


def bottom(x: np.ndarray) -> np.ndarray:
    return 200 + 4 * np.sin(2 * np.pi * x / 90) - 0.05 * x


def stroke(curve: Curve, rng: np.random.Generator, off: float = 4.0, every: float = 50.0, width: int = WIDTH) -> Mark:
    """Along a curve, but off it by some pixels, from just inside the left side of the picture to the right."""
    x = np.linspace(4, width - 4, round(width / every) + 1)
    points = np.stack([x, curve(x) + rng.normal(0, off, x.size)], axis=1)
    return Mark(f"m{rng.integers(1e9)}", "pen", points.astype(np.float32))


def drawn(*marks: Mark) -> Marks:
    return Marks(marks, hash=str(len(marks)))


def picture(grey: np.ndarray, noise: float, rng: np.random.Generator) -> Image:
    blurred = cv2.GaussianBlur(np.asarray(grey, float), (0, 0), 1.0) + rng.normal(0, noise, grey.shape)
    return Image(np.clip(np.rint(blurred), 0, 255).astype(np.uint8), Scale(0.5), name="a.png")


def thin(curve: Curve) -> np.ndarray:
    return np.abs(Y - curve(X)) < 1


INSIDE = (top(X) < Y) & (bottom(X) > Y)
ABOVE = top(X) > Y


@pytest.mark.parametrize(
    ("grey", "noise", "limit"),
    [
        (100 + 30 * INSIDE, 8.0, 0.3),
        (100 + 30 * INSIDE, 30.0, 0.6),  # as much noise as the step is high
        (130 + 70 * ABOVE - 60 * thin(bottom), 8.0, 0.8),  # of one grey with what is below: a thin dark line parts them
        (130 - 60 * thin(top) + 60 * thin(bottom), 8.0, 1.0),
        (60 + X / 4 + 30 * INSIDE, 8.0, 0.3),  # uneven light
    ],
)
def test_the_layer_is_as_thick_as_it_was_drawn(grey: np.ndarray, noise: float, limit: float) -> None:
    x = np.arange(WIDTH) + 0.5
    for seed in (1, 2, 3):
        rng = np.random.default_rng(seed)
        image = picture(grey, noise, rng)
        lines = stroke(top, rng), stroke(bottom, rng)
        for marks in (lines, lines[::-1], (lines[0], Mark("r", "pen", lines[1].points[::-1]))):
            layer = layer_between_lines(image, reach=15, marks=drawn(*marks))
            assert not of_kind(layer.notes, "not reportable")
            assert layer.pixels.sum() / WIDTH == pytest.approx((bottom(x) - top(x)).mean(), abs=limit)
            assert (layer.pixels != INSIDE).sum() / WIDTH < 4  # the places, too, and not the mean alone


def test_a_layer_upright_in_the_picture_is_the_same_layer() -> None:
    rng = np.random.default_rng(4)
    image, marks = picture(100 + 30 * INSIDE, 8.0, rng), (stroke(top, rng), stroke(bottom, rng))
    lying = layer_between_lines(image, reach=15, marks=drawn(*marks))
    turned = [Mark(mark.id, "livewire", mark.points[:, ::-1]) for mark in marks]
    upright = layer_between_lines(image.with_pixels(image.pixels.T.copy()), reach=15, marks=drawn(*turned))
    assert (lying.pixels != upright.pixels.T).mean() < 0.001


@pytest.mark.parametrize(
    ("grey", "noise"),
    [
        (np.full((HEIGHT, WIDTH), 130.0), 12.0),
        (80 + Y / 3, 3.0),  # shade, which is not an interface however it is cut
        (130 - 60.0 * thin(bottom) * (X < 200), 8.0),  # half of it
    ],
)
def test_an_interface_that_is_not_there_is_not_reportable(grey: np.ndarray, noise: float) -> None:
    for seed in (1, 2, 3):
        rng = np.random.default_rng(seed)
        image = picture(np.where(ABOVE, 220, grey), noise, rng)
        lines = stroke(top, rng), stroke(bottom, rng)
        (said,) = of_kind(layer_between_lines(image, reach=15, marks=drawn(*lines)).notes, "not reportable")
        assert "second line" in said.text
        as_drawn = layer_between_lines(image, reach=0, marks=drawn(*lines))
        assert not of_kind(as_drawn.notes, "not reportable")
        assert as_drawn.pixels.sum() / WIDTH == pytest.approx((bottom(X[0]) - top(X[0])).mean(), abs=6)


def along(curve: Curve, start: float, end: float, off: float = 0.0) -> Mark:
    x = np.linspace(start, end, 33)
    return Mark(f"{start} {end} {off}", "pen", np.stack([x, curve(x) + off], axis=1).astype(np.float32))


@pytest.mark.parametrize("reach", [0, 15])
def test_lines_of_different_lengths_and_one_interface_twice(reach: int) -> None:
    image = picture(100 + 30 * INSIDE, 8.0, np.random.default_rng(6))
    half, all_of_it = WIDTH / 2, WIDTH - 4.0
    for lines, told in (
        ((along(top, 4, all_of_it), along(bottom, 4, half - 20)), "run beside each other"),
        ((along(top, 4, half - 20), along(bottom, half + 20, all_of_it)), "run beside each other"),
        ((along(top, 4, all_of_it, -0.5), along(top, 4, all_of_it, 0.5)), "follow one interface"),
    ):
        layer = layer_between_lines(image, reach=reach, marks=drawn(*lines))
        assert any(told in note.text for note in of_kind(layer.notes, "not reportable"))
    shorter = layer_between_lines(image, reach=reach, marks=drawn(along(top, 4, all_of_it), along(bottom, 80, 340)))
    assert not of_kind(shorter.notes, "not reportable")
    found = layer_thickness(shorter).table.columns
    thick = (bottom(X[0]) - top(X[0]))[80:340] * 0.5
    assert found["Mean thickness"][0] == pytest.approx(thick.mean(), abs=1.0)
    assert found["Smallest thickness"][0] == pytest.approx(thick.min(), abs=1.5)


def test_anything_but_two_lines_is_no_layer() -> None:
    rng = np.random.default_rng(1)
    image = picture(100 + 30 * INSIDE, 8.0, rng)
    for marks, told in (
        ((), "Nothing is drawn"),
        ((stroke(top, rng),), "1 line is"),
        ([stroke(top, rng) for _ in range(3)], "3 lines are"),
        ((stroke(top, rng), Mark("o", "pen", np.full((4, 2), 60, np.float32))), "no length"),
        ((stroke(top, rng), Mark("o", "pen", np.array([[500, 40], [600, 90]], np.float32))), "outside"),
    ):
        layer = layer_between_lines(image, marks=drawn(*marks))
        assert not layer.pixels.any()
        assert told in of_kind(layer.notes, "not reportable")[0].text


@pytest.mark.parametrize("path", sorted(COATING.glob("*[!t]/*.png")), ids=lambda path: path.stem[-7:])
def test_oxide_layers_as_grey_as_what_is_below_them(path: Path) -> None:
    """Optional: it needs real micrographs."""
    truth = cv2.imread(str(path.parent.with_name(path.parent.name + "_annot") / path.name), cv2.IMREAD_UNCHANGED) > 0
    pixels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    ends = np.stack([truth.argmax(axis=0), truth.shape[0] - truth[::-1].argmax(axis=0)]).astype(np.float32)
    rng = np.random.default_rng(3)
    x = np.arange(truth.shape[1]) + 0.5
    lines = [
        stroke(lambda at, end=end: np.interp(at, x, cv2.blur(end[None], (31, 1))[0]), rng, 5.0, 90.0, x.size)
        for end in ends
    ]
    layer = layer_between_lines(Image(pixels, Scale(1.0)), marks=drawn(*lines))
    found, true = (layer_thickness(Mask(mask, Scale(1.0))).table.columns for mask in (layer.pixels, truth))
    assert found["Mean thickness"][0] == pytest.approx(true["Mean thickness"][0], rel=0.1)
