"""From features told apart to training data that keeps them apart."""

from typing import Annotated

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, NotEmpty, Range, Unit
from graingraph.engine.values import UNLABELLED, ClassMap, Labels, PixelClass
from graingraph.engine.values.classes import boundary_of


@node("TruthFromFeatures", category="Learn", synonyms=("instances", "touching", "corrections", "class map", "retrain"))
def truth_from_features(
    features: Labels,
    before: Labels | None = None,
    *,
    name: Annotated[str, Label("class of the features"), NotEmpty()] = "melt pool",
    rest_name: Annotated[str, Label("class of the rest"), NotEmpty()] = "background",
    line_width: Annotated[int, Range(2, 50), Unit("px")] = 4,
) -> ClassMap:
    """Make features into training data in which touching ones stay apart.

    Three classes come out: the inside of the features, a line along the outline of each (named "<class> boundary"),
    and the rest. A network that learnt them finds single features again: select the inside, number it, and let it
    grow by half the width of the line.

    Wire features from before a correction to "before", and an image in which nobody changed anything stays
    unlabelled, so that the network does not learn its own mistakes.

    Settings:
        name: Name of the class of the features.
        rest_name: Name of the class of what is no feature.
        line_width: Width of the line along the outlines, half of it on either side.
    """
    from graingraph.nodes.formats.instances import outline_lines

    classes = (PixelClass(rest_name, "#3b6fb6"), PixelClass(name, "#69f0ae"), boundary_of(name))
    if before is not None and np.array_equal(before.pixels, features.pixels):
        return ClassMap(np.full(features.shape, UNLABELLED, np.uint8), features.scale, classes)
    pixels = (features.pixels > 0).astype(np.uint8)
    pixels[outline_lines(features.pixels, line_width)] = 2
    return ClassMap(pixels, features.scale, classes)
