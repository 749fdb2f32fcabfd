"""Which traced images are kept back to score the model, and the scores on them."""

from collections.abc import Collection, Iterable

import numpy as np

from graingraph.engine.values import UNLABELLED, PixelClass
from graingraph.engine.values.classes import without_cores
from graingraph.nodes.imaging.features.class_indices import class_indices
from graingraph.nodes.learning.apply.uncertainty import faint_share, unsure_fraction
from graingraph.nodes.learning.model.network_input import resize
from graingraph.nodes.learning.train.cores import folded
from graingraph.nodes.learning.train.micrographs import micrographs
from graingraph.nodes.learning.train.sample import Sample
from graingraph.nodes.learning.train.scores import ClassScore, Tally

WHOLE = 0.99
"""An image is traced whole where at least this part of it is."""


def split(
    samples: list[Sample], share: float, seed: int, keep: Collection[str] = (), learnt: Collection[str] = ()
) -> tuple[list[Sample], list[Sample]]:
    """Divide whole micrographs into those to learn from and those to score: a ``share`` of them, at least one.

    ``keep`` are the hashes of images that an earlier model was scored on: they stay held out, so that before and after
    are compared on the same images. Those that it ``learnt`` are held out only where there are no others. Micrographs
    that are traced whole are held out before those that are not: only they can be measured. At least one micrograph is
    left to learn from. Where all images are parts of one, parts of it are held out.
    """
    of_name = {sample.name: sample for sample in samples}
    groups = [[of_name[name] for name in names] for names in micrographs(of_name)]
    if len(groups) == 1:
        groups = [[sample] for sample in samples]
    wanted = min(max(1, round(share * len(groups))), len(groups) - 1) if share else 0
    kept = [group for group in groups if any(sample.hash in keep for sample in group)][:wanted]
    others = [group for group in groups if group not in kept]
    order = np.random.default_rng((seed, 77)).permutation(len(others))
    drawn = sorted((others[i] for i in order), key=lambda group: (_learnt(group, learnt), not _is_whole(group)))
    chosen = {sample.name for group in (*kept, *drawn[: wanted - len(kept)]) for sample in group}
    return [s for s in samples if s.name not in chosen], [s for s in samples if s.name in chosen]


def are_parts_of_one(samples: list[Sample]) -> bool:
    """Whether several images are all parts of one micrograph."""
    return len(samples) > 1 and len(micrographs([sample.name for sample in samples])) == 1


def _learnt(group: list[Sample], learnt: Collection[str]) -> bool:
    return any(sample.hash in learnt for sample in group)


def _is_whole(group: list[Sample]) -> bool:
    return all(np.mean(sample.truth.pixels != UNLABELLED) >= WHOLE for sample in group)


def score(
    samples: list[Sample], predicted: Iterable[np.ndarray], classes: tuple[PixelClass, ...], lines: tuple[int, ...]
) -> tuple[list[ClassScore], dict[str, float | None]]:
    """Scores at the images' own size over all samples, and how ``unsure`` the network usually is of pixels and how much
    of the boundaries is ``faint`` (the most of nine in ten images; None without boundaries).

    ``predicted`` are the probabilities (h, w, C) of each sample, at the network's size.
    """
    tally, unsure, faint = Tally(without_cores(classes), lines), [], []
    for sample, shares in zip(samples, predicted, strict=True):
        at_size = resize(np.ascontiguousarray(shares), sample.truth.shape)
        planes = np.ascontiguousarray(at_size.transpose(2, 0, 1))
        tally.add(class_indices(folded(planes, classes)), sample.truth.pixels)
        unsure.append(unsure_fraction(planes))
        faint.append(faint_share(planes, classes))
    known = [share for share in faint if share is not None]
    usual = {"unsure": float(np.mean(unsure)), "faint": float(np.quantile(known, 0.9)) if known else None}
    return tally.scores(), usual
