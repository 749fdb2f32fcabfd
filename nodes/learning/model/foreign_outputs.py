"""Which outputs of a model from elsewhere are maps of a picture, and which of them is the map of classes.

Models also give vectors, heads that only their training needs, outlines, distances, or how sure they are.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED
from graingraph.nodes.learning.model.backends import plain_reason
from graingraph.nodes.learning.model.foreign_form import FLOATS, STRIDES, Form, form_of
from graingraph.nodes.learning.model.foreign_reading import Output
from graingraph.nodes.learning.model.foreign_size import times_smaller

ADDS_UP = 0.02
"""How far from 1 probabilities may add up to that were rounded to 8 bits."""
AUXILIARY = "aux"
"""In the name of an output: a head for training, as torchvision and whoever builds on it call them."""
SAME = 0.99
"""The part of the pixels in which class numbers are those of the largest plane; near ties they may differ."""


class PictureMap(NamedTuple):
    """An output that is a map: its planes float32 (1, C, h, w) of a picture of noise, how they look to be meant, and
    how many ``times`` smaller than the picture they are."""

    planes: np.ndarray
    kind: Output
    times: int = 1


class Outputs(NamedTuple):
    """What a model gives for a picture of noise: the ``maps`` of it by name, and the shapes of ``lists``, tables of
    more than one row, as of objects; the ``size`` (height, width) of the picture, and what its sides have to be
    multiples of."""

    maps: dict[str, PictureMap]
    lists: dict[str, tuple[int, ...]]
    size: tuple[int, int]
    stride: int


def outputs_of(session: Any, name: str) -> Outputs:
    """What a model gives for a picture of noise; ``Problem`` with the reason where no output is a map of it."""
    form = form_of(session, name)
    if form.size:
        return _outputs(session, name, form, form.size, 1)
    first: Problem | None = None
    for stride, side in STRIDES.items():
        try:
            return _outputs(session, name, form, (side, side), stride)
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
    alike = planes.shape[1] > 1 and planes.shape[2:] == numbers.shape[2:]
    return alike and bool(np.mean(planes.argmax(axis=1) == numbers[:, 0]) >= SAME)


def _same_largest(one: PictureMap, other: PictureMap) -> bool:
    return _same_classes(one.planes, other.planes.argmax(axis=1)[:, None])


def planes_of(session: Any, form: Form, picture: np.ndarray) -> dict[str, np.ndarray]:
    """What a model gives for one picture float32 (1, c, h, w), by the name of the output: planes float32 (1, C, h, w),
    or what is none as it is; nothing of an output that is no array of numbers."""
    given = session.run(None, {form.name: form.given(picture)})
    results = zip(session.get_outputs(), given, strict=True)
    numbers = {
        one.name: found for one, found in results if isinstance(found, np.ndarray) and found.dtype.kind in "fiub"
    }
    return {output: form.planes(result, picture) for output, result in numbers.items()}


def _outputs(session: Any, name: str, form: Form, size: tuple[int, int], stride: int) -> Outputs:
    """What a model gives for a picture of noise of this size; ``Problem`` where there is no map of it.

    Where a map is as large as the picture, smaller ones are what it was made of.
    """
    noise = np.random.default_rng(0).random((1, form.channels, *size), dtype=np.float32)
    try:
        results = planes_of(session, form, noise * 255 if form.grey_levels else noise)
    except Exception as error:  # ONNX Runtime raises types of its own, one for each kind of failure
        raise Problem(
            f"{name} cannot be used: it fails on a picture of {size[1]}×{size[0]} px ({plain_reason(error)})."
        ) from None
    types = {output.name: output.type for output in session.get_outputs()}
    faults = {output: _fault(planes, size) for output, planes in results.items()}
    maps: dict[str, PictureMap] = {}
    for output, planes in results.items():
        if not faults[output]:
            whole, kind = types[output] not in FLOATS and planes.shape[1] == 1, output_kind(planes)
            kind = "class numbers" if whole and kind != "sigmoids to 255" else kind
            maps[output] = PictureMap(planes, kind, times_smaller(size, planes.shape[2:]))
    if not maps:
        raise Problem(f"{name} cannot be used: {next(iter(faults.values()), 'it gives no numbers; export it so')}.")
    large = {output: one for output, one in maps.items() if one.times == 1}
    lists = {
        output: planes.shape for output, planes in results.items() if planes.ndim == 3 and min(planes.shape[1:]) > 1
    }
    return Outputs(large or maps, lists, size, stride)


def _fault(planes: np.ndarray, size: tuple[int, int]) -> str:
    """Why an output is no map of a picture of this size; empty where it is one."""
    if planes.ndim != 4 or len(planes) != 1 or not planes.size or not times_smaller(size, planes.shape[2:]):
        return (
            f"for a picture of {size[1]}×{size[0]} px it gives shape {planes.shape}, not one plane a class of the size "
            "of the picture, or of a half, a quarter or another whole part of it; export it so"
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
    if output_kind(planes) == "class numbers" and planes.max() >= UNLABELLED - 1:
        return (
            f"it gives class numbers to {planes.max():g}, and at most {UNLABELLED - 1} classes are told apart; export "
            "it with fewer classes, and not with numbers of objects"
        )
    return ""
