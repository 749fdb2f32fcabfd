"""Whether a new model may take the place of the one before: by their scores on held-out images."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

from graingraph.app.document.training_facts import score_words
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.problem import Problem

SAME = 0.005
"""Scores that differ by less are the same."""


@dataclass(frozen=True)
class HeldOut:
    """What a model reached on images that it did not learn: means over its classes, 0 to 1; None for not scored."""

    iou: float | None
    boundary_f1: float | None
    images: frozenset[str]

    @property
    def overall(self) -> float | None:
        """Both scores as one."""
        known = [score for score in (self.iou, self.boundary_f1) if score is not None]
        return sum(known) / len(known) if known else None

    def __str__(self) -> str:
        if self.overall is None:
            return "not scored on held-out images"
        return f"{score_words(self.iou, self.boundary_f1)} on held-out images"


def doubts_about(before: str, after: str, folders: ModelFolders, *, stopped: bool) -> tuple[str, ...]:
    """Why a person should decide whether the model ``after`` takes the place of ``before`` (references of models).

    Empty where there was none, and where the new one is not worse on the same held-out images. Without scores to
    compare, a training that was ``stopped`` is doubted.
    """
    try:
        old, new = (_held_out(reference, folders) for reference in (before, after))
    except Problem:
        return ()  # the model before is not here, or says nothing: there is nothing to lose
    said = (
        f"The model before: {old}.",
        f"The new model, stopped early: {new}." if stopped else f"The new model: {new}.",
    )
    if old.overall is None or new.overall is None:
        return ("Nothing tells which of the two models is better.", *said) if stopped else ()
    if new.overall >= old.overall - SAME:
        return ()
    others = () if old.images == new.images else ("They were scored on different images.",)
    return ("The new model is worse than the one that the recipe has.", *said, *others)


def _held_out(reference: str, folders: ModelFolders) -> HeldOut:
    """The scores of a model. ``Problem`` where there is none, or it cannot be read."""
    from graingraph.nodes.learning.model.file import read_card

    card = read_card(folders.resolve(reference).path)
    return HeldOut(_mean(card.scores, "iou"), _mean(card.scores, "boundary_f1"), frozenset(card.held_out.values()))


def _mean(scores: list[dict[str, Any]], name: str) -> float | None:
    known = [float(score[name]) for score in scores if score.get(name) is not None and isfinite(score[name])]
    return sum(known) / len(known) if known else None
