"""GeoJSON: what QuPath writes is read, what was written comes back, and what would do harm is refused with a reason.

Oracle: areas with holes worked out by hand from RFC 7946; round trips of class maps are in ``test_formats``.
"""

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

from graingraph.engine.declare.injected import Mark
from graingraph.engine.problem import Problem
from graingraph.nodes.formats import geojson
from graingraph.nodes.formats.annotations import Annotation, marks_for
from graingraph.nodes.formats.geojson import read_geojson, write_geojson
from graingraph.nodes.formats.regions import pixels_of, region_mark, ring_area

SHAPE = (40, 60)
SQUARE = [[[10, 5], [30, 5], [30, 25], [10, 25], [10, 5]], [[15, 10], [20, 10], [20, 15], [15, 15], [15, 10]]]


def qupath(kind: str = "Polygon", coordinates: Any = SQUARE, **properties: Any) -> dict[str, Any]:
    """A feature as QuPath 0.5 exports it."""
    return {
        "type": "Feature",
        "id": "2b2a4e7c-6f38-4d4b-9c54-9d0d8a2a5f10",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": {"objectType": "annotation", **properties},
    }


def written(path: Path, *features: Any) -> Path:
    path.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_what_qupath_writes_is_read(tmp_path: Path):
    pore = {"name": "pore", "color": [200, 0, 0]}
    path = written(
        tmp_path / "a.geojson",
        qupath(classification=pore),
        qupath("MultiPolygon", [[SQUARE[0]], [[[0, 30], [4, 30], [4, 34], [0, 34], [0, 30]]]], classification=pore),
        qupath("Polygon", SQUARE[:1], classification="grain"),
        qupath("LineString", [[1, 1], [50, 30]], classification=pore),
        qupath("Point", [3.5, 4.5]),
        qupath("MultiPoint", [[3.5, 4.5], [7, 8]]),
    )
    read = read_geojson(path, SHAPE)
    assert [mark.layer for mark in read.marks] == ["pore", "pore", "grain", "pore", "feature", "feature", "feature"]
    areas = [int(pixels_of(mark, SHAPE).sum()) for mark in read.marks[:3]]
    assert areas == [20 * 20 - 5 * 5, 20 * 20 + 4 * 4, 20 * 20]
    assert [mark.tool for mark in read.marks[2:5]] == ["polygon", "pen", "pick"]
    assert not pixels_of(read.marks[0], SHAPE)[12, 17]
    path.write_bytes(orjson.dumps([qupath(), qupath()]))  # without the collection around it
    assert len(read_geojson(path, SHAPE).marks) == 2


def test_shapes_of_other_planes_are_left_out(tmp_path: Path):
    other = qupath()
    other["geometry"]["plane"] = {"c": -1, "z": 3, "t": 0}
    read = read_geojson(written(tmp_path / "a.geojson", qupath(), other), SHAPE)
    assert len(read.marks) == 1
    assert read.remarks == ("1 shape left out: drawn on another plane of the stack.",)


def test_what_qupath_draws_for_itself_is_no_class(tmp_path: Path):
    frame = [[[0, 0], [60, 0], [60, 40], [0, 40], [0, 0]]]
    told = [
        ("Region*", "annotation"),
        ("Ignore*", "annotation"),
        ("", "tile"),
        ("", "annotation"),
        ("pore", "detection"),
    ]
    features = [
        qupath("Polygon", SQUARE[:1] if name == "Ignore*" else frame, objectType=kind, classification={"name": name})
        for name, kind in told
    ]
    read = read_geojson(written(tmp_path / "a.geojson", *features), SHAPE)
    assert [mark.layer for mark in read.marks] == ["pore"]
    assert [int(pixels_of(mark, SHAPE).sum()) for mark in read.unread] == [20 * 20]
    assert len(read.remarks) == 3
    del features[-1]
    assert [mark.layer for mark in read_geojson(written(tmp_path / "a.geojson", *features), SHAPE).marks] == ["feature"]


def test_classes_derived_from_others_and_shapes_without_geometry(tmp_path: Path):
    derived = qupath(classification={"names": ["ferrite", "deformed"], "color": [1, 2, 3]})
    parts = qupath() | {"geometry": {"type": "GeometryCollection", "geometries": [qupath()["geometry"]] * 2}}
    read = read_geojson(written(tmp_path / "a.geojson", derived, parts, qupath() | {"geometry": None}), SHAPE)
    assert [mark.layer for mark in read.marks] == ["ferrite: deformed", "feature", "feature"]
    assert read.remarks == ("1 shape left out: without a geometry.",)


def test_outlines_and_classes_come_back(tmp_path: Path):
    marks = (
        Mark("a", "polygon", np.array([(1.5, 2.25), (20, 3), (12.125, 18)], np.float32), 0.0, "crack"),
        Mark("b", "rectangle", np.array([(5.0, 30), (15, 38.5)], np.float32), 0.0, "pore"),
        Mark("c", "pick", np.array([(7.5, 9.25)], np.float32), 0.0, "crack"),
        Mark("d", "pen", np.array([(7.5, 9.25), (30, 20)], np.float32), 1.0, "crack"),
    )
    write_geojson(Annotation("a.png", SHAPE, marks), tmp_path / "a.geojson", {"crack": "#ff5200"})
    said = orjson.loads((tmp_path / "a.geojson").read_bytes())["features"]
    assert said[0]["properties"]["classification"]["color"] == [255, 82, 0]
    assert [item["properties"]["classification"]["name"] for item in said] == ["crack", "pore", "crack", "crack"]
    assert said[0]["geometry"]["coordinates"][0][0] == said[0]["geometry"]["coordinates"][0][-1] == [1.5, 2.25]
    read = read_geojson(tmp_path / "a.geojson", SHAPE)
    assert [mark.layer for mark in read.marks] == [mark.layer for mark in marks]
    assert np.array_equal(read.marks[0].points, marks[0].points)
    for mine, theirs in zip(marks, read.marks, strict=True):
        assert np.array_equal(pixels_of(mine, SHAPE), pixels_of(theirs, SHAPE))


@settings(max_examples=60, deadline=None)
@given(arrays(bool, (7, 9)))
def test_any_mask_comes_back_to_the_pixel_in_sound_polygons(mask: np.ndarray):
    polygons = list(geojson._polygons(mask))
    area = sum(ring_area(np.array(ring[:-1])) for rings in polygons for ring in rings)
    assert area == mask.sum()  # outer rings run one way round, holes the other
    if mask.any():
        mark = region_mark(mask, "pore", "a")
        geometry = geojson._geometry(mark, mask.shape)
        (read,) = geojson._marks(geometry, "pore", "1", mask.shape)
        assert np.array_equal(pixels_of(read, mask.shape), mask)


def test_a_folder_of_them_fits_images_by_name(tmp_path: Path):
    import cv2

    for name in ("a", "b"):
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.zeros(SHAPE, np.uint8))
    (tmp_path / "annotations").mkdir()
    written(tmp_path / "annotations" / "a.geojson", qupath(classification={"name": "pore"}))
    found = marks_for(tmp_path / "annotations", [tmp_path / "a.png", tmp_path / "b.png"])
    assert found.keys() == {"a.png"}
    assert found["a.png"].layers == ("pore",)


@pytest.mark.parametrize(
    ("feature", "reason"),
    [
        (qupath("Spline", []), "is a Spline, which is not known"),
        (qupath("Polygon", []), "has no outline"),
        (qupath("Polygon", [[[0, 0], [1, 1], [0, 0]]]), "fewer than three corners"),
        (qupath("Polygon", [[[0, 0], [1, "x"], [2, 2], [0, 0]]]), "not of the kind"),
        (qupath("Polygon", [[[0, 0], [1e300, 1], [2, 2], [0, 0]]]), "cannot be used"),
        (qupath("Polygon", [SQUARE[0], [[0, 0], [1e6, 1], [1e6, 1e6]]]), "cannot be used"),
        (qupath("Polygon", None), "not of the kind"),
        ({"type": "Feature"}, "lacks the entry 'geometry'"),
        ({"type": "Polygon"}, "no feature"),
        (7, "no feature"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(tmp_path: Path, feature: Any, reason: str):
    with pytest.raises(Problem, match=reason):
        read_geojson(written(tmp_path / "a.geojson", feature), SHAPE)


def test_bounds_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(geojson, "MAX_FEATURES", 2)
    with pytest.raises(Problem, match="more than 2 shapes"):
        read_geojson(written(tmp_path / "a.geojson", qupath(), qupath(), qupath()), SHAPE)
    (tmp_path / "a.geojson").write_bytes(b"[" * 100_000)
    with pytest.raises(Problem, match="is not JSON"):
        read_geojson(tmp_path / "a.geojson", SHAPE)
