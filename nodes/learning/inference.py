"""Applying a model to a picture of any size and depth, tile by tile."""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.context import Context
from engine.problem import Problem
from engine.values import ClassMap, Image, Model, Probabilities
from nodes.learning.backends import Runner, chosen, open_runner, open_session
from nodes.learning.card import Card
from nodes.learning.familiarity import match_exposure, unlike_training, unsure_note
from nodes.learning.foreign import fixed_size, to_probabilities
from nodes.learning.model_file import read_card
from nodes.learning.settings import STRIDE
from nodes.learning.targets import network_size, resize, to_channels, unit_range
from nodes.learning.tiles import Plan, plan

TILE = 512
FOREIGN_STRIDE = 32
MOST_PIXELS = 200_000_000

MATCHED = "This image is exposed unlike the training images; its grey levels were matched to theirs."


@dataclass(frozen=True)
class Engine:
    """A loaded model: its card, the function that runs it, and the tile size it insists on, if any."""

    card: Card
    runner: Runner
    fixed: tuple[int, int] | None
    batch: int


def load(model: Model, processor: str = "automatic") -> Engine:
    """Load a model for a processor; the last few stay loaded."""
    if not model.path.is_file():
        raise Problem(f"The model file {model.path.name} is missing; put it back or choose another model.")
    card = read_card(model.path)
    kind = chosen(processor)
    fixed = None if card.ours else fixed_size(open_session(model.path))
    return Engine(card, open_runner(model.path, model.hash, kind), fixed, 8 if kind.startswith("CUDA") else 1)


def network_pixels(image: Image, card: Card, magnification: float = 1.0) -> np.ndarray:
    """The picture as the network takes it: float32 (h, w, channels), 0 to 1, size factor and magnification applied."""
    shape = network_size(image.shape, card.size_factor * magnification)
    if shape[0] * shape[1] > MOST_PIXELS:
        raise Problem(f"Magnified {magnification:g} times the image has {shape[1]} × {shape[0]} px; choose less.")
    return resize(to_channels(unit_range(image), card.channels), shape)


def plan_for(engine: Engine, shape: tuple[int, int], tile: int = TILE, overlap: int = 96) -> Plan:
    """The tiles for a picture of this shape at the network's size."""
    if engine.fixed:
        height, width = engine.fixed
        fitted = plan(shape, engine.fixed, overlap, stride=1)
        if (fitted.rows.tile, fitted.columns.tile) == engine.fixed:
            return fitted
        padded = max(shape[0], height), max(shape[1], width)
        return plan(padded, engine.fixed, overlap, stride=1)
    return plan(shape, (tile, tile), overlap, STRIDE if engine.card.ours else FOREIGN_STRIDE)


def padded_planes(pixels: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Pixels (h, w, c) as contiguous planes (c, H, W), mirrored below and to the right up to ``shape``."""
    bottom, right = shape[0] - pixels.shape[0], shape[1] - pixels.shape[1]
    if bottom or right:
        pixels = cv2.copyMakeBorder(pixels, 0, bottom, 0, right, cv2.BORDER_REFLECT).reshape(*shape, -1)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def probability_planes(
    engine: Engine, pixels: np.ndarray, context: Context, tile: int = TILE, overlap: int = 96
) -> np.ndarray:
    """Class probabilities float32 (C, h, w) of pixels float32 (h, w, c) at the network's size."""
    height, width = pixels.shape[:2]
    tiles = plan_for(engine, (height, width), tile, overlap)
    planes = padded_planes(pixels, tiles.padded)
    total = np.zeros((len(engine.card.classes), *tiles.padded), np.float32)
    places = tiles.places()
    batch, done = engine.batch, 0
    while done < len(places):
        context.check(done / len(places), f"Tile {done + 1} of {len(places)}")
        now = places[done : done + batch]
        try:
            results = _run(engine, np.stack([tiles.cut(planes, place) for place in now]))
        except Exception as error:
            if batch == 1 or not _out_of_memory(error):
                raise
            batch //= 2
            continue
        for place, result in zip(now, results, strict=True):
            tiles.join(total, place, result)
        done += len(now)
    return total[:, :height, :width]


def _run(engine: Engine, batch: np.ndarray) -> np.ndarray:
    result = engine.runner(batch)
    return result if engine.card.ours else to_probabilities(result, engine.card.settings["output"])


def _out_of_memory(error: Exception) -> bool:
    text = str(error).lower()
    return isinstance(error, MemoryError) or "memory" in text or "alloc" in text


def class_indices(planes: np.ndarray) -> np.ndarray:
    """Index of the largest of the planes (C, h, w) at each pixel, uint8 (h, w); the first wins a tie."""
    best = planes[0].copy()
    index = np.zeros(best.shape, np.uint8)
    for number, plane in enumerate(planes[1:], start=1):
        better = plane > best
        index[better] = number
        np.maximum(best, plane, out=best)
    return index


def segment(
    image: Image,
    model: Model,
    *,
    magnification: float = 1.0,
    processor: str = "automatic",
    tile: int = TILE,
    overlap: int = 96,
    context: Context,
) -> tuple[Probabilities, ClassMap]:
    """Class probabilities and class map of an image, at the image's own size.

    Notes on the result say where the image is unlike the training images and how much the network is unsure of.
    """
    engine = load(model, processor)
    card = engine.card
    seen = network_pixels(image, card, magnification)
    pixels = match_exposure(seen, card.statistics)
    planes = probability_planes(engine, pixels, context, tile, overlap)
    context.check(1.0, "Joining")
    unsure = unsure_note(planes, card.statistics)
    if planes.shape[1:] != image.shape:
        planes = np.stack([resize(np.ascontiguousarray(plane), image.shape) for plane in planes])
    classes = ClassMap(class_indices(planes), image.scale, card.classes)
    probabilities = Probabilities(cv2.merge(list(planes)), image.scale, card.classes)
    matched = () if pixels is seen else (MATCHED,)
    for note in (*matched, *unlike_training(pixels, card.statistics), *unsure):
        probabilities, classes = probabilities.with_note(note), classes.with_note(note)
    return probabilities, classes
