"""What a model gives as probabilities: read as its planes are meant, and refused where they are none."""

import numpy as np

from graingraph.engine.problem import Problem
from graingraph.nodes.learning.model.card import Card
from graingraph.nodes.learning.model.foreign_reading import Output
from graingraph.nodes.learning.model.foreign_size import enlarged

TOLERANCE = 0.02
"""How far from 0 to 1 a probability may lie that was computed with few digits (bf16 may be off by 1 %)."""
EACH_FOR_ITSELF = ("sigmoids", "sigmoids to 255", "sigmoid scores")
"""Readings by which a pixel may be of none of the classes."""


def to_probabilities(result: np.ndarray, card: Card, size: tuple[int, int], name: str) -> np.ndarray:
    """What the model of this card and name gives, (n, C, h, w), as probabilities (n, classes, H, W) for pictures of a
    size; ``Problem`` where its numbers are none.

    Scores are enlarged before they are made probabilities, class numbers after. Of sigmoids, class 0 is none of them:
    as probable as the most probable of the others is not.
    """
    kind: Output = "probabilities" if card.ours else card.settings["output"]
    chances = _chances(result, kind, len(card.classes), size)
    if not (chances.min() >= -TOLERANCE and chances.max() <= 1 + TOLERANCE):  # NaN if one is
        read, remedy = ("", "") if card.ours else (f", read as {kind},", "set how its output is read, ")
        raise Problem(
            f"The model {name} gives numbers from {chances.min():.3g} to {chances.max():.3g} for this image, "
            f"which{read} are no probabilities; {remedy}check how it was exported, or choose another model."
        )
    if kind not in EACH_FOR_ITSELF:
        return chances
    all_of_them = np.concatenate([1 - chances.max(axis=1, keepdims=True), chances], axis=1)
    return np.asarray(all_of_them / all_of_them.sum(axis=1, keepdims=True))


def _chances(result: np.ndarray, kind: Output, classes: int, size: tuple[int, int]) -> np.ndarray:
    """From 0 to 1, how probable what each plane stands for is."""
    if kind == "class numbers":
        return enlarged(_shares(result, classes), size)
    result = enlarged(result, size)
    if kind == "scores":
        power = np.exp(result - result.max(axis=1, keepdims=True))
        return np.asarray(power / power.sum(axis=1, keepdims=True))
    if kind == "sigmoid scores":
        with np.errstate(over="ignore"):  # of scores below -88, which are 0
            return np.asarray(1 / (1 + np.exp(-result)))
    return result / np.float32(255) if kind == "sigmoids to 255" else result


def _shares(numbers: np.ndarray, classes: int) -> np.ndarray:
    """Class numbers (n, 1, h, w) as 1 in the plane (n, classes, h, w) of the class and 0 in the others."""
    highest = float(numbers.max())
    if not (0 <= highest < classes) or numbers.min() < 0:
        raise Problem(
            f"The model gives class number {highest:g}, where {classes} classes count to {classes - 1}; choose class "
            f"numbers as 'output of a foreign model', and {highest + 1:g} or more as 'class count'."
        )
    each = np.arange(classes, dtype=np.float32)[:, None, None]
    return np.asarray(np.abs(numbers - each) < 0.5, np.float32)
