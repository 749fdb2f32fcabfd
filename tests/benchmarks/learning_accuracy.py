"""How well a few traced images teach: ``python -m tests.benchmarks.learning_accuracy SET [--images 1 5] [--epochs N]``.

Trains through the Train node and judges through the DeepSegment node on other micrographs, and prints one line a score.
Several numbers of images, each with its number of epochs or all with one, give a curve: a table of a row for each.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from engine.context import Context
from engine.values import Fields, Model, Probabilities
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


def judge_iron(image: str, probabilities: Probabilities, truth: np.ndarray) -> str:
    """Number of grains against the truth, and what that does to the ASTM grain size number."""
    mine = boundaries_to_grains(probabilities).count
    true = cv2.connectedComponents((truth == 0).astype(np.uint8), connectivity=4)[0] - 1
    return f"{image}: grains {mine} of {true}, ΔG {np.log2(mine / true):+.3f}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("set", choices=list(SETS))
    parser.add_argument("--images", type=int, nargs="+", default=[0])
    parser.add_argument("--epochs", type=int, nargs="+", default=[100])
    parser.add_argument("--network", default="small")
    parser.add_argument("--grid", type=int, default=0)
    parser.add_argument("--size", type=float, default=0.0)
    parser.add_argument("--models", type=Path)
    asked = parser.parse_args()
    changes = {"network": asked.network}
    changes |= {"tile_grid": asked.grid} if asked.grid else {}
    changes |= {"size_factor": asked.size} if asked.size else {}
    epochs = asked.epochs * len(asked.images) if len(asked.epochs) == 1 else asked.epochs
    rows = []
    for images, count in zip(asked.images, epochs, strict=True):
        found = SETS[asked.set](images) if images else SETS[asked.set]()
        spent = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            model = teach(found, asked.models or Path(folder), **changes, epochs=count)
            spent = time.process_time() - spent
            print(f"{asked.set}: {len(found.learn)} images, {found.settings | changes | {'epochs': count}}", flush=True)
            rows.append(f"| {len(found.learn)} | {count} | {spent:.0f} s | {report(found, model)} |")
    print("\n| images | epochs | processor time | result |\n|---|---|---|---|")
    print("\n".join(rows))


def report(found: TracedSet, model: Model) -> str:
    """Judge a model on the images kept for it; prints every score and returns them in short."""
    classes = found.learn[0][1].classes
    tally = Tally(classes, thin_classes((truth for _, truth in found.learn), len(classes)))
    right = total = 0
    grains = []
    for image, truth in found.judge:
        segmented = deep_segment(image, model, context=Context())
        tally.add(segmented.classes.pixels, truth.pixels)
        right += np.count_nonzero(segmented.classes.pixels == truth.pixels)
        total += truth.pixels.size
        if image.name in found.extra:
            grains.append(f"{image.name}: {judge_grains(segmented.probabilities, found.extra[image.name])}")
        elif classes[-1].name == "grain boundary":
            grains.append(judge_iron(image.name, segmented.probabilities, truth.pixels))
    scores = tally.scores()
    lines = [
        f"{score.name}: IoU {score.iou:.3f}, boundary F1 {score.boundary_f1:.3f}, "
        f"area {score.fraction:.2%} of {score.true_fraction:.2%}"
        for score in scores
    ]
    for line in (*grains, *lines, f"pixel accuracy {right / total:.4f}"):
        print("  ", line, flush=True)
    by_class = ", ".join(f"{score.name} {score.iou:.3f}" for score in scores)
    return "; ".join(grains) or f"mean IoU {mean_iou(scores):.3f} ({by_class})"


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    main()
