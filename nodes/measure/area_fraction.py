"""Area fraction of phases, which equals their volume fraction."""

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.values import UNLABELLED, ClassMap, Labels, Mask, MeasuredField, Table


@node(
    "AreaFraction",
    category="Measure",
    synonyms=("volume fraction", "phase fraction", "point count", "percentage", "porosity", "ASTM E562"),
)
def area_fraction(segmentation: ClassMap | Mask | Labels) -> Table:
    """Measure how much of the image each class covers, in per cent.

    Pixels that nobody has classified do not count. For a mask or for features it is the share of the selected pixels.
    On a random section the area fraction is the volume fraction (Delesse); every pixel serves as a point of an ASTM
    E562 point count. How sure it is shows between fields: wire Pool and Distribution, which give the 95 % interval.

    Standard: ASTM E562 and E1245 (V_V = A_A). Assumes a plane section at random and phases told apart rightly: an edge
    that lies half a pixel out changes the fraction by half the boundary length. Oracles: the painted area of discs and
    rectangles, discs thrown at random, grains of two phases. Known error: none from counting pixels.
    """
    pixels = segmentation.pixels
    if isinstance(segmentation, ClassMap):
        counts = np.bincount(pixels.ravel(), minlength=UNLABELLED + 1)
        counted = int(pixels.size - counts[UNLABELLED])
        covered = {f"Area fraction {item.name}": int(counts[i]) for i, item in enumerate(segmentation.classes)}
    else:
        counted = pixels.size
        covered = {"Area fraction": int(np.count_nonzero(pixels))}
    row = {name: 100 * count / counted if counted else np.nan for name, count in covered.items()}
    scale = segmentation.scale
    row["Analysed area"] = counted * scale.pixel_area if scale else float(counted)
    units = {**dict.fromkeys(covered, "%"), "Analysed area": "µm²" if scale else "px²"}
    headline = ", ".join(f"{name.removeprefix('Area fraction').strip()} {row[name]:.1f} %".strip() for name in covered)
    fields = (MeasuredField(*segmentation.shape, scale),)
    table = Table(
        {name: np.array([value]) for name, value in row.items()}, units, rows="fields", headline=headline, fields=fields
    )
    if not counted:
        return table.with_note("No pixel is classified, so there is no area fraction.")
    if counted < pixels.size:
        return table.with_note(
            f"{100 * (1 - counted / pixels.size):.1f} % of the pixels are unclassified and left out."
        )
    return table
