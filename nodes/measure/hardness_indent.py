"""HardnessIndent: Vickers hardness from the diagonals of indents."""

from typing import Annotated

import cv2
import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range, Unit
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Labels, Mask, MeasuredField, Table
from graingraph.engine.values.notes import Note
from graingraph.engine.values.table import mean
from graingraph.engine.values.wording import counted, short
from graingraph.nodes.reading.pixel_types import unit_grey
from graingraph.nodes.tables.reportable import NO_SCALE, refusal

VICKERS = 1.8544
"""HV by force in kgf and diagonal in mm: 2 sin(136° / 2)."""
UNEQUAL = 5.0
"""Per cent by which the diagonals of one indent may differ (ISO 6507-1 asks to state it beyond)."""
SMALLEST = 20.0
"""Shortest diagonal in µm for which ISO 6507-1 holds."""


@node(
    "HardnessIndent",
    category="Measure",
    version=3,  # 1 counted features that the frame cuts as whole, 2 took discs and oblongs for indents
    synonyms=("Vickers", "microhardness", "HV", "indentation", "diagonal", "ASTM E384", "ISO 6507"),
)
def hardness_indent(
    indents: Labels | Mask,
    image: Image,
    *,
    force: Annotated[float, Range(0.0001, 150, log=True), Unit("kgf")] = 1.0,
) -> Table:
    """Measure the diagonals of Vickers indents and their hardness.

    Takes the indents as features, one each (Threshold, darker, then FillHoles, RejectFeatures and EdgeReject), and
    finds their corners in the image to a fraction of a pixel: where lines meet that are laid along both sides near the
    corner. HV = 1.8544 · F / d² with the force F in kgf (9.80665 N) and the mean diagonal d in mm. An indent whose
    corners are not found, and what is no print of a square pyramid (a pore, an oblong), keeps its row, without numbers.

    Standard: ISO 6507-1, ASTM E384. Not reportable without a pixel size, or where the diagonals of an indent differ by
    more than 5 %. Whether indents lie too near each other or to the edge, and whether the image is in focus, is for you
    to see. Oracle: rendered pyramids, turned, blurred and noisy. Known error of a diagonal: 0.1 px from 40 px on, which
    is 0.4 % of HV at 50 px; where sides bulge, the corner is where they would meet if they went on straight. Limits and
    factors are from memory of the standards, not read in them: compare them with your edition.

    Settings:
        force: Test force, in kgf (1 kgf is 9.807 N).
    """
    from scipy.ndimage import find_objects

    from graingraph.nodes.imaging.boundaries.partition import at_frame
    from graingraph.nodes.imaging.features.indent import find_indent

    if image.shape != indents.shape:
        raise Problem("The image and the indents differ in size; wire the image that they were found in.")
    grey = unit_grey(image)
    if isinstance(indents, Labels):
        labels = indents.pixels
    else:
        labels = np.asarray(cv2.connectedComponents(indents.pixels.view(np.uint8), ltype=cv2.CV_32S)[1])
    scale = indents.scale or image.scale
    per_px, unit = (scale.um_per_px, "µm") if scale else (1.0, "px")
    boxes = [(number, box) for number, box in enumerate(find_objects(labels), 1) if box is not None]
    diagonals = np.full((len(boxes), 2), np.nan)
    for k, (number, box) in enumerate(boxes):
        around = tuple(_widened(side, limit) for side, limit in zip(box, image.shape, strict=True))
        found = find_indent(labels[around] == number, grey[around])
        if found is not None:
            diagonals[k] = found.diagonals
    diagonals *= per_px
    length = diagonals.mean(axis=1)
    unequal = 100 * np.abs(diagonals[:, 0] - diagonals[:, 1]) / length
    hardness = VICKERS * force / (length / 1000) ** 2 if scale else np.full(len(length), np.nan)
    columns = {
        "Label": np.array([number for number, _ in boxes], int),
        "Diagonal 1": diagonals[:, 0],
        "Diagonal 2": diagonals[:, 1],
        "Mean diagonal": length,
        "Difference of diagonals": unequal,
        "Hardness": hardness,
    }
    units = dict(zip(columns, ("", unit, unit, unit, "%", "HV"), strict=True))
    good = int(np.isfinite(length).sum())
    headline = f"{short(mean(hardness), 3)} HV" if scale and good else f"mean diagonal {short(mean(length), 3)} {unit}"
    cut = len(at_frame(labels))
    table = Table(
        columns,
        units,
        headline=f"{headline} (n = {good})" if good else "no indent",
        fields=(MeasuredField(*image.shape, scale, len(boxes) - cut, cut + indents.cut),),
    )
    return table.with_note(*_notes(length, unequal, scaled=scale is not None))


def _widened(side: slice, limit: int) -> slice:
    """A little more than the box of an indent, as its tips are often lost in the mask."""
    margin = 8 + (side.stop - side.start) // 3
    return slice(max(0, side.start - margin), min(limit, side.stop + margin))


def _notes(length: np.ndarray, unequal: np.ndarray, *, scaled: bool) -> list[Note]:
    notes = []
    why = [] if scaled else [NO_SCALE]
    askew = int(np.count_nonzero(unequal > UNEQUAL))
    if askew:
        why.append(f"the diagonals of {counted(askew, 'indent')} differ by more than {UNEQUAL:g} %")
    notes += refusal(why, about="hardness")
    lost = int(np.count_nonzero(np.isnan(length)))
    if lost:
        notes.append(Note("incomplete", f"Of {counted(lost, 'indent')} the four corners of a pyramid were not found."))
    if scaled and np.nanmin(length, initial=np.inf) < SMALLEST:
        text = f"A diagonal is shorter than {SMALLEST:g} µm, for which ISO 6507-1 does not hold; take a larger force."
        notes.append(Note("advice", text))
    if not length.size:
        notes.append(Note("advice", "No indent was found; the table is empty."))
    return notes
