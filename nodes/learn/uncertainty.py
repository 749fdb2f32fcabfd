"""Where a network is unsure, and what to trace next."""

from typing import Annotated, Any

import cv2
import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range, Unit
from graingraph.engine.values import Image, PerImage, Probabilities, Table
from graingraph.nodes.learning.apply.uncertainty import entropy


@node("Uncertainty", category="Learn", synonyms=("entropy", "confidence"))
def uncertainty(probabilities: Probabilities) -> Image:
    """Show where the network is unsure: 0 (black) is certain, 1 (white) a toss-up between all classes.

    The value is the entropy of the class probabilities over its maximum.
    """
    return Image(entropy(np.moveaxis(probabilities.pixels, 2, 0)), probabilities.scale, range=(0.0, 1.0))


@node("TraceNext", category="Learn", synonyms=("active learning", "uncertain regions", "what to annotate"))
def trace_next(
    probabilities: PerImage[Probabilities],
    *,
    region: Annotated[int, Range(16, 4096), Unit("px")] = 192,
    per_image: Annotated[int, Range(1, 20)] = 2,
) -> Table:
    """List the images and regions where the network is least sure, the most rewarding to trace first.

    Settings:
        region: Side of the regions.
        per_image: How many regions of one image are listed at most.
    """
    rows: list[dict[str, Any]] = []
    for name, value in probabilities.good():
        unsure = entropy(np.moveaxis(value.pixels, 2, 0))
        rows += [{"Image": name, **found} for found in _regions(unsure, region, per_image)]
    rows.sort(key=lambda row: row["Uncertainty"], reverse=True)
    names = ("X", "Y", "Width", "Height", "Uncertainty", "Image uncertainty")
    columns = {"Rank": np.arange(1, len(rows) + 1), "Image": np.array([row["Image"] for row in rows], object)}
    columns |= {name: np.array([row[name] for row in rows]) for name in names}
    units = {**dict.fromkeys(("X", "Y", "Width", "Height"), "px"), "Uncertainty": "", "Image uncertainty": ""}
    headline = f"trace next: {rows[0]['Image']}" if rows else "no images"
    return Table(columns, {"Rank": "", **units}, rows="fields", headline=headline)


def _regions(unsure: np.ndarray, side: int, count: int) -> list[dict[str, float]]:
    """The least sure squares of an image that do not overlap: left, top, size in px and mean uncertainty in them."""
    height, width = (min(side, extent) for extent in unsure.shape)
    means = cv2.boxFilter(unsure, cv2.CV_32F, (width, height), anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
    means = means[: unsure.shape[0] - height + 1, : unsure.shape[1] - width + 1].copy()
    overall, found = float(unsure.mean()), []
    for _ in range(count):
        top, left = np.unravel_index(int(means.argmax()), means.shape)
        mean = float(means[top, left])
        if mean < 0:
            break
        found.append(
            {"X": int(left), "Y": int(top), "Width": width, "Height": height}
            | {"Uncertainty": mean, "Image uncertainty": overall}
        )
        means[max(0, top - height + 1) : top + height, max(0, left - width + 1) : left + width] = -1
    return found
