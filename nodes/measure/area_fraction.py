"""Area fraction of phases, which equals their volume fraction, their mean free path and mean chord."""

from typing import Annotated, Literal

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range, When
from graingraph.engine.values import UNLABELLED, ClassMap, Labels, Mask, MeasuredField, Table
from graingraph.engine.values.wording import named


@node(
    "AreaFraction",
    category="Measure",
    version=2,  # 1 gave no intercepts, mean free path and chord, and had no point grid
    synonyms=(
        "volume fraction",
        "phase fraction",
        "point count",
        "point grid",
        "percentage",
        "porosity",
        "mean free path",
        "mean chord",
        "ASTM E562",
        "ISO 9042",
        "ASTM E1245",
        "ferrite",
        "martensite",
        "bainite",
        "retained austenite",
        "delta ferrite",
        "sigma phase",
        "carbides",
    ),
)
def area_fraction(
    segmentation: ClassMap | Mask | Labels,
    *,
    counting: Literal["all pixels", "point grid"] = "all pixels",
    points: Annotated[int, Range(4, 1_000_000, log=True), When(counting="point grid")] = 100,
) -> Table:
    """Measure how much of the image each class covers, in per cent, and how far its pieces lie apart.

    Pixels that nobody has classified do not count. For a mask or for features it is the share of the selected pixels.
    On a random section the area fraction is the volume fraction V_V (Delesse). With all pixels every one serves as a
    point of an ASTM E562 point count; the point grid takes about as many as are asked for, in a square grid, to compare
    with a count by eye. Intercepts per length, N_L, is how often test lines enter the class, half of the crossings of
    its boundary; features that touch are one. Mean free path, λ = (1 − V_V) / N_L, is the mean distance along a line
    between two pieces of the class; mean chord, V_V / N_L, that through one. Lines run over all rows, columns and
    diagonals; where pixels are not square there are no lengths. How sure it is shows between fields: wire
    AreaFractionOfFields, which gives the 95 % interval.

    Standard: ASTM E562 and ISO 9042 (points), E1245 (areas, N_L and λ). Assumes a plane section at random and phases
    told apart rightly: an edge that lies half a pixel out changes the fraction by half the boundary length. Oracles:
    the painted area of discs and rectangles, discs thrown at random, Gaussian textures, grains of two phases, stripes.
    Known error: none of the fraction from all pixels. N_L is too low by half a pixel by the mean free path, where gaps
    of all lengths occur (1.6 % at 30 px), and by half a pixel by the mean chord, where chords of all lengths do (2.4 %
    at 21 px; nothing for discs), as half of what is thinner than a pixel is not seen; λ and chord are too long by as
    much. In elongated structures they are means over four directions.

    Settings:
        counting: Whether every pixel counts, or those under the points of a grid.
        points: About how many points the grid has.
    """
    from graingraph.nodes.imaging.stereology.phases import intercepts_per_length, point_grid

    if isinstance(segmentation, ClassMap):
        pixels, names = segmentation.pixels, [f" {item.name}" for item in segmentation.classes]
    else:
        pixels, names = np.where(segmentation.pixels, 0, 1).astype(np.uint8), [""]
    unclassified = UNLABELLED if isinstance(segmentation, ClassMap) else 2
    classified = pixels.size - int(np.count_nonzero(pixels == unclassified))
    on_grid = counting == "point grid"
    looked_at = pixels[np.ix_(*point_grid(pixels.shape, points))] if on_grid else pixels
    counts = np.bincount(looked_at.ravel(), minlength=UNLABELLED + 1)
    counted = looked_at.size - int(counts[unclassified])
    kinds = len(names) if isinstance(segmentation, ClassMap) else 2  # of a mask also what is not selected
    per_length = intercepts_per_length(pixels, kinds)
    scale = segmentation.scale
    square = scale is None or scale.is_square
    mm, um = ("mm", "µm") if scale else ("px", "px")
    um_per_px = (scale.um_per_px if scale else 1.0) if square else np.nan

    row: dict[str, float] = {}
    units: dict[str, str] = {}

    def put(name: str, value: float, unit: str) -> None:
        row[name], units[name] = value, unit

    for k, name in enumerate(names):
        put(f"Area fraction{name}", 100 * counts[k] / counted if counted else np.nan, "%")
    put("Analysed area", classified * (scale.pixel_area if scale else 1.0), f"{um}²")
    if on_grid:
        put("Points", counted, "")
    for k, name in enumerate(names):
        share, entered = row[f"Area fraction{name}"] / 100, per_length[k]
        put(f"Intercepts per length{name}", entered / um_per_px * (1000 if scale else 1), f"1/{mm}")
        put(f"Mean free path{name}", (1 - share) / entered * um_per_px if entered else np.nan, um)
        put(f"Mean chord{name}", share / entered * um_per_px if entered else np.nan, um)
    shares = ", ".join(f"{name.strip()} {row[f'Area fraction{name}']:.1f} %".strip() for name in names)
    table = Table(
        {name: np.array([value], float) for name, value in row.items()},
        units,
        rows="fields",
        headline=shares if counted else "no pixel is classified",
        fields=(MeasuredField(*segmentation.shape, scale),),
    )
    if not square:
        table = table.with_note("The pixels are not square, so no lengths are measured; wire SquarePixels after Load.")
    apart = [
        name.strip() or "what is selected" for name, entered in zip(names, per_length, strict=False) if not entered > 0
    ]
    if counted and apart:
        table = table.with_note(
            f"The lines meet no edge of {named(apart)}, so there is no mean free path and no mean chord."
        )
    if not counted:
        return table.with_note("No pixel is classified, so there is no area fraction.")
    if classified < pixels.size:
        return table.with_note(
            f"{100 * (1 - classified / pixels.size):.1f} % of the pixels are unclassified and left out."
        )
    return table
