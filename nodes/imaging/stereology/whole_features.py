"""The features that lie whole in a field, and how many each stands for."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from graingraph.nodes.imaging.features.regions import Regions
from graingraph.nodes.imaging.features.runs import Runs, at_frame
from graingraph.nodes.imaging.stereology.edge_weight import edge_weights

SIDES = ("top", "bottom", "left", "right")


class WholeFeatures(NamedTuple):
    """Which features lie ``whole`` inside the frame, bool (features,), and their ``weights``, float64 (features,).

    ``cut`` is how many the frame cuts. The weight of a feature is one over the chance that the frame holds it whole,
    and 0 where it does not, so that sums over them are without bias by the frame (Miles and Lantuéjoul).
    """

    whole: npt.NDArray[np.bool_]
    weights: npt.NDArray[np.float64]
    cut: int


def whole_features(runs: Runs, regions: Regions, shape: tuple[int, int]) -> WholeFeatures:
    """The features that meet no side of the frame (H, W)."""
    cut = at_frame(runs, shape[1])
    whole = np.asarray(regions.area > 0)
    whole[cut - 1] = False
    return WholeFeatures(whole, np.where(whole, edge_weights(regions, shape, SIDES), 0.0), len(cut))
