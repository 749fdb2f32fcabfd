"""MultiThreshold: grey levels to several phases at once."""

from typing import Annotated, Literal

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, NotEmpty, Range, When
from graingraph.engine.problem import Problem
from graingraph.engine.values import ClassMap, Image, PixelClass
from graingraph.engine.values.classes import color_of
from graingraph.engine.values.notes import Note
from graingraph.engine.values.wording import counted, named
from graingraph.nodes.imaging.filters.grey_levels import histogram, otsu, parting
from graingraph.nodes.reading.pixel_types import grey_of


@node(
    "MultiThreshold",
    category="Segment",
    synonyms=("multi-Otsu", "phases", "several levels", "classes by grey level", "ternary", "segment"),
)
def multi_threshold(
    image: Image,
    *,
    method: Literal["multi-Otsu", "manual"] = "multi-Otsu",
    phases: Annotated[int, Range(2, 8), Label("number of phases"), When(method="multi-Otsu")] = 3,
    levels: Annotated[str, When(method="manual"), NotEmpty()] = "0.33, 0.67",
    names: Annotated[str, Label("names from dark to bright")] = "",
) -> ClassMap:
    """Part the pixels by grey level into several phases, from dark to bright.

    Multi-Otsu finds the levels with the least spread inside the phases (P.-S. Liao et al., J. Inf. Sci. Eng. 17, 2001,
    713-727), one picture at a time; manual levels are the same for all pictures. Wire it into AreaFraction for the
    share of each phase, or into ClassMask for one of them. Colour images count by their luminance. Phases are pixels:
    smooth a noisy image first, and use a trained network where phases differ by more than their grey. Where two
    neighbouring phases of multi-Otsu are one hill of greys, as in Threshold, nothing measured of them is reportable.

    Oracle: scikit-image threshold_multiotsu. Of more than 256 grey levels, 256 bins are told apart.

    Settings:
        method: How the levels are found.
        phases: How many phases there are.
        levels: The levels between the phases in rising order, as fractions of full scale, with commas between them.
        names: Names of the phases with commas between them; those that are missing are called phase 1, phase 2 ...
    """
    image = grey_of(image)
    grey = image.pixels
    black, white = image.range
    if method == "manual":
        limits = [black + one * (white - black) for one in _numbers(levels)]
        phases = len(limits) + 1
    else:
        occurring, counts = histogram(grey)
        if len(occurring) < phases:
            raise Problem(
                f"The image has {counted(len(occurring), 'grey level')}, too few for {phases} phases; ask for fewer."
            )
        limits = otsu(occurring, counts, phases)
    given = [name.strip() for name in names.split(",") if name.strip()]
    if len(given) > phases or len(set(given)) < len(given):
        raise Problem(f"There are {phases} phases; give at most as many names, each once.")
    called = given + [f"phase {k + 1}" for k in range(len(given), phases)]
    classes = tuple(PixelClass(name, color_of(k)) for k, name in enumerate(called))
    found = ClassMap(_phase_of(grey, limits), image.scale, classes=classes)
    mixed = [] if method == "manual" else _mixed(occurring, counts, limits)
    if not mixed:
        return found
    apart = named([f"{called[k]} from {called[k + 1]}" for k in mixed])
    said = f"the greys do not part {apart}, so that the level between them is chance; ask for fewer phases, or smooth."
    return found.with_note(Note("not reportable", said, about="levels"))


def _mixed(occurring: np.ndarray, counts: np.ndarray, limits: list[float]) -> list[int]:
    """The levels, by number, whose two neighbouring phases are one hill of greys."""
    phase = np.searchsorted(limits, occurring, side="left")
    pairs = [(phase == k) | (phase == k + 1) for k in range(len(limits))]
    return [k for k, two in enumerate(pairs) if not parting(occurring[two], counts[two], limits[k]).is_clear]


def _phase_of(grey: np.ndarray, limits: list[float]) -> np.ndarray:
    """How many of the limits lie below each pixel: uint8 (H, W); a pixel at a limit counts as darker."""
    if grey.dtype.kind == "u":
        every_level = np.arange(np.iinfo(grey.dtype).max + 1)
        return np.searchsorted(np.asarray(limits), every_level, side="left").astype(np.uint8)[grey]
    phase = np.zeros(grey.shape, np.uint8)
    for limit in limits:
        phase += grey > np.float32(limit)
    return phase


def _numbers(text: str) -> list[float]:
    try:
        found = [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        found = []
    if not 1 <= len(found) <= 7 or sorted(set(found)) != found or not (found[0] >= 0 and found[-1] <= 1):
        raise Problem(f"The levels are numbers from 0 to 1 in rising order, such as '0.33, 0.67', not '{text}'.")
    return found
