"""Models from elsewhere: which ONNX files can be applied, and how their output is read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import orjson

from graingraph.engine.problem import Problem
from graingraph.engine.values import PixelClass
from graingraph.engine.values.classes import color_of
from graingraph.nodes.learning.model.archive import class_names
from graingraph.nodes.learning.model.card import Card
from graingraph.nodes.learning.model.foreign_form import form_of
from graingraph.nodes.learning.model.foreign_outputs import PictureMap, map_of_classes, outputs_of
from graingraph.nodes.learning.model.foreign_reading import AS_IT_LOOKS, ForeignReading, GreyLevels

IMAGENET_MEAN, IMAGENET_SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the grey levels, 0 to 1, of red, green and blue (as in torchvision, and whoever trains like it)."""

CLASS_NAMES = "graingraph.class_names"
"""The entry in the metadata of a foreign model where the names of its classes are kept that came with it (JSON)."""
NONE_OF_THEM = "none of them"
"""The class beside those that are told apart each for itself."""
NOT_OURS = (
    "This model was not trained here: DeepSegment's settings say which grey levels it takes, 0 (black) to 1 (white) if "
    "nothing is said, and how its output is read."
)
TOLERANCE = 0.02
"""How far from 0 to 1 a probability may lie that was computed with few digits."""


def foreign_card(session: Any, name: str) -> Card:
    """A card made from the shapes of a model; ``Problem`` with the reason when it cannot segment a picture.

    It fits when it takes one picture batch of floats or bytes with 1 or 3 channels and gives one plane a class of the
    same size, or class numbers. All its outputs of that size are told; "output name" is "" where a person has to say
    which is of classes.
    """
    form, (maps, stride) = form_of(session, name), outputs_of(session, name)
    taken, names = map_of_classes(maps), _names(session)
    settings: dict[str, Any] = {
        "maps": {output: _seen(planes) for output, planes in maps.items()},
        "output name": taken or "",
        "stride": stride,
    }
    if form.grey_levels:
        settings["grey levels"] = form.grey_levels
    if names:
        settings["class names"] = names
    card = Card((), channels=form.channels, settings=settings, ours=False)
    card = replace(card, note=" ".join([NOT_OURS, *which_is_read(card)]))
    read = read_as(card, AS_IT_LOOKS._replace(output_name=taken or next(iter(maps))), name)
    return read if taken else replace(card, classes=read.classes)


def read_as(card: Card, reading: ForeignReading, name: str) -> Card:
    """The card of a foreign model whose output is read as a person says, and else as it looks.

    ``Problem`` where its planes cannot be read so, or where it has several outputs and nothing says which is meant.
    """
    maps, wanted = card.settings["maps"], reading.output_name or card.settings["output name"]
    if wanted not in maps:
        said = f"has no map of a picture that is called '{wanted}'" if wanted else "gives several maps of a picture"
        raise Problem(f"{name} {said}; set which output is read: {_told(maps)}.")
    seen = maps[wanted]
    kind, planes = reading.output or seen["output"], seen["planes"]
    if kind == "class numbers" and planes > 1:
        raise Problem(f"The model gives {planes} planes, one a class, and no class numbers; choose another output.")
    if kind in ("probabilities", "scores") and planes == 1:
        raise Problem("The model gives one plane, not one a class; choose sigmoids or class numbers as its output.")
    count = _classes_of(kind, planes, reading.classes or seen["numbers"])
    named = _named(card.settings.get("class names", ()), count)
    return replace(card, classes=named, settings={**card.settings, "output name": wanted, "output": kind})


def _seen(one: PictureMap) -> dict[str, Any]:
    """What a card says of a map: how it looks to be meant, its planes, and how many classes its numbers count."""
    numbers = int(one.planes.max()) + 1 if one.kind == "class numbers" else 2
    return {"output": one.kind, "planes": one.planes.shape[1], "numbers": numbers}


def which_is_read(card: Card) -> list[str]:
    """Of a model that gives several maps of a picture, a sentence on which is read; empty of any other."""
    maps, taken = card.settings["maps"], card.settings["output name"]
    if len(maps) == 1:
        return []
    if not taken:
        return [f"It gives several maps of a picture, {_told(maps)}; set which output is read."]
    return [f"Of the maps of a picture that the model gives, {_told(maps)}, {taken} is read."]


def _told(maps: Mapping[str, Any]) -> str:
    return ", ".join(f"{output} ({seen['planes']} plane{'s' * (seen['planes'] > 1)})" for output, seen in maps.items())


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


def to_probabilities(result: np.ndarray, kind: str, classes: int) -> np.ndarray:
    """A model's output (n, C, h, w) as probabilities (n, classes, h, w) that add up to 1.

    Of sigmoids, class 0 is none of them: as probable as the most probable of the others is not.
    """
    if kind == "probabilities":
        _require_read_so(result, kind)
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
    if kind == "sigmoid scores":
        chances = 1 / (1 + np.exp(-result))
    else:
        chances = result if kind == "sigmoids" else result / np.float32(255)
        _require_read_so(chances, kind)
    all_of_them = np.concatenate([1 - chances.max(axis=1, keepdims=True), chances], axis=1)
    return np.asarray(all_of_them / all_of_them.sum(axis=1, keepdims=True))


def _require_read_so(chances: np.ndarray, kind: str) -> None:
    if not _are_probabilities(chances):
        raise Problem(
            f"Read as {kind}, the model gives numbers from {chances.min():.3g} to {chances.max():.3g} for this image, "
            "which are no probabilities; set how its output is read, or check how it was exported."
        )


def _are_probabilities(result: np.ndarray) -> bool:
    """Whether all are finite and from 0 to 1, but for few digits."""
    return bool(result.min() >= -TOLERANCE and result.max() <= 1 + TOLERANCE)  # NaN if one is


def require_probabilities(result: np.ndarray, name: str) -> np.ndarray:
    """The probabilities (n, C, h, w) that a model gives; ``Problem`` where some are none (bf16 may be off by 1 %)."""
    if not _are_probabilities(result):
        raise Problem(
            f"The model {name} gives numbers from {result.min():.3g} to {result.max():.3g} for this image, which are "
            "no probabilities; check how it was exported, or choose another model."
        )
    return result
