"""How well a few traced images teach: ``python -m tests.benchmarks.learning_accuracy SET [--images N] [--epochs N]``.

Trains through the Train node and judges through the DeepSegment node on other micrographs, and prints one line a score.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from engine.context import Context
from engine.values import Fields, Labels, Model, Probabilities
from nodes.learn.deep_segment import deep_segment
from nodes.learn.train import train
from nodes.learning.scores import Tally, boundary_hits, f1, mean_iou
from nodes.learning.targets import thin_classes
from nodes.segment.boundaries import boundaries_to_grains, grains_to_boundaries
from tests.benchmarks.learning_sets import SETS, TracedSet


def teach(found: TracedSet, folder: Path, **changes: object) -> Model:
    images = {image.name: image for image, _ in found.learn}
    truths = {image.name: truth for image, truth in found.learn}
    names = list(images)
    settings = {"held_out": 0, **found.settings, **changes}
    context = Context(models=folder, publish=lambda name, value: show(name, value))
    return train(Fields(names, images.__getitem__), Fields(names, truths.__getitem__), **settings, context=context)


def show(name: str, value: object) -> None:
    if name == "curve" and isinstance(value, dict) and len(value["loss"]) % 10 == 0:
        print(f"  epoch {len(value['loss'])} loss {value['loss'][-1]:.3f}", flush=True)


def mean_diameter(grains: np.ndarray) -> tuple[float, int]:
    """Mean equivalent diameter in px and number of the grains that touch no edge."""
    edge = np.unique(np.concatenate([grains[0], grains[-1], grains[:, 0], grains[:, -1]]))
    areas = np.bincount(grains.ravel())
    areas[edge] = 0
    areas[0] = 0
    areas = areas[areas > 0]
    return float(np.sqrt(4 / np.pi * areas).mean()), len(areas)


def near(line: np.ndarray, distance: float) -> np.ndarray:
    return cv2.distanceTransform((~line).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) <= distance


def judge_grains(probabilities: Probabilities, truth: dict[str, np.ndarray]) -> str:
    """Boundary F1 at 3 px, share of twin boundaries taken for grain boundaries, and error of the mean diameter."""
    grains = boundaries_to_grains(probabilities)
    net = grains_to_boundaries(grains).pixels
    true = truth["boundaries"]
    hits = boundary_hits(net, true, np.ones_like(true))
    twins = truth["twins"] & ~near(true, 4)
    taken = np.count_nonzero(twins & near(net, 2)) / max(1, np.count_nonzero(twins))
    mine, theirs = mean_diameter(grains.pixels), mean_diameter(truth["grains"])
    return (
        f"F1 {f1(*hits):.4f}, twins taken {taken:.2%}, diameter {mine[0]:.1f} of {theirs[0]:.1f} px "
        f"({mine[0] / theirs[0] - 1:+.2%}), grains {mine[1]} of {theirs[1]}"
    )


def pools_of(probabilities: Probabilities) -> tuple[Labels, list[float]]:
    """Melt pools told apart by their boundary class: each grows from its inside to half of the boundary."""
    inside, line = probabilities.pixels[..., 1], probabilities.pixels[..., 2]
    rest = probabilities.pixels[..., 0]
    count, seeds, stats, _ = cv2.connectedComponentsWithStats(((inside > line) & (inside > rest)).astype(np.uint8))
    keep = np.concatenate([[0], (stats[1:, cv2.CC_STAT_AREA] >= 60) * np.arange(1, count)])
    seeds = keep[seeds]
    _, owner = cv2.distanceTransformWithLabels(
        (seeds == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(owner.max() + 1, np.int64)
    table[owner[seeds > 0]] = seeds[seeds > 0]
    distance = cv2.distanceTransform((seeds == 0).astype(np.uint8), cv2.DIST_L2, 5)
    grown = np.where((rest < 0.5) & (distance <= 4), table[owner], 0).astype(np.int32)
    kept = [int(k) for k in keep[1:] if k]
    return Labels(grown, count=len(kept)), [float(inside[seeds == k].mean()) for k in kept]


def average_precision(found: list[tuple[float, bool]], wanted: int) -> float:
    """Area under the precision-recall curve (every point, precision made monotonic), as COCO's but unsampled."""
    right = np.array([hit for _, hit in sorted(found, key=lambda item: -item[0])], float)
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float((precision * right).sum() / max(1, wanted))


def pool_hits(probabilities: Probabilities, truth: list[np.ndarray]) -> list[tuple[float, bool]]:
    labels, sure = pools_of(probabilities)
    numbers = [int(k) for k in np.unique(labels.pixels) if k]
    left, result = list(range(len(truth))), []
    for number, score in sorted(zip(numbers, sure, strict=False), key=lambda item: -item[1]):
        mine = labels.pixels == number
        overlaps = [(np.count_nonzero(mine & truth[i]) / np.count_nonzero(mine | truth[i]), i) for i in left]
        best = max(overlaps, default=(0.0, -1))
        result.append((score, best[0] >= 0.5))
        if best[0] >= 0.5:
            left.remove(best[1])
    return result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("set", choices=list(SETS))
    parser.add_argument("--images", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=0)
    parser.add_argument("--network", default="small")
    parser.add_argument("--grid", type=int, default=0)
    parser.add_argument("--size", type=float, default=0.0)
    parser.add_argument("--models", type=Path)
    asked = parser.parse_args()
    found = SETS[asked.set](asked.images) if asked.images else SETS[asked.set]()
    changes = {"network": asked.network}
    changes |= {"epochs": asked.epochs} if asked.epochs else {}
    changes |= {"tile_grid": asked.grid} if asked.grid else {}
    changes |= {"size_factor": asked.size} if asked.size else {}
    began, spent = time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        model = teach(found, asked.models or Path(folder), **changes)
        print(f"{asked.set}: {len(found.learn)} images, {found.settings | changes}", flush=True)
        print(f"  trained in {time.monotonic() - began:.0f} s ({time.process_time() - spent:.0f} s of processor time)")
        report(found, model)


def report(found: TracedSet, model: Model) -> None:
    classes = found.learn[0][1].classes
    tally = Tally(classes, thin_classes((truth for _, truth in found.learn), len(classes)))
    pools: list[tuple[float, bool]] = []
    wanted = right = total = 0
    for image, truth in found.judge:
        segmented = deep_segment(image, model, context=Context())
        tally.add(segmented.classes.pixels, truth.pixels)
        right += np.count_nonzero(segmented.classes.pixels == truth.pixels)
        total += truth.pixels.size
        extra = found.extra.get(image.name)
        if isinstance(extra, dict):
            print("  ", image.name, judge_grains(segmented.probabilities, extra))
        elif extra is not None:
            pools += pool_hits(segmented.probabilities, extra)
            wanted += len(extra)
        elif classes[-1].name == "grain boundary":
            mine = boundaries_to_grains(segmented.probabilities).count
            true = cv2.connectedComponents((truth.pixels == 0).astype(np.uint8), connectivity=4)[0] - 1
            print(f"   {image.name}: grains {mine} of {true}, ΔG {np.log2(mine / true):+.3f}")
    scores = tally.scores()
    for score in scores:
        print(
            f"   {score.name}: IoU {score.iou:.3f}, boundary F1 {score.boundary_f1:.3f}, "
            f"area {score.fraction:.2%} of {score.true_fraction:.2%}"
        )
    print(f"   mean IoU {mean_iou(scores):.4f}, pixel accuracy {right / total:.4f}")
    if wanted:
        print(
            f"   AP50 {average_precision(pools, wanted):.3f} ({sum(hit for _, hit in pools)} of {wanted} pools found)"
        )


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    main()
