"""Oracle: what was written comes back: rasters to the pixel, polygons to the coordinate.

The packed COCO string and the ImageJ composite are checked against values worked out by hand from the formats.
"""

import contextlib
import io
import json
import zipfile

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graingraph.engine.declare.injected import Mark
from graingraph.engine.marks.drawing import digest
from graingraph.engine.problem import Problem
from graingraph.engine.values import ClassMap, PixelClass
from graingraph.nodes.formats.annotations import (
    Annotation,
    class_map,
    from_class_map,
    read_binary_masks,
    read_coco,
    read_geojson,
    read_imagej,
    read_label_image,
    read_labelme,
    write_binary_masks,
    write_coco,
    write_geojson,
    write_imagej,
    write_label_image,
    write_labelme,
)
from graingraph.nodes.formats.coco import unpack
from graingraph.nodes.formats.regions import outlines

CLASSES = (PixelClass("matrix", "#102030"), PixelClass("crack", "#ff0000"), PixelClass("pore", "#00ff00"))
RANDOM = np.random.default_rng(5)
NOISE = ClassMap(RANDOM.choice(np.array([0, 1, 2, 255], np.uint8), (23, 31)), classes=CLASSES)


def blobs() -> ClassMap:
    grey = cv2.GaussianBlur(RANDOM.random((60, 80)).astype(np.float32), (0, 0), 4)
    return ClassMap(np.digitize(grey, [0.48, 0.52]).astype(np.uint8), classes=CLASSES)


def drawn() -> Annotation:
    marks = [
        Mark("a", "polygon", np.array([(1.5, 2.25), (20, 3), (12.125, 18)], np.float32), 0.0, "crack"),
        Mark("b", "polygon", np.array([(30, 2), (40.5, 3), (33, 18), (31, 9)], np.float32), 0.0, "pore"),
        Mark("c", "rectangle", np.array([(5.0, 30), (15, 38.5)], np.float32), 0.0, "pore"),
        Mark("d", "pick", np.array([(7.5, 9.25)], np.float32), 0.0, "crack"),
    ]
    return Annotation("sample.png", (45, 60), tuple(marks))


@pytest.mark.parametrize("kind", ["coco", "labelme", "geojson", "imagej"])
@pytest.mark.parametrize("value", [NOISE, blobs()], ids=["noise", "blobs"])
def test_class_maps_come_back_to_the_pixel(tmp_path, kind, value):
    written = from_class_map(value, "sample.png")
    if kind == "coco":
        write_coco([written], tmp_path / "x.json")
        (read,) = read_coco(tmp_path / "x.json")
    elif kind == "labelme":
        write_labelme(written, tmp_path / "x.json")
        read = read_labelme(tmp_path / "x.json")
    elif kind == "geojson":
        write_geojson(written, tmp_path / "x.geojson")
        read = read_geojson(tmp_path / "x.geojson", value.shape)
    else:
        write_imagej(written, tmp_path / "x.zip")
        read = read_imagej(tmp_path / "x.zip", value.shape)
    assert read.shape == value.shape
    assert np.array_equal(class_map(read, CLASSES).pixels, value.pixels)


def test_polygons_keep_their_coordinates(tmp_path):
    polygons = Annotation("sample.png", (45, 60), drawn().marks[:2])
    write_coco([polygons, Annotation("empty.png", (5, 6), ())], tmp_path / "c.json")
    read, empty = read_coco(tmp_path / "c.json")
    assert (empty.name, empty.shape, empty.marks) == ("empty.png", (5, 6), ())
    assert [digest(m) for m in read.marks] == [digest(m) for m in polygons.marks]
    write_labelme(drawn(), tmp_path / "l.json")
    read = read_labelme(tmp_path / "l.json")
    assert (read.name, read.shape) == ("sample.png", (45, 60))
    assert [digest(m) for m in read.marks] == [digest(m) for m in drawn().marks]
    write_imagej(drawn(), tmp_path / "i.zip")
    assert [digest(m) for m in read_imagej(tmp_path / "i.zip").marks] == [digest(m) for m in drawn().marks]


@pytest.mark.parametrize("tool", ["ellipse", "pen", "livewire"])
def test_ellipses_and_lines_pass_through_imagej(tmp_path, tool):
    mark = Mark("a", tool, np.array([(3.25, 4.5), (30, 21.5)], np.float32), 0.0 if tool == "ellipse" else 3.0, "edge")
    write_imagej(Annotation("x", (40, 40), (mark,)), tmp_path / "x.zip")
    (read,) = read_imagej(tmp_path / "x.zip").marks
    assert (read.tool, read.layer, read.width) == ("pen" if tool == "livewire" else tool, "edge", mark.width)
    assert np.array_equal(read.points, mark.points)


@pytest.mark.parametrize("write", ["coco", "labelme", "imagej"])
def test_brush_strokes_become_their_exact_pixels(tmp_path, write):
    brush = Mark("a", "brush", np.array([(5.5, 5), (30, 20), (10, 28)], np.float32), 6.0, "crack")
    annotation = Annotation("x.png", (40, 40), (brush,))
    expected = class_map(annotation, CLASSES).pixels
    path = tmp_path / ("x.zip" if write == "imagej" else "x.json")
    if write == "coco":
        write_coco([annotation], path)
        (read,) = read_coco(path)
    else:
        {"labelme": write_labelme, "imagej": write_imagej}[write](annotation, path)
        read = read_labelme(path) if write == "labelme" else read_imagej(path, (40, 40))
    assert np.array_equal(class_map(read, CLASSES).pixels, expected)


@pytest.mark.parametrize("painted", [False, True])
def test_label_images_come_back_to_the_pixel(tmp_path, painted):
    table = write_label_image(NOISE, tmp_path / "x.png", painted=painted)
    read = read_label_image(tmp_path / "x.png", table)
    assert np.array_equal(read.pixels, NOISE.pixels)
    assert [c.name for c in read.classes] == [c.name for c in CLASSES]
    with pytest.raises(Problem, match="lacks"):
        read_label_image(tmp_path / "x.png", dict(list(table.items())[:2]))


def test_binary_masks_come_back_to_the_pixel(tmp_path):
    paths = {c.name: tmp_path / f"{c.name}.png" for c in CLASSES}
    write_binary_masks(NOISE, paths)
    assert np.array_equal(read_binary_masks(paths).pixels, NOISE.pixels)


def test_unpainted_is_the_rest_of_a_picture_painted_over(tmp_path):
    grey = RANDOM.integers(40, 200, (20, 30)).astype(np.uint8)
    picture = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    picture[5:9, 5:9] = 255, 0, 0, 255  # blue for OpenCV
    cv2.imwrite(str(tmp_path / "x.png"), picture)
    read = read_label_image(tmp_path / "x.png", {"rest": "matrix", "#0000ff": "precipitate"})
    assert (read.pixels == 1).sum() == 16
    assert (read.pixels == 0).sum() == 600 - 16


def pack(counts: list[int]) -> str:
    """COCO's packing, written from its description: differences to the count two before, 5 bits a letter."""
    text = ""
    for i, count in enumerate(counts):
        value = count - counts[i - 2] if i > 2 else count
        while True:
            group, value = value & 31, value >> 5
            done = value == (-1 if group & 16 else 0)
            text += chr(48 + group + (0 if done else 32))
            if done:
                break
    return text


@given(st.lists(st.integers(0, 200_000), max_size=30))
@settings(max_examples=100)
def test_packed_run_lengths_unpack(counts):
    assert unpack(pack(counts)).tolist() == counts


def test_packed_and_plain_run_lengths_run_down_columns(tmp_path):
    expected = np.full((3, 4), 255)
    expected[1:, 0] = expected[0, 1] = 0
    for counts in ([1, 3, 8], "138"):
        item = {"image_id": 7, "category_id": 3, "segmentation": {"size": [3, 4], "counts": counts}}
        found = {
            "images": [{"id": 7, "file_name": "..\\up/x.png", "height": 3, "width": 4}],
            "categories": [{"id": 3, "name": "crack"}],
            "annotations": [item],
        }
        (tmp_path / "x.json").write_text(json.dumps(found))
        (read,) = read_coco(tmp_path / "x.json")
        assert read.name == "x.png"
        assert np.array_equal(class_map(read, CLASSES[1:2]).pixels, expected)


@given(st.integers(1, 9), st.integers(1, 9), st.randoms())
@settings(max_examples=80)
def test_outlines_hold_exactly_the_pixels(height, width, random):
    mask = np.array([[random.random() < 0.5 for _ in range(width)] for _ in range(height)])
    inside = np.zeros_like(mask)
    for ring in outlines(mask):
        corners = Mark("", "polygon", np.array(ring, np.float32), 0.0, "crack")
        inside ^= class_map(Annotation("", mask.shape, (corners,)), CLASSES[1:2]).pixels == 0
    assert np.array_equal(inside, mask)


def test_imagej_files_of_every_kind_and_their_names(tmp_path):
    from roifile import ROI_TYPE, ImagejRoi

    corners = np.array([(2, 3), (9, 3), (9, 8)])
    expected = {
        ROI_TYPE.POLYGON: ("polygon", 0.0),
        ROI_TYPE.FREEHAND: ("polygon", 0.0),
        ROI_TYPE.TRACED: ("polygon", 0.0),
        ROI_TYPE.POLYLINE: ("pen", 0.5),
        ROI_TYPE.FREELINE: ("pen", 0.5),
    }
    for kind, (tool, shift) in expected.items():
        roi = ImagejRoi.frompoints(corners, name="grain edge-0012")
        roi.roitype = kind
        roi.tofile(tmp_path / "x.roi")
        (mark,) = read_imagej(tmp_path / "x.roi").marks
        assert (mark.tool, mark.layer) == (tool, "grain edge")
        assert np.array_equal(mark.points, corners + shift)
        (tmp_path / "x.roi").unlink()
    ImagejRoi(roitype=ROI_TYPE.OVAL, left=2, top=3, right=8, bottom=9, name="0001-0002").tofile(tmp_path / "o.roi")
    (oval,) = read_imagej(tmp_path / "o.roi").marks
    assert (oval.tool, oval.layer, oval.points.tolist()) == ("ellipse", "feature", [[2, 3], [8, 9]])
    ImagejRoi(roitype=ROI_TYPE.LINE, x1=1.5, y1=2, x2=8, y2=9, name="edge").tofile(tmp_path / "l.roi")
    assert read_imagej(tmp_path / "l.roi").marks[0].points.tolist() == [[1.5, 2], [8, 9]]


def test_archives_that_unpack_to_too_much_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("graingraph.nodes.formats.imagej.MAX_UNPACKED", 50_000_000)
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("x.roi", "w", force_zip64=True) as entry,
    ):
        for _ in range(6):
            entry.write(bytes(10_000_000))
    (tmp_path / "x.zip").write_bytes(out.getvalue())
    assert len(out.getvalue()) < 2_000_000
    with pytest.raises(Problem, match="unpacks"):
        read_imagej(tmp_path / "x.zip")


def coco(*segmentations, height=9, image=1) -> bytes:
    found = {
        "images": [{"id": 1, "file_name": "a", "height": height, "width": 4}],
        "categories": [{"id": 1, "name": "x"}],
        "annotations": [{"image_id": image, "category_id": 1, "segmentation": item} for item in segmentations],
    }
    return json.dumps(found).encode()


BAD = {
    "not json": b"{",
    "a list": b"[]",
    "empty": b"{}",
    "null": b'{"images": null, "categories": [], "annotations": []}',
    "size": coco(height=10**9),
    "fraction": coco(height=9.5),
    "polygon": coco([[1, 2, 3]]),
    "far polygon": coco([[1, 2, 3, 1e30, 5, 6]]),
    "runs": coco({"size": [9, 4], "counts": [1e18]}),
    "packed runs": coco({"size": [9, 4], "counts": "\x01"}),
    "image": coco([], image=2),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_malformed_files_are_refused_by_name(tmp_path, data):
    path = tmp_path / "broken.json"
    path.write_bytes(data)
    for read in (read_coco, read_labelme):
        with pytest.raises(Problem, match="broken"):
            read(path)


@given(st.integers(0, 400), st.integers(0, 255))
@settings(max_examples=100)
def test_damaged_imagej_files_are_refused_or_read_but_never_crash(tmp_path_factory, at, value):
    folder = tmp_path_factory.getbasetemp()
    write_imagej(drawn(), folder / "good.zip")
    with zipfile.ZipFile(folder / "good.zip") as archive:
        data = bytearray(archive.read(archive.namelist()[0]))
    data[at % len(data)] = value
    (folder / "bad.roi").write_bytes(bytes(data))
    with contextlib.suppress(Problem):
        assert all(np.isfinite(m.points).all() for m in read_imagej(folder / "bad.roi").marks)


def test_missing_and_unreadable_pictures_are_said(tmp_path):
    with pytest.raises(Problem, match="no annotation file"):
        read_coco(tmp_path / "nothing.json")
    (tmp_path / "x.png").write_bytes(b"no picture")
    with pytest.raises(Problem, match="cannot be read"):
        read_label_image(tmp_path / "x.png", {})
