"""An image unlike the training images is noticed; another exposure is matched; what is not there is not invented."""

import numpy as np
import pytest

from graingraph.engine.values import PixelClass
from graingraph.nodes.learning.apply.exposure import exposure, match_exposure
from graingraph.nodes.learning.apply.familiarity import statistics, unlike_training
from graingraph.nodes.learning.apply.uncertainty import entropy, faint_share, unsure_note
from tests.support.pictures import stripes_and_maze


def picture(dark: float, bright: float, noise: float = 0.01, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    pixels = np.full((128, 128, 1), dark, np.float32)
    pixels[:, 64:] = bright
    return pixels + rng.normal(0, noise, pixels.shape).astype(np.float32)


KNOWN = statistics([picture(0.3, 0.6, seed=seed) for seed in range(3)])


def test_another_image_of_the_set_is_familiar() -> None:
    other = picture(0.32, 0.62, seed=9)
    assert unlike_training(other, KNOWN) == []


@pytest.mark.parametrize(
    ("pixels", "word"),
    [(picture(0.65, 0.95), "brighter"), (picture(0.3, 0.6, noise=0.2), "noisier"), (picture(0.44, 0.46), "flatter")],
)
def test_unlike_images_are_named_for_what_is_unlike(pixels: np.ndarray, word: str) -> None:
    assert word in unlike_training(pixels, KNOWN)[0]


def half(seed: int, stripes: bool) -> np.ndarray:
    """Stripes or a maze of short ones: the same grey levels, lines as wide, arranged otherwise."""
    pixels = stripes_and_maze(seed).astype(np.float32)[:, :, None] / 255
    return pixels[:, :128] if stripes else pixels[:, 128:]


STRIPES = statistics([half(seed, stripes=True) for seed in range(3)])


@pytest.mark.parametrize("turns", range(4))
def test_the_same_texture_turned_is_familiar(turns: int) -> None:
    assert unlike_training(np.rot90(half(7, stripes=True), turns), STRIPES) == []


def test_another_texture_of_the_same_grey_levels_is_noticed() -> None:
    assert "another texture" in unlike_training(half(7, stripes=False), STRIPES)[0]


def test_light_lines_are_another_texture_than_dark_ones() -> None:
    rng = np.random.default_rng(3)

    def lines(sign: int, seed: int) -> np.ndarray:
        pixels = np.full((256, 256, 1), 0.5, np.float32)
        pixels[5 + seed :: 16] += 0.2 * sign
        return pixels + rng.normal(0, 0.01, pixels.shape).astype(np.float32)

    known = statistics([lines(1, seed) for seed in range(3)])
    assert unlike_training(lines(1, 5), known) == []
    assert unlike_training(lines(-1, 5), known)


def test_another_colour_of_the_same_texture_is_noticed() -> None:
    def tinted(seed: int, tint: tuple[float, float, float]) -> np.ndarray:
        return half(seed, stripes=True) * np.array(tint, np.float32) * np.float32(0.9)

    known = statistics([tinted(seed, (1.1, 0.95, 0.6)) for seed in range(3)])
    assert unlike_training(tinted(7, (1.1, 0.95, 0.6)), known) == []
    assert "another texture" in unlike_training(tinted(7, (0.6, 0.95, 1.1)), known)[0]


def test_a_card_from_before_traits_is_compared_by_what_it_has() -> None:
    before = {key: value for key, value in STRIPES.items() if key != "traits"}
    assert unlike_training(half(7, stripes=True), before) == []
    assert unlike_training(half(7, stripes=False), before)


BOUNDARIES = (PixelClass("grain"), PixelClass("grain boundary", role="boundary", of="grain"))


def lines(seen: float, missed: float, *, share: float) -> np.ndarray:
    """Probabilities (2, 100, 100) of twenty lines, so much of which is half seen."""
    plane = np.full((100, 100), 0.001, np.float32)
    for row in range(2, 100, 5):
        plane[row] = seen
        plane[row, : round(100 * share)] = missed
    return np.stack([1 - plane, plane])


def test_boundaries_that_are_half_seen_are_said_to_be_missed() -> None:
    usual = faint_share(lines(0.9, 0.3, share=0.1), BOUNDARIES)
    assert usual == pytest.approx(0.05, abs=0.02)
    known = {"unsure": 0.2, "faint": usual}
    assert unsure_note(lines(0.9, 0.3, share=0.15), known, BOUNDARIES) == []
    assert "half sees" in unsure_note(lines(0.9, 0.4, share=0.5), known, BOUNDARIES)[0]
    assert "half sees" in unsure_note(lines(0.9, 0.4, share=0.5), {"unsure": 0.2}, BOUNDARIES)[0]
    assert unsure_note(lines(0.9, 0.4, share=0.5), known, (PixelClass("a"), PixelClass("b"))) == []
    assert faint_share(np.stack([np.ones((9, 9), np.float32), np.zeros((9, 9), np.float32)]), BOUNDARIES) is None


def test_a_darker_exposure_is_matched() -> None:
    matched = match_exposure(picture(0.05, 0.2), KNOWN)
    assert exposure(matched) == pytest.approx(exposure(picture(0.3, 0.6)), abs=0.03)


def test_an_image_without_its_dark_part_is_left_as_it_is() -> None:
    all_bright = picture(0.6, 0.6)
    assert match_exposure(all_bright, KNOWN) is all_bright


def test_being_unsure_is_judged_by_the_held_out_images() -> None:
    planes = np.full((2, 10, 10), 0.5, np.float32)
    planes[0, :8], planes[1, :8] = 1, 0
    assert "20%" in unsure_note(planes, {"unsure": 0.01})[0]
    assert unsure_note(planes, {"unsure": 0.15}) == []
    assert entropy(planes)[9, 0] == pytest.approx(1)
    assert entropy(planes)[0, 0] == pytest.approx(0, abs=1e-4)
