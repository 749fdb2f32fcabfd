"""Grain size by ASTM E112."""

from typing import Annotated, Literal, NamedTuple

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range, Unit, When
from graingraph.engine.values import Image, Labels, Mask, Table


class GrainSize(NamedTuple):
    """One row of sizes for the image, and the picture that shows how they were counted."""

    table: Table
    pattern: Image


@node(
    "GrainSize",
    category="Measure",
    synonyms=("ASTM E112", "grain size number", "G", "mean lineal intercept", "Heyn", "Abrams", "Hilliard", "Jeffries"),
)
def grain_size(
    grains: Labels | Mask,
    image: Image | None = None,
    *,
    lines: Literal["pattern", "grid"] = "pattern",
    spacing: Annotated[float, Range(2, 10_000), Unit("px"), When(lines="grid")] = 40.0,
) -> GrainSize:
    """Measure the ASTM E112 grain size number by counting grains and by counting intercepts.

    Takes grains, or a mask of their boundaries. Planimetric: grains inside count 1, grains cut by the edge of the
    image ½ and its four corners ¼ each. Intercept: the length of the test lines divided by their crossings with
    boundaries. A crossing counts 1 however thick the boundary is drawn, 1½ where it coincides with a triple point, ½
    where a line ends on it. Circles are the three concentric circles of the standard, lines its four straight lines
    or a grid. Each 95 % interval is that of this one field, from the spread of its grain areas or intercepts; for
    several fields together wire GrainSizeOfFields. Wire the micrograph to see the pattern drawn on it.

    Oracle: Poisson-Voronoi grains, squares and hexagons, whose mean intercept is π/2 · area / boundary length.

    Settings:
        lines: The four lines of the E112 pattern, or parallel lines over the image at 0°, 45°, 90° and 135°.
        spacing: Distance between neighbouring lines of the grid.
    """
    from graingraph.nodes.imaging.picture.e112_picture import draw_pattern
    from graingraph.nodes.imaging.stereology import intercepts, stereology
    from graingraph.nodes.imaging.stereology.grain_size_table import grain_size_table

    if isinstance(grains, Mask):
        field = stereology.field_of_mask(grains.pixels)
    else:
        field = stereology.field_of_labels(grains.pixels)
    straight = (
        intercepts.four_lines(grains.shape) if lines == "pattern" else intercepts.line_grid(grains.shape, spacing)
    )
    on_circles = stereology.cross(intercepts.circles(grains.shape), field)
    on_lines = stereology.cross(straight, field)
    counted = stereology.planimetric(field.partition)
    table = grain_size_table(
        planimetric=counted,
        circles=stereology.intercept(on_circles, counted.count),
        lines=stereology.intercept(on_lines, counted.count),
        together=stereology.intercept([*on_circles, *on_lines], counted.count),
        scale=grains.scale,
    )
    if isinstance(grains, Labels) and np.mean(grains.pixels == 0) > 0.25:
        table = table.with_note(
            "More than a quarter of the image belongs to no grain; E112 takes grains that fill the field, so do not "
            "reject grains at the edge before GrainSize."
        )
    return GrainSize(table, draw_pattern(field.network, [*on_circles, *on_lines], image, grains.scale))
