"""What a few traced images teach, over several seeds: ``python -m tests.benchmarks.over_seeds FOLDER [SET ...]``.

Each training has a seed and, where a set has more than it learns from, pictures of its own; it is judged on all that it
has not seen. What was learnt and how it was judged is kept in FOLDER, a stopped training goes on
where it was, and the same call does what is left. The table at the end holds mean and spread over the seeds.
"""

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

from graingraph.engine.declare.injected import Context
from graingraph.engine.declare.model_file import model_hash
from graingraph.engine.values import Model
from graingraph.nodes.learn.deep_segment import deep_segment
from graingraph.nodes.learning.train.cores import folded
from graingraph.nodes.learning.train.sample import fineness
from graingraph.nodes.learning.train.scores import Tally, mean_iou
from tests.benchmarks import melt_pool_ap
from tests.benchmarks.general_model import judge as judge_boundaries
from tests.benchmarks.learning_accuracy import judge_grains, teach
from tests.benchmarks.learning_sets import Pair, TracedSet, brass, carbon_steel, superalloy

Scores = dict[str, float]


def brass_again(seed: int) -> TracedSet:
    """Three images of their own for each seed, at a size at which their thinnest lines are still 1 px wide."""
    found = brass(3, first=1 + 3 * (seed - 1))
    return replace(found, settings={**found.settings, "size_factor": 0.75})


def enlarged(found: TracedSet) -> TracedSet:
    """A set at a size at which its finest particles are learnt more finely."""
    return replace(found, settings={**found.settings, "size_factor": 1.5})


def shifted(make: Callable[[], TracedSet], count: int) -> Callable[[int], TracedSet]:
    """So many of the images to learn from, others for each seed while there are; all others are judged, too."""

    def of(seed: int) -> TracedSet:
        found = make()
        step = len(found.learn) // count
        chosen = [(seed - 1 + step * k) % len(found.learn) for k in range(count)]
        others = [pair for place, pair in enumerate(found.learn) if place not in chosen]
        return replace(found, learn=[found.learn[place] for place in chosen], judge=[*found.judge, *others])

    return of


def grains(found: TracedSet, model: Model) -> Scores:
    """Scores of the recipe for twinned brass, the mean over the images and the worst of them."""
    each, errors = [], []
    for image, truth in found.judge:
        probabilities = deep_segment(image, model, context=Context()).probabilities
        each.append(judge_grains(probabilities, found.extra[image.name]))
        errors.append(abs(judge_boundaries(probabilities, truth.pixels == 1)[1]))
    diameter = [abs(one.diameters.mean() / one.true.mean() - 1) for one in each]
    return {
        "F1": float(np.mean([one.f1 for one in each])),
        "least F1": min(one.f1 for one in each),
        "twins taken, %": 100 * float(np.mean([one.taken for one in each])),
        "|diameter error|, %": 100 * float(np.mean(diameter)),
        "largest, %": 100 * max(diameter),
        "|ΔG|": float(np.mean(errors)),
    }


def overlaps(found: TracedSet, model: Model) -> Scores:
    """IoU of each class over all images that are judged, and their mean; the same averaged over mirror images."""
    scores = {}
    for words, pairs, mirrored in (
        ("", found.judge, False),
        ("visible ", found.judge[:4], False),
        ("mirrored ", found.judge, True),
    ):
        tally = _tally(found, pairs, model, mirrored)
        scores[f"{words}mean IoU"] = mean_iou(tally)
        scores |= {f"{words}{one.name}": one.iou for one in tally}
    return scores


def _tally(found: TracedSet, pairs: list[Pair], model: Model, mirrored: bool) -> list:
    classes = found.learn[0][1].classes
    tally = Tally(classes, fineness([truth for _, truth in found.learn], len(classes)).lines)
    for image, truth in pairs:
        made = deep_segment(image, model, mirrored=mirrored, context=Context()).probabilities
        tally.add(folded(made.pixels.transpose(2, 0, 1), made.classes).argmax(axis=0), truth.pixels)
    return tally.scores()


def pools(found: TracedSet, model: Model) -> Scores:
    """AP50 by each way to take pools out of probabilities, on the slice that was not learnt."""
    return {f"AP50, {way}": one.ap50 for way, one in melt_pool_ap.judged(model, found.extra["judge"]).items()}


def slices(seed: int) -> TracedSet:
    """One slice is learnt, the other judged: each in turn."""
    learn, judge = melt_pool_ap.SLICES if seed % 2 else melt_pool_ap.SLICES[::-1]
    found = melt_pool_ap.traced(0, 6.0, learn)
    settings = {"tile_grid": 1, "size_factor": 0.35, **melt_pool_ap.SUITED}
    return TracedSet(found, [], settings, {"judge": judge})


class Run(NamedTuple):
    """A set to learn from by its seed, how to judge, and the epochs to learn (0 is automatic)."""

    made: Callable[[int], TracedSet]
    judged: Callable[[TracedSet, Model], Scores]
    epochs: int


RUNS = {
    "brass": Run(brass_again, grains, 240),
    "carbon_steel": Run(shifted(carbon_steel, 5), overlaps, 210),
    "melt_pools": Run(slices, pools, 100),
    "superalloy_3": Run(lambda seed: enlarged(superalloy(3)), overlaps, 0),
    "superalloy_1": Run(lambda seed: enlarged(shifted(lambda: superalloy(1), 5)(seed)), overlaps, 0),
}


def learnt(folder: Path, name: str, seed: int) -> dict[str, Any]:
    """What is kept of a training and its scores; both are made where they are not there yet."""
    kept, run = folder / f"{name}-{seed}.json", RUNS[name]
    row: dict[str, Any] = orjson.loads(kept.read_bytes()) if kept.is_file() else {}
    if "scores" in row:
        return row
    found = run.made(seed)
    if not row:
        spent, began = time.process_time(), time.monotonic()
        model = teach(found, folder, seed=seed, epochs=run.epochs)
        row = {
            "model": model.path.name,
            "processor s": time.process_time() - spent,
            "clock s": time.monotonic() - began,
        }
        kept.write_bytes(orjson.dumps(row))
    path = folder / row["model"]
    row["scores"] = run.judged(found, Model(path, model_hash(path)))
    kept.write_bytes(orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY))
    print(name, seed, row, flush=True)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sets", nargs="*", default=list(RUNS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    rows = {(name, seed): learnt(asked.folder, name, seed) for seed in asked.seeds for name in asked.sets}
    print("| set | processor time | score | each seed | mean ± spread |\n|---|---|---|---|---|")
    for name in asked.sets:
        own = [rows[name, seed] for seed in asked.seeds]
        seconds = np.mean([row["processor s"] for row in own])
        for score in own[0]["scores"]:
            found = [row["scores"][score] for row in own]
            each, mean, spread = ", ".join(f"{value:.3f}" for value in found), np.mean(found), np.std(found)
            print(f"| {name} | {seconds:.0f} s | {score} | {each} | {mean:.3f} ± {spread:.3f} |")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
