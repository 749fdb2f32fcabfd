"""Threshold: from grey levels to selected pixels."""

import math
from typing import Annotated, Literal

import cv2
import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import GreyLevel, Label, Range, Unit, When
from graingraph.engine.values import Image, Mask
from graingraph.engine.values.notes import Note
from graingraph.nodes.imaging.filters.grey_levels import automatic_level, histogram, parting
from graingraph.nodes.reading.pixel_types import grey_of

AUTOMATIC = ("otsu", "li", "triangle")


@node(
    "Threshold",
    category="Segment",
    version=2,
    synonyms=(
        "segment",
        "binarize",
        "otsu",
        "minimum cross entropy",
        "triangle",
        "mask",
        "select",
    ),
)
def threshold(
    image: Image,
    *,
    method: Literal["otsu", "li", "triangle", "manual", "range", "local"] = "otsu",
    keep: Annotated[Literal["brighter", "darker"], When(method=(*AUTOMATIC, "manual", "local"))] = "brighter",
    level: Annotated[float, Range(0, 1), GreyLevel(of="image"), When(method="manual")] = 0.5,
    low: Annotated[float, Range(0, 1), GreyLevel(of="image"), When(method="range")] = 0.25,
    high: Annotated[float, Range(0, 1), GreyLevel(of="image"), When(method="range")] = 0.75,
    window: Annotated[int, Range(3, 2001), Unit("px"), When(method="local")] = 51,
    offset: Annotated[float, Range(-0.5, 0.5), When(method="local"), Label("offset from local mean")] = 0.02,
) -> Mask:
    """Select the pixels brighter, or darker, than a grey level.

    Otsu finds the level that best parts the grey levels in two (N. Otsu, IEEE Trans. SMC 9, 1979, 62-66). Li does so
    where one of the two is rare or spreads more, by the least cross entropy (C. H. Li and P. K. S. Tam, Pattern Recogn.
    Lett. 19, 1998, 771-776). Triangle suits a histogram of one hill with a long flank, such as few particles on an even
    ground (G. W. Zack et al., J. Histochem. Cytochem. 25, 1977, 741-753). Range keeps what lies between two levels.
    Local compares each pixel with the mean of the square around it, which follows uneven lighting. Colour images count
    by their luminance. Levels are fractions of full scale: 0 is black and 1 is white (255 of 8 bits, 65535 of 16 bits,
    the brightest level found in the file of a floating-point image). Where the greys are one hill that an automatic
    level cuts by chance (under 70 % of their variance lies between both sides, and a tenth of the step between these
    changes the area by over 10 %), nothing that is measured of what is selected is reportable.

    Oracles: OpenCV (Otsu), scikit-image (Li, triangle).

    Settings:
        method: How the level is found.
        keep: Whether the brighter or the darker pixels are selected. The level itself counts as darker.
        level: Grey level as a fraction of full scale.
        low: Lowest level that is kept, as a fraction of full scale.
        high: Highest level that is kept, as a fraction of full scale.
        window: Side of the square around each pixel; an even number counts as the next odd one.
        offset: How much brighter (or darker) than the local mean a pixel has to be, as a fraction of full scale.
    """
    image = grey_of(image)
    grey = image.pixels
    black, white = image.range
    if method == "range":
        lowest, highest = (black + fraction * (white - black) for fraction in (low, high))
        return Mask(_brighter(grey, highest) ^ _at_least(grey, lowest) if low <= high else grey != grey, image.scale)
    if method == "manual":
        mask = _brighter(grey, black + level * (white - black))
        return Mask(mask if keep == "brighter" else ~mask, image.scale)
    levels, counts = histogram(grey) if method in AUTOMATIC else (np.array(cv2.minMaxLoc(grey)[:2]), np.empty(0))
    if levels[0] == levels[-1]:
        note = "The image has a single grey level, so the threshold selects nothing."
        return Mask(np.zeros(grey.shape, bool), image.scale).with_note(note)
    if method in AUTOMATIC:
        found = automatic_level(levels, counts, method)
        mask = _brighter(grey, found)
        selected = Mask(mask if keep == "brighter" else np.logical_not(mask, out=mask), image.scale)
        how_well = parting(levels, counts, found)
        if how_well.is_clear:
            return selected
        said = (
            "the greys do not part in two: a level moved by a tenth of the step between dark and bright changes the "
            f"area by {100 * how_well.change:.0f} %; smooth, flatten uneven light, or teach a network what to select."
        )
        return selected.with_note(Note("not reportable", said, about="level"))
    # In float, because a mean rounded to whole grey levels would decide flat regions by chance.
    mean = cv2.boxFilter(grey, cv2.CV_32F, (window | 1, window | 1), borderType=cv2.BORDER_REPLICATE)
    step = offset * (white - black)
    return Mask(grey > mean + step if keep == "brighter" else grey < mean - step, image.scale)


def _brighter(grey: np.ndarray, level: float) -> np.ndarray:
    # Whole numbers are compared as such: the same answer, without a copy in floating point.
    return grey > grey.dtype.type(math.floor(level) if grey.dtype.kind == "u" else level)


def _at_least(grey: np.ndarray, level: float) -> np.ndarray:
    return grey >= grey.dtype.type(math.ceil(level) if grey.dtype.kind == "u" else level)
