"""MarkerWatershed: grow one feature from each marker, up to the edges of the image."""

from dataclasses import replace
from typing import Annotated, Literal

import cv2
import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, Range, Unit, When
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Labels, Mask
from graingraph.nodes.reading.pixel_types import unit_grey


@node(
    "MarkerWatershed",
    category="Segment",
    synonyms=("marker-controlled watershed", "seeds", "seeded region growing", "flooding", "basins"),
)
def marker_watershed(
    image: Image,
    markers: Labels | Mask,
    mask: Mask | None = None,
    *,
    borders: Annotated[Literal["edges", "dark lines", "bright lines"], Label("features meet at")] = "edges",
    sigma: Annotated[float, Range(0.3, 20), Unit("px"), Label("σ of edges"), When(borders="edges")] = 1.0,
) -> Labels:
    """Grow one feature from each marker until they meet along the edges of the image (watershed by flooding).

    A marker lies inside its feature: a threshold that is strict enough, an eroded mask, or strokes drawn by hand. In a
    mask each connected piece is a marker. One marker has to lie in the background, too, or the features fill it; or
    wire a mask, which the features do not leave. Features meet where the brightness changes most (edges), along dark
    lines such as etched boundaries, or along bright ones such as the result of LineFilter. The borders have no width.
    Pieces of the mask without a marker are left out.

    Source: F. Meyer 1992, flooding with ordered queues. Oracle: scikit-image watershed.

    Settings:
        borders: What lies between two features.
        sigma: Standard deviation of the Gaussian by which edges are found; larger for noisy images.
    """
    from graingraph.nodes.imaging.boundaries.partition import drop_small
    from graingraph.nodes.imaging.features.flooding import flood

    for other, name in ((markers, "markers"), (mask, "mask")):
        if other is not None and other.shape != image.shape:
            raise Problem(f"The image and the {name} differ in size; wire those that were made of this image.")
    if isinstance(markers, Labels):
        seeds = markers.pixels
    else:
        seeds = np.asarray(cv2.connectedComponents(markers.pixels.view(np.uint8), ltype=cv2.CV_32S)[1])
    grown = flood(_landscape(image, borders, sigma), seeds, mask.pixels if mask is not None else None)
    features = drop_small(grown, 1)
    labels = Labels(features, image.scale, count=int(features.max(initial=0)))
    if mask is not None:
        labels = replace(labels, whole_at=mask.whole_at, cut=mask.cut)
    return labels if labels.count else labels.with_note("There is no marker, so no feature was found.")


def _landscape(image: Image, borders: str, sigma: float) -> np.ndarray:
    """Float32 (H, W), high where features meet."""
    grey = unit_grey(image)
    if borders == "edges":
        smooth = cv2.GaussianBlur(grey, (0, 0), sigma)
        # Scharr's 3 × 3 filter: the direction of an edge hardly changes its strength.
        return np.asarray(cv2.magnitude(cv2.Scharr(smooth, cv2.CV_32F, 1, 0), cv2.Scharr(smooth, cv2.CV_32F, 0, 1)))
    return -grey if borders == "dark lines" else grey
