"""Which traced images are kept back to score the model, and the scores on them."""

from collections.abc import Callable, Collection

import numpy as np

from graingraph.engine.values import PixelClass
from graingraph.engine.values.classes import without_cores
from graingraph.nodes.imaging.features.class_indices import class_indices
from graingraph.nodes.learning.apply.uncertainty import unsure_fraction
from graingraph.nodes.learning.model.network_input import resize
from graingraph.nodes.learning.train.cores import folded
from graingraph.nodes.learning.train.sample import Sample
from graingraph.nodes.learning.train.scores import ClassScore, Tally

Predict = Callable[[np.ndarray], np.ndarray]
"""Class probabilities (h, w, C) of pixels (h, w, c) at the network's size."""


def split(
    samples: list[Sample], wanted: int, seed: int, keep: Collection[str] = (), learnt: Collection[str] = ()
) -> tuple[list[Sample], list[Sample]]:
    """Divide whole images into those to learn from and those to score.

    ``keep`` are the hashes of images that an earlier model was scored on: they stay held out, so that before and after
    are compared on the same images. Those that it ``learnt`` are held out only where there are no others. At least one
    image is left to learn from.
    """
    wanted = min(wanted, len(samples) - 1)
    kept = [s for s in samples if s.hash in keep][:wanted]
    others = [s for s in samples if s not in kept]
    order = np.random.default_rng((seed, 77)).permutation(len(others))
    drawn = sorted((others[i] for i in order), key=lambda sample: sample.hash in learnt)
    chosen = kept + drawn[: wanted - len(kept)]
    return [s for s in samples if s not in chosen], [s for s in samples if s in chosen]


def score(
    samples: list[Sample], predict: Predict, classes: tuple[PixelClass, ...], lines: tuple[int, ...]
) -> tuple[list[ClassScore], float]:
    """Scores at the images' own size over all samples, and the fraction of pixels the network is unsure of."""
    tally, unsure = Tally(without_cores(classes), lines), []
    for sample in samples:
        shares = resize(np.ascontiguousarray(predict(sample.pixels)), sample.truth.shape)
        planes = np.ascontiguousarray(shares.transpose(2, 0, 1))
        tally.add(class_indices(folded(planes, classes)), sample.truth.pixels)
        unsure.append(unsure_fraction(planes))
    return tally.scores(), float(np.mean(unsure))
