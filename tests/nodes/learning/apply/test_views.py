"""Mirror images: only what a model has learnt, and the same answer whichever way the picture is held."""

import numpy as np
import pytest

from graingraph.engine.declare.injected import Context
from graingraph.engine.values import Image
from graingraph.nodes.learn.deep_segment import deep_segment
from graingraph.nodes.learning.apply.segment import NOT_MIRRORED
from graingraph.nodes.learning.apply.views import AS_IT_IS, BACKWARDS, FORWARDS, mirror_images
from graingraph.nodes.learning.model.card import Card
from graingraph.nodes.learning.model.file import load_model
from tests.support.paths import GRAPHS


@pytest.mark.parametrize(
    ("rotation", "flips", "more"),
    [
        (True, True, [(BACKWARDS, BACKWARDS), (FORWARDS, BACKWARDS), (BACKWARDS, FORWARDS)]),
        (True, False, [(BACKWARDS, BACKWARDS)]),
        (False, True, [(FORWARDS, BACKWARDS)]),
        (False, False, []),
    ],
)
def test_only_what_the_training_showed_is_shown(rotation: bool, flips: bool, more: list) -> None:
    card = Card((), settings={"augmentations": {"rotation": rotation, "flips": flips}})
    assert mirror_images(card) == [AS_IT_IS, *more]
    assert len(mirror_images(Card(()))) == 4


def test_a_mirrored_image_is_segmented_as_the_image_is_and_progress_only_grows() -> None:
    model = load_model(next((GRAPHS / "models").glob("grain_boundary*.onnx")))
    pixels = np.random.default_rng(3).integers(0, 255, (128, 160, 3), dtype=np.uint8)
    told: list[float] = []
    context = Context(report=lambda fraction, message: told.append(fraction))
    found = [
        deep_segment(Image(np.ascontiguousarray(one)), model, mirrored=True, processor="CPU", context=context)
        for one in (pixels, pixels[:, ::-1], pixels[::-1])
    ]
    first = found[0].probabilities.pixels
    assert np.allclose(found[1].probabilities.pixels[:, ::-1], first, atol=1e-4)
    assert np.allclose(found[2].probabilities.pixels[::-1], first, atol=1e-4)
    assert np.allclose(first.sum(axis=2), 1, atol=1e-4)
    assert told[: len(told) // 3] == sorted(told[: len(told) // 3])


def test_a_model_for_which_up_and_left_matter_says_that_nothing_is_mirrored() -> None:
    model = load_model(next((GRAPHS / "models").glob("melt_pool*.onnx")))
    image = Image(np.random.default_rng(3).integers(0, 255, (64, 64), dtype=np.uint8))
    plain, asked = (
        deep_segment(image, model, mirrored=mirrored, processor="CPU", context=Context()) for mirrored in (False, True)
    )
    assert (plain.classes.pixels == asked.classes.pixels).all()
    assert NOT_MIRRORED in [note.text for note in asked.classes.notes]
    assert NOT_MIRRORED not in [note.text for note in plain.classes.notes]
