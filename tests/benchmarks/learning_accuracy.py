"""How well a few traced images teach: ``python -m tests.benchmarks.learning_accuracy SET [--images 1 5] [--epochs N]``.

Trains through the Train node and judges through the DeepSegment node on other micrographs, and prints one line a score.
Several numbers of images, each with its number of epochs or all with one, give a curve: a table of a row for each.
"""

import argparse
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from graingraph.engine.declare.injected import Context
from graingraph.engine.recipe.file import load
from graingraph.engine.values import Labels, Mask, Model, PerImage, Probabilities, Scale
from graingraph.nodes.learn.deep_segment import deep_segment
from graingraph.nodes.learn.train import train
from graingraph.nodes.learning.train.cores import folded
from graingraph.nodes.learning.train.sample import fineness
from graingraph.nodes.learning.train.scores import Tally, boundary_hits, f1, mean_iou
from graingraph.nodes.measure.grain_size import grain_size
from graingraph.nodes.segment.boundaries import boundaries_to_grains, grains_to_boundaries
from tests.benchmarks.learning_sets import SETS, TracedSet
from tests.support.paths import GRAPHS


def teach(found: TracedSet, folder: Path, **changes: object) -> Model:
    images = {image.name: image for image, _ in found.learn}
    truths = {image.name: truth for image, truth in found.learn}
    names = list(images)
    settings = {"held_out": 0, **found.settings, **changes}
    context = Context(models=folder, publish=lambda name, value: show(name, value))
    return train(PerImage(names, images.__getitem__), PerImage(names, truths.__getitem__), **settings, context=context)


def show(name: str, value: object) -> None:
    if name == "curve" and isinstance(value, dict) and len(value["loss"]) % 10 == 0:
        print(f"  epoch {len(value['loss'])} loss {value['loss'][-1]:.3f}", flush=True)


class GrainScore(NamedTuple):
    """Boundary F1 at 3 px, share of twin boundaries taken for grain boundaries, and equivalent diameters in px of the
    grains that touch no edge, found and true."""

    f1: float
    taken: float
    diameters: np.ndarray
    true: np.ndarray

    def __str__(self) -> str:
        mine, true = self.diameters.mean(), self.true.mean()
        return (
            f"F1 {self.f1:.4f}, twins taken {self.taken:.2%}, diameter {mine:.1f} of {true:.1f} px "
            f"({mine / true - 1:+.2%}), grains {len(self.diameters)} of {len(self.true)}"
        )


def in_short(scores: list[GrainScore]) -> str:
    """The mean and the worst of several images, and the error of the mean diameter of the grains of all together."""
    mine, true = (np.concatenate(found) for found in zip(*((s.diameters, s.true) for s in scores), strict=True))
    errors = [abs(s.diameters.mean() / s.true.mean() - 1) for s in scores]
    return (
        f"F1 {np.mean([s.f1 for s in scores]):.4f} (least {min(s.f1 for s in scores):.4f}), "
        f"twins taken {np.mean([s.taken for s in scores]):.2%} (most {max(s.taken for s in scores):.2%}), "
        f"|diameter error| {np.mean(errors):.2%} (most {max(errors):.2%}), "
        f"all together {mine.mean() / true.mean() - 1:+.2%}"
    )


def diameters(grains: np.ndarray) -> np.ndarray:
    """Equivalent diameters in px of the grains (int32 labels, h, w) that touch no edge."""
    edge = np.unique(np.concatenate([grains[0], grains[-1], grains[:, 0], grains[:, -1]]))
    areas = np.bincount(grains.ravel())
    areas[edge] = 0
    areas[0] = 0
    return np.sqrt(4 / np.pi * areas[areas > 0])


def near(line: np.ndarray, distance: float) -> np.ndarray:
    return cv2.distanceTransform((~line).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) <= distance


def grains_as_in_the_recipe(probabilities: Probabilities) -> tuple[Labels, Mask]:
    """Grains and their boundaries by the nodes and settings of the recipe that ships for twinned brass."""
    steps = load(GRAPHS / "twinned_brass.graingraph.json").steps
    net = grains_to_boundaries(
        boundaries_to_grains(probabilities, **steps["grains"].settings), **steps["network"].settings
    )
    return boundaries_to_grains(net, **steps["corrected"].settings), net


def judge_grains(probabilities: Probabilities, truth: dict[str, np.ndarray]) -> GrainScore:
    grains, found = grains_as_in_the_recipe(probabilities)
    net, true = found.pixels, truth["boundaries"]
    hits = boundary_hits(net, true, np.ones_like(true))
    twins = truth["twins"] & ~near(true, 4)
    taken = np.count_nonzero(twins & near(net, 2)) / max(1, np.count_nonzero(twins))
    return GrainScore(f1(*hits), taken, diameters(grains.pixels), diameters(truth["grains"]))


def judge_iron(image: str, probabilities: Probabilities, truth: np.ndarray) -> str:
    """The ASTM grain size number by counting grains (those at the edge count half), found less true."""
    mine = boundaries_to_grains(probabilities)
    true = boundaries_to_grains(Mask(truth == 1), max_gap=0, smallest_grain=0)
    sizes = [grain_size(replace(grains, scale=Scale(1.0))).table for grains in (mine, true)]
    found, wanted = (float(table.columns["G planimetric"][0]) for table in sizes)
    return f"{image}: grains {mine.count} of {true.count}, ΔG {found - wanted:+.3f}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("set", choices=list(SETS))
    parser.add_argument("--images", type=int, nargs="+", default=[0])
    parser.add_argument("--epochs", type=int, nargs="+", default=[100])
    parser.add_argument("--network", default="small")
    parser.add_argument("--grid", type=int, default=0)
    parser.add_argument("--size", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models", type=Path)
    asked = parser.parse_args()
    changes = {"network": asked.network, "seed": asked.seed}
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
    tally = Tally(classes, fineness([truth for _, truth in found.learn], len(classes)).lines)
    right = total = 0
    grains: list[GrainScore] = []
    lines = []
    for image, truth in found.judge:
        segmented = deep_segment(image, model, context=Context())
        probabilities = segmented.probabilities
        found_classes = folded(probabilities.pixels.transpose(2, 0, 1), probabilities.classes).argmax(axis=0)
        tally.add(found_classes, truth.pixels)
        right += np.count_nonzero(found_classes == truth.pixels)
        total += truth.pixels.size
        if image.name in found.extra:
            grains.append(judge_grains(segmented.probabilities, found.extra[image.name]))
            lines.append(f"{image.name}: {grains[-1]}")
        elif classes[-1].name == "grain boundary":
            lines.append(judge_iron(image.name, segmented.probabilities, truth.pixels))
    scores = tally.scores()
    answers = [in_short(grains)] if grains else list(lines)
    by_class = [
        f"{score.name}: IoU {score.iou:.3f}, boundary F1 {score.boundary_f1:.3f}, "
        f"area {score.fraction:.2%} of {score.true_fraction:.2%}"
        for score in scores
    ]
    # As published for superalloys: of all classes at once, so that common classes count for more.
    pooled = right / (2 * total - right)
    for line in (
        *lines,
        *by_class,
        f"pixel accuracy {right / total:.4f}, IoU over the pixels of all classes {pooled:.3f}",
    ):
        print("  ", line, flush=True)
    overlaps = ", ".join(f"{score.name} {score.iou:.3f}" for score in scores)
    return "; ".join(answers) or f"mean IoU {mean_iou(scores):.3f} ({overlaps}), over all pixels {pooled:.3f}"


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    main()
