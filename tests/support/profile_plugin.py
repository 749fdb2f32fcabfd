"""A plug-in in one file, as another lab might write it: a node, its value type, how it is stored, shown and exported.

It imports nothing of the program but ``graingraph.plugin``. ``tests.support.plugins`` installs it.
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from graingraph.plugin import (
    Export,
    Image,
    Lines,
    Plot,
    Range,
    Series,
    Value,
    layers,
    node,
    plot,
    record,
    thumbnail,
    value_type,
)


@record
@dataclass(frozen=True)
class Line:
    """A row of an image, in pixels."""

    row: int
    length: int


def to_csv(profile: "Profile") -> bytes:
    """The CSV file of a profile."""
    rows = (f"{column},{height:g}\n" for column, height in enumerate(profile.heights.tolist()))
    return ("Column (px),Grey level\n" + "".join(rows)).encode()


@value_type(pin="#ff8a65", export=Export(".csv", to_csv))
@dataclass(frozen=True, eq=False)
class Profile(Value):
    """Grey levels along a row: ``heights`` float64 (n,)."""

    heights: np.ndarray
    line: Line


@plot(Profile)
def as_diagram(profile: Profile) -> Plot:
    """The profile as a curve."""
    columns = np.arange(len(profile.heights))
    return Plot("Profile", "Column (px)", "Grey level", (Series("profile", columns, profile.heights),))


@layers(Profile)
def over_the_image(profile: Profile) -> list[Lines]:
    """The row that was read."""
    y = profile.line.row + 0.5
    return [Lines(np.array([[0, y], [profile.line.length, y]], np.float32), "#ff8a65", text="profile")]


@thumbnail(Profile)
def small(profile: Profile, width: int, height: int) -> np.ndarray:
    """The curve, white on black."""
    picture = np.zeros((height, width, 3), np.uint8)
    columns = np.linspace(0, len(profile.heights) - 1, width).astype(int)
    level = profile.heights[columns] / max(float(profile.heights.max()), 1e-12)
    picture[((1 - level) * (height - 1)).astype(int), np.arange(width)] = 255
    return picture


@node("LineProfile", category="Measure")
def line_profile(image: Image, *, at: Annotated[float, Range(0, 1)] = 0.5) -> Profile:
    """Grey levels along a row of the image.

    Settings:
        at: Height of the row, 0 at the top and 1 at the bottom.
    """
    row = round(at * (image.shape[0] - 1))
    grey = image.pixels[row].astype(np.float64)
    return Profile(grey.mean(axis=1) if grey.ndim == 2 else grey, Line(row, image.shape[1]))
