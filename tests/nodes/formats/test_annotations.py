"""Oracle: class maps made here and written the way other programs lay them out; real annotations where at hand."""

import json
import unicodedata
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow

from graingraph.engine.declare.injected import Mark
from graingraph.engine.images.pages import pages_of
from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, ClassMap, PixelClass
from graingraph.engine.values.notes import texts
from graingraph.nodes.formats.annotations import (
    Annotation,
    Reading,
    annotations_for,
    from_class_map,
    marks_for,
    read_coco,
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
        ((0, 1, 255), ["colony", "basketweave"]),
        ((0, 255), ["background", "feature"]),
        ((0, 1, 2), ["colony", "basketweave"]),
        ((1, 2), ["colony", "basketweave"]),
        ((0, 1, 2, 3), ["background", "class 1", "class 2", "class 3"]),
        ((0, 2), ["background", "class 2"]),
        ((0, 128, 255), ["background", "class 128", "class 255"]),
        ((50, 150, 255), ["class 50", "class 150", "class 255"]),
        ((0, 20, 255), ["background", "class 20"]),
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


@pytest.mark.parametrize("table", ['{"0": "colony", "1": "basketweave"}', '{"colony": "0", "basketweave": 1}'])
def test_0_and_1_are_a_mask_or_two_classes_and_only_a_table_can_tell(tmp_path, images, table):
    picture = np.where(square(0).pixels == 0, 1, 0).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "one_mask.png"), picture)
    two = Reading(classes=("colony", "basketweave"))
    with pytest.raises(Problem, match=r"may number the classes colony and basketweave or be .* mask of colony"):
        annotations_for(tmp_path, images, reading=two)
    (tmp_path / "classes.json").write_text(table)
    assert np.array_equal(annotations_for(tmp_path, images, reading=two)["one.png"].pixels, picture)


@pytest.mark.parametrize("white", [1, 255])
def test_a_mask_of_0_and_1_is_that_of_0_and_255(tmp_path, images, white):
    cv2.imwrite(str(tmp_path / "one_mask.png"), np.where(square(0).pixels == 0, white, 0).astype(np.uint8))
    for rest, classes in (("", ("grain", "grain boundary")), ("matrix", ("matrix", "grain"))):
        reading = Reading(rest, "no", "grain", "grain", classes=classes)
        (mark,) = marks_for(tmp_path, images, reading=reading)["one.png"].marks[-1:]
        assert mark.layer == "grain"
        assert mark.points.tolist() == [[2, 2], [6, 6]]


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


def disc(level=255):
    """A soft-edged disc, uint8 (60, 80), and the same with a hard edge."""
    distance = np.hypot(*(np.indices((60, 80)) - np.array([[[30]], [[40]]])))
    return np.rint(np.clip(20 - distance, 0, 1) * level).astype(np.uint8), distance < 19.5


@pytest.fixture
def large(tmp_path):
    (tmp_path / "images").mkdir(exist_ok=True)
    cv2.imwrite(str(tmp_path / "images" / "one.png"), np.zeros((60, 80), np.uint8))
    return [tmp_path / "images" / "one.png"]


def test_soft_edges_of_a_mask_are_cut_at_half_and_those_of_classes_refused(tmp_path, large):
    (tmp_path / "m").mkdir()
    soft, hard = disc()
    cv2.imwrite(str(tmp_path / "m" / "one_mask.png"), soft)
    found = annotations_for(tmp_path / "m", large)["one.png"]
    assert [c.name for c in found.classes] == ["background", "feature"]
    assert np.array_equal(found.pixels, hard)
    assert "cut at half" in texts(found.notes)[0]
    several = np.maximum(cv2.GaussianBlur(soft, (0, 0), 2), np.roll(cv2.GaussianBlur(disc(120)[0], (0, 0), 2), 25, 1))
    cv2.imwrite(str(tmp_path / "m" / "one_mask.png"), several)
    with pytest.raises(Problem, match="soft edges"):
        annotations_for(tmp_path / "m", large)
    colors = cv2.applyColorMap(several, cv2.COLORMAP_JET)
    cv2.imwrite(str(tmp_path / "m" / "one_mask.png"), colors)
    with pytest.raises(Problem, match="soft edges"):
        annotations_for(tmp_path / "m", large)


@pytest.mark.parametrize("form", ["rgb", "rgba", "palette", "bilevel", "palette tif"])
def test_copies_of_a_mask_in_other_modes_are_the_mask(tmp_path, large, form):
    (tmp_path / "m").mkdir()
    hard = disc()[1]
    grey = Pillow.fromarray(hard.astype(np.uint8) * 255)
    if form.startswith("palette"):
        picture = Pillow.fromarray(hard.astype(np.uint8), "P")
        picture.putpalette([0, 0, 0, 128, 0, 0])
    else:
        picture = grey.convert({"rgb": "RGB", "rgba": "RGBA", "bilevel": "1"}[form])
    picture.save(tmp_path / "m" / ("one_mask.tif" if form.endswith("tif") else "one_mask.png"))
    found = annotations_for(tmp_path / "m", large, reading=Reading(classes=("background", "feature")))["one.png"]
    assert [c.name for c in found.classes] == ["background", "feature"]
    assert np.array_equal(found.pixels, hard)


def test_the_colours_of_an_indexed_picture_are_used_where_the_table_tells_colours(tmp_path, large):
    (tmp_path / "m").mkdir()
    hard = disc()[1]
    picture = Pillow.fromarray(hard.astype(np.uint8), "P")
    picture.putpalette([0, 0, 0, 128, 0, 0])
    picture.save(tmp_path / "m" / "one_mask.png")
    (tmp_path / "m" / "classes.json").write_text('{"#000000": "matrix", "#800000": "pore"}')
    found = annotations_for(tmp_path / "m", large)["one.png"]
    assert [c.name for c in found.classes] == ["matrix", "pore"]
    assert np.array_equal(found.pixels, hard)


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.int64, np.uint16, np.uint32, np.float32, np.float64])
def test_numbered_objects_of_any_type(tmp_path, large, dtype):
    (tmp_path / "m").mkdir()
    labels = np.zeros((60, 80), dtype)
    labels[10:50, 10:40], labels[10:50, 40:70] = 1, 2
    tifffile.imwrite(tmp_path / "m" / "one_mask.tif", labels)
    reading = Reading("", "auto", "grain", "grain", 4.0, ("grain", "grain boundary"))
    first, second, lines = marks_for(tmp_path / "m", large, reading=reading)["one.png"].marks
    assert [m.layer for m in (first, second, lines)] == ["grain", "grain", "grain boundary"]
    assert first.points.tolist() == [[10, 10], [40, 50]]
    for bad in (labels.astype(float) + 0.5, labels.astype(np.int32) - 1):
        tifffile.imwrite(tmp_path / "m" / "one_mask.tif", bad)
        with pytest.raises(Problem, match=r"fractions|below 0"):
            marks_for(tmp_path / "m", large, reading=reading)


@pytest.mark.parametrize("imagej", [False, True])
def test_a_label_picture_of_several_pages_is_refused(tmp_path, large, imagej):
    (tmp_path / "m").mkdir()
    pages = np.zeros((2, 60, 80), np.uint8)
    pages[0, 10:30, 10:40], pages[1, 30:50, 40:70] = 1, 1
    tifffile.imwrite(tmp_path / "m" / "one_mask.tif", pages, imagej=imagej)
    with pytest.raises(Problem, match=r"one_mask\.tif cannot be read: it has 2 pages"):
        annotations_for(tmp_path / "m", large)


def coco_file(path, annotations, *, size=(60, 80), name="one.png", category="grain"):
    content = {
        "images": [{"id": 1, "file_name": name, "height": size[0], "width": size[1]}],
        "categories": [{"id": 1, "name": category}],
        "annotations": [{"id": n, "image_id": 1, "category_id": 1, **a} for n, a in enumerate(annotations)],
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))
    return path


RING = [10, 10, 40, 10, 40, 50, 10, 50]


@pytest.mark.parametrize(("item", "tool"), [
    ({"segmentation": [], "bbox": [10, 10, 30, 40]}, "rectangle"),
    ({"bbox": [10, 10, 30, 40]}, "rectangle"),
    ({"segmentation": None, "bbox": [10, 10, 30, 40]}, "rectangle"),
    ({"segmentation": [[]], "bbox": [10, 10, 30, 40]}, "rectangle"),
    ({"bbox": [5, 15, 40, 30], "attributes": {"rotation": 90.0}}, "polygon"),
    ({"segmentation": RING}, "polygon"),
    ({"segmentation": [RING]}, "polygon"),
    ({"segmentation": {"size": [60, 80], "counts": [610, *([40, 20] * 29), 40, 2410]}, "iscrowd": 0}, "region"),
])  # fmt: skip
def test_coco_outlines_as_any_program_writes_them(tmp_path, large, item, tool):
    path = coco_file(tmp_path / "m" / "c.json", [item])
    text = path.read_text()
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path.write_text(text, encoding)
        (mark,) = marks_for(tmp_path / "m", large)["one.png"].marks
        assert mark.tool == tool
        found = annotations_for(tmp_path / "m", large)["one.png"].pixels
        assert found.sum() == 1200
        assert found[10:50, 10:40].all()
    with pytest.raises(Problem, match="neither an outline nor a box"):
        read_coco(coco_file(path, [{"segmentation": []}]))


@pytest.mark.parametrize("crowd", [0, 1])
def test_masks_of_single_objects_are_objects_whatever_iscrowd_says(tmp_path, large, crowd):
    one = {"size": [60, 80], "counts": [610, *([40, 20] * 29), 40, 2410], "iscrowd": crowd}
    two = {"size": [60, 80], "counts": [2410, *([40, 20] * 29), 40, 610], "iscrowd": crowd}
    coco_file(tmp_path / "m" / "c.json", [{"segmentation": s, "iscrowd": crowd} for s in (one, two)])
    assert [m.layer for m in marks_for(tmp_path / "m", large)["one.png"].marks] == ["grain"] * 2 + ["grain boundary"]
    pieces = {"size": [60, 80], "counts": [610, 40, 80, 40, 4030]}
    (annotation,) = read_coco(coco_file(tmp_path / "m" / "c.json", [{"segmentation": pieces, "iscrowd": 1}]))
    assert annotation.crowds


def labelme_file(path, name="one.png", size=(60, 80), label="grain", **shape):
    points = np.reshape(RING, (-1, 2)).tolist()
    shapes = [{"label": label, "points": points, "shape_type": "polygon", **shape}]
    content = {"shapes": shapes, "imagePath": name, "imageHeight": size[0], "imageWidth": size[1]}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))


def test_names_are_one_in_composed_and_decomposed_letters(tmp_path):
    composed, decomposed = (unicodedata.normalize(form, "Gefüge é") for form in ("NFC", "NFD"))
    for inside, outside in ((composed, decomposed), (decomposed, composed)):
        folder = tmp_path / str(len(outside))
        (folder / "images").mkdir(parents=True)
        cv2.imwrite(str(folder / "images" / "x.png"), np.zeros((60, 80), np.uint8))
        image = (folder / "images" / "x.png").rename(folder / "images" / f"{outside}.png")
        coco_file(folder / "coco" / "c.json", [{"segmentation": RING}], name=f"{inside}.png")
        labelme_file(folder / "labelme" / f"{inside}.json", f"{inside}.png")
        (folder / "masks").mkdir()
        Pillow.fromarray(disc()[1]).save(folder / "masks" / f"{inside}_mask.png")
        for kind in ("coco", "labelme", "masks"):
            assert set(marks_for(folder / kind, [image])) == {image.name}, kind


def test_a_labelme_file_is_of_the_image_beside_which_it_lies(tmp_path, large):
    cv2.imwrite(str(tmp_path / "images" / "two.png"), np.zeros((60, 80), np.uint8))
    images = [*large, tmp_path / "images" / "two.png"]
    labelme_file(tmp_path / "m" / "one.json", "IMG_0001.png", label="first")
    labelme_file(tmp_path / "m" / "two.json", "one.png", label="second")  # both were renumbered
    found = marks_for(tmp_path / "m", images)
    assert {name: a.layers for name, a in found.items()} == {"one.png": ("first",), "two.png": ("second",)}


def test_stray_files_never_stop_an_import(tmp_path, large):
    labelme_file(tmp_path / "m" / "one.json")
    stray = {
        "._one.json": b"\0\5\x16\7", ".DS_Store": b"x", "r.graingraph.json": b'{"format": "graingraph recipe"}',
        "package.json": b"{}", "broken.json": b"{", "list.json": b"[1]", "._one_mask.png": b"\0\5\x16\7",
    }  # fmt: skip
    for name, content in stray.items():
        (tmp_path / "m" / name).write_bytes(content)
    assert set(marks_for(tmp_path / "m", large)) == {"one.png"}
    (tmp_path / "m" / "one.json").write_text('{"shapes": [')
    with pytest.raises(Problem, match="only a part"):
        marks_for(tmp_path / "m", large)
    (tmp_path / "m" / "one.json").unlink()
    with pytest.raises(Problem, match=r"Nothing in .* fits .*broken\.json is not JSON"):
        marks_for(tmp_path / "m", large)


@pytest.mark.parametrize("kind", ["coco", "labelme"])
def test_the_size_that_a_file_claims_costs_nothing(tmp_path, large, kind):
    if kind == "coco":
        rle = {"size": [30000, 30000], "counts": [450_000_000, 450_000_000]}
        coco_file(tmp_path / "m" / "c.json", [{"segmentation": rle}] * 50, size=(30000, 30000))
    else:
        labelme_file(tmp_path / "m" / "one.json", size=(30000, 30000))
    with pytest.raises(Problem, match="30000 × 30000 pixels and the image has 80 × 60"):
        marks_for(tmp_path / "m", large)


@pytest.mark.parametrize("shape", [
    {"points": [[0, 0], [9, 9], [0, "x"]]}, {"points": 5}, {"points": [[1, 2]], "shape_type": "mask", "mask": 7},
    {"label": None}, {"label": " "},
    {"points": [[1, 1]]}, {"points": None}, {"shape_type": "mask", "mask": "AAAA"},
])  # fmt: skip
def test_reasons_are_sentences(tmp_path, large, shape):
    labelme_file(tmp_path / "m" / "one.json", **shape)
    with pytest.raises(Problem, match=r"cannot be used: .*; mend or export it again") as raised:
        marks_for(tmp_path / "m", large)
    assert not any(word in raised.value.message for word in ("array", "NoneType", "('", "subscript", "float()"))


def test_a_box_that_was_turned_is_turned_clockwise(tmp_path, large):
    turned = {"bbox": [20, 20, 40, 10], "attributes": {"rotation": 45.0}}
    (mark,) = read_coco(coco_file(tmp_path / "c.json", [turned]))[0].marks
    corner = mark.points[0]  # the upper left one goes up and to the right, about the middle at (40, 25)
    half = np.sqrt(0.5)
    assert corner == pytest.approx((40 + (-20 + 5) * half, 25 + (-20 - 5) * half), abs=1e-3)


def roi(name, position=0, group=0):
    from roifile import ImagejRoi

    found = ImagejRoi.frompoints(np.reshape(RING, (-1, 2)), name=name)
    found.position, found.group = position, group
    return found.tobytes()


def rois(path, entries):
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)


@pytest.mark.parametrize(("names", "classes", "layers"), [
    (("phase1", "phase2"), ("phase1", "phase2"), ("phase1", "phase2")),
    (("phase1", "phase2"), (), ("phase1", "phase2")),
    (("phase1-1", "phase2-7"), (), ("phase1", "phase2")),
    (("grain1", "grain23"), ("grain", "pore"), ("grain",)),
    (("phase 1-3", "phase 2"), ("phase 1", "phase 2"), ("phase 1", "phase 2")),
    (("0001-0023", "0007-0002-0090"), ("rest", "grain"), ("grain",)),
    (("pore-1", "grain_2"), (), ("pore", "grain")),
])  # fmt: skip
def test_numbers_in_the_names_of_regions(tmp_path, large, names, classes, layers):
    rois(tmp_path / "m" / "one.zip", {f"{n}.roi": roi(n) for n in names} | {f"__MACOSX/._{names[0]}.roi": b"\0\5"})
    found = marks_for(tmp_path / "m", large, reading=Reading("", "no", "grain", classes=classes))["one.png"]
    assert found.layers == layers


def test_touching_objects_are_joined_where_there_is_no_class_for_lines_between_them(tmp_path, large):
    second = (np.reshape(RING, (-1, 2)) + np.array([30, 0])).ravel().tolist()
    coco_file(tmp_path / "m" / "c.json", [{"segmentation": [ring]} for ring in (RING, second)])
    found = marks_for(tmp_path / "m", large, reading=Reading("", feature="grain", classes=("grain",)))["one.png"]
    assert found.layers == ("grain",)
    assert "'grain boundary'" in found.remarks[0]
    found = marks_for(tmp_path / "m", large, reading=Reading("", "yes", "grain", classes=("grain",)))["one.png"]
    assert found.layers == ("grain", "grain boundary")


def test_regions_of_slices_are_of_the_pages_of_a_stack_and_of_no_single_picture(tmp_path, large):
    no = Reading(instances="no")
    rois(tmp_path / "m" / "one.zip", {f"{n}.roi": roi("a", n) for n in (0, 1)})
    assert len(marks_for(tmp_path / "m", large, reading=no)["one.png"].marks) == 2
    for slices in ((0, 3), (2, 2), (1, 2)):
        rois(tmp_path / "m" / "one.zip", {f"{i}.roi": roi("a", n) for i, n in enumerate(slices)})
        with pytest.raises(Problem, match=r"regions of slice [23] of a stack and the image is a single picture"):
            marks_for(tmp_path / "m", large, reading=no)
    tifffile.imwrite(tmp_path / "one.tif", np.zeros((2, 60, 80), np.uint8), photometric="minisblack")
    rois(tmp_path / "m" / "one.zip", {f"{i}.roi": roi("a", n) for i, n in enumerate((0, 2, 2))})
    found = marks_for(tmp_path / "m", pages_of(tmp_path / "one.tif"), reading=no)
    assert {name: len(a.marks) for name, a in found.items()} == {"one.tif [page 1]": 1, "one.tif [page 2]": 3}
    assert found["one.tif [page 1]"].remarks == ("2 shapes left out: drawn on another slice of the stack.",)


def test_annotations_of_a_turned_picture(tmp_path):
    exif = Pillow.Exif()
    exif[0x0112] = 6
    Pillow.fromarray(np.zeros((80, 60), np.uint8)).save(tmp_path / "one.jpg", exif=exif)
    labelme_file(tmp_path / "m" / "one.json", "one.jpg")
    assert annotations_for(tmp_path / "m", [tmp_path / "one.jpg"])["one.jpg"].shape == (60, 80)


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


def test_shapes_that_cannot_be_taken_are_left_out_with_a_remark_and_are_not_the_rest(tmp_path, large):
    labelme_file(tmp_path / "m" / "one.json")
    content = json.loads((tmp_path / "m" / "one.json").read_text())
    corners = [[50, 10], [70, 30]]
    content["shapes"] += [{"label": "grain", "points": corners, "shape_type": kind} for kind in ("points", "spline")]
    content["shapes"] += [{"label": "__ignore__", "points": [[50, 40], [70, 58]], "shape_type": "rectangle"}]
    (tmp_path / "m" / "one.json").write_text(json.dumps(content))
    (only,) = marks_for(tmp_path / "m", large)["one.png"].marks
    assert only.tool == "polygon"
    found = annotations_for(tmp_path / "m", large)["one.png"]
    assert texts(found.notes) == (
        "1 shape left out: of the kind 'spline', which is not known.",
        "1 shape left out: labelled __ignore__, so that nothing is known of what is there.",
        "2 points left out: a point covers no area.",
    )
    for rows in (slice(10, 30), slice(40, 58)):
        assert (found.pixels[rows, 50:70] == UNLABELLED).all()
    assert (found.pixels[:, :10] == 0).all()
    content["shapes"] = content["shapes"][1:]
    (tmp_path / "m" / "one.json").write_text(json.dumps(content))
    with pytest.raises(Problem, match=r"Nothing in .* can be taken"):
        marks_for(tmp_path / "m", large)


def test_shapes_under_later_ones_of_other_classes_are_said(tmp_path, large):
    labelme_file(tmp_path / "m" / "one.json", label=" pore ")
    content = json.loads((tmp_path / "m" / "one.json").read_text())
    content["shapes"].append({"label": "grain", "points": [[5, 5], [45, 55]], "shape_type": "rectangle"})
    for shapes, said in ((content["shapes"], ("1 shape of 'pore' not seen",)), (content["shapes"][::-1], ())):
        (tmp_path / "m" / "one.json").write_text(json.dumps(content | {"shapes": shapes}))
        assert tuple(r.split(":")[0] for r in marks_for(tmp_path / "m", large)["one.png"].remarks) == said


def test_key_points_are_no_boxes_and_outlines_of_two_corners_nothing(tmp_path, large):
    points = {"bbox": [50, 10, 20, 20], "keypoints": [55, 15, 2, 60, 20, 1]}
    coco_file(tmp_path / "m" / "c.json", [{"segmentation": [RING, [1, 1, 5, 5]]}, points])
    (only,) = marks_for(tmp_path / "m", large)["one.png"].marks
    assert only.tool == "polygon"
    found = annotations_for(tmp_path / "m", large)["one.png"]
    assert len(texts(found.notes)) == 2
    assert (found.pixels[10:30, 50:70] == UNLABELLED).all()


@pytest.mark.parametrize(
    "name", ["1a2b3c4d-one.png", "one_png.rf.0123456789abcdef0123456789abcdef.jpg", "sub\\one.png"]
)
def test_names_that_exports_made_are_those_of_the_images(tmp_path, large, name):
    coco_file(tmp_path / "m" / "c.json", [{"segmentation": [RING]}], name=name)
    assert len(marks_for(tmp_path / "m", large)["one.png"].marks) == 1
    coco_file(tmp_path / "m" / "d.json", [{"segmentation": [RING]}])
    with pytest.raises(Problem, match="two annotations of one"):
        marks_for(tmp_path / "m", large)


def test_copies_of_the_images_beside_outlines_are_no_label_pictures(tmp_path, large):
    coco_file(tmp_path / "m" / "_annotations.coco.json", [{"segmentation": [RING]}])
    cv2.imwrite(str(tmp_path / "m" / "one.png"), np.full((60, 80), 3, np.uint8))
    assert marks_for(tmp_path / "m", large)["one.png"].layers == ("grain",)
    cv2.imwrite(str(tmp_path / "m" / "one_mask.png"), disc()[1].astype(np.uint8) * 255)
    found = marks_for(tmp_path / "m", large)["one.png"]
    assert (found.layers, found.remarks) == (
        ("grain",),
        ("one_mask.png was passed over: there are outlines of that image, too.",),
    )
    coco_file(tmp_path / "m" / "_annotations.coco.json", [{"segmentation": {"size": [60, 80], "counts": [4800]}}])
    (empty,) = marks_for(tmp_path / "m", large)["one.png"].marks
    assert empty.tool == "region"


@pytest.mark.parametrize("beside", ["classes.txt", "../data.yaml"])
def test_yolo_lines_are_boxes_and_outlines_in_shares(tmp_path, large, beside):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "one.txt").write_text("1 0.5 0.5 0.25 0.5\n0 0.125 0.1 0.5 0.1 0.5 0.5\n")
    with pytest.raises(Problem, match="nothing says what its class 1 is"):
        marks_for(tmp_path / "m", large)
    text = "grain\npore\n" if beside.endswith("txt") else "nc: 2\nnames: {0: grain, 1: pore}\n"
    (tmp_path / "m" / beside).write_text(text)
    box, outline = marks_for(tmp_path / "m", large, reading=Reading(instances="no"))["one.png"].marks
    assert (box.layer, box.tool, box.points.tolist()) == ("pore", "rectangle", [[30, 15], [50, 45]])
    assert (outline.layer, outline.tool) == ("grain", "polygon")
    assert outline.points == pytest.approx(np.array([(10, 6), (40, 6), (40, 30)]), abs=1e-4)
    (tmp_path / "m" / beside).write_text("" if beside.endswith("txt") else "names: names.txt\n")
    with pytest.raises(Problem, match=r"what its class 1 is|data\.yaml does not list the names"):
        marks_for(tmp_path / "m", large)
    (tmp_path / "m" / "one.txt").write_text("$CM_MAG 5000\n")  # what a microscope wrote beside its image
    with pytest.raises(Problem, match=r"Nothing in .* fits"):
        marks_for(tmp_path / "m", large)


def test_jpegs_are_masks_of_black_and_white_or_refused(tmp_path, large):
    (tmp_path / "m").mkdir()
    hard = disc()[1]
    cv2.imwrite(str(tmp_path / "m" / "one_mask.jpg"), hard.astype(np.uint8) * 255, [cv2.IMWRITE_JPEG_QUALITY, 60])
    found = annotations_for(tmp_path / "m", large)["one.png"]
    assert [c.name for c in found.classes] == ["background", "feature"]
    assert np.mean(found.pixels != hard) < 0.002
    for picture in (hard * 100, np.dstack([hard * 0, hard * 0, hard * 255])):
        cv2.imwrite(str(tmp_path / "m" / "one_mask.jpg"), picture.astype(np.uint8))
        with pytest.raises(Problem, match="it is a JPEG"):
            annotations_for(tmp_path / "m", large)


@pytest.mark.parametrize("mode", ["white", "black", "grey and alpha", "stored inverted"])
def test_what_is_painted_on_a_transparent_picture_is_the_mask(tmp_path, large, mode):
    (tmp_path / "m").mkdir()
    hard = disc()[1]
    if mode == "stored inverted":
        tifffile.imwrite(tmp_path / "m" / "one_mask.tif", ~hard, photometric="miniswhite")
    else:
        painted = np.full((60, 80, 4), 0 if mode == "black" else 255, np.uint8)
        painted[..., 3] = hard * 255
        picture = Pillow.fromarray(painted)
        (picture if mode != "grey and alpha" else picture.convert("LA")).save(tmp_path / "m" / "one_mask.png")
    found = annotations_for(tmp_path / "m", large)["one.png"]
    assert [c.name for c in found.classes] == ["background", "feature"]
    assert np.array_equal(found.pixels, hard)


def test_which_of_two_label_pictures_is_meant_is_not_guessed(tmp_path, large):
    (tmp_path / "m").mkdir()
    for name in ("one.png", "one_mask.png", "one_Simple Segmentation.png"):
        cv2.imwrite(str(tmp_path / "m" / name), disc()[1].astype(np.uint8) * 255)
    with pytest.raises(Problem, match=r"either may be of one\.png"):
        annotations_for(tmp_path / "m", large)
    (tmp_path / "m" / "one_mask.png").unlink()
    assert annotations_for(tmp_path / "m", large)["one.png"].pixels.any()


def test_several_classes_in_a_folder_of_one_class_are_refused(tmp_path, large):
    (tmp_path / "m" / "SegmentationClass").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "m" / "SegmentationClass" / "one.png"), disc()[1] * 1 + disc()[1][:, ::-1] * 2)
    with pytest.raises(Problem, match="several numbers or colours"):
        annotations_for(tmp_path / "m", large)


def test_shapes_beside_the_picture_are_of_another_size(tmp_path, large):
    rois(tmp_path / "m" / "one.zip", {"a.roi": roi("a")})
    cv2.imwrite(str(large[0]), np.zeros((8, 9), np.uint8))
    with pytest.raises(Problem, match="a shape at 25, 30 and the image has 9 × 8 px"):
        marks_for(tmp_path / "m", large)


def test_texts_arrows_and_angles_of_imagej_are_left_out(tmp_path, large):
    from roifile import ROI_SUBTYPE, ROI_TYPE, ImagejRoi

    box = {"left": 2, "top": 3, "right": 20, "bottom": 30}
    text = ImagejRoi(roitype=ROI_TYPE.RECT, subtype=ROI_SUBTYPE.TEXT, name="grain", text="200 um", **box)
    arrow = ImagejRoi(roitype=ROI_TYPE.LINE, subtype=ROI_SUBTYPE.ARROW, name="grain", x1=1, y1=2, x2=8, y2=9, **box)
    entries = {"a.roi": text.tobytes(), "b.roi": arrow.tobytes(), "c.roi": roi("grain")}
    rois(tmp_path / "m" / "one.zip", entries)
    found = marks_for(tmp_path / "m", large)["one.png"]
    assert [mark.tool for mark in found.marks] == ["polygon"]
    assert found.remarks[0].startswith("2 shapes left out: a text, arrow")


def test_shares_of_the_picture_are_no_pixels_and_ids_may_be_text(tmp_path, large):
    ring = [0.1, 0.1, 0.4, 0.1, 0.4, 0.5]
    coco_file(tmp_path / "m" / "c.json", [{"segmentation": [ring]}])
    with pytest.raises(Problem, match="its coordinates are shares of the picture"):
        marks_for(tmp_path / "m", large)
    coco_file(tmp_path / "m" / "c.json", [{"segmentation": [[v + 100 for v in RING]]}])
    with pytest.raises(Problem, match="a shape at 125, 130"):
        marks_for(tmp_path / "m", large)
    with pytest.raises(Problem, match="a class or a shape has no name"):
        marks_for(coco_file(tmp_path / "c.json", [{"segmentation": [RING]}], category=" "), large)
    twice = json.loads((tmp_path / "m" / "c.json").read_text())
    twice["categories"].append({"id": 1, "name": "pore"})
    (tmp_path / "c.json").write_text(json.dumps(twice))
    with pytest.raises(Problem, match="more than one class as number 1"):
        marks_for(tmp_path / "c.json", large)
    coco_file(tmp_path / "m" / "c.json", [{"segmentation": [RING], "image_id": "1", "category_id": "1"}])
    assert len(marks_for(tmp_path / "m", large)["one.png"].marks) == 1


def test_soft_edges_of_paint_are_cut_at_half(tmp_path, large):
    (tmp_path / "m").mkdir()
    soft, hard = disc()
    painted = np.zeros((60, 80, 4), np.uint8)
    painted[..., 0], painted[..., 3] = 255, soft
    Pillow.fromarray(painted).save(tmp_path / "m" / "one_mask.png")
    (tmp_path / "m" / "classes.json").write_text('{"#ff0000": "pore"}')
    found = annotations_for(tmp_path / "m", large)["one.png"]
    assert np.mean((found.pixels == 0) != hard) < 0.02
    (tmp_path / "m" / "classes.json").unlink()
    found = annotations_for(tmp_path / "m", large, reading=Reading(""))["one.png"]
    assert np.array_equal(found.pixels == 0, hard)
    shares = np.random.default_rng(0).random((60, 80, 2), np.float32)
    tifffile.imwrite(tmp_path / "m" / "one_mask.tif", shares, photometric="minisblack", planarconfig="contig")
    (tmp_path / "m" / "one_mask.png").unlink()
    with pytest.raises(Problem, match="2 planes of fractions"):
        annotations_for(tmp_path / "m", large)


def test_what_could_be_of_either_of_two_areas_is_asked_or_said(tmp_path, large):
    two = Reading(
        "", "auto", "grain", "grain", classes=("grain", "pore"), known=(PixelClass("grain"), PixelClass("pore"))
    )
    labels = np.zeros((60, 80), np.uint16)
    labels[10:50, 10:40], labels[10:50, 42:70] = 1, 2
    (tmp_path / "m").mkdir()
    scattered = np.kron(np.indices((6, 8)).sum(0) % 3, np.pad(np.ones((8, 8)), 1))  # as a labels layer of napari
    for numbers, layers in (
        (scattered.astype(np.int32), ("grain", "pore")),
        (np.where(labels, labels, 255).astype(np.int16), ("grain", "pore")),
        (labels * 257, ("class 257", "class 514")),
        (np.where(labels, 65535, 0).astype(np.uint16), ("grain",)),
    ):
        tifffile.imwrite(tmp_path / "m" / "one_mask.tif", numbers)
        assert marks_for(tmp_path / "m", large, reading=two)["one.png"].layers == layers
    tifffile.imwrite(tmp_path / "m" / "one_mask.tif", labels)
    with pytest.raises(
        Problem, match=r'classes or single objects; .* \{"1": "grain", "2": "pore"\}, or .* objects of grain'
    ):
        marks_for(tmp_path / "m", large, reading=two)
    (tmp_path / "m" / "classes.json").write_text('{"1": "grain", "2": "pore"}')
    assert marks_for(tmp_path / "m", large, reading=two)["one.png"].layers == ("grain", "pore")
    mask = tmp_path / "white" / "one_mask.png"
    mask.parent.mkdir()
    cv2.imwrite(str(mask), (labels == 1).astype(np.uint8) * 255)
    said = marks_for(mask.parent, large, reading=two)["one.png"].remarks
    assert said == ("0 in the label pictures is taken for not traced.",)
    rois(tmp_path / "r" / "one.zip", {"0001-0023.roi": roi("0001-0023"), "pore.roi": roi("pore")})
    found = marks_for(tmp_path / "r", large, reading=two)["one.png"]
    assert (found.layers, found.remarks[0]) == (("grain", "pore"), "Regions that name no class are taken for 'grain'.")
    rois(tmp_path / "r" / "one.zip", {f"{n}.roi": roi(f"000{n}-0001", group=n) for n in (1, 2)})
    assert marks_for(tmp_path / "r", large, reading=two)["one.png"].layers == ("group 1", "group 2")


def test_a_jpeg_named_like_the_image_is_no_label_picture_and_said(tmp_path, large):
    (tmp_path / "m").mkdir()
    cv2.imwrite(str(tmp_path / "m" / "one.jpg"), disc()[1].astype(np.uint8) * 255)
    with pytest.raises(Problem, match=r"\(one\.jpg is taken for another copy of the image; call label pictures as in"):
        marks_for(tmp_path / "m", large)
