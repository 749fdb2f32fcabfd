"""Dendrite arms drawn at known places, in all directions, blurred and noisy."""

import cv2
import numpy as np
import pytest

from graingraph.engine.declare.injected import Mark, Marks
from graingraph.engine.values import Image, Scale
from graingraph.nodes.measure.arm_spacing import arm_spacing


def dendrite(spacing: float, degrees: float, seed: int, wander: float = 0.12) -> tuple[np.ndarray, np.ndarray]:
    """Bright arms on both sides of a trunk: uint8 (400, 400), and the middles (n, 2) of the arms along the trunk."""
    rng = np.random.default_rng(seed)
    turn = np.radians(degrees)
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    at = np.arange(-130, 130, spacing)
    at = at + wander * spacing * rng.uniform(-1, 1, at.size)
    y, x = np.mgrid[:400, :400] + 0.5
    u, v = ((x - 200) * axis[0] + (y - 200) * axis[1] for axis in (along, across))
    width = 0.45 * spacing
    arms = sum((np.abs(u - place) < width / 2) & (np.abs(v) < rng.uniform(50, 90)) for place in at)
    picture = np.where((arms > 0) | (np.abs(v) < 2), 180.0, 90.0)
    picture = cv2.GaussianBlur(picture, (0, 0), 1.2) + rng.normal(0, 8, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8), np.array([200, 200]) + at[:, None] * along


def line(start, end, side: float, name: str, tool: str = "length", bow: float = 0.0) -> Mark:
    """A line beside the trunk, from an arm to another; ``bow`` makes a stroke of it that is bent by so many px."""
    step = (end - start) / np.hypot(*(end - start))
    normal = np.array([-step[1], step[0]])
    t = np.linspace(0, 1, 40 if tool == "pen" else 2)[:, None]
    points = start + t * (end - start) + (side + bow * np.sin(np.pi * t)) * normal
    return Mark(name, tool, points.astype(np.float32))


def drawn(*marks: Mark) -> Marks:
    return Marks(marks, hash=str(len(marks)))


@pytest.mark.parametrize("spacing", [10.0, 14.0, 31.0])
@pytest.mark.parametrize("degrees", [0.0, 33.0, 90.0])
def test_arms_are_counted_between_the_first_and_the_last(spacing, degrees):
    pixels, at = dendrite(spacing, degrees, int(spacing + degrees))
    rng = np.random.default_rng(1)
    lines = [
        line(*(at[k] + rng.uniform(-1.5, 1.5, 2) for k in ends), side, str(side))
        for ends, side in (((0, -1), 25), ((1, -2), -25), ((0, -2), 35))
    ]
    table = arm_spacing(Image(pixels, Scale(2.0)), smoothing=1.5, marks=drawn(*lines)).table
    counts = np.array([len(at), len(at) - 2, len(at) - 1])
    ways = np.array([np.hypot(*(at[i] - at[j])) for i, j in ((0, -1), (1, -2), (0, -2))])
    expected = 2 * ways / (counts - 1)
    assert table.columns["Arms"].tolist() == counts.tolist()
    assert table.columns["Arm spacing"] == pytest.approx(expected, rel=0.01, abs=0.1)
    assert table.units["Arm spacing"] == "µm"
    assert "95 % CI over 3 lines" in table.headline


def test_dark_arms_along_a_bent_stroke():
    pixels, at = dendrite(20, 0, 4)
    found = arm_spacing(Image(255 - pixels), arms="darker", marks=drawn(line(at[0], at[-1], 20, "a", "pen", bow=6.0)))
    assert found.table.columns["Arms"].tolist() == [len(at)]
    assert found.table.columns["Arm spacing"][0] == pytest.approx(np.hypot(*(at[-1] - at[0])) / (len(at) - 1), rel=0.02)
    assert found.table.units["Arm spacing"] == "px"
    assert (found.picture.pixels[..., 0] != found.picture.pixels[..., 2]).any()


def test_a_missing_arm_is_remarked_and_arms_can_be_picked():
    pixels, at = dendrite(20, 0, 4, wander=0.0)
    x = int(at[5][0])
    pixels[:, x - 9 : x + 10] = 90
    stroke = line(at[0], at[-1], 20, "a")
    table = arm_spacing(Image(pixels), marks=drawn(stroke)).table
    assert table.columns["Arms"][0] == len(at) - 1
    assert "is an arm missing" in table.columns["Remark"][0]
    picks = [Mark(str(k), "pick", np.array([place + np.array([0, 21])], np.float32)) for k, place in enumerate(at)]
    table = arm_spacing(Image(pixels), marks=drawn(stroke, *picks)).table
    assert table.columns["Arms"][0] == len(at)
    assert table.columns["Arm spacing"][0] == pytest.approx(20, abs=0.1)
    assert not table.columns["Remark"][0]


def test_nothing_drawn_and_nothing_found():
    flat = Image(np.full((60, 80), 90, np.uint8))
    assert arm_spacing(flat, marks=drawn()).table.headline == "no arms"
    stroke = Mark("a", "length", np.array([(10, 30), (60, 30)], np.float32))
    table = arm_spacing(flat, marks=drawn(stroke)).table
    assert np.isnan(table.columns["Arm spacing"][0])
    assert "Fewer than two arms" in table.columns["Remark"][0]
