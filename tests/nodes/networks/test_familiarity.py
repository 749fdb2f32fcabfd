"""An image unlike the training images is noticed; another exposure is matched; what is not there is not invented."""

import numpy as np
import pytest

from nodes.networks.familiarity import entropy, exposure, match_exposure, statistics, unlike_training, unsure_note


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
