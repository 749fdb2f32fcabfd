"""What is written beside a picked feature: its row of the node's table."""

from functools import lru_cache

import cv2
import numpy as np

from graingraph.app.document.content import features_for
from graingraph.app.document.session import OutputRef
from graingraph.app.gui.base.context import AppContext
from graingraph.app.rendering.geometry import Point
from graingraph.engine.declare.injected import Mark
from graingraph.engine.values import Labels, Mask, Raster, Table
from graingraph.engine.values.wording import cell

NO_FEATURE = "no feature here"

MOST_COLUMNS = 4


def readouts(app: AppContext, node: str, marks: tuple[Mark, ...]) -> list[tuple[Point, str]]:
    """For each pick on a feature of the node's table: the image point and the words."""
    picks = [mark for mark in marks if mark.tool == "pick"]
    declared = app.session.recipe.steps[node].declared
    if not picks or declared is None:
        return []
    outputs = (app.live.value(node, pin.name) for pin in declared.outputs)
    table = next((value for value in outputs if isinstance(value, Table)), None)
    place = features_for(app.session.recipe, OutputRef(node, declared.outputs[0].name))
    features = app.live.value(*place) if place else None
    if table is None or not isinstance(features, Labels | Mask) or "Label" not in table.columns:
        return []
    numbers = _labels(_Same(features))
    found = []
    for mark in picks:
        x, y = mark.points[0]
        row, column = int(y), int(x)
        inside = 0 <= row < numbers.shape[0] and 0 <= column < numbers.shape[1]
        words = row_words(table, int(numbers[row, column])) if inside else ""
        found.append((Point(float(x), float(y)), words or NO_FEATURE))
    return found


def row_words(table: Table, label: int) -> str:
    """The first measurements of a feature in one line; its remark where it could not be measured."""
    found = np.flatnonzero(table.columns["Label"] == label)
    if not label or not found.size:
        return ""
    row = {name: column[found[0]] for name, column in table.columns.items()}
    parts = [
        f"{name} {cell(float(row[name]))} {table.units.get(name, '')}".strip()
        for name in table.quantities[:MOST_COLUMNS]
        if np.isfinite(float(row[name]))
    ]
    return ", ".join(parts) or str(row.get("Remark") or "")


class _Same:
    """Wraps a raster so that it can be a key."""

    def __init__(self, value: Raster) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value.pixels)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value.pixels is other.value.pixels


@lru_cache(maxsize=2)
def _labels(key: _Same) -> np.ndarray:
    pixels = key.value.pixels
    return cv2.connectedComponents(pixels.view(np.uint8))[1] if pixels.dtype == bool else pixels
