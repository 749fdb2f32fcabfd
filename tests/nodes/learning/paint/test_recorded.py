"""A recorded model: what DeepSegment makes of an image is what the live map showed, whatever its size and tiles."""

from pathlib import Path

import numpy as np
import pytest

from graingraph.engine.declare.injected import Context
from graingraph.engine.values import Image, PixelClass
from graingraph.nodes.learn.deep_segment import deep_segment
from graingraph.nodes.learning.apply import segment as applying
from graingraph.nodes.learning.model.file import read_card
from graingraph.nodes.learning.model.network_input import at_size
from graingraph.nodes.learning.paint.classifier import PixelClassifier, learn, stroke_pixels
from graingraph.nodes.learning.paint.live_map import feature_stack, probability_planes
from graingraph.nodes.learning.paint.recorded import recorded_scores, write_classifier

CLASSES = (PixelClass("smooth"), PixelClass("rough"))


def two_textures(shape: tuple[int, int], dtype: type = np.uint8) -> Image:
    rng = np.random.default_rng(0)
    pixels = 120 + rng.normal(0, 5, shape)
    pixels[:, shape[1] // 2 :] += 40 * np.sin(np.arange(shape[0]))[:, None]
    top = np.iinfo(dtype).max
    return Image(np.clip(pixels * (top / 255), 0, top).astype(dtype), range=(0.0, float(top)))


def taught(image: Image, factor: float) -> PixelClassifier:
    stack = feature_stack(image, factor)
    labels = np.full(stack.size, 255, np.uint8)
    for row in range(10, stack.size[0] - 10, 40):
        labels[row : row + 4, 10:40] = 0
        labels[row : row + 4, -40:-10] = 1
    learnt = learn([stroke_pixels(labels, stack.fine, stack.texture, stack.spread, 2)], 2)
    assert learnt is not None
    return PixelClassifier(learnt.weights, learnt.bias, CLASSES, factor, ("a.png",), 0.25)


@pytest.mark.parametrize(
    ("shape", "factor", "dtype"),
    [((150, 203), 1.0, np.uint8), ((301, 402), 0.5, np.uint16), ((160, 240), 1.0, np.uint8)],
)
def test_deep_segment_finds_what_the_live_map_shows(
    tmp_path: Path, shape: tuple[int, int], factor: float, dtype: type
) -> None:
    image = two_textures(shape, dtype)
    classifier = taught(image, factor)
    shown = at_size(probability_planes(feature_stack(image, factor), classifier), shape)
    found = deep_segment(image, write_classifier(classifier, tmp_path), match_scale=False, context=Context())
    np.testing.assert_allclose(found.probabilities.pixels, shown, atol=1e-3)
    assert np.mean(found.classes.pixels[:, shape[1] // 2 + 20 :] == 1) > 0.97


def test_tiles_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = two_textures((64, 3000))
    model = write_classifier(taught(image, 1.0), tmp_path)
    whole = deep_segment(image, model, context=Context())
    monkeypatch.setattr(applying, "EXACT_TILE", 2080)
    tiled = deep_segment(image, model, tile=512, context=Context())
    assert len(applying.plan_for(applying.load(model), image.shape).places()) > 1
    np.testing.assert_allclose(tiled.probabilities.pixels, whole.probabilities.pixels, atol=1e-3)


def test_the_card_says_what_it_was_learnt_from(tmp_path: Path) -> None:
    model = write_classifier(taught(two_textures((96, 128)), 0.5), tmp_path, {"smooth": 0.97})
    card = read_card(model.path)
    assert card.ours
    assert [item.name for item in card.classes] == ["smooth", "rough"]
    assert (card.size_factor, card.um_per_px, list(card.images)) == (0.5, 0.25, ["a.png"])
    scores = recorded_scores(model)
    assert scores.headline == "97% right on held-back strokes of smooth only"
    assert np.isnan(scores.columns["Right on held-back strokes, rough"]).all()
