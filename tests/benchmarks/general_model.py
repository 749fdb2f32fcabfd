"""What a model of any grains finds untaught: ``python -m tests.benchmarks.general_model MODEL.onnx [MODEL.onnx ...]``.

For each set and magnification: boundary F1 at 3 px, the error of the planimetric ASTM grain size number (found less
true, from counts), and how sure the network is of the boundaries that it draws.
"""

import argparse
from pathlib import Path

import numpy as np

from graingraph.engine.declare.injected import Context
from graingraph.engine.files import hash_file
from graingraph.engine.values import ClassMap, Image, Mask, Model, Probabilities
from graingraph.engine.values.classes import boundary_index
from graingraph.nodes.learn.deep_segment import deep_segment
from graingraph.nodes.learning.train.scores import boundary_hits, f1
from graingraph.nodes.segment.boundaries import boundaries_to_grains, grains_to_boundaries
from tests.benchmarks.learning_sets import brass, pure_iron
from tests.support.paths import SHARED

MAGNIFICATIONS = (0.35, 0.5, 0.7, 1.0)


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


def sets() -> dict[str, list[tuple[Image, ClassMap]]]:
    found = {"generated brass": brass().judge}
    return found | ({"pure iron": pure_iron().judge} if (SHARED / "data" / "pure_iron").is_dir() else {})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("models", type=Path, nargs="+")
    asked = parser.parse_args()
    print(
        "| model | set | magnification | F1 | ΔG of each image | mean |ΔG| | sureness |\n|---|---|---|---|---|---|---|"
    )
    for path in asked.models:
        model = Model(path, hash_file(path))
        for name, pairs in sets().items():
            for magnification in MAGNIFICATIONS:
                scores, errors, sure = [], [], []
                for image, truth in pairs:
                    made = deep_segment(image, model, magnification=magnification, context=Context()).probabilities
                    boundaries = truth.pixels == [item.name for item in truth.classes].index("grain boundary")
                    score, error = judge(made, boundaries)
                    scores.append(score)
                    errors.append(error)
                    sure.append(sureness(made))
                each = ", ".join(f"{error:+.2f}" for error in errors)
                print(
                    f"| {path.stem} | {name} | {magnification:g} | {np.mean(scores):.3f} | {each} | "
                    f"{np.mean(np.abs(errors)):.2f} | {np.mean(sure):.3f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
