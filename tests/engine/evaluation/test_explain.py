"""What state a node is in, and how a duration is said: the same on a node, in a batch and in a training."""

import numpy as np
import pytest

from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.explain import seconds_text, why
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import NotWired
from tests.support.recipes import chain


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0002, "1 ms"),
        (0.84, "840 ms"),
        (0.9999, "1.0 s"),
        (9.96, "10 s"),
        (42, "42 s"),
        (89.6, "1 min 30 s"),
        (200, "3 min 20 s"),
        (3599.8, "1 h 0 min"),
        (7500, "2 h 5 min"),
    ],
)
def test_durations_read_well(seconds: float, words: str):
    assert seconds_text(seconds) == words


def test_a_node_that_is_not_wired_yet_has_not_failed():
    recipe, node = chain(("Load",)).add("Filter", (0.0, 0.0))
    evaluation = Evaluation(recipe, ImageSet.of_arrays({"a": np.zeros((8, 8), np.uint8)}))
    with pytest.raises(NotWired):
        evaluation.outputs(node, "a")
    state = why(evaluation, node, "a")
    assert (state.name, state.sentence) == ("not computed", "Its input image is not wired; connect something to it.")
