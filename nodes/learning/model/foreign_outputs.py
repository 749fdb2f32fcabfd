"""Which outputs of a model from elsewhere are maps of a picture, and which of them is the map of classes.

Models also give vectors, heads that only their training needs, outlines, distances, or how sure they are.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED
from graingraph.nodes.learning.model.backends import plain_reason
from graingraph.nodes.learning.model.foreign_form import FLOATS, Form, form_of
from graingraph.nodes.learning.model.foreign_reading import Output

STRIDES = {32: 96, 64: 64, 128: 128, 256: 256}
"""What the sides of a picture may have to be multiples of, and a side (px) that is one and no multiple of the next."""
ADDS_UP = 0.02
"""How far from 1 probabilities may add up to that were rounded to 8 bits."""
AUXILIARY = "aux"
"""In the name of an output: a head for training, as torchvision and whoever builds on it call them."""
SAME = 0.99
"""The part of the pixels in which class numbers are those of the largest plane; near ties they may differ."""


class PictureMap(NamedTuple):
    """An output that is a map: its planes float32 (1, C, h, w) of a picture of noise, and how they look to be meant."""

    planes: np.ndarray
    kind: Output


class Outputs(NamedTuple):
    """The maps that a model gives of a picture, by name, and what its sides have to be multiples of."""

    maps: dict[str, PictureMap]
    stride: int


def outputs_of(session: Any, name: str) -> Outputs:
    """What a model gives for a picture of noise; ``Problem`` with the reason where no output is a map of it."""
    form = form_of(session, name)
    if form.size:
        return Outputs(_maps(session, name, form, form.size), 1)
    first: Problem | None = None
    for stride, side in STRIDES.items():
        try:
            return Outputs(_maps(session, name, form, (side, side)), stride)
        except Problem as problem:
            first = first or problem
    assert first is not None
    raise first


def map_of_classes(maps: Mapping[str, PictureMap]) -> str | None:
    """The name of the map that is of classes, None where a person has to say it.

    Heads for training come after the others, and planes before the class numbers made of them. Of several maps of one
    kind and as many planes, as deep supervision gives, it is the first.
    """
    names = [name for name in maps if AUXILIARY not in name.lower()] or list(maps)
    first = maps[names[0]]
    numbers = [name for name in names if _are_numbers(maps[name].planes)]
    if len(numbers) == 1 < len(names):
        others = [name for name in names if name not in numbers]
        scores = [name for name in others if _same_classes(maps[name].planes, maps[numbers[0]].planes)]
        if scores:
            return scores[0]
        return numbers[0] if all(maps[name].planes.shape[1] == 1 for name in others) else None
    alike = all(maps[name].kind == first.kind or _same_largest(maps[name], first) for name in names)
    return names[0] if alike and all(maps[name].planes.shape == first.planes.shape for name in names) else None


def output_kind(result: np.ndarray) -> Output:
    """How a model's output (n, C, h, w) for a picture of noise looks to be meant."""
    unit = bool(result.min() >= -1e-4 and result.max() <= 1 + 1e-4)
    one = result.shape[1] == 1
    if one and not unit and result.min() >= 0 and bool((result == np.round(result)).all()):
        return "sigmoids to 255" if set(np.unique(result)) == {0, 255} else "class numbers"
    if unit:
        adds_up = not one and np.allclose(result.sum(axis=1), 1, atol=ADDS_UP)
        return "probabilities" if adds_up else "sigmoids"
    return "sigmoid scores" if one else "scores"


def _are_numbers(planes: np.ndarray) -> bool:
    return planes.shape[1] == 1 and bool((planes == np.round(planes)).all())


def _same_classes(planes: np.ndarray, numbers: np.ndarray) -> bool:
    return planes.shape[1] > 1 and bool(np.mean(planes.argmax(axis=1) == numbers[:, 0]) >= SAME)


def _same_largest(one: PictureMap, other: PictureMap) -> bool:
    return _same_classes(one.planes, other.planes.argmax(axis=1)[:, None])


def _maps(session: Any, name: str, form: Form, size: tuple[int, int]) -> dict[str, PictureMap]:
    """The maps that a model gives of a picture of noise of this size; ``Problem`` where there is none."""
    noise = np.random.default_rng(0).random((1, form.channels, *size), dtype=np.float32)
    try:
        results = session.run(None, {form.name: form.given(noise * 255 if form.grey_levels else noise)})
    except Exception as error:  # ONNX Runtime raises types of its own, one for each kind of failure
        raise Problem(
            f"{name} cannot be used: it fails on a picture of {size[1]}×{size[0]} px ({plain_reason(error)})."
        ) from None
    maps: dict[str, PictureMap] = {}
    faults = []
    for output, result in zip(session.get_outputs(), results, strict=True):
        planes = form.planes(result, noise) if isinstance(result, np.ndarray) else np.empty(0)
        if fault := _fault(planes, size):
            faults.append(fault)
        else:
            whole = output.type not in FLOATS and planes.shape[1] == 1
            kind = output_kind(planes)
            maps[output.name] = PictureMap(planes, "class numbers" if whole and kind != "sigmoids to 255" else kind)
    if not maps:
        raise Problem(f"{name} cannot be used: {faults[0]}.")
    return maps


def _fault(planes: np.ndarray, size: tuple[int, int]) -> str:
    """Why an output is no map of a picture of this size; empty where it is one."""
    if planes.ndim != 4 or planes.shape[2:] != size:
        return (
            f"for a picture of {size[1]}×{size[0]} px it gives shape {planes.shape}, not one plane a class of the same "
            "size; export it so"
        )
    if not np.isfinite(planes).all():
        return (
            "for a picture of grey levels from 0 to 1 it gives NaN or infinite numbers; check how it was exported, or "
            "choose another model"
        )
    if planes.shape[1] >= UNLABELLED:
        return (
            f"it gives {planes.shape[1]} planes, and at most {UNLABELLED - 1} classes are told apart; export it with "
            "fewer classes"
        )
    return ""
