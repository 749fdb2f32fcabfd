"""Notes: the kind decides, the words are for people."""

import numpy as np
import pytest

from graingraph.engine.values import Mask
from graingraph.engine.values.notes import Note, gravest_first, of_kind, texts

SAID = (
    Note("advice", "Only 3 grains."),
    Note("incomplete", "b.png: It is bad."),
    Note("needs review", "it has changed."),
    Note("not reportable", "the network is open."),
)


def test_a_note_is_said_with_its_kind() -> None:
    assert texts((*SAID, *SAID)) == (
        "Only 3 grains.",
        "Left out: b.png: It is bad.",
        "needs review: it has changed.",
        "not reportable: the network is open.",
    )


def test_words_decide_nothing() -> None:
    words = [Note("advice", text) for text in texts(SAID)]
    assert of_kind(words, "advice") == tuple(words)
    assert of_kind(SAID, "needs review") == SAID[2:3]


def test_the_gravest_come_first_and_each_once() -> None:
    kinds = [note.kind for note in gravest_first((*SAID, *SAID))]
    assert kinds == ["not reportable", "incomplete", "needs review", "advice"]


def test_a_value_takes_each_note_once_and_a_sentence_as_advice() -> None:
    mask = Mask(np.zeros((2, 2), bool)).with_note("Few.", SAID[3]).with_note("Few.", Note("advice", "Few."))
    assert mask.notes == (Note("advice", "Few."), SAID[3])
    assert mask.with_note("Few.") is mask


def test_there_are_no_other_kinds() -> None:
    with pytest.raises(ValueError, match="no kind of note"):
        Note("grave", "What?")  # type: ignore[arg-type]
