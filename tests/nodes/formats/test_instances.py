"""Objects that touch stay apart. Oracle: the objects that were drawn, found again from the class map alone."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from graingraph.engine.declare.injected import Mark
from graingraph.engine.values import ClassMap, Labels, Mask, PixelClass
from graingraph.nodes.clean.grow_features import grow_features
from graingraph.nodes.clean.label_features import label_features
from graingraph.nodes.formats.annotations import (
    Annotation,
    Reading,
    annotations_for,
    class_map,
    from_class_map,
    marks_for,
    write_coco,
    write_label_image,
    write_labelme,
)
from graingraph.nodes.formats.instances import outline_lines
from graingraph.nodes.formats.regions import region_mark
from graingraph.nodes.learn.truth_from_features import truth_from_features

SHAPE = (60, 100)
BOXES = ((10, 10, 40, 50), (40, 10, 70, 50), (75, 20, 95, 40))
"""Two pools that touch, and one 5 px further; x, y, x, y."""


def box(mark_id: str, corners: tuple[int, int, int, int], layer: str = "pool") -> Mark:
    x0, y0, x1, y1 = corners
    return Mark(mark_id, "polygon", np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32), 0.0, layer)


def numbered() -> np.ndarray:
    labels = np.zeros(SHAPE, np.uint16)
    for number, (x0, y0, x1, y1) in enumerate(BOXES, 1):
        labels[y0:y1, x0:x1] = number
    return labels


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "images" / "one.png"
    path.parent.mkdir()
    cv2.imwrite(str(path), np.zeros(SHAPE, np.uint8))
    return path


def write(kind: str, folder: Path) -> Path:
    drawn = Annotation("one.png", SHAPE, tuple(box(f"{i}", corners) for i, corners in enumerate(BOXES)))
    folder.mkdir()
    if kind == "coco":
        write_coco([drawn], folder / "all.json")
        return folder / "all.json"
    if kind == "labelme":
        write_labelme(drawn, folder / "one.json")
    elif kind == "numbers":
        cv2.imwrite(str(folder / "one_pools.png".replace("_pools", "")), numbered())
    else:
        palette = np.random.default_rng(3).integers(1, 255, (40, 3), np.uint8)
        wide = np.kron(np.arange(40).reshape(5, 8), np.ones((12, 13), int))[:, :100]
        cv2.imwrite(str(folder / "one_grains.png"), palette[wide])
    return folder


def objects(value: ClassMap, name: str, distance: float) -> np.ndarray:
    names = [c.name for c in value.classes]
    return grow_features(label_features(Mask(value.pixels == names.index(name))), distance=distance).pixels


@pytest.mark.parametrize("kind", ["coco", "labelme", "numbers"])
@pytest.mark.parametrize("width", [2, 4, 6])
def test_objects_are_found_again_from_the_class_map(tmp_path, image, kind, width):
    reading = Reading(feature="pool", line_width=width)
    found = annotations_for(write(kind, tmp_path / "truth"), [image], reading=reading)["one.png"]
    assert [c.name for c in found.classes] == ["background", "pool", "pool boundary"]
    again = objects(found, "pool", width / 2)
    assert again.max() == 3
    for number in (1, 2, 3):
        mine = again == again[numbered() == number].max()
        true = numbered() == number
        # Growing rounds the corners of a square, by more the wider the line.
        assert np.count_nonzero(mine & true) / np.count_nonzero(mine | true) > 0.94


def test_the_line_lies_half_on_either_side(tmp_path, image):
    found = annotations_for(write("numbers", tmp_path / "truth"), [image])["one.png"]
    row = found.pixels[30]
    assert np.flatnonzero(row[:60] == 2).tolist() == [8, 9, 10, 11, 38, 39, 40, 41]


def test_outlines_do_not_run_along_the_frame():
    labels = np.ones((20, 30), np.int32)
    labels[:, 15:] = 2
    lines = outline_lines(labels, 4)
    assert np.flatnonzero(lines[0]).tolist() == [13, 14, 15, 16]
    assert not outline_lines(np.ones((5, 5), np.int32), 4).any()


def test_colours_of_many_objects_are_objects(tmp_path, image):
    found = annotations_for(write("colours", tmp_path / "truth"), [image])["one.png"]
    assert [c.name for c in found.classes] == ["background", "feature", "feature boundary"]
    assert label_features(Mask(found.pixels == 1)).count == 40


def test_the_polygons_of_one_object_are_one_object(tmp_path, image):
    path = write("coco", tmp_path / "truth")
    joined = tuple(box(f"7.{i}", corners) for i, corners in enumerate(BOXES[:2]))
    drawn = Annotation("one.png", SHAPE, joined)
    reading = Reading(instances="yes")
    assert path.exists()
    lines = marks_for(path, [image], reading=reading)["one.png"].marks[-1]
    assert lines.layer == "pool boundary"
    from graingraph.nodes.formats.instances import object_labels

    assert object_labels(drawn, "pool").max() == 1


def test_what_only_says_classes_stays_as_it_is(tmp_path, image):
    apart = Annotation("one.png", SHAPE, (box("1", BOXES[0]), box("2", BOXES[2])))
    (tmp_path / "a").mkdir()
    write_coco([apart], tmp_path / "a" / "all.json")
    assert [c.name for c in annotations_for(tmp_path / "a", [image])["one.png"].classes] == ["background", "pool"]
    told = annotations_for(write("coco", tmp_path / "b"), [image], reading=Reading(instances="no"))["one.png"]
    assert [c.name for c in told.classes] == ["background", "pool"]
    classes = ClassMap((numbered() > 0).astype(np.uint8), classes=(PixelClass("rest"), PixelClass("pool")))
    (tmp_path / "c").mkdir()
    write_label_image(classes, tmp_path / "c" / "one_classes.png")
    assert [c.name for c in annotations_for(tmp_path / "c", [image])["one.png"].classes] == ["background", "class 1"]


def test_painted_areas_that_overlap_are_no_objects(tmp_path, image):
    """Regions that this program exports from strokes are marked as crowds in COCO."""
    strokes = [region_mark(numbered() == number, "pool", str(number)) for number in (1, 2)]
    write_coco([Annotation("one.png", SHAPE, tuple(strokes))], tmp_path / "all.json")
    found = annotations_for(tmp_path / "all.json", [image])["one.png"]
    assert [c.name for c in found.classes] == ["background", "pool"]


def test_marks_and_class_maps_of_the_same_annotations_agree(tmp_path, image):
    path = write("coco", tmp_path / "truth")
    maps, marks = annotations_for(path, [image])["one.png"], marks_for(path, [image])["one.png"]
    assert [mark.tool for mark in marks.marks] == ["polygon"] * 3 + ["region"], "polygons stay editable"
    assert np.array_equal(class_map(marks, maps.classes, "background").pixels, maps.pixels)
    write_label_image(maps, tmp_path / "one_classes.png")
    again = marks_for(tmp_path, [image])["one.png"]
    assert [mark.tool for mark in again.marks] == ["region"] * len(from_class_map(maps, "").marks[1:])


def test_features_make_the_truth_that_finds_them_again():
    features = Labels(numbered().astype(np.int32), count=3)
    truth = truth_from_features(features, name="pool")
    assert [c.name for c in truth.classes] == ["background", "pool", "pool boundary"]
    assert objects(truth, "pool", 2).max() == 3
    untouched = truth_from_features(features, features)
    assert (untouched.pixels == 255).all(), "what nobody corrected must not be learnt"
