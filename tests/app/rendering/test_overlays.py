"""The overlays of a batch: over the image that the features were found on, in place, for features and for classes."""

from typing import Any

import cv2
import numpy as np
import pytest

from graingraph.app.rendering.overlays import draw_overlays
from graingraph.engine.batch.image_job import Pictures
from graingraph.engine.declare import node as node_module
from graingraph.engine.declare.node import node
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import ClassMap, Image, Labels, PixelClass
from tests.support.recipes import chain

BLUE, ORANGE = PixelClass("colony", "#4a90d9"), PixelClass("basketweave", "#ff9f0a")


def overlays(recipe: Recipe, pixels: np.ndarray) -> Pictures:
    return draw_overlays(Evaluation(recipe, ImageSet.of_arrays({"a": pixels})), "a")


def picture(data: bytes) -> np.ndarray:
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB).astype(int)


def near(found: np.ndarray, wanted: Any) -> bool:
    return bool((np.abs(found - np.array(wanted)) < 12).all())


@pytest.fixture
def square() -> np.ndarray:
    pixels = np.full((120, 160), 60, np.uint8)
    pixels[48:80, 64:112] = 200
    return pixels


@pytest.fixture
def cropped() -> Recipe:
    made = chain(("Load", "Crop", "Filter", "Threshold", "LabelFeatures", "MeasureFeatures"))
    for side, length in {"x": 32, "y": 24, "width": 112, "height": 80}.items():
        made = made.with_setting("crop", side, length)
    return made


def test_features_of_a_crop_are_drawn_in_place_over_what_the_crop_left(square: np.ndarray, cropped: Recipe):
    files, notes = overlays(cropped, square)
    assert (list(files), notes) == (["overlays/a.jpg"], ())
    drawn = picture(files["overlays/a.jpg"])
    assert drawn.shape == (80, 112, 3)
    coloured = np.ptp(drawn, axis=2) > 60  # the micrograph is grey
    rows, columns = np.nonzero(coloured)
    found = [rows.min(), rows.max(), columns.min(), columns.max()]
    assert np.abs(np.array(found) - [24, 55, 32, 79]).max() <= 2
    assert not coloured[32:48, 48:64].any()


def test_features_are_drawn_over_the_micrograph_and_not_over_what_a_filter_made_of_it(
    square: np.ndarray, cropped: Recipe
):
    drawn = picture(overlays(cropped.with_setting("filter", "sigma", 20.0), square)[0]["overlays/a.jpg"])
    assert near(drawn[36:44, 52:60], 200)  # which a filter so wide makes much darker


def test_classes_are_coloured_half_transparent_over_the_micrograph(square: np.ndarray, registry: None):
    (data,) = overlays(chain(("Load", "HalfAndHalf", "AreaFraction")), square)[0].values()
    drawn = picture(data)
    assert near(drawn[8:40, 8:56], (np.array(BLUE.rgb) + 60) / 2)
    assert near(drawn[56:72, 88:104], (np.array(ORANGE.rgb) + 200) / 2)
    assert near(drawn[104:112, 8:152], 60)  # unlabelled


def test_features_keep_the_first_name_where_classes_are_measured_too(square: np.ndarray, registry: None):
    made = chain(("Load", "HalfAndHalf", "AreaFraction"))
    other = chain(("Load", "Threshold", "LabelFeatures", "MeasureFeatures"))
    both, _ = made.paste(other)
    files, _ = overlays(both, square)
    assert sorted(files) == ["overlays/a.jpg", "overlays/a_half_and_half.jpg"]
    assert near(picture(files["overlays/a.jpg"])[104:112, 8:152], 60)
    assert near(picture(files["overlays/a.jpg"])[8:40, 8:56], 60)


def test_features_of_another_size_than_every_image_are_a_remark(square: np.ndarray, registry: None):
    files, notes = overlays(chain(("Load", "Odd", "MeasureFeatures")), square)
    assert not files
    assert notes == ("There is no overlay of odd: no image of its size leads to it.",)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two nodes more: one that gives classes, and one whose features have a size of their own."""
    monkeypatch.setattr(node_module, "REGISTRY", dict(node_module.REGISTRY))

    @node("HalfAndHalf", category="Test")
    def half_and_half(image: Image) -> ClassMap:
        """Classes left and right, and nothing at the bottom."""
        pixels = np.zeros(image.shape, np.uint8)
        pixels[:, image.shape[1] // 2 :] = 1
        pixels[96:] = 255
        return ClassMap(pixels, classes=(BLUE, ORANGE))

    @node("Odd", category="Test")
    def odd(image: Image) -> Labels:
        """Features of another size."""
        return Labels(np.ones((7, 9), np.int32), count=1)
