"""Bringing boxes on the canvas in line with each other."""

from collections.abc import Hashable, Mapping
from typing import Literal, TypeVar

from graingraph.app.rendering.geometry import Box, Point

Edge = Literal["left", "right", "top", "bottom"]
Name = TypeVar("Name", bound=Hashable)


def align(boxes: Mapping[Name, Box], edge: Edge) -> dict[Name, Point]:
    """Upper left corners with one edge of all boxes in line, at the outermost of them."""
    if not boxes:
        return {}
    outermost = (min if edge in ("left", "top") else max)(getattr(box, edge) for box in boxes.values())
    if edge in ("left", "right"):
        return {name: Point(box.left + outermost - getattr(box, edge), box.top) for name, box in boxes.items()}
    return {name: Point(box.left, box.top + outermost - getattr(box, edge)) for name, box in boxes.items()}
