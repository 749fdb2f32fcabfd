"""GeoJSON as QuPath writes it, one file an image: a feature a shape, its class under ``classification``.

Format: RFC 7946 with image coordinates, x to the right and y down, the corner of the first pixel at 0, as in marks.
Properties: https://qupath.readthedocs.io, "Exporting annotations".
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
import orjson

from graingraph.engine.declare.injected import Mark
from graingraph.engine.files import write_atomically
from graingraph.engine.values.classes import color_of
from graingraph.nodes.formats.regions import (
    MALFORMED,
    Annotation,
    LeftOut,
    Malformed,
    checked,
    damaged,
    outlines,
    pixels_of,
    read_any_json,
    ring_area,
    rings_mark,
)

SUFFIXES = (".geojson",)
MAX_FEATURES = 500_000
DETECTED = ("detection", "cell")
"""Objects that QuPath finds, within annotations that a person draws around them."""
REGION_OF_INTEREST, PASSED_OVER = "Region*", "*"
"""QuPath's class of what is looked at, and the end of the names of classes that are to be ignored."""
_LINES = {"LineString": 1, "MultiLineString": 2}
_AREAS = {"Polygon": 2, "MultiPolygon": 3}
_POINTS = {"Point": 0, "MultiPoint": 1}
"""How deep positions lie in the coordinates of a geometry."""


def read_geojson(path: Path, shape: tuple[int, int], feature: str = "feature") -> Annotation:
    """The shapes in a file, for a picture of this ``shape``, whose size the format does not tell.

    A shape without a classification is of the class ``feature``. ``Problem`` where something in it cannot be used.
    """
    return geojson_shapes(read_any_json(path), path, shape, feature)


def geojson_shapes(found: Any, path: Path, shape: tuple[int, int], feature: str) -> Annotation:
    """The shapes in what a file holds, as ``read_geojson`` gives them.

    What QuPath draws for itself is left out, with a remark: tiles, regions of interest, what is around detections, and
    what is to be ignored. So is what lies on another plane of a stack than the first.
    """
    try:
        items = list(_features(found))
        if len(items) > MAX_FEATURES:
            raise Malformed(f"it has more than {MAX_FEATURES} shapes")
        detected = any(_kind(item) in DETECTED for item in items)
        marks: list[Mark] = []
        left_out = LeftOut()
        for number, item in enumerate(items, 1):
            layer = _class_of(item, "")
            if item["geometry"] is None:
                left_out.add("without a geometry")
            elif _plane(item["geometry"]) > 0:
                left_out.add("drawn on another plane of the stack")
            elif _kind(item) == "tile" or layer == REGION_OF_INTEREST:
                left_out.add("a tile or a region of interest is no class")
            elif detected and not layer and _kind(item) not in DETECTED:
                left_out.add("without a class, around what was detected")
            else:
                drawn = _marks(item["geometry"], layer or feature, str(number), shape)
                if layer.endswith(PASSED_OVER):
                    left_out.add(f"of the class {layer[:40]}, which QuPath passes over", marks=drawn)
                else:
                    marks += drawn
    except MALFORMED as error:
        raise damaged(path, error) from None
    return Annotation(path.stem, shape, tuple(marks), remarks=left_out.remarks, unread=tuple(left_out.around))


def is_geojson(found: Any) -> bool:
    """Whether what a JSON file holds are features."""
    first = found[0] if isinstance(found, list) and found else found
    return isinstance(first, dict) and first.get("type") in ("FeatureCollection", "Feature")


def write_geojson(annotation: Annotation, path: Path, colors: Mapping[str, str] = MappingProxyType({})) -> None:
    """Write one image's marks; polygons, boxes, points and thin lines as such, the rest as outlines of their pixels.

    ``colors`` are those of the classes by name (``#rrggbb``), in which QuPath then shows them.
    """
    colors = {layer: color_of(place) for place, layer in enumerate(annotation.layers, 1)} | dict(colors)
    features = []
    for mark in annotation.marks:
        color = [int(colors[mark.layer][at : at + 2], 16) for at in (1, 3, 5)]
        said = {"objectType": "annotation", "classification": {"name": mark.layer, "color": color}}
        geometry = _geometry(mark, annotation.shape)
        if geometry is not None:
            features.append({"type": "Feature", "geometry": geometry, "properties": said})
    write_atomically(path, orjson.dumps({"type": "FeatureCollection", "features": features}))


def _features(found: Any) -> Iterator[dict[str, Any]]:
    """The features of a collection, a plain list of them, or a feature alone."""
    if isinstance(found, dict) and found.get("type") == "FeatureCollection":
        found = found["features"]
    for item in found if isinstance(found, list) else [found]:
        if not isinstance(item, dict) or item.get("type") != "Feature":
            raise Malformed("it holds something that is no feature")
        yield item


def _kind(item: dict[str, Any]) -> str:
    return str((item.get("properties") or {}).get("objectType", ""))


def _plane(geometry: dict[str, Any]) -> int:
    plane = geometry.get("plane") or {}
    return max(int(plane.get("z", 0)), int(plane.get("t", 0)))


def _class_of(item: dict[str, Any], feature: str) -> str:
    """The class of a shape; QuPath writes one that was derived from another as the names of both."""
    said = (item.get("properties") or {}).get("classification")
    if isinstance(said, dict):
        said = said.get("name") or ": ".join(str(name) for name in said.get("names") or ())
    return str(said).strip() if said else feature


def _marks(geometry: dict[str, Any], layer: str, mark_id: str, shape: tuple[int, int]) -> list[Mark]:
    kind = geometry["type"]
    if kind == "GeometryCollection":
        parts = enumerate(geometry["geometries"])
        return [mark for at, part in parts for mark in _marks(part, layer, f"{mark_id}.{at}", shape)]
    coordinates = geometry["coordinates"]
    if kind in _POINTS:
        points = _positions([coordinates] if kind == "Point" else coordinates, mark_id)
        return [checked(Mark(f"{mark_id}.{i}", "pick", point[None], 0.0, layer)) for i, point in enumerate(points)]
    if kind in _LINES:
        lines = [coordinates] if kind == "LineString" else coordinates
        return [
            checked(Mark(f"{mark_id}.{i}", "pen", _positions(line, mark_id), 1.0, layer))
            for i, line in enumerate(lines)
        ]
    if kind not in _AREAS:
        raise Malformed(f"shape {mark_id} is a {str(kind)[:40]}, which is not known")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    rings = [_ring(ring, mark_id) for polygon in polygons for ring in polygon]
    if not rings:
        raise Malformed(f"shape {mark_id} has no outline")
    if len(rings) == 1:
        return [checked(Mark(mark_id, "polygon", rings[0], 0.0, layer))]
    return [rings_mark(rings, layer, mark_id, shape)]


def _ring(ring: Any, mark_id: str) -> np.ndarray:
    """A closed line, (n, 2), without its last position, which is the first again."""
    points = _positions(ring, mark_id)
    if len(points) > 1 and (points[0] == points[-1]).all():
        points = points[:-1]
    if len(points) < 3:
        raise Malformed(f"an outline of shape {mark_id} has fewer than three corners")
    return points


def _positions(coordinates: Any, mark_id: str) -> np.ndarray:
    """Positions x, y as (n, 2); a height is left out."""
    points = np.array([position[:2] for position in coordinates], np.float64).reshape(-1, 2)
    if not len(points) or not (np.abs(points) < 1e9).all():
        raise Malformed(f"the positions of shape {mark_id} are not numbers x, y")
    return points.astype(np.float32)


def _geometry(mark: Mark, shape: tuple[int, int]) -> dict[str, Any] | None:
    """The geometry of a mark; None where it covers no pixel."""
    points = mark.points.astype(float)
    if mark.tool == "polygon" and len(points) > 2:
        return {"type": "Polygon", "coordinates": [_closed(points)]}
    if mark.tool == "rectangle":
        (left, top), (right, bottom) = points.min(0).tolist(), points.max(0).tolist()
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
        return {"type": "Polygon", "coordinates": [_closed(corners)]}
    if mark.tool == "pick":
        return {"type": "Point", "coordinates": points[0].tolist()}
    if mark.tool in ("pen", "livewire") and mark.width == 1 and len(points) > 1:
        return {"type": "LineString", "coordinates": points.tolist()}
    polygons = list(_polygons(pixels_of(mark, shape)))
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons} if polygons else None


def _polygons(mask: np.ndarray) -> Iterator[list[Any]]:
    """The areas of a mask bool (H, W), each as its outer ring and those of its holes."""
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    for label in range(1, count):
        left, top, width, height = boxes[label][:4].tolist()
        part = labels[top : top + height, left : left + width] == label
        rings = [np.array(ring, float) + np.array((left, top)) for ring in outlines(part)]
        outer = sorted((ring for ring in rings if ring_area(ring) > 0), key=ring_area)
        held: list[list[Any]] = [[_closed(ring)] for ring in outer]
        for hole in (ring for ring in rings if ring_area(ring) <= 0):
            held[next(place for place, ring in enumerate(outer) if _holds(ring, hole))].append(_closed(hole))
        yield from held


def _holds(ring: np.ndarray, hole: np.ndarray) -> bool:
    line = ring.astype(np.float32)
    return all(cv2.pointPolygonTest(line, (float(x), float(y)), False) >= 0 for x, y in hole)


def _closed(ring: Iterable[Any]) -> list[list[float]]:
    points = [[float(x), float(y)] for x, y in ring]
    return [*points, points[0]]
