"""Models from elsewhere: which ONNX files can be applied, and how their output is read."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import orjson

from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, PixelClass
from graingraph.engine.values.classes import color_of
from graingraph.nodes.learning.model.archive import class_names
from graingraph.nodes.learning.model.backends import plain_reason
from graingraph.nodes.learning.model.card import Card
from graingraph.nodes.learning.model.foreign_form import FLOATS, form_of
from graingraph.nodes.learning.model.foreign_reading import GreyLevels, Output

IMAGENET_MEAN, IMAGENET_SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the grey levels, 0 to 1, of red, green and blue (as in torchvision, and whoever trains like it)."""

CLASS_NAMES = "graingraph.class_names"
"""The entry in the metadata of a foreign model where the names of its classes are kept that came with it (JSON)."""
NONE_OF_THEM = "none of them"
"""The class beside those that are told apart each for itself."""
PROBE = 64
TOLERANCE = 0.02
"""How far from 0 to 1 a probability may lie that was computed with few digits."""


def foreign_card(session: Any, name: str) -> Card:
    """A card made from the shapes of a model; ``Problem`` with the reason when it cannot segment a picture.

    It fits when it takes one picture batch of floats with 1 or 3 channels and gives one plane a class of the same size,
    or class numbers.
    """
    result = _probe(session, name)
    whole = session.get_outputs()[0].type not in FLOATS
    kind = "class numbers" if whole and result.shape[1] == 1 else output_kind(result)
    count = _classes_of(kind, result.shape[1], int(result.max()) + 1 if kind == "class numbers" else 0)
    names = _names(session)
    named = {"class names": names} if names else {}
    return Card(
        classes=_named(names, count),
        channels=form_of(session, name).channels,
        settings={"output": kind, "planes": result.shape[1], "output name": session.get_outputs()[0].name, **named},
        note="This model was not trained here: DeepSegment's settings say which grey levels it takes, 0 (black) to 1 "
        "(white) if nothing is said, and how its output is read.",
        ours=False,
    )


def read_as(card: Card, output: Output | None, classes: int = 0) -> Card:
    """The card of a foreign model whose output is read otherwise than it looks; ``classes`` of class numbers, 0 for as
    many as were seen. ``Problem`` where its planes cannot be read so.
    """
    kind, planes = output or card.settings["output"], int(card.settings["planes"])
    if kind == "class numbers" and planes > 1:
        raise Problem(f"The model gives {planes} planes, one a class, and no class numbers; choose another output.")
    if kind in ("probabilities", "scores") and planes == 1:
        raise Problem("The model gives one plane, not one a class; choose sigmoids or class numbers as its output.")
    known = len(card.classes) if card.settings["output"] == "class numbers" else 2
    count = _classes_of(kind, planes, classes or known)
    named = _named(card.settings.get("class names", ()), count)
    return replace(card, classes=named, settings={**card.settings, "output": kind})


def grey_levels(pixels: np.ndarray, levels: GreyLevels) -> np.ndarray:
    """Pixels float32 (h, w, c) from 0 to 1 as the numbers that a model takes."""
    if levels == "0 to 1":
        return pixels
    if levels == "0 to 255":
        return pixels * np.float32(255)
    if levels == "as for ImageNet":
        colour = pixels.shape[2] == 3
        mean, spread = (np.array(v if colour else np.mean(v), np.float32) for v in (IMAGENET_MEAN, IMAGENET_SPREAD))
    else:
        mean, spread = pixels.mean(axis=(0, 1)), pixels.std(axis=(0, 1)) + np.float32(1e-6)
    return np.asarray((pixels - mean) / spread, np.float32)


def _classes_of(kind: str, planes: int, numbers: int) -> int:
    """How many classes planes of this kind tell apart: with sigmoids, a pixel may also be none of them."""
    if kind == "class numbers":
        return max(2, numbers)
    return planes if kind in ("probabilities", "scores") else planes + 1


def _names(session: Any) -> list[str]:
    """The names of its classes that came with a model; none where they are not kept in it, or are none."""
    try:
        found = orjson.loads(session.get_modelmeta().custom_metadata_map.get(CLASS_NAMES, "[]"))
    except orjson.JSONDecodeError:
        return []
    return list(class_names(found))


def _named(names: Sequence[str], count: int) -> tuple[PixelClass, ...]:
    """So many classes: by the names that came with the model if they are as many, or else by numbers."""
    if len(names) == count - 1:
        names = [NONE_OF_THEM, *names]
    if len(set(names)) != count:
        names = [f"class {i}" for i in range(count)]
    return tuple(PixelClass(name, color_of(i)) for i, name in enumerate(names))


def output_shape(session: Any, name: str) -> tuple[int, ...]:
    """Shape (1, C, h, w) of what a model makes of a small picture; ``Problem`` when it cannot segment one."""
    return _probe(session, name).shape


def output_kind(result: np.ndarray) -> Output:
    """How a model's output (n, C, h, w) for a picture of noise looks to be meant."""
    unit = bool(result.min() >= -1e-4 and result.max() <= 1 + 1e-4)
    one = result.shape[1] == 1
    if one and not unit and result.min() >= 0 and bool((result == np.round(result)).all()):
        return "class numbers"
    if unit:
        adds_up = not one and np.allclose(result.sum(axis=1), 1, atol=1e-3)
        return "probabilities" if adds_up else "sigmoids"
    return "sigmoid scores" if one else "scores"


def to_probabilities(result: np.ndarray, kind: str, classes: int) -> np.ndarray:
    """A model's output (n, C, h, w) as probabilities (n, classes, h, w) that add up to 1.

    Of sigmoids, class 0 is none of them: as probable as the most probable of the others is not.
    """
    if kind == "probabilities":
        return result
    if kind == "scores":
        power = np.exp(result - result.max(axis=1, keepdims=True))
        return np.asarray(power / power.sum(axis=1, keepdims=True))
    if kind == "class numbers":
        highest = float(result.max())
        if not (0 <= highest < classes) or result.min() < 0:
            raise Problem(
                f"The model gives class number {highest:g}, where {classes} classes count to {classes - 1}; set how "
                "many classes it tells apart."
            )
        numbers = np.arange(classes, dtype=np.float32)[:, None, None]
        return np.asarray(np.abs(result - numbers) < 0.5, np.float32)
    chances = result if kind == "sigmoids" else 1 / (1 + np.exp(-result))
    all_of_them = np.concatenate([1 - chances.max(axis=1, keepdims=True), chances], axis=1)
    return np.asarray(all_of_them / all_of_them.sum(axis=1, keepdims=True))


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
    form = form_of(session, name)
    size = form.size or (PROBE, PROBE)
    noise = np.random.default_rng(0).random((1, form.channels, *size), dtype=np.float32)
    try:
        result = form.planes(session.run(None, {form.name: form.given(noise)})[0], noise)
    except Exception as error:  # ONNX Runtime raises types of its own, one for each kind of failure
        raise Problem(
            f"{name} cannot be used: it fails on a picture of {size[1]}×{size[0]} px ({plain_reason(error)})."
        ) from None
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
