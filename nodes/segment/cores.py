"""CoresToFeatures: single features from the probabilities of a network that learnt their middles."""

from typing import Annotated

import cv2
import numpy as np

from engine.node import node
from engine.problem import Problem
from engine.settings import Label, NamesClass, Range
from engine.values import Labels, Probabilities

SMOOTH = 1.5
"""Gaussian sigma in px that takes the noise off the landscape."""


@node("CoresToFeatures", category="Segment", synonyms=("instances", "touching", "seeds", "watershed", "melt pools"))
def cores_to_features(
    probabilities: Probabilities,
    *,
    name: Annotated[str, Label("class"), NamesClass()] = "melt pool",
    depth: Annotated[float, Range(0, 1)] = 0.1,
    level: Annotated[float, Range(0, 1), Label("least probability")] = 0.5,
) -> Labels:
    """Find single features that touch, with a network trained to "keep features apart".

    Such a network knows the middle of each feature, its core. Every core becomes one feature, which reaches to where
    the outlines are most probable and to the background. Gaps in an outline join nothing and false lines cut nothing.

    Settings:
        name: The class of the features, as it was traced.
        depth: How much less probable a core must become between two middles to make two features of them. Raise it if
            features are cut, lower it if they run together.
        level: A feature whose core is nowhere this probable is left out.
    """
    from nodes.annotations.instances import boundary_name
    from nodes.kernels.partition import drop_small, highest
    from nodes.kernels.watershed import split_summits
    from nodes.networks.cores import core_name

    names = [item.name for item in probabilities.classes]
    for wanted in (name, boundary_name(name), core_name(name)):
        if wanted not in names:
            raise Problem(
                f"The model has no class '{wanted}'; train with 'keep features apart', or name another class."
            )
    rim, line, core = (
        probabilities.pixels[..., names.index(item)] for item in (name, boundary_name(name), core_name(name))
    )
    # A landscape from 1.5 on a core over 1 on the rim down to 0 on a line.
    height = cv2.GaussianBlur(core + np.float32(0.5) * (1 + rim - line), (0, 0), SMOOTH)
    inside = rim + core + np.float32(0.5) * line >= 0.5  # half of a line along the background is the feature's
    height = np.where(inside, np.maximum(height, 1e-3), 0).astype(np.float32)
    pieces, count = split_summits(height, depth)
    features = drop_small(np.where(highest(core, pieces, count)[pieces] >= level, pieces, 0), 1)
    result = Labels(features, probabilities.scale, count=int(features.max(initial=0)))
    return result if result.count else result.with_note(f"No core of '{name}' is as probable as {level:g}.")
