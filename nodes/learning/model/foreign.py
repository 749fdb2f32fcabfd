"""Models from elsewhere: which ONNX files can be applied, and how their output is read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import lcm
from typing import Any

import numpy as np
import orjson

from graingraph.engine.problem import Problem
from graingraph.engine.values import PixelClass
from graingraph.engine.values.classes import color_of
from graingraph.nodes.learning.model.archive import class_names
from graingraph.nodes.learning.model.card import Card
from graingraph.nodes.learning.model.foreign_directions import pointing
from graingraph.nodes.learning.model.foreign_form import Form, form_of
from graingraph.nodes.learning.model.foreign_outputs import Outputs, PictureMap, map_of_classes, outputs_of
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

SMALLER = (
    "The model gives one value for {times} × {times} px, which is enlarged bilinearly, so that outlines are no finer "
    "than that."
)
GUESSED = {
    "scores": "Its {planes} planes look like scores of classes and are read so; if a pixel may be of none of them "
    "(sigmoid scores), or they are something else, set how its output is read.",
    "sigmoids": "Its {planes} planes look like sigmoids, of none of which a pixel may be, and are read so; if they are "
    "something else, set how its output is read.",
}
"""By how the planes of a foreign model look to be meant, what is said of it where nobody has said it."""


def foreign_card(session: Any, name: str) -> Card:
    """A card made from the shapes of a model; ``Problem`` with the reason when it cannot segment a picture.

    It fits when it takes one picture batch of floats or whole numbers with 1 or 3 channels and gives one plane a class,
    of the same size or a whole number of times smaller, or class numbers. All its outputs of that kind are told;
    "output name" is "" where a person has to say which is of classes.
    """
    form, outputs = form_of(session, name), outputs_of(session, name)
    maps, names = _without_directions(session, form, outputs, name), _names(session)
    taken = None if outputs.lists else map_of_classes(maps)
    settings: dict[str, Any] = {
        "maps": {output: _seen(planes) for output, planes in maps.items()},
        "lists": {output: " × ".join(map(str, shape)) for output, shape in outputs.lists.items()},
        "output name": taken or "",
        "stride": outputs.stride,
    }
    if form.grey_levels:
        settings["grey levels"] = form.grey_levels
    if names:
        settings["class names"] = names
    card = Card((), channels=form.channels, settings=settings, ours=False)
    read = read_as(card, AS_IT_LOOKS._replace(output_name=taken or next(iter(maps))), name)
    card = read if taken else replace(card, classes=read.classes)
    return replace(card, note=" ".join([NOT_OURS, *how_it_is_read(card)]))


def _without_directions(session: Any, form: Form, outputs: Outputs, name: str) -> dict[str, PictureMap]:
    """The maps that may be of classes; ``Problem`` where there are only ones that point somewhere."""
    unbounded = ("scores", "sigmoid scores")
    if not any(one.kind in unbounded for one in outputs.maps.values()):
        return outputs.maps
    found = pointing(session, form, outputs.size)
    maps = {output: one for output, one in outputs.maps.items() if not (one.kind in unbounded and output in found)}
    if not maps:
        output, planes = next(iter(found.items()))
        told = ", ".join(str(plane + 1) for plane in planes)
        raise Problem(
            f"{name} cannot be used: planes of its output {output} ({told}) change their sign where the picture is "
            "turned by half a turn, so they point somewhere, as to the middle of a cell (Cellpose), and are no scores "
            "of classes; export it so that it gives one plane a class."
        )
    return maps


def read_as(card: Card, reading: ForeignReading, name: str) -> Card:
    """The card of a foreign model whose output is read as a person says, and else as it looks.

    ``Problem`` where its planes cannot be read so, or where it has several outputs and nothing says which is meant.
    """
    maps, wanted = card.settings["maps"], reading.output_name or card.settings["output name"]
    if wanted not in maps:
        raise Problem(f"{name} {_which(card, wanted)}.")
    seen = maps[wanted]
    kind, planes = reading.output or seen["output"], seen["planes"]
    if kind == "class numbers" and planes > 1:
        raise Problem(f"The model gives {planes} planes, one a class, and no class numbers; choose another output.")
    if kind in ("probabilities", "scores") and planes == 1:
        raise Problem("The model gives one plane, not one a class; choose sigmoids or class numbers as its output.")
    count = _classes_of(kind, planes, reading.classes or seen["numbers"])
    named = _named(card.settings.get("class names", ()), count)
    stride = lcm(card.settings["stride"], seen["times"])
    said = {"output name": wanted, "output": kind, "times": seen["times"], "stride": stride}
    return replace(card, classes=named, settings={**card.settings, **said})


def _which(card: Card, wanted: str) -> str:
    """Why it is not known which output of a model is read, and what to do."""
    maps = _told(card.settings["maps"])
    if wanted:
        return f"has no map of a picture that is called '{wanted}'; set which output is read: {maps}"
    lists = ", ".join(f"{output} ({shape})" for output, shape in card.settings["lists"].items())
    if lists:
        return (
            f"gives lists, {lists}, that may put objects together from its planes, which are no classes then; if each "
            f"is one all the same, set which output is read: {maps}"
        )
    return f"gives several maps of a picture; set which output is read: {maps}"


def _seen(one: PictureMap) -> dict[str, Any]:
    """What a card says of a map: how it looks to be meant, its planes, how many classes its numbers count, and how many
    times smaller than the picture it is."""
    numbers = int(one.planes.max()) + 1 if one.kind == "class numbers" else 2
    return {"output": one.kind, "planes": one.planes.shape[1], "numbers": numbers, "times": one.times}


def how_it_is_read(card: Card, reading: ForeignReading = AS_IT_LOOKS) -> list[str]:
    """Sentences on what of a foreign model is read and how, as far as that is not plain or a person has said it."""
    maps, taken = card.settings["maps"], card.settings["output name"]
    if not taken:
        return [f"The model {_which(card, '')}."]
    sentences = []
    if len(maps) > 1:
        sentences.append(f"Of the maps of a picture that the model gives, {_told(maps)}, {taken} is read.")
    planes, kind, times = maps[taken]["planes"], card.settings["output"], card.settings["times"]
    if planes > 1 and reading.output is None and kind != "probabilities":
        sentences.append(GUESSED[kind].format(planes=planes))
    if times > 1:
        sentences.append(SMALLER.format(times=times))
    return sentences


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
