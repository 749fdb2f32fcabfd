"""FourierFilter: keep structures of some sizes, and take out stripes."""

from dataclasses import replace
from typing import Annotated, Literal

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, Range, Unit, When
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image
from graingraph.nodes.reading.pixel_types import unit_grey


@node(
    "FourierFilter",
    category="Enhance",
    synonyms=("FFT", "band pass", "bandpass", "frequency", "curtaining", "stripes", "scan lines", "periodic noise"),
)
def fourier_filter(
    image: Image,
    *,
    shortest: Annotated[float, Range(0, 10_000), Unit("px"), Label("smallest structures")] = 3.0,
    longest: Annotated[float, Range(0, 10_000), Unit("px"), Label("largest structures")] = 0.0,
    stripes: Annotated[Literal["none", "rows", "columns"], Label("take out stripes along")] = "none",
    tolerance: Annotated[
        float, Range(0.1, 45), Unit("°"), Label("tolerance of direction"), When(stripes=("rows", "columns"))
    ] = 3.0,
) -> Image:
    """Keep structures between two sizes, and take out stripes, by their wavelength in Fourier space.

    A structure of one size is one period: of lines 10 px apart, 10 px. At the smallest and at the largest size half of
    the strength remains, further out nothing. Stripes along the rows (scan lines, charging) or along the columns
    (curtaining of ion milling) go in a narrow fan of directions, and with them the true edges that run exactly so. The
    mean grey level stays; beyond the frame the image goes on as its mirror image. The result is a grey floating-point
    image; what leaves black to white is cut off.

    Source: the band-pass by Gaussians in Fourier space (J. Walter in ImageJ, 2001, describes the same). Oracle: sums of
    waves of known length.

    Settings:
        shortest: Structures smaller than this are smoothed away; 0 keeps them.
        longest: Structures larger than this are flattened; 0 keeps them.
        stripes: Direction in which stripes run that shall go.
        tolerance: How far the stripes may lean from the rows or the columns.
    """
    from graingraph.nodes.imaging.filters.fourier import band_pass

    if 0 < longest <= shortest:
        raise Problem("The largest structures are no larger than the smallest, so nothing is left; exchange the two.")
    filtered = band_pass(unit_grey(image), shortest, longest, stripes, tolerance)
    return replace(image, pixels=np.clip(filtered, 0, 1), range=(0.0, 1.0))
