"""How much of what was measured somebody has corrected by hand."""

from collections.abc import Sequence

import numpy as np

from graingraph.engine.declare.injected import Mark
from graingraph.engine.values import Labels


def touched(features: Labels, marks: Sequence[Mark]) -> int:
    """The number of features that were corrected: those in which a point of a stroke lies (x, y in pixels)."""
    points = np.concatenate([mark.points for mark in marks] or [np.empty((0, 2))]).astype(int)
    columns, rows = points[:, 0].clip(0, features.shape[1] - 1), points[:, 1].clip(0, features.shape[0] - 1)
    return len(set(features.pixels[rows, columns].tolist()) - {0})
