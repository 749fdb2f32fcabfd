import cv2
import numpy as np
import pytest

from graingraph.app.samples.phantoms import vickers_indent
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Labels, Mask, Scale
from graingraph.nodes.measure.hardness_indent import hardness_indent
from graingraph.nodes.segment.threshold import threshold

SHAPE = (180, 200)


def picture(diagonal: float, degrees: float = 0.0, blur: float = 1.0, noise: float = 0.0) -> Image:
    pixels = vickers_indent(diagonal, SHAPE, degrees, blur)
    pixels += np.random.default_rng(1).normal(0, noise, SHAPE).astype(np.float32) if noise else 0
    return Image(pixels, Scale(0.5), range=(0.0, 1.0))


@pytest.mark.parametrize("degrees", [0.0, 7.0, 20.0, 45.0])
@pytest.mark.parametrize("diagonal", [40.0, 101.3])
@pytest.mark.parametrize("blur", [0.7, 2.0])
def test_diagonals_to_a_tenth_of_a_pixel(diagonal, degrees, blur):
    image = picture(diagonal, degrees, blur)
    table = hardness_indent(threshold(image, keep="darker"), image, force=0.5)
    for name in ("Diagonal 1", "Diagonal 2"):
        assert table.columns[name][0] / 0.5 == pytest.approx(diagonal, abs=0.12)
    d = diagonal * 0.5 / 1000
    assert table.columns["Hardness"][0] == pytest.approx(1.8544 * 0.5 / d**2, rel=0.006)
    assert table.units["Hardness"] == "HV"


def test_noise_hardly_moves_the_corners():
    image = picture(100.0, 12.0, 1.0, noise=0.05)
    mask = threshold(Image(vickers_indent(100.0, SHAPE, 12.0, 1.0), range=(0.0, 1.0)), keep="darker")
    table = hardness_indent(mask, image)
    assert table.columns["Mean diagonal"][0] / 0.5 == pytest.approx(100, abs=0.4)


def test_a_mask_that_lost_the_tips_does_no_harm():
    image = picture(100.0, 0.0)
    tight = Mask(image.pixels < 0.36, image.scale)
    assert hardness_indent(tight, image).columns["Mean diagonal"][0] / 0.5 == pytest.approx(100, abs=0.12)


def test_several_indents_each_have_a_row():
    pixels = np.hstack([vickers_indent(d, SHAPE, 0.0, 1.0) for d in (60.0, 80.0)])
    image = Image(pixels, Scale(0.5), range=(0.0, 1.0))
    labels = np.zeros(pixels.shape, np.int32)
    labels[(pixels < 0.55)] = 1
    labels[:, SHAPE[1] :] *= 2
    table = hardness_indent(Labels(labels, image.scale, count=2), image)
    np.testing.assert_allclose(table.columns["Mean diagonal"], [30, 40], atol=0.06)
    assert (table.fields[0].whole, table.fields[0].cut) == (2, 0)
    cut = hardness_indent(
        Labels(labels[:, SHAPE[1] // 2 :], image.scale, count=2),
        Image(pixels[:, SHAPE[1] // 2 :], image.scale, range=(0.0, 1.0)),
    )
    assert (cut.fields[0].whole, cut.fields[0].cut) == (1, 1)


def test_what_is_no_indent_has_no_number():
    image = Image(np.full(SHAPE, 0.5, np.float32), Scale(0.5), range=(0.0, 1.0))
    blob = np.zeros(SHAPE, bool)
    blob[50:90, 60:100] = True
    table = hardness_indent(Mask(blob, image.scale), image)
    assert np.isnan(table.columns["Hardness"]).all()
    assert any(note.kind == "incomplete" for note in table.notes)


@pytest.mark.parametrize("power", [0.8, 1.3])
def test_sides_may_bulge(power):
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]] + 0.5
    away = (np.abs(x - 100) / 60) ** power + (np.abs(y - 90) / 60) ** power
    image = Image(cv2.GaussianBlur(np.where(away < 1, 0.3, 0.8).astype(np.float32), (0, 0), 1.0), Scale(0.5))
    assert np.isfinite(hardness_indent(threshold(image, keep="darker"), image).columns["Hardness"]).all()


@pytest.mark.parametrize("kind", ["disc", "oblong", "hexagon"])
def test_what_is_no_print_of_a_square_pyramid_has_no_number(kind):
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]] + 0.5
    x, y = np.abs(x - 100), np.abs(y - 90)
    inside = {"disc": np.hypot(x, y) < 60, "oblong": (x < 70) & (y < 45), "hexagon": (x < 60) & (x + 1.73 * y < 120)}
    image = Image(cv2.GaussianBlur(np.where(inside[kind], 0.3, 0.8).astype(np.float32), (0, 0), 1.0), Scale(0.5))
    table = hardness_indent(threshold(image, keep="darker"), image)
    assert np.isnan(table.columns["Hardness"]).all()
    assert any(note.kind == "incomplete" for note in table.notes)


def test_unequal_diagonals_and_no_scale_are_not_reportable():
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]] + 0.5
    flat = np.where(np.abs(y - 90) / 45 + np.abs(x - 100) / 60 < 1, 0.3, 0.8).astype(np.float32)
    image = Image(flat, range=(0.0, 1.0))
    table = hardness_indent(threshold(image, keep="darker"), image)
    refused = next(note.text for note in table.notes if note.kind == "not reportable")
    assert "no pixel size" in refused
    assert "1 indent differ" in refused


def test_another_size():
    image = picture(50.0)
    with pytest.raises(Problem, match="differ in size"):
        hardness_indent(Mask(np.zeros((3, 3), bool)), image)


def test_what_has_a_side_without_length_is_no_indent():
    line = np.zeros((40, 60), np.int32)
    line[20, 5:50] = 1
    halved = np.zeros((40, 60), np.int32)
    halved[20:32, 5:50] = np.tri(12, 45, dtype=np.int32)[::-1]
    for region in (line, halved):
        table = hardness_indent(Labels(region, Scale(0.5), count=1), Image(region.astype(np.uint8) * 200, Scale(0.5)))
        assert np.isnan(table.columns["Hardness"]).all()


def test_an_indent_that_reaches_into_the_box_of_another_is_not_taken_for_it():
    y, x = np.mgrid[:200, :260] + 0.5
    labels = np.zeros((200, 260), np.int32)
    for number, (row, column, half) in enumerate(((90, 80, 50.0), (130, 140, 35.0)), 1):
        labels[np.abs(y - row) + np.abs(x - column) < half] = number
    pixels = np.where(labels > 0, 0.3, 0.8).astype(np.float32)
    image = Image(pixels, Scale(1.0), range=(0.0, 1.0))
    table = hardness_indent(Labels(labels, image.scale, count=2), image)
    np.testing.assert_allclose(table.columns["Mean diagonal"], [100, 70], atol=2)
    assert table.columns["Label"].tolist() == [1, 2]
