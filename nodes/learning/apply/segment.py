"""Applying a model to a picture of any size and depth, tile by tile."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from math import gcd
from pathlib import Path

import cv2
import numpy as np

from graingraph.engine import cpu
from graingraph.engine.declare.injected import Context
from graingraph.engine.problem import Cancelled, Problem, pass_on_ctrl_c
from graingraph.engine.values import ClassMap, Image, Model, Probabilities
from graingraph.engine.values.notes import Note
from graingraph.nodes.imaging.features.class_indices import class_indices
from graingraph.nodes.learning.apply.blank import blank_notes
from graingraph.nodes.learning.apply.exposure import as_learnt
from graingraph.nodes.learning.apply.familiarity import unlike_training
from graingraph.nodes.learning.apply.learnt_scale import to_learnt_size
from graingraph.nodes.learning.apply.tiles import Plan, plan
from graingraph.nodes.learning.apply.uncertainty import unsure_note
from graingraph.nodes.learning.apply.views import AS_IT_IS, mean_over, mirror_images
from graingraph.nodes.learning.model.backends import Runner, chosen, open_runner, open_session, plain_reason
from graingraph.nodes.learning.model.card import Card
from graingraph.nodes.learning.model.file import read_card
from graingraph.nodes.learning.model.foreign import grey_levels, how_it_is_read, read_as
from graingraph.nodes.learning.model.foreign_form import Form, form_of
from graingraph.nodes.learning.model.foreign_reading import AS_IT_LOOKS, ForeignReading
from graingraph.nodes.learning.model.foreign_size import times_smaller
from graingraph.nodes.learning.model.network_input import (
    STRIDE,
    at_size,
    network_size,
    picture_at,
    to_channels,
    unit_range,
)
from graingraph.nodes.learning.model.probabilities import to_probabilities

TILE = 512
EXACT_TILE = 3072
"""Side of the tiles of a model whose answer must not depend on them; most pictures are one such tile."""
MOST_PIXELS = 200_000_000
STRIP_PIXELS = 200_000
MOST_CALLERS = 8
"""Tiles computed at a time at most: each needs memory of its own."""
ALONE = 0.15
"""The part of the work on a tile that only one thread can do (measured: two threads take 0.58 of the time of one)."""

MATCHED = "This image is exposed unlike the training images; its grey levels were matched to theirs."

NOT_MIRRORED = (
    "Up and down, left and right mattered in the training of the model, so nothing is averaged over mirror images."
)

EVERYWHERE = (
    "The model finds {} everywhere; if that is wrong, set the grey levels that it takes and how its output is read, "
    "and look again (in a terminal: graingraph model FILE --try IMAGE -o PNG)."
)


@dataclass(frozen=True)
class Engine:
    """A loaded model.

    Its ``name`` and ``card``; ``opened(callers)`` gives the function that runs it for so many threads at once;
    ``fixed`` is the tile size it insists on, if any; ``batch`` tiles go through it together, and ``threads`` processors
    share the tiles.
    """

    card: Card
    opened: Callable[[int], Runner]
    fixed: tuple[int, int] | None
    batch: int = 1
    threads: int = 1
    name: str = "model"


def load(model: Model, processor: str = "automatic", foreign: ForeignReading = AS_IT_LOOKS) -> Engine:
    """Load a model for a processor, one from elsewhere as it is read; the last few stay loaded."""
    if not model.path.is_file():
        raise Problem(f"The model file {model.path.name} is missing; put it back or choose another model.")
    card = read_card(model.path)
    kind = "CPU" if card.reach else chosen(processor)
    opened: Callable[[int], Runner] = partial(open_runner, model.path, model.hash, kind)
    form = None if card.ours else _form(model.path, model.hash)
    if form is not None:
        card = read_as(card, foreign, model.path.name)
        opened = partial(open_runner, model.path, model.hash, kind, output=card.settings["output name"])
        opened = partial(_run_in, form, card.settings["times"], model.path.name, opened)
    batch, sharing = (8, 1) if kind.startswith("CUDA") else (1, cpu.threads())
    if form is not None and form.count:
        batch = form.count
    return Engine(card, opened, form.size if form else None, batch, sharing, model.path.name)


@lru_cache(maxsize=16)
def _form(path: Path, model_hash: str) -> Form:
    """The form of a model from elsewhere; what was read from a file before is known by its hash."""
    return form_of(open_session(path), path.name)


def _run_in(form: Form, times: int, name: str, opened: Callable[[int], Runner], callers: int) -> Runner:
    """Run a model from elsewhere on pictures (n, c, h, w) by the form it has; its planes are so many times smaller."""
    run = opened(callers)

    def runner(batch: np.ndarray) -> np.ndarray:
        result, size = form.planes(run(form.given(batch)), batch), batch.shape[2:]
        if result.ndim != 4 or len(result) != len(batch) or times_smaller(size, result.shape[2:]) != times:
            raise Problem(
                f"The model {name} gives shape {result.shape} for a tile of {size[1]} × {size[0]} px, and gave maps of "
                "another part of its size when it was opened; choose another size of tiles, or another model."
            )
        return result

    return runner


def network_pixels(image: Image, card: Card, magnification: float = 1.0) -> np.ndarray:
    """The picture as the network takes it: float32 (h, w, channels), 0 to 1, size factor and magnification applied."""
    shape = network_size(image.shape, card.size_factor * magnification)
    if shape[0] * shape[1] > MOST_PIXELS:
        raise Problem(
            f"The network would see {shape[1]} × {shape[0]} px, where {MOST_PIXELS // 10**6} megapixels are the most; "
            "choose a smaller magnification."
        )
    pixels = np.empty((*shape, card.channels), np.float32)
    for rows, given in _strips(image, shape):
        part = to_channels(unit_range(image.with_pixels(image.pixels[given])), card.channels)
        pixels[rows] = picture_at(part, (rows.stop - rows.start, shape[1]))
    return pixels


def _strips(image: Image, shape: tuple[int, int]) -> Iterator[tuple[slice, slice]]:
    """Rows of a smaller picture of ``shape``, and the rows of the image that they, and they alone, are averaged from.

    An image of floats is several times as large as its file; in strips it never exists as a whole. 16-bit pixels stay
    together, as where their white lies is read from all of them, and so does an image that is made larger.
    """
    height = image.shape[0]
    common = gcd(height, shape[0])
    if shape[0] >= height or image.pixels.dtype == np.uint16:
        common = 1
    given, rows = height // common, shape[0] // common
    count = max(1, STRIP_PIXELS // (given * image.shape[1]))
    for first in range(0, common, count):
        last = min(common, first + count)
        yield slice(first * rows, last * rows), slice(first * given, last * given)


def plan_for(engine: Engine, shape: tuple[int, int], tile: int = TILE, overlap: int = 96) -> Plan:
    """The tiles for a picture of this shape at the network's size."""
    times = 1 if engine.card.ours else engine.card.settings["times"]
    if engine.fixed:
        fitted = [one + -(-max(0, side - one) // times) * times for side, one in zip(shape, engine.fixed, strict=True)]
        return plan((fitted[0], fitted[1]), engine.fixed, overlap, stride=1, step=times)
    stride = STRIDE if engine.card.ours else engine.card.settings["stride"]
    if engine.card.reach:
        side = max(tile, EXACT_TILE)
        return plan(_multiples(shape, stride), (side, side), max(overlap, 4 * engine.card.reach), stride, step=stride)
    if times > 1:  # neighbouring tiles then have their values, each for several px, at the same places
        shape = _multiples(shape, stride)
    return plan(shape, (tile, tile), overlap, stride, step=times)


def _multiples(shape: tuple[int, int], stride: int) -> tuple[int, int]:
    height, width = (-(-side // stride) * stride for side in shape)
    return height, width


def padded(pixels: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Pixels (h, w, c) as planes (c, H, W), mirrored below and to the right up to ``shape``."""
    bottom, right = shape[0] - pixels.shape[0], shape[1] - pixels.shape[1]
    if bottom or right:
        pixels = cv2.copyMakeBorder(pixels, 0, bottom, 0, right, cv2.BORDER_REFLECT).reshape(*shape, -1)
    return pixels.transpose(2, 0, 1)


def probability_planes(
    engine: Engine, pixels: np.ndarray, context: Context, tile: int = TILE, overlap: int = 96
) -> np.ndarray:
    """Class probabilities float32 (C, h, w) of pixels float32 (h, w, c) at the network's size."""
    height, width = pixels.shape[:2]
    tiles = plan_for(engine, (height, width), tile, overlap)
    planes = padded(pixels, tiles.padded)
    total = np.zeros((len(engine.card.classes), *tiles.padded), np.float32)
    places = tiles.places()
    batch, callers, done = engine.batch, callers_for(len(places), engine.threads), 0
    context.check(0.0, f"Tile 1 of {len(places)}")
    while done < len(places):
        left = places[done:]
        try:
            for place, result in zip(left, _results(engine, tiles, planes, left, batch, callers), strict=True):
                tiles.join(total, place, result)
                done += 1
                if done < len(places):
                    context.check(done / len(places), f"Tile {done + 1} of {len(places)}")
        except _Failed as failed:  # most often memory runs out, which no library says in a way of its own
            if max(batch, callers) == 1:
                raise _refusal(engine.name, tiles.tile, failed.error) from None
            batch, callers = max(1, batch // 2), max(1, callers // 2)
    return total[:, :height, :width]


def callers_for(tiles: int, threads: int) -> int:
    """How many tiles to compute at a time on so many processors.

    Processors that share a tile wait for each other, and those that do not may be left idle by the last tiles.
    """

    def duration(callers: int) -> float:
        return -(-tiles // callers) * (ALONE + (1 - ALONE) / (threads // callers))

    return min(range(min(threads, tiles, MOST_CALLERS), 0, -1), key=duration)


def _results(
    engine: Engine, tiles: Plan, planes: np.ndarray, places: list[tuple[int, int]], batch: int, callers: int
) -> Iterator[np.ndarray]:
    """Probabilities (C, tile h, tile w) of the tiles at these places, in turn; what was not asked for is not begun."""
    with _running():
        run = engine.opened(callers)

    def together(first: int) -> np.ndarray:
        given = np.stack([tiles.cut(planes, place) for place in places[first : first + batch]])
        with _running():
            result = run(given)
        return to_probabilities(result, engine.card, tiles.tile, engine.name)

    with ThreadPoolExecutor(callers) as pool:
        for results in pool.map(together, range(0, len(places), batch)):
            yield from results


class _Failed(Exception):
    """A library could not run the model, for the reason that its ``error`` gives."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def _running() -> Iterator[None]:
    """Where a library works, whose errors are of many types; what else goes wrong is told as it is."""
    try:
        yield
    except (Problem, Cancelled):
        raise
    except Exception as error:
        pass_on_ctrl_c(error)
        raise _Failed(error) from error


def _refusal(name: str, tile: tuple[int, int], error: Exception) -> Exception:
    """What is told where a model fails on a single tile."""
    if isinstance(error, MemoryError):
        return error
    return Problem(
        f"The model {name} fails on a tile of {tile[1]} × {tile[0]} px ({plain_reason(error)}); choose tiles that are "
        "smaller, or of a size that it takes, or another model."
    )


def segment(
    image: Image,
    model: Model,
    *,
    magnification: float = 1.0,
    match_scale: bool = False,
    processor: str = "automatic",
    tile: int = TILE,
    overlap: int = 96,
    mirrored: bool = False,
    foreign: ForeignReading = AS_IT_LOOKS,
    context: Context,
) -> tuple[Probabilities, ClassMap]:
    """Class probabilities and class map of an image, at the image's own size.

    With ``match_scale`` the network sees the image at the pixel size that it learnt at, where both are known, and
    ``magnification`` on top of that; ``mirrored`` takes the mean over its mirror images. ``foreign`` says how a model
    from elsewhere is read. Notes on the result say so, and where the image is unlike the training images and how much
    the network is unsure of.
    """
    engine = load(model, processor, foreign)
    card = engine.card
    factor, scaled = to_learnt_size(image.scale, card.um_per_px) if match_scale else (1.0, ())
    seen = network_pixels(image, card, factor * magnification)
    remarks = blank_notes(image)
    if not card.ours:
        remarks += [Note("advice", text) for text in how_it_is_read(card, foreign)]
        seen = grey_levels(seen, card.settings.get("grey levels", foreign.levels))
    pixels = as_learnt(seen, card)
    matched = pixels is not seen and not card.settings.get("standardise")
    remarks += [*scaled, *([Note("advice", MATCHED)] if matched else [])]
    doubts = unlike_training(pixels, card.statistics)
    views = mirror_images(card) if mirrored else [AS_IT_IS]
    if mirrored and len(views) == 1:
        remarks.append(Note("advice", NOT_MIRRORED))

    def found(view: np.ndarray, number: int) -> np.ndarray:
        part = context.part(number, len(views))
        return probability_planes(engine, view, part, tile, overlap)

    planes = mean_over(views, found, pixels)
    context.check(1.0, "Joining")
    del seen, pixels  # a large picture's result then takes their place in memory
    doubts += unsure_note(planes, card.statistics, card.classes)
    remarks += [Note("not reportable", text, about="network") for text in doubts]
    shares = at_size(planes, image.shape)
    probabilities = Probabilities(shares, image.scale, card.classes)
    classes = ClassMap(class_indices(np.moveaxis(shares, 2, 0)), image.scale, card.classes)
    if not card.ours and len(alone := np.unique(classes.pixels)) == 1:
        remarks.append(Note("advice", EVERYWHERE.format(card.classes[int(alone[0])].name)))
    return probabilities.with_note(*remarks), classes.with_note(*remarks)
