"""Keeping some features of a mask or of labels: one code path for both."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from graingraph.engine.values import Labels, Mask

if TYPE_CHECKING:  # it loads numba, which declaring the nodes does without
    from graingraph.nodes.imaging.features.runs import Runs

Region = TypeVar("Region", Mask, Labels)


def features_of(region: Mask | Labels) -> "Runs":
    """Runs of the features of a region; those of a mask are its groups of pixels that meet at sides or corners."""
    from graingraph.nodes.imaging.features.runs import feature_runs

    return feature_runs(region.pixels, region.count if isinstance(region, Labels) else None)


def keep_features(region: Region, runs: "Runs | None", keep: npt.NDArray[np.bool_]) -> Region:
    """The region with only the features for which bool ``keep`` (features,) is true; labels are numbered anew.

    ``runs`` are those of a mask; labels do without.
    """
    from graingraph.nodes.imaging.features.runs import paint_mask, renumber

    if keep.all():
        return region
    if isinstance(region, Mask):
        assert runs is not None
        return region.with_pixels(paint_mask(runs, np.append(False, ~keep), False, region.pixels))
    numbers = np.append(0, np.where(keep, np.cumsum(keep), 0)).astype(np.int32)
    return replace(region, pixels=renumber(region.pixels, numbers), count=int(keep.sum()))
