"""The size of a pixel in Zeiss ZEN's XML, within a CZI file or beside a picture."""

from collections.abc import Iterable
from typing import TypeVar

from graingraph.nodes.reading.pixel_size import PixelSize, both, micrometres
from graingraph.nodes.reading.untrusted_xml import Xml

T = TypeVar("T")


def zen_size(root: Xml) -> PixelSize | None:
    """``Metadata/Scaling/Items/Distance`` with the Id X and Y: ``Value`` in metres, of the picture as it is stored.

    Elements of the same name stand elsewhere too, in how an acquisition was set up; they count only where the picture
    has none of its own, and agree. Source: Zeiss' description of CZI metadata.
    """
    own = [part for home in (root, *root.all("Metadata")) for part in home.children() if part.tag == "Scaling"]
    parts = own or list(root.all("Scaling")) or [root]
    return _agreed(size for part in parts if (size := _of(part)))


def _of(scaling: Xml) -> PixelSize | None:
    distances = list(scaling.all("Distance"))
    sides = [
        _agreed(
            value for distance in distances if distance.get("Id") == axis and (value := _um(distance.first("Value")))
        )
        if distances
        else _um(scaling.first(axis))
        for axis in "XY"
    ]
    return both(*sides)


def _um(element: Xml | None) -> float | None:
    """A length above 0 in µm, of an element that tells it in metres."""
    value = micrometres(element.text, "m") if element else None
    return value if value and value > 0 else None


def _agreed(told: Iterable[T]) -> T | None:
    """What all say alike; None where they contradict each other, or nothing is said."""
    found = set(told)
    return found.pop() if len(found) == 1 else None
