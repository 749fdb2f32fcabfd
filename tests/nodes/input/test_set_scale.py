import cv2
import numpy as np
import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Scale
from graingraph.nodes.imaging.reading.scale_bar import find_scale_bar
from graingraph.nodes.input.set_scale import set_scale

IMAGE = Image(np.zeros((10, 12), np.uint8), name="a")


def test_typed_and_measured():
    assert set_scale(IMAGE, pixel_size=0.2252).scale == Scale(0.2252, "typed")
    assert set_scale(IMAGE, method="known length", length=200, length_px=800).scale == Scale(0.25, "typed")


def test_nothing_typed_is_a_problem_and_never_a_guess():
    for settings in ({}, {"method": "known length", "length": 5}, {"method": "find scale bar"}):
        with pytest.raises(Problem, match="type a number above 0"):
            set_scale(IMAGE, **settings)


def test_the_scale_of_the_file_can_be_kept():
    known = Image(IMAGE.pixels, Scale(0.1, "file metadata"))
    assert set_scale(known, pixel_size=9).scale.um_per_px == 9
    assert set_scale(known, pixel_size=9, where="images without a scale").scale == known.scale
    assert set_scale(IMAGE, pixel_size=9, where="images without a scale").scale.um_per_px == 9


def micrograph(seed=0):
    noise = np.random.default_rng(seed).normal(0, 1, (600, 800))
    grains = cv2.GaussianBlur(noise, (0, 0), 6)
    return np.clip(120 + 40 * grains / grains.std(), 20, 235).astype(np.uint8)


@pytest.mark.parametrize(("level", "around"), [(255, 10), (0, 250)])
@pytest.mark.parametrize("length", [60, 157, 400])
@pytest.mark.parametrize("ticks", [False, True])
def test_scale_bar_in_a_data_bar(level, around, length, ticks):
    pixels = micrograph()
    pixels[560:] = around
    pixels[580:585, 90 : 90 + length] = level
    if ticks:
        pixels[576:589, [90, 89 + length]] = level
    cv2.putText(pixels, "20 um", (600, 590), cv2.FONT_HERSHEY_SIMPLEX, 0.7, level, 2)
    bar = find_scale_bar(pixels)
    assert bar.length == length
    assert bar.x == 90
    assert 580 <= bar.y < 585
    image = set_scale(Image(pixels), method="find scale bar", length=length / 2)
    assert image.scale == Scale(0.5, "scale bar")
    assert f"{length} px" in image.notes[0].text


def test_scale_bar_survives_jpeg():
    pixels = micrograph()
    pixels[550:] = 20
    pixels[570:574, 500:700] = 255
    jpeg = cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 80])[1], 0)
    assert find_scale_bar(jpeg).length == pytest.approx(200, abs=2)


@pytest.mark.parametrize("pixels", [micrograph(1), np.full((300, 300), 9, np.uint8), np.zeros((1, 1), np.uint8)])
def test_no_scale_bar(pixels):
    assert find_scale_bar(pixels) is None
    with pytest.raises(Problem, match="known length"):
        set_scale(Image(pixels), method="find scale bar", length=10)


def test_a_pixel_size_not_known_yet_leaves_images_without_a_scale_as_they_are() -> None:
    image = Image(np.zeros((4, 4), np.uint8))
    assert set_scale(image, where="images without a scale") is image
    assert set_scale(image, where="images without a scale", pixel_size=0.5).scale == Scale(0.5, "typed")
