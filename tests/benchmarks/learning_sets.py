"""The traced sets that learning is measured on: generated ones, and real ones from ``../shared/data`` if there.

Each set gives images to learn from and other images to be judged on, split by micrograph.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np

from graingraph.engine.values import UNLABELLED, ClassMap, Image, PixelClass
from tests.support.paths import SHARED

DATA = SHARED / "data"
GRAINS = (PixelClass("grain"), PixelClass("grain boundary", role="boundary", of="grain"))
Pair = tuple[Image, ClassMap]
Item = TypeVar("Item")


@dataclass(frozen=True)
class TracedSet:
    """Images with their classes to learn from and to be judged on, and settings that suit the set."""

    learn: list[Pair]
    judge: list[Pair]
    settings: dict[str, Any]
    extra: dict[str, Any] = field(default_factory=dict)


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """So many of the items, evenly spaced in their order; all of them where ``count`` is 0."""
    return [items[int((k + 0.5) * len(items) / count)] for k in range(count)] if count else list(items)


def read(path: Path) -> np.ndarray:
    pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    return np.ascontiguousarray(pixels[:, :, ::-1])


def pair(name: str, pixels: np.ndarray, classes: np.ndarray, names: tuple[str | PixelClass, ...]) -> Pair:
    kinds = tuple(item if isinstance(item, PixelClass) else PixelClass(item) for item in names)
    return Image(pixels, name=name), ClassMap(np.ascontiguousarray(classes.astype(np.uint8)), classes=kinds)


def brass(images: int = 3, first: int = 1) -> TracedSet:
    from graingraph.app.samples.brass import make

    def one(seed: int) -> tuple[Pair, dict[str, np.ndarray]]:
        sample = make(seed)
        line = cv2.dilate(sample.truth["boundaries"].astype(np.uint8), np.ones((3, 3), np.uint8))
        return pair(f"brass {seed}", sample.pixels, line, GRAINS), sample.truth

    judged = [one(seed) for seed in (201, 202, 203, 204, 205)]
    extra = {found[0][0].name: found[1] for found in judged}
    return TracedSet(
        [one(seed)[0] for seed in range(first, first + images)],
        [found[0] for found in judged],
        {"separate_touching": True},
        extra,
    )


def titanium(images: int = 3, covered: float = 0.05) -> TracedSet:
    from graingraph.app.samples import titanium as sample

    def one(seed: int) -> Pair:
        made = sample.make(seed)
        truth = made.truth["classes"] if "classes" in made.truth else made.truth["basketweave"].astype(np.uint8)
        return pair(f"titanium {seed}", made.pixels, truth, ("colony", "basketweave"))

    learn = [
        (image, in_patches(truth, covered, seed)) for seed, (image, truth) in enumerate(map(one, range(1, images + 1)))
    ]
    judged = [one(seed) for seed in (101, 102, 103, 201, 202, 203, 204, 205)]
    return TracedSet(learn, judged, {"size_factor": 0.5, "scale": 0.3, "extend_patches": True})


def in_patches(truth: ClassMap, covered: float, seed: int, side: int = 40) -> ClassMap:
    """Keep square patches that cover at most this fraction of the image, in turn around a pixel of each class."""
    rng = np.random.default_rng(seed)
    kept = np.full(truth.shape, UNLABELLED, np.uint8)
    number = 0
    while np.mean(kept != UNLABELLED) < covered - side * side / kept.size:
        places = np.flatnonzero(truth.pixels == number % len(truth.classes))
        if len(places):
            row, column = divmod(int(rng.choice(places)), truth.shape[1])
            top, left = min(row, truth.shape[0] - side), min(column, truth.shape[1] - side)
            box = np.s_[top : top + side, left : left + side]
            kept[box] = truth.pixels[box]
        number += 1
    return ClassMap(kept, classes=truth.classes)


def superalloy(number: int, images: int = 0) -> TracedSet:
    def part(name: str) -> list[Pair]:
        folder = DATA / f"superalloy_{number}"
        found = []
        for path in sorted((folder / name).glob("*.png")):
            painted = read(folder / f"{name}_annot" / f"{path.stem}_mask.png")
            alpha = cv2.imdecode(np.fromfile(folder / f"{name}_annot" / f"{path.stem}_mask.png", np.uint8), -1)[:, :, 3]
            red, blue = (painted[:, :, k] > 127 for k in (0, 2))
            green = painted[:, :, 1] > 127
            shown = alpha > 127
            classes = np.where(shown & blue & ~red & ~green, 1, np.where(shown & red & ~blue & ~green, 2, 0))
            found.append(pair(path.stem, read(path), classes, ("matrix", "secondary", "tertiary")))
        return found

    return TracedSet(spread(part("train"), images), part("val"), {"size_factor": 1.0})


def coating(images: int = 0) -> TracedSet:
    def part(name: str) -> list[Pair]:
        folder = DATA / "coating"
        return [
            pair(p.stem, read(p), read(folder / f"{name}_annot" / p.name)[:, :, 0], ("background", "oxide", "crack"))
            for p in sorted((folder / name).glob("*.png"))
        ]

    settings = {"size_factor": 0.5, "tile_grid": 2, "rotation": False}  # layers have an up and a down
    return TracedSet(spread(part("train"), images), part("val"), settings)


def carbon_steel(images: int = 0) -> TracedSet:
    names = ("matrix", "network", "spheroidite", "Widmanstätten")

    def part(name: str) -> list[Pair]:
        folder = DATA / "carbon_steel" / name
        paths = [p for p in sorted(folder.glob("*.png")) if not p.stem.endswith("_classes")]
        return [pair(p.stem, read(p), read(p.with_name(f"{p.stem}_classes.png"))[:, :, 0], names) for p in paths]

    return TracedSet(spread(part("train"), images), part("validate"), {"size_factor": 1.0, "unlike_images": True})


def pure_iron(images: int = 1) -> TracedSet:
    """Learn on the upper part of one section, judge on the lower parts: sections show the same grains."""

    def part(number: int, rows: slice) -> Pair:
        painted = read(DATA / "pure_iron" / f"{number:03d}_grains.png").astype(np.int32)[rows]
        code = painted @ np.array([1, 256, 65536])
        line = np.zeros(code.shape, np.uint8)
        line[:, :-1] |= code[:, :-1] != code[:, 1:]
        line[:-1] |= code[:-1] != code[1:]
        line = cv2.dilate(line, np.ones((3, 3), np.uint8))
        pixels = np.ascontiguousarray(read(DATA / "pure_iron" / f"{number:03d}.png")[rows])
        return pair(f"iron {number} {rows.start}", pixels, line, GRAINS)

    learn = [part(number, slice(0, 440)) for number in range(1, images + 1)]
    return TracedSet(
        learn, [part(number, slice(440, 800)) for number in (1, 2, 3)], {"size_factor": 1.0, "separate_touching": True}
    )


def etched_steel(images: int = 1) -> TracedSet:
    """Learn on the upper half of the one micrograph, in thirds, judge on its lower half.

    The truth is what a reference program found, not what a person traced.
    """
    found = cv2.imdecode(np.fromfile(DATA / "etched_steel" / "steel_segmented.tif", np.uint8), cv2.IMREAD_GRAYSCALE) > 0
    picture = read(DATA / "etched_steel" / "steel.tif")

    def part(name: str, rows: slice, columns: slice) -> Pair:
        pixels = np.ascontiguousarray(picture[rows, columns])
        return pair(f"steel {name}", pixels, found[rows, columns], GRAINS)

    edges = np.linspace(0, found.shape[1], 4).astype(int)
    thirds = [part(str(k), slice(0, 300), slice(edges[k], edges[k + 1])) for k in range(3)]
    judged = part("below", slice(300, 600), slice(0, found.shape[1]))
    return TracedSet(thirds[:images], [judged], {"size_factor": 1.0, "separate_touching": True})


SETS: dict[str, Callable[..., TracedSet]] = {
    "brass": brass,
    "titanium": titanium,
    "superalloy_1": lambda images=0: superalloy(1, images),
    "superalloy_3": lambda images=0: superalloy(3, images),
    "coating": coating,
    "carbon_steel": carbon_steel,
    "pure_iron": pure_iron,
    "etched_steel": etched_steel,
}
