"""Models from elsewhere: which ONNX files can be applied, and how their output is read."""

from typing import Any

import numpy as np

from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, PixelClass
from graingraph.nodes.learning.model.card import PALETTE, Card

PROBE = 64
TOLERANCE = 0.02
"""How far from 0 to 1 a probability may lie that was computed with few digits."""


def foreign_card(session: Any, name: str) -> Card:
    """A card made from the shapes of a model; ``Problem`` with the reason when it cannot segment a picture.

    It fits when it takes one float picture batch (N, 1 or 3, H, W) and gives floats (N, classes, H, W) of the same
    size.
    """
    result = _probe(session, name)
    classes = max(2, result.shape[1])
    return Card(
        classes=tuple(PixelClass(f"class {i}", PALETTE[i % len(PALETTE)]) for i in range(classes)),
        channels=int(session.get_inputs()[0].shape[1]),
        settings={"output": output_kind(result), "output name": session.get_outputs()[0].name},
        note="This model was not trained here: its grey levels are taken from 0 (black) to 1 (white).",
        ours=False,
    )


def output_shape(session: Any, name: str) -> tuple[int, ...]:
    """Shape (1, C, h, w) of what a model makes of a small picture; ``Problem`` when it cannot segment one."""
    return _probe(session, name).shape


def fixed_size(session: Any) -> tuple[int, int] | None:
    """Height and width that a model insists on, or None when any will do."""
    height, width = session.get_inputs()[0].shape[2:]
    return (int(height), int(width)) if isinstance(height, int) and isinstance(width, int) else None


def output_kind(result: np.ndarray) -> str:
    """How a model's output (n, C, h, w) is read: "probabilities", "scores" (softmax) or "selected" (one plane)."""
    unit = bool(result.min() >= -1e-4 and result.max() <= 1 + 1e-4)
    if result.shape[1] == 1:
        return "selected probability" if unit else "selected score"
    adds_up = unit and np.allclose(result.sum(axis=1), 1, atol=1e-3)
    return "probabilities" if adds_up else "scores"


def to_probabilities(result: np.ndarray, kind: str) -> np.ndarray:
    """A model's output (n, C, h, w) as probabilities (n, C', h, w) that add up to 1."""
    if kind == "probabilities":
        return result
    if kind == "scores":
        power = np.exp(result - result.max(axis=1, keepdims=True))
        return np.asarray(power / power.sum(axis=1, keepdims=True))
    chance = result if kind == "selected probability" else 1 / (1 + np.exp(-result))
    return np.concatenate([1 - chance, chance], axis=1)


def require_probabilities(result: np.ndarray, name: str) -> np.ndarray:
    """The probabilities (n, C, h, w) that a model gives; ``Problem`` where some are none (bf16 may be off by 1 %)."""
    low, high = float(result.min()), float(result.max())  # NaN if one is
    if not (low >= -TOLERANCE and high <= 1 + TOLERANCE):
        raise Problem(
            f"The model {name} gives numbers from {low:.3g} to {high:.3g} for this image, which are no probabilities; "
            "check how it was exported, or choose another model."
        )
    return result


def _probe(session: Any, name: str) -> np.ndarray:
    """The model's output (1, C, h, w) for a picture of noise."""
    inputs = session.get_inputs()
    if len(inputs) != 1:
        raise Problem(f"{name} cannot be used: it has {len(inputs)} inputs, where one picture is needed.")
    shape = inputs[0].shape
    if len(shape) != 4 or shape[1] not in (1, 3):
        raise Problem(f"{name} cannot be used: its input has shape {shape}, not (N, 1 or 3, height, width).")
    if inputs[0].type != "tensor(float)":
        raise Problem(f"{name} cannot be used: it takes {inputs[0].type}, where tensor(float) is needed.")
    size = fixed_size(session) or (PROBE, PROBE)
    noise = np.random.default_rng(0).random((1, int(shape[1]), *size), dtype=np.float32)
    try:
        result = session.run(None, {session.get_inputs()[0].name: noise})[0]
    except Exception as error:  # ONNX Runtime raises types of its own, one for each kind of failure
        raise Problem(
            f"{name} cannot be used: it fails on a picture of {size[1]}×{size[0]} px ({_first(error)})."
        ) from None
    if result.dtype.kind in "iub":
        raise Problem(
            f"{name} cannot be used: it gives class numbers, not one plane a class; export it without the final ArgMax."
        )
    if result.ndim != 4 or result.shape[2:] != size:
        raise Problem(
            f"{name} cannot be used: for a picture of {size[1]}×{size[0]} px it gives shape {result.shape}, "
            "not one plane a class of the same size."
        )
    if not np.isfinite(result).all():
        raise Problem(
            f"{name} cannot be used: for a picture of grey levels from 0 to 1 it gives NaN or infinite numbers; check "
            "how it was exported, or choose another model."
        )
    if result.shape[1] >= UNLABELLED:
        raise Problem(
            f"{name} cannot be used: it gives {result.shape[1]} planes, and at most {UNLABELLED - 1} classes are "
            "told apart; export it with fewer classes."
        )
    return np.asarray(result)


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
