import cv2
import numpy as np
import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Scale
from graingraph.nodes.input.set_scale import set_scale
from graingraph.nodes.reading.scale_bar import find_scale_bar
from tests.support.paths import SHARED
from tests.support.scale_bars import NO_BARS, with_bar, without_bar

IMAGE = Image(np.zeros((10, 12), np.uint8), name="a")


def test_typed_and_measured():
    assert set_scale(IMAGE, pixel_size=0.2252).scale == Scale(0.2252, "typed")
    assert set_scale(IMAGE, method="known length", length=200, length_px=800).scale == Scale(0.25, "typed")


def test_nothing_typed_is_a_problem_and_never_a_guess():
    for settings in ({}, {"method": "known length", "length": 5}):
        with pytest.raises(Problem, match="type a number above 0"):
            set_scale(IMAGE, **settings)


def test_without_a_length_the_bar_needs_what_reads_it(monkeypatch):
    monkeypatch.setattr("graingraph.nodes.input.set_scale.reader", lambda: "")
    with pytest.raises(Problem, match=r"type a number above 0, or install .*graingraph\[read-text\]"):
        set_scale(IMAGE, method="find scale bar")


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
    assert image.scale.um_per_px == 0.5
    assert image.scale.origin == "scale bar"
    assert 0.3 < image.scale.uncertainty * length < 1
    assert image.notes[0].kind == "not reportable"
    assert f"{length} px found at x 90" in image.notes[0].text
    confirmed = set_scale(Image(pixels), method="find scale bar", length=length / 2, confirmed=True)
    assert confirmed.scale == image.scale
    assert confirmed.notes[0].kind == "advice"


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


@pytest.mark.parametrize("seed", range(12))
def test_bars_of_many_kinds_are_measured_to_a_pixel_or_refused(seed):
    pixels, length = with_bar(np.random.default_rng(seed))
    bar = find_scale_bar(pixels)
    assert bar is None or bar.length == pytest.approx(length, abs=1)


def test_most_bars_are_found():
    found = [find_scale_bar(with_bar(np.random.default_rng(seed))[0]) for seed in range(20, 40)]
    assert sum(bar is not None for bar in found) >= 15


@pytest.mark.parametrize("draw", NO_BARS, ids=lambda draw: draw.__name__.strip("_"))
def test_lines_that_are_no_bars_are_refused(draw):
    for seed in range(5):
        assert find_scale_bar(without_bar(np.random.default_rng(seed), draw)) is None


def test_the_ends_of_a_bar_are_found_between_pixels():
    for shift in (0.0, 0.3, 0.6):
        pixels = micrograph().astype(np.float32)
        pixels[540:] = 20
        pixels[570:573, 51:250] = 240
        pixels[570:573, 50], pixels[570:573, 250] = 20 + 220 * (1 - shift), 20 + 220 * 0.5
        assert find_scale_bar(pixels.round().astype(np.uint8)).length == pytest.approx(200 - shift + 0.5, abs=0.05)


def test_how_well_a_typed_pixel_size_is_known_goes_with_it():
    assert set_scale(IMAGE, pixel_size=0.5, uncertainty=1).scale == Scale(0.5, uncertainty=0.01)
    tilted = Image(IMAGE.pixels, Scale(0.1, "file metadata", 0.2))
    image = set_scale(tilted, pixel_size=0.5)
    assert image.scale == Scale(0.5)
    assert "not square" in image.notes[0].text


@pytest.mark.parametrize(("name", "length"), [
    ("20260408_C2600-06tHT600C1hrx200.jpg", 78), ("20260408_C2600-06tx200_s.jpg", 195),
])  # fmt: skip
def test_real_bars(name, length):
    path = SHARED / "data" / "twinned_brass" / name
    if not path.is_file():
        pytest.skip("the real brass is not here")
    bar = find_scale_bar(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))
    assert bar.length == pytest.approx(length, abs=1)


def test_a_pixel_size_not_known_yet_leaves_images_without_a_scale_as_they_are() -> None:
    image = Image(np.zeros((4, 4), np.uint8))
    assert set_scale(image, where="images without a scale") is image
    assert set_scale(image, where="images without a scale", pixel_size=0.5).scale == Scale(0.5, "typed")
