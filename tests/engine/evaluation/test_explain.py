"""How a duration is said, the same on a node, in a batch and in a training."""

import pytest

from graingraph.engine.evaluation.explain import seconds_text


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
