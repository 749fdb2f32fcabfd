"""The sizes, shapes, places and grey levels of features by name, in the order of the columns of a table."""

from typing import Literal

Dimension = Literal["length", "area", "angle", "number", "grey"]

QUANTITIES: dict[str, Dimension] = {
    "Area": "area",
    "Filled area": "area",
    "Holes": "number",
    "Perimeter": "length",
    "Outer perimeter": "length",
    "Equivalent diameter": "length",
    "Feret max": "length",
    "Feret min": "length",
    "Feret across": "length",
    "Feret angle": "angle",
    "Inscribed diameter": "length",
    "Major axis": "length",
    "Minor axis": "length",
    "Aspect ratio": "number",
    "Orientation": "angle",
    "Circularity": "number",
    "Outer circularity": "number",
    "Roundness": "number",
    "Convexity": "number",
    "Solidity": "number",
    "Centroid X": "length",
    "Centroid Y": "length",
    "Nearest neighbour": "length",
    "Mean grey": "grey",
    "Grey deviation": "grey",
    "Lowest grey": "grey",
    "Highest grey": "grey",
}
"""What each is: a length in px, an area in px², an angle in °, a pure number, or a grey level of the image."""

SMALLEST_SHAPED = 10.0
"""Equivalent diameter in px below which pixels bias ``SHAPES``: roundness of a disc by −4 % there, −13 % at 5 px."""
SHAPES = ("Circularity", "Outer circularity", "Roundness")
"""Those by which a disc is told from other shapes."""
