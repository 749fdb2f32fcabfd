"""Oracle: class maps made here and written the way other programs lay them out; real annotations where at hand."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from graingraph.engine.declare.injected import Mark
from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, ClassMap, PixelClass
from graingraph.engine.values.notes import texts
from graingraph.nodes.formats.annotations import (
    Annotation,
    Reading,
    annotations_for,
    from_class_map,
    write_coco,
    write_imagej,
    write_label_image,
    write_labelme,
)
from tests.support.paths import SHARED

REAL = SHARED / "data"
CLASSES = (PixelClass("a"), PixelClass("b"))


@pytest.fixture
def images(tmp_path):
    paths = [tmp_path / "images" / f"{name}.png" for name in ("one", "two", "three")]
    paths[0].parent.mkdir()
    for path in paths:
        cv2.imwrite(str(path), np.zeros((12, 16), np.uint8))
    return paths


def square(index: int, at: int = 2) -> ClassMap:
    pixels = np.full((12, 16), 255, np.uint8)
    pixels[at : at + 4, at : at + 4] = index
    return ClassMap(pixels, classes=CLASSES)


@pytest.mark.parametrize("kind", ["coco", "coco file", "labelme", "imagej"])
def test_every_image_gets_the_same_classes(tmp_path, images, kind):
    folder = tmp_path / "annotations"
    folder.mkdir()
    one, two = from_class_map(square(0), "one.png"), from_class_map(square(1, 5), "two.png")
    if kind.startswith("coco"):
        write_coco([one, two, Annotation("other.png", (5, 5), ())], folder / "all.json")
    else:
        write, ending = (write_labelme, ".json") if kind == "labelme" else (write_imagej, "_RoiSet.zip")
        write(one, folder / f"one{ending}")
        write(two, folder / f"two{ending}")
    found = annotations_for(folder / "all.json" if kind == "coco file" else folder, images)
    assert set(found) == {"one.png", "two.png"}
    assert [[c.name for c in v.classes] for v in found.values()] == [["background", "a", "b"]] * 2
    assert np.array_equal(found["one.png"].pixels, np.where(square(0).pixels == 0, 1, 0))
    assert np.array_equal(found["two.png"].pixels, np.where(square(1, 5).pixels == 1, 2, 0))
    bare = annotations_for(folder, images, rest="")
    assert np.array_equal(bare["two.png"].pixels, square(1, 5).pixels)


@pytest.mark.parametrize("suffix", ["", "_mask", "_classes", "_grains"])
def test_label_pictures_are_found_by_name(tmp_path, images, suffix):
    folder = tmp_path / "truth"
    folder.mkdir()
    for image, value in ((images[0], 1), (images[2], 2)):
        cv2.imwrite(str(folder / f"{image.stem}{suffix}.png"), np.full((12, 16), value, np.uint8))
    found = annotations_for(folder, images)
    assert set(found) == {"one.png", "three.png"}
    names = [c.name for c in found["one.png"].classes]
    assert names == [c.name for c in found["three.png"].classes] == ["class 1", "class 2"]
    assert (found["three.png"].pixels == names.index("class 2")).all()


def test_a_table_beside_the_pictures_names_the_classes(tmp_path, images):
    write_label_image(square(0), tmp_path / "one_mask.png", painted=False)
    (tmp_path / "classes.json").write_text('{"0": "grain", "255": "matrix"}')
    found = annotations_for(tmp_path, images)["one.png"]
    assert [c.name for c in found.classes] == ["grain", "matrix"]
    assert np.array_equal(found.pixels, np.where(square(0).pixels == 0, 0, 1))


def test_black_and_white_is_one_feature_class(tmp_path, images):
    cv2.imwrite(str(tmp_path / "one_mask.png"), np.where(square(0).pixels == 0, 255, 0).astype(np.uint8))
    found = annotations_for(tmp_path, images)["one.png"]
    assert [c.name for c in found.classes] == ["background", "feature"]
    assert np.array_equal(found.pixels, np.where(square(0).pixels == 0, 1, 0))


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ((0, 1), ["colony", "basketweave"]),
        ((0, 1, 255), ["colony", "basketweave"]),
        ((0, 255), ["background", "feature"]),
        ((0, 1, 2), ["colony", "basketweave"]),
        ((1, 2), ["colony", "basketweave"]),
        ((0, 1, 2, 3), ["background", "class 1", "class 2", "class 3"]),
        ((0, 2), ["background", "class 2"]),
    ],
)
def test_values_are_the_classes_of_the_reading_where_their_number_fits(tmp_path, images, values, names):
    pictures = [np.full((12, 16), value, np.uint8) for value in (values[0], values[-1])]
    for image, picture in zip(images, pictures, strict=False):
        picture[0, : len(values)] = values
        cv2.imwrite(str(tmp_path / f"{image.stem}_mask.png"), picture)
    found = annotations_for(tmp_path, images, reading=Reading(classes=("colony", "basketweave")))
    assert [[c.name for c in value.classes] for value in found.values()] == [names] * 2
    if names[0] == "colony":
        first = 1 if 2 in values else 0  # one value more than classes: 0 is what was not traced
        for image, picture in zip(images, pictures, strict=False):
            wanted = np.where((picture < first) | (picture == UNLABELLED), UNLABELLED, picture - np.uint8(first))
            assert np.array_equal(found[image.name].pixels, wanted)
            said = texts(found[image.name].notes) == ("0 in the label pictures is taken for not traced.",)
            assert said == (first == 1 and 0 in picture)


def test_a_table_goes_before_the_classes_of_the_reading(tmp_path, images):
    picture = np.where(square(0).pixels == 0, 1, 0).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "one_mask.png"), picture)
    (tmp_path / "classes.json").write_text('{"0": "matrix", "1": "pore"}')
    found = annotations_for(tmp_path, images, reading=Reading(classes=("colony", "basketweave")))["one.png"]
    assert [c.name for c in found.classes] == ["matrix", "pore"]


def test_one_label_picture_for_one_image_and_a_folder_a_class(tmp_path, images):
    cv2.imwrite(str(tmp_path / "any name.png"), np.where(square(0).pixels == 0, 1, 0).astype(np.uint8))
    found = annotations_for(tmp_path / "any name.png", images[:1])
    assert np.array_equal(found["one.png"].pixels, np.where(square(0).pixels == 0, 1, 0))
    for layer, at in (("crack", 2), ("pore", 6)):
        (tmp_path / "masks" / layer).mkdir(parents=True)
        mask = np.where(square(0, at).pixels == 0, 255, 0).astype(np.uint8)
        cv2.imwrite(str(tmp_path / "masks" / layer / "two.png"), mask)
    found = annotations_for(tmp_path / "masks", images)["two.png"]
    assert [c.name for c in found.classes] == ["background", "crack", "pore"]
    assert np.array_equal(found.pixels, (square(0, 2).pixels == 0) + 2 * (square(0, 6).pixels == 0))


def test_pictures_beside_their_images_do_not_take_the_image_for_its_own_annotation(images):
    cv2.imwrite(str(images[0].with_name("one_classes.png")), np.ones((12, 16), np.uint8))
    assert set(annotations_for(images[0].parent, images)) == {"one.png"}


def test_imagej_files_get_the_size_of_their_image(tmp_path, images):
    mark = Mark("m", "polygon", np.array([(0, 0), (16, 0), (16, 6), (0, 6)], np.float32), 0.0, "upper")
    write_imagej(Annotation("one", (0, 0), (mark,)), tmp_path / "set.zip")
    found = annotations_for(tmp_path / "set.zip", images[:1])["one.png"]
    assert found.shape == (12, 16)
    assert (found.pixels == 1).sum() == 96


def test_nothing_that_fits_is_said(tmp_path, images):
    (tmp_path / "empty").mkdir()
    for source in (tmp_path / "empty", tmp_path / "nowhere"):
        with pytest.raises(Problem):
            annotations_for(source, images)


def real(*parts: str) -> list[Path]:
    folder = REAL.joinpath(*parts)
    if not folder.is_dir():
        pytest.skip(f"the real images of {parts[0]} are not here")
    return [p for p in sorted(folder.iterdir()) if not p.stem.endswith("_classes")]


@pytest.mark.parametrize(
    ("images", "annotations", "classes"),
    [
        (("carbon_steel", "train"), ("carbon_steel", "train"), ["background", "class 1", "class 2", "class 3"]),
        (("superalloy_1", "train"), ("superalloy_1", "train_annot"), ["background", "#0000ff", "#ff0000"]),
        (("superalloy_3", "train"), ("superalloy_3", "train_annot"), ["background", "#0000ff", "#ff0000"]),
        (("coating", "train"), ("coating", "train_annot"), ["background", "class 1", "class 2"]),
        (("melt_pools", "images"), ("melt_pools",), ["background", "melt pool", "melt pool boundary"]),
    ],
)
def test_real_annotations_import_as_class_maps(images, annotations, classes):
    paths = real(*images)
    found = annotations_for(REAL.joinpath(*annotations), paths)
    assert set(found) == {p.name for p in paths}
    for value in found.values():
        assert [c.name for c in value.classes] == classes
        assert value.pixels.max() < len(classes), "something is left unlabelled"
    assert {int(v) for value in found.values() for v in np.unique(value.pixels)} == set(range(len(classes)))
