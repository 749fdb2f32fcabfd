from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graingraph.engine.problem import Problem
from graingraph.engine.values import Image
from graingraph.nodes.enhance.image_math import image_math
from graingraph.nodes.imaging.filters.formula import evaluate

RNG = np.random.default_rng(3)
A, B = (RNG.integers(0, 256, (20, 30)).astype(np.uint8) for _ in "ab")


def test_difference_from_a_reference():
    found = image_math(Image(A, name="field.png"), Image(B), formula="(a - b) / 2 + 0.5")
    np.testing.assert_allclose(found.pixels, (A / 255 - B / 255) / 2 + 0.5, atol=1e-6)
    assert found.name == "field.png"
    assert found.range == (0.0, 1.0)


@pytest.mark.parametrize("formula", ["abs(a - b)", "min(a, 1 - b)", "max(abs(b - a), a)", "1 - abs(1 - a - b)", "b"])
@pytest.mark.parametrize("bits", [8, 16])
def test_what_stays_on_the_levels_of_the_images_keeps_their_bits(formula, bits):
    pair = [pixels if bits == 8 else pixels * np.uint16(257) for pixels in (A, B)]
    white = float(2**bits - 1)
    found = image_math(*(Image(pixels, range=(0.0, white)) for pixels in pair), formula=formula)
    wide = image_math(*(Image(pixels / np.float32(white), range=(0.0, 1.0)) for pixels in pair), formula=formula)
    assert found.pixels.dtype == pair[0].dtype
    np.testing.assert_allclose(found.pixels / found.range[1], wide.pixels, atol=1e-6)


def test_a_mean_is_over_the_whole_of_a_large_image():
    ramp = np.linspace(0, 1, 500 * 700, dtype=np.float32).reshape(500, 700)
    found = image_math(Image(ramp, range=(0.0, 1.0)), formula="mean(a - mean(a) + 0.25) + 0 * a")
    np.testing.assert_allclose(found.pixels, 0.25, atol=1e-6)


def test_a_blank_field_takes_the_lighting_out():
    lighting = np.linspace(0.5, 1.0, 30)[None, :] * np.ones((20, 1))
    field = (0.6 * lighting).astype(np.float32)
    blank = Image((lighting * 65535).astype(np.uint16), range=(0, 65535.0))
    flat = image_math(Image(field, range=(0, 1.0)), blank, formula="a / b * mean(b)")
    np.testing.assert_allclose(flat.pixels, 0.6 * 0.75, atol=1e-3)


def test_colour_is_computed_channel_by_channel():
    rgb = RNG.integers(0, 256, (20, 30, 3)).astype(np.uint8)
    found = image_math(Image(rgb), Image(A), formula="a × b")
    np.testing.assert_allclose(found.pixels, rgb / 255 * (A / 255)[..., None], atol=1e-6)


def test_what_leaves_black_to_white_is_cut_off_and_said():
    found = image_math(Image(A), Image(B), formula="a / b - 2")
    assert found.pixels.min() >= 0
    assert found.pixels.max() <= 1
    assert "cut off" in found.notes[0].text
    assert not image_math(Image(A), formula="1 - a").notes


def test_what_is_no_number_becomes_black_and_is_said():
    dark = A.copy()
    dark[:5] = 0
    found = image_math(Image(dark), formula="a / a / 2")
    assert (found.pixels[dark == 0] == 0).all()
    assert "no number" in found.notes[0].text
    with pytest.raises(Problem, match="no number anywhere"):
        image_math(Image(A), formula="sqrt(-1 - a)")


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("a - d", "d is not known"),
        ("a -", "not a formula"),
        ("__import__('os').system('true')", "not arithmetic"),
        ("a.tobytes", "not arithmetic"),
        ("[x for x in a]", "not arithmetic"),
        ("a if b else a", "not arithmetic"),
        ("max(a)", "takes 2 parts"),
        ("'a' * 9", "not arithmetic"),
        ("-" * 499 + "a", None),
        ("(" * 400 + "a", "not a formula"),
        ("a" * 501, "longer than"),
    ],
)
def test_nothing_but_arithmetic_is_read(formula, words):
    if words is None:
        image_math(Image(A), Image(B), formula=formula)
        return
    with pytest.raises(Problem, match=words.replace("(", r"\(")):
        image_math(Image(A), Image(B), formula=formula)


@given(st.text(alphabet="ab+-*/^(), 0.59minmaxsqrt_[]'", max_size=60))
def test_any_text_is_computed_or_refused(formula):
    arrays = {"a": np.float32([0.5, 0.2]), "b": np.float32([0.0, 1.0])}
    with suppress(ValueError):
        assert evaluate(formula, arrays).shape == (2,)


def test_images_of_other_sizes():
    with pytest.raises(Problem, match=r"30 × 20 px and b 20 × 20"):
        image_math(Image(A), Image(B[:, :20]))
