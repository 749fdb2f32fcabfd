"""From a corrected result back to training data."""

from typing import Annotated, Any, Literal

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, NotEmpty, Range, Unit, When
from graingraph.engine.values import UNLABELLED, ClassMap, Labels, Mask, PixelClass
from graingraph.engine.values.classes import with_roles_of_names

Kind = Literal["selected area", "boundaries between features"]


def _role_of_name(settings: dict[str, Any]) -> dict[str, Any]:
    """Until version 2 the selected area was a boundary by its name: write down what it meant."""
    (meant,) = with_roles_of_names([PixelClass(str(settings.get("name", "grain boundary")))])
    return {**settings, "role": meant.role}


@node(
    "TruthFromMask",
    category="Learn",
    version=2,  # 1 had no role
    synonyms=("corrections", "class map", "retrain", "annotations"),
    migrations={1: _role_of_name},
)
def truth_from_mask(
    corrected: Mask | Labels,
    before: Mask | Labels | None = None,
    *,
    kind: Kind = "selected area",
    line_width: Annotated[int, Range(1, 50), Unit("px"), When(kind="boundaries between features")] = 3,
    name: Annotated[str, Label("class of the selected"), NotEmpty()] = "grain boundary",
    rest_name: Annotated[str, Label("class of the rest"), NotEmpty()] = "grain",
    role: Annotated[Literal["area", "boundary"], Label("the selected are"), When(kind="selected area")] = "boundary",
) -> ClassMap:
    """Make a result that was corrected by hand into training data.

    Wire the corrected result to "corrected" and the same result from before the correction to "before": an image in
    which nobody changed anything stays unlabelled, so that the network does not learn its own mistakes.

    Settings:
        kind: Whether the selected pixels are the class, or the lines between the features.
        line_width: Width of the lines drawn between features.
        name: Name of the class that is selected (or of the lines).
        rest_name: Name of the class of everything else.
        role: Whether what is selected are areas, or the boundaries of the rest.
    """
    line = role == "boundary" or kind == "boundaries between features"
    selected_class = PixelClass(name, "#e4572e", "boundary", rest_name) if line else PixelClass(name, "#e4572e")
    classes = (PixelClass(rest_name, "#3b6fb6"), selected_class)
    if before is not None and np.array_equal(before.pixels, corrected.pixels):
        return ClassMap(np.full(corrected.shape, UNLABELLED, np.uint8), corrected.scale, classes)
    if kind == "boundaries between features" and isinstance(corrected, Labels):
        from graingraph.nodes.imaging.boundaries.partition import border_lines

        selected = border_lines(corrected.pixels, line_width)
    else:
        selected = corrected.pixels > 0
    return ClassMap(selected.astype(np.uint8), corrected.scale, classes)
