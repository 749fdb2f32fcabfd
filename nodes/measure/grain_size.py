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
    version=5,  # 1 counted drawn lines, 2 lost the smallest, 3 took cut ones for small, 4 missed some at the frame
    synonyms=(
        "ASTM E112",
        "ISO 643",
        "grain size number",
        "G",
        "mean lineal intercept",
        "Heyn",
        "Abrams",
        "Hilliard",
        "Jeffries",
        "prior austenite",
        "ISO 4499-2",
        "JIS G 0551",
    ),
)
def grain_size(
    grains: Labels | Mask,
    image: Image | None = None,
    *,
    lines: Literal["pattern", "grid"] = "pattern",
    spacing: Annotated[float, Range(2, 10_000), Unit("px"), When(lines="grid")] = 40.0,
    smallest_grain: Annotated[int, Range(1, 100_000), Unit("px²")] = 1,
) -> GrainSize:
    """Measure the ASTM E112 grain size number of a field by counting grains and by counting intercepts.

    Takes grains, or a mask of their boundaries drawn as lines of any width. Planimetric (Jeffries, Saltykov): N_A is
    grains by area, grains inside counted 1, grains cut by the edge of the image ½ and its four corners ¼ each, on the
    area within the middles of the outermost pixels; G = 3.322 log10(N_A in mm⁻²) − 2.954. Intercept (Heyn, Abrams): the
    mean intercept is the length of the test lines divided by their crossings from one grain into another; G = −6.644
    log10(mean intercept in mm) − 3.288. Circles are the three concentric circles of the standard, lines its four
    straight lines or a grid. What pixels are too coarse for is made good by how frequent the smallest grains and chords
    are that are surely seen, what lines of a mask hide by their width from a second count with broader ones; the table
    tells both as corrections. Crossings per length are also given in four directions. One field has no interval: wire
    GrainSizeOfFields, which takes all fields. Wire the micrograph to see the pattern drawn on it.

    Standard: ASTM E112 (planimetric and intercept procedures). Assumes grains that fill the field, one kind of grain,
    and boundaries that are complete. Oracles: planar sections of 3-D Poisson-Voronoi grains, squares, hexagons and
    stripes. Known error of mean intercept and planimetric count: under 1 % from a mean intercept of 10 px for grains,
    under 2 % for lines up to a quarter of it wide. Limits and factors are from memory of the standard, not read in it:
    compare them with your edition.

    Settings:
        lines: The four lines of the E112 pattern, or parallel lines over the image at 0°, 45°, 90° and 135°.
        spacing: Distance between neighbouring lines of the grid.
        smallest_grain: For masks; smaller cells count as part of the line, not as grains, and none are made good.
    """
    from graingraph.nodes.imaging.boundaries import partition
    from graingraph.nodes.imaging.picture.e112_picture import draw_pattern
    from graingraph.nodes.imaging.picture.overlay import as_rgb8
    from graingraph.nodes.imaging.stereology import intercepts, stereology
    from graingraph.nodes.tables.grain_size_table import grain_size_table

    if isinstance(grains, Mask):
        field = stereology.field_of_mask(grains.pixels, smallest_grain)
    else:
        field = stereology.field_of_labels(grains.pixels)
    straight = (
        intercepts.four_lines(grains.shape, field.inset)
        if lines == "pattern"
        else intercepts.line_grid(grains.shape, spacing, inset=field.inset)
    )
    on_circles, by_circles = stereology.cross_all(intercepts.circles(grains.shape), field)
    on_lines, by_lines = stereology.cross_all(straight, field)
    planimetric, inside = stereology.planimetric(field)
    table = grain_size_table(
        field,
        planimetric=planimetric,
        inside=inside,
        intercepts={"circles": by_circles, "lines": by_lines, "circles and lines": by_circles + by_lines},
        directions=stereology.by_direction(field),
        scale=grains.scale,
    )
    if isinstance(grains, Labels) and np.mean(grains.pixels == 0) > 0.25:
        table = table.with_note(
            "More than a quarter of the image belongs to no grain; E112 takes grains that fill the field, so do not "
            "reject grains at the edge before GrainSize."
        )
    drawn = grains.pixels if isinstance(grains, Mask) else partition.borders(field.partition)
    rgb = as_rgb8(image.pixels, image.range) if image is not None else None
    picture = draw_pattern(drawn, [*on_circles, *on_lines], rgb)
    return GrainSize(table, Image(picture, grains.scale, name=image.name if image else ""))
