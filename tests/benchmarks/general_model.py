"""The general model of grains, untaught and as a start: ``python -m tests.benchmarks.general_model``, and one of these.

``untaught MODEL.onnx ...``: for each set and magnification, boundary F1 at 3 px, the error of the planimetric ASTM
grain size number (found less true, from counts), and how sure the network is of the boundaries that it draws.
``taught SET --steps N --seeds 1 2``: the same after one and after three traced images, from the general model that
ships and from nothing, with as many steps.
``drawn FOLDER --seed 5001 --count 40``: micrographs that it has not learnt and their classes, all boundaries, also
those that cannot be seen; ``graingraph score`` then puts into its card what a recipe answers on them.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from graingraph.app.samples import any_grains
from graingraph.app.samples.write import write_micrograph, write_truth
from graingraph.engine.declare.injected import Context
from graingraph.engine.files import hash_file
from graingraph.engine.values import Mask, Model, Probabilities
from graingraph.engine.values.classes import boundary_index
from graingraph.nodes.learn.deep_segment import deep_segment
from graingraph.nodes.learning.train.gather import make_samples
from graingraph.nodes.learning.train.network import new_network
from graingraph.nodes.learning.train.sample import class_frequencies
from graingraph.nodes.learning.train.scores import boundary_hits, f1
from graingraph.nodes.learning.train.settings import TrainSettings
from graingraph.nodes.learning.train.training import Trainer
from graingraph.nodes.segment.boundaries import boundaries_to_grains, grains_to_boundaries
from tests.benchmarks.learning_accuracy import teach
from tests.benchmarks.learning_sets import Pair, TracedSet, brass, etched_steel, pure_iron
from tests.support.paths import SHARED

MAGNIFICATIONS = (0.35, 0.5, 0.7, 1.0)
SIDES = 768, 768
"""Of the micrographs that are drawn: the largest grains are a quarter of it."""


def sureness(probabilities: Probabilities) -> float:
    """The mean probability of boundary along what is drawn as one."""
    plane = probabilities.pixels[..., boundary_index(probabilities.classes)]
    return float(plane[plane > 0.5].mean()) if (plane > 0.5).any() else 0.0


def counted(grains: np.ndarray) -> float:
    """Grains in the field; those that the frame cuts count half."""
    edge = np.unique(np.concatenate([grains[0], grains[-1], grains[:, 0], grains[:, -1]]))
    inside = np.setdiff1d(np.unique(grains), np.append(edge, 0))
    return len(inside) + len(edge[edge > 0]) / 2


def judge(probabilities: Probabilities, boundaries: np.ndarray) -> tuple[float, float]:
    """Boundary F1 and the error of G."""
    found = boundaries_to_grains(probabilities)
    true = boundaries_to_grains(Mask(boundaries), max_gap=0, smallest_grain=0)
    net = grains_to_boundaries(found).pixels
    score = f1(*boundary_hits(net, boundaries, np.ones_like(boundaries)))
    return score, float(np.log2(max(counted(found.pixels), 0.5) / counted(true.pixels)))


def judged(model: Model, pairs: list[Pair], magnification: float = 1.0) -> tuple[list[float], list[float], list[float]]:
    """Boundary F1, error of G and sureness of each image."""
    rows = []
    for image, truth in pairs:
        made = deep_segment(image, model, magnification=magnification, context=Context()).probabilities
        boundaries = truth.pixels == [item.name for item in truth.classes].index("grain boundary")
        rows.append((*judge(made, boundaries), sureness(made)))
    scores, errors, sure = (list(column) for column in zip(*rows, strict=True))
    return scores, errors, sure


def sets() -> dict[str, Callable[[int], TracedSet]]:
    """The sets with grain boundaries that are at hand."""
    found: dict[str, Callable[[int], TracedSet]] = {"generated brass": brass}
    for name, folder, make in (("pure iron", "pure_iron", pure_iron), ("etched steel", "etched_steel", etched_steel)):
        if (SHARED / "data" / folder).is_dir():
            found[name] = make
    return found


def untaught(models: list[Path]) -> None:
    print(
        "| model | set | magnification | F1 | ΔG of each image | mean |ΔG| | sureness |\n|---|---|---|---|---|---|---|"
    )
    for path in models:
        model = Model(path, hash_file(path))
        for name, make in sets().items():
            for magnification in MAGNIFICATIONS:
                scores, errors, sure = judged(model, make(1).judge, magnification)
                each = ", ".join(f"{error:+.2f}" for error in errors)
                print(
                    f"| {path.stem} | {name} | {magnification:g} | {np.mean(scores):.3f} | {each} | "
                    f"{np.mean(np.abs(errors)):.2f} | {np.mean(sure):.3f} |",
                    flush=True,
                )


def taught(name: str, steps: int, seeds: list[int]) -> None:
    print("| set | traced | start | steps | processor time | F1 | ΔG of each image | mean |ΔG| |")
    print("|---|---|---|---|---|---|---|---|")
    for images in (1, 3):
        found = sets()[name](images)
        for general in (True, False):
            for seed in seeds:
                epochs = max(1, round(steps / steps_per_epoch(found)))
                began = time.process_time()
                with tempfile.TemporaryDirectory() as folder:
                    changes = {"seed": seed, "epochs": epochs, "from_general_model": general}
                    model = teach(found, Path(folder), **changes)
                    spent = time.process_time() - began
                    scores, errors, _ = judged(model, found.judge)
                each = ", ".join(f"{error:+.2f}" for error in errors)
                print(
                    f"| {name} | {images} | {'general model' if general else 'nothing'} | "
                    f"{epochs * steps_per_epoch(found)} | {spent:.0f} s | {np.mean(scores):.3f} | {each} | "
                    f"{np.mean(np.abs(errors)):.2f} |",
                    flush=True,
                )


def drawn(folder: Path, seeds: range) -> None:
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    (folder / "truth" / "classes.json").write_text(json.dumps({"0": "grain boundary", "1": "grain"}))
    for seed in seeds:
        sample = any_grains.make(seed, SIDES)
        write_micrograph(folder / f"drawn_{seed}.tif", sample)
        line = cv2.dilate(sample.truth["boundaries"].astype(np.uint8), np.ones((2, 2), np.uint8))
        write_truth(folder / "truth" / f"drawn_{seed}.png", 1 - line)


def steps_per_epoch(found: TracedSet) -> int:
    """Batches of an epoch of a training on this set."""
    traced = {image.name: (image, truth) for image, truth in found.learn}
    settings = TrainSettings(size_factor=found.settings.get("size_factor", TrainSettings.size_factor))
    samples, classes, fine = make_samples(traced, settings.size_factor)
    network = new_network(samples[0].pixels.shape[2], len(classes), "small", 1)
    return Trainer(network, samples, settings, class_frequencies(samples, classes), fine.lines).steps_per_epoch


def main() -> None:
    parser = argparse.ArgumentParser()
    which = parser.add_subparsers(dest="which", required=True)
    which.add_parser("untaught").add_argument("models", type=Path, nargs="+")
    start = which.add_parser("taught")
    start.add_argument("set", choices=list(sets()))
    start.add_argument("--steps", type=int, default=150)
    start.add_argument("--seeds", type=int, nargs="+", default=[1])
    made = which.add_parser("drawn")
    made.add_argument("folder", type=Path)
    made.add_argument("--seed", type=int, default=5001)
    made.add_argument("--count", type=int, default=40)
    asked = parser.parse_args()
    if asked.which == "drawn":
        drawn(asked.folder, range(asked.seed, asked.seed + asked.count))
    elif asked.which == "untaught":
        untaught(asked.models)
    else:
        taught(asked.set, asked.steps, asked.seeds)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
