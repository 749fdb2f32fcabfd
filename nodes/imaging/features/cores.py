"""The middle of each feature as a class of its own: touching features share an outline, but never a middle.

A network that misses a piece of the outline between two features joins them, and one that sees an outline where there
is none cuts a feature in two. Middles are far apart and compact, so they say how many features there are; the outlines
then say only where one ends (as seeds and landscape of a watershed; Naylor et al. 2019, IEEE Trans. Medical Imaging
38:448, learn the distance to the outline for the same reason).
"""

from collections.abc import Mapping

import cv2
import numpy as np

DEEP = 0.5
"""A core is what lies deeper inside a feature than this fraction of its deepest point."""


def feature_cores(inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """The middles (bool, h, w) of the features of a mask ``inside`` (bool, h, w), connected by their sides.

    Depth is the distance to ``outside`` (bool, h, w); what is in neither, and the frame, is no outline.
    """
    depth = cv2.distanceTransform((~outside).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    count, features = cv2.connectedComponents(inside.view(np.uint8), connectivity=4)
    deepest = np.zeros(count, np.float32)
    np.maximum.at(deepest, np.asarray(features, np.int32).ravel(), np.asarray(depth).ravel())
    return np.asarray((features > 0) & (depth > DEEP * deepest[features]))


def middles(planes: np.ndarray, cores: Mapping[int, int], line: int) -> np.ndarray | None:
    """How probable it is that a pixel is the middle of a feature, float32 (H, W); None where no middles were learnt.

    ``planes`` are probabilities (H, W, C); ``cores`` gives for each class that has a core the plane of it; ``line`` is
    the plane of the outlines. A class that has no core, such as the ground beside the features, is its own middle.
    """
    own = [index for index in range(planes.shape[2]) if index != line and index not in cores]
    return np.asarray(planes[..., own].max(axis=2)) if cores else None
