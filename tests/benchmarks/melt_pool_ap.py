"""AP50 of melt pools: ``python -m tests.benchmarks.melt_pool_ap [--tiles 1 5] [--epochs N] [--model FILE]``.

Learns from tiles of one slice of ``../shared/data/melt_pools``, through the same reading of COCO polygons, Train and
DeepSegment as the program, and judges on the tiles of the other slice. A pool's confidence is the mean probability
of the boundary class along its outline (its inside says little: AP50 0.28 instead of 0.44) times that of the core
class in it. Prints the AP50 for several settings of CoresToFeatures.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from graingraph.engine.declare.injected import Context
from graingraph.engine.declare.models import reference
from graingraph.engine.values import ClassMap, Image, Labels, Model, PerImage, Probabilities
from graingraph.engine.values.classes import core_of
from graingraph.nodes.clean.reject_features import reject_features
from graingraph.nodes.formats.annotations import Reading, annotations_for, read_coco
from graingraph.nodes.formats.instances import object_labels, outline_lines
from graingraph.nodes.learn.deep_segment import deep_segment
from graingraph.nodes.learn.train import train
from graingraph.nodes.segment.cores import cores_to_features
from tests.benchmarks.learning_sets import spread
from tests.support.paths import SHARED

DATA = SHARED / "data" / "melt_pools"
POOL, LINE = "melt pool", "melt pool boundary"
SLICES = LEARN, JUDGE = "Slice-2", "Slice1"
SUITED = {"rotation": False, "flips": False, "separate_touching": True}


def read(path: Path) -> Image:
    grey = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_GRAYSCALE)
    return Image(grey, name=path.name)


def traced(tiles: int, line_width: float, slice_name: str = LEARN) -> list[tuple[Image, ClassMap]]:
    """This many tiles of a slice (0: all) with their classes, from the fullest to the emptiest.

    Tiles full of pools alone would teach that every surface has pools.
    """
    drawn = {Path(a.name).name: len(a.marks) for a in read_coco(DATA / "annotations.json")}
    paths = sorted((DATA / "images").glob(f"{slice_name}*.png"), key=lambda path: (-drawn[path.name], path.name))
    chosen = [path.name for path in spread(paths, tiles)]
    truth = annotations_for(DATA / "annotations.json", paths, reading=Reading(line_width=line_width))
    return [(read(DATA / "images" / name), truth[name]) for name in chosen]


def teach(tiles: int, folder: Path, line_width: float, **settings: object) -> Model:
    """A model from this many tiles of the learning slice."""
    found = {image.name: (image, truth) for image, truth in traced(tiles, line_width)}
    images, truths = (PerImage(tuple(found), lambda name, k=k: found[name][k]) for k in (0, 1))
    return train(images, truths, **settings, held_out=0, context=Context(models=folder))


def pools(probabilities: Probabilities, visible: float) -> Labels:
    """One pool a core, as in the recipe melt_pools."""
    return reject_features(cores_to_features(probabilities, name=POOL, visible=visible), minimum=500.0)


WAYS: dict[str, Callable[[Probabilities], Labels]] = {
    f"visible {share}": lambda p, share=share: pools(p, share) for share in (0.4, 0.5, 0.6)
}


def hits(probabilities: Probabilities, found: Labels, truth: np.ndarray) -> list[tuple[float, bool]]:
    """Confidence of each pool found, and whether it meets a true one (of its own) with an IoU of at least 0.5."""
    names = [c.name for c in probabilities.classes]
    line, core = (probabilities.pixels[..., names.index(name)] for name in (LINE, core_of(POOL).name))
    outlines = outline_lines(found.pixels, 2)
    count, size = found.pixels.max(initial=0) + 1, int(truth.max()) + 1
    common = np.bincount((found.pixels * size + truth).ravel(), minlength=count * size).reshape(count, size)
    union = common.sum(1)[:, None] + common.sum(0) - common
    overlap = np.divide(common, union, out=np.zeros(common.shape), where=union > 0)[1:, 1:]
    area = np.bincount(found.pixels.ravel(), minlength=count)
    length = np.bincount(found.pixels[outlines], minlength=count)
    mean = np.bincount(found.pixels[outlines], line[outlines], minlength=count) / np.maximum(length, 1)
    mean *= np.bincount(found.pixels.ravel(), core.ravel(), minlength=count) / np.maximum(area, 1)
    result, free = [], np.ones(size - 1, bool)
    for number in sorted((n for n in range(1, count) if area[n]), key=lambda n: -mean[n]):
        row = np.where(free, overlap[number - 1], 0)
        best = int(row.argmax()) if row.size else -1
        hit = best >= 0 and bool(row[best] >= 0.5)
        free[best] &= not hit
        result.append((float(mean[number]), hit))
    return result


def average_precision(found: list[tuple[float, bool]], wanted: int) -> float:
    """Area under the precision-recall curve (every point, precision made monotonic), as COCO's but unsampled."""
    right = np.array([hit for _, hit in sorted(found, key=lambda item: -item[0])], float)
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float((precision * right).sum() / max(1, wanted))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tiles", type=int, nargs="+", default=[5])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--grid", type=int, default=1)
    parser.add_argument("--size", type=float, default=0.35)
    parser.add_argument("--line", type=float, default=6.0)
    parser.add_argument("--network", default="small")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--models", type=Path)
    asked = parser.parse_args()
    if asked.model:
        report(Model(asked.model, reference(asked.model).rpartition("@")[2]))
        return
    for tiles in asked.tiles:
        with tempfile.TemporaryDirectory() as folder:
            spent = time.process_time()
            settings = {"epochs": asked.epochs, "tile_grid": asked.grid, "size_factor": asked.size}
            model = teach(tiles, asked.models or Path(folder), asked.line, network=asked.network, **settings, **SUITED)
            spent = time.process_time() - spent
            print(f"{tiles} tiles, {settings}: {spent:.0f} s of processor time, {model.path}", flush=True)
            report(model)


class Judged(NamedTuple):
    """Average precision at an IoU of 0.5, and how many of the pools wanted were found, and found falsely."""

    ap50: float
    right: int
    wanted: int
    false: int


def judged(model: Model, slice_name: str = JUDGE) -> dict[str, Judged]:
    """The scores on the tiles of a slice, of each way to take pools out of probabilities."""
    scores: dict[str, list[tuple[float, bool]]] = {way: [] for way in WAYS}
    wanted = 0
    for annotation in read_coco(DATA / "annotations.json"):
        path = DATA / "images" / Path(annotation.name).name
        if not path.name.startswith(slice_name) or not path.is_file():
            continue
        truth = object_labels(annotation, POOL)
        wanted += len(np.unique(truth)) - 1
        probabilities = deep_segment(read(path), model, context=Context()).probabilities
        for way, take in WAYS.items():
            scores[way] += hits(probabilities, take(probabilities), truth)
    right = {way: sum(hit for _, hit in found) for way, found in scores.items()}
    return {
        way: Judged(average_precision(found, wanted), right[way], wanted, len(found) - right[way])
        for way, found in scores.items()
    }


def report(model: Model) -> None:
    for way, found in judged(model).items():
        print(f"  {way}: AP50 {found.ap50:.3f}, {found.right} of {found.wanted}, {found.false} false")


if __name__ == "__main__":
    main()
