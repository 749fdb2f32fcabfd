"""LayerThickness: how thick a coating, case or scale is along its length."""

from typing import Annotated, Literal, NamedTuple

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range, When
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Labels, Mask, Table
from graingraph.engine.values.wording import short
from graingraph.nodes.tables.reportable import refusal

COARSE = 10.0
"""Pixels of thickness below which a pixel is more than 10 % of it, the uncertainty that ISO 1463 allows."""
SHORT = 0.5
"""Share of the picture's shorter side over which a layer is measured at least; less may be a piece of another thing."""
DRAWN = 40
"""How many of the normals are drawn on the picture."""


class LayerThickness(NamedTuple):
    """One row for the image, the thickness at every place, and the picture with normals drawn across the layer."""

    table: Table
    places: Table
    picture: Image


@node(
    "LayerThickness",
    category="Measure",
    version=2,  # 1 measured from the face in which a layer ends within the picture, too
    synonyms=(
        "coating thickness",
        "layer",
        "plating",
        "oxide scale",
        "cross-section",
        "case depth",
        "wall thickness",
        "ISO 1463",
        "ASTM B487",
    ),
)
def layer_thickness(
    layer: Labels | Mask,
    image: Image | None = None,
    *,
    shape: Literal["straight", "bent", "any shape"] = "straight",
    degree: Annotated[int, Range(2, 6), When(shape="bent")] = 2,
) -> LayerThickness:
    """Measure the thickness of a layer between its two interfaces: mean, smallest, largest, standard deviation.

    The largest piece of what is selected is the layer, with the holes in it. Straight and bent: a line, or a
    polynomial, is fitted through the middles of the layer, and thickness is what of the layer lies on its normals, one
    each pixel of length. Any shape: the middle line is what lies as far from one side as from the other, and the
    normals are those of the distance from the sides, so that rings and folds are measured too. Places where an
    interface lies outside the picture are left out. The mean is over the length; neighbouring places are not
    independent of each other, so one field has no interval: wire LayerThicknessOfFields.

    Standard: ISO 1463 and ASTM B487 (microscopical thickness of coatings on a cross-section). Assumes a section square
    to the surface: one tilted by 10° makes the layer 1.5 % too thick. Oracles: bands, wedges and sine interfaces in all
    directions, rings. Known error of the mean: under 0.1 px straight and bent, 0.3 px in any shape; single places
    scatter by 0.4 px. A layer under 10 px is not reportable, as the standards allow 10 %, nor is one measured over less
    than half of the picture's shorter side. Limits and factors are from memory of the standards, not read in them:
    compare them with your edition.

    Settings:
        shape: The mean course of the layer.
        degree: Of the polynomial; 2 is an arc.
    """
    from graingraph.nodes.imaging.features.holes import without_holes
    from graingraph.nodes.imaging.layers import thickness as layers
    from graingraph.nodes.imaging.picture.normals import draw_normals
    from graingraph.nodes.imaging.picture.overlay import as_rgb8
    from graingraph.nodes.measure.field_table import field_table

    if image is not None and image.shape != layer.shape:
        raise Problem("The layer and the image differ in size; wire the image in which the layer was found.")
    piece = layers.layer_of(np.asarray(layer.pixels, bool))
    try:
        if shape == "any shape":
            found = layers.between_sides(piece)
        else:
            found = layers.along_normals(without_holes(piece), degree if shape == "bent" else 1)
    except ValueError:
        raise Problem(
            "The layer has no two sides: it has to part the picture in two; crop it, or close its gaps."
        ) from None
    scale = layer.scale
    per_px, unit = (scale.um_per_px, "µm") if scale else (1.0, "px")
    thick = found.thickness * per_px
    known = thick.size > 0
    values = [
        ("Mean thickness", float(thick.mean()) if known else np.nan, unit),
        ("Smallest thickness", float(thick.min()) if known else np.nan, unit),
        ("Largest thickness", float(thick.max()) if known else np.nan, unit),
        ("Standard deviation of thickness", float(thick.std(ddof=1)) if thick.size > 1 else np.nan, unit),
        ("Measured length", thick.size * per_px, unit),
    ]
    headline = f"mean {short(values[0][1], 3)} {unit}, {short(values[1][1], 3)} to {short(values[2][1], 3)}"
    table = field_table(values, layer, headline=headline if known else "no layer")
    if not known:
        table = table.with_note("No layer was found whose two interfaces lie in the picture.")
    why = []
    if 0 < thick.size < SHORT * min(layer.shape):
        why.append(
            f"the layer was measured over {thick.size} px, less than half of the picture's shorter side: look whether "
            "it is the layer that was found"
        )
    if known and values[0][1] / per_px < COARSE:
        why.append(f"the layer is {short(values[0][1] / per_px, 2)} px thick, so a pixel is more than 10 % of it")
    table = table.with_note(*refusal(why, about="mean thickness"))
    columns = {"Position": (np.arange(thick.size) + 0.5) * per_px, "Thickness": thick}
    places = Table(
        columns, dict.fromkeys(columns, unit), headline=table.headline, fields=table.fields, notes=table.notes
    )
    drawn = as_rgb8(image.pixels, image.range) if image is not None else None
    picture = draw_normals(found.ends, found.thickness, piece, DRAWN, drawn)
    return LayerThickness(table, places, Image(picture, scale, name=image.name if image else ""))
