import numpy as np
import pytest

from graingraph.app.document.content import Content, content_of, features_for, needs, table_for
from graingraph.app.document.session import OutputRef
from graingraph.app.gui.viewer import captions as words
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.values import ClassMap, Image, Labels, Mask, Note, PixelClass, Probabilities, Scale, Table
from tests.support.recipes import chain

RECIPE = chain(("Load", "Filter", "Threshold", "LabelFeatures", "MeasureFeatures"))
IMAGE = Image(np.full((20, 30), 9, np.uint8), Scale(0.5), name="a.png")
LABELS = Labels(np.eye(20, 30, dtype=np.int32) * 3, Scale(0.5), count=3)
TABLE = Table({"Label": np.array([1, 2, 3]), "Area": np.array([1.0, 2.0, 3.0])}, {"Area": "µm²"})
VALUES = {"load": IMAGE, "filter": IMAGE, "label_features": LABELS, "measure_features": TABLE}


def found(node: str, output: str):
    return VALUES.get(node)


def test_a_table_is_shown_as_the_features_it_was_measured_on_over_the_micrograph():
    content = content_of(RECIPE, OutputRef("measure_features", "table"), found)
    assert (content.image, content.features, content.table) == (IMAGE, LABELS, TABLE)


def test_labels_bring_the_table_that_was_measured_on_them():
    content = content_of(RECIPE, OutputRef("label_features", "labels"), found)
    assert (content.features, content.table_node) == (LABELS, "measure_features")


def test_a_table_is_shown_with_what_was_drawn_of_it_and_its_features_can_be_clicked():
    recipe = chain(("Load", "Threshold", "LabelFeatures", "MirrorOverlap"))
    drawing = Image(np.zeros((20, 30, 3), np.uint8))
    values = {("mirror_overlap", "table"): TABLE, ("mirror_overlap", "overlay"): drawing, ("load", "image"): IMAGE}
    values["label_features", "labels"] = LABELS
    content = content_of(recipe, OutputRef("mirror_overlap", "table"), lambda *place: values.get(place))
    assert (content.image, content.features, content.table, content.drawn) == (drawing, LABELS, TABLE, True)
    below = content_of(recipe, OutputRef("label_features", "labels"), lambda *place: values.get(place))
    assert (below.image, below.drawn) == (IMAGE, False)


def test_an_image_is_shown_alone():
    content = content_of(RECIPE, OutputRef("filter", "image"), found)
    assert (content.image, content.features) == (IMAGE, None)
    assert needs(RECIPE, OutputRef("load", "image")) == [OutputRef("load", "image")]
    assert needs(RECIPE, OutputRef("filter", "image")) == [OutputRef("filter", "image"), OutputRef("load", "image")]


def test_a_micrograph_of_another_shape_is_not_put_below():
    small = Image(np.zeros((5, 5), np.uint8))
    content = content_of(
        RECIPE, OutputRef("label_features", "labels"), lambda n, o: small if n == "load" else found(n, o)
    )
    assert content.image is not small


def test_what_is_needed_is_asked_for():
    asked = needs(RECIPE, OutputRef("measure_features", "table"))
    assert {place.node for place in asked} >= {"measure_features", "label_features", "load"}
    assert features_for(RECIPE, OutputRef("measure_features", "table")) == OutputRef("label_features", "labels")
    assert table_for(RECIPE, OutputRef("threshold", "mask")) is None
    rewired = RECIPE.disconnect([wire for wire in RECIPE.wires if wire.target == "measure_features"])
    assert table_for(rewired, OutputRef("label_features", "labels")) is None
    assert Wire("load", "image", "filter", "image") in rewired.wires


def test_the_read_out_says_position_length_grey_level_and_feature():
    line = words.pixel_words(Content(IMAGE, LABELS), (4.5, 4.5))
    assert line.split("   ") == ["x 4  y 4 px", "(2.25, 2.25) µm", "grey 9", "label 3"]
    assert words.pixel_words(Content(IMAGE, LABELS), (40, 4)) == ""
    assert words.pixel_words(Content(IMAGE, LABELS), (-0.5, 4)) == ""


def test_masks_classes_and_probabilities_are_read_out_in_words():
    place = (0.5, 0.5)
    mask = Mask(np.ones((2, 2), bool))
    assert words.pixel_words(Content(features=mask), place).endswith("in the mask")
    classes = (PixelClass("grain"), PixelClass("pore"))
    assert words.pixel_words(Content(features=ClassMap(np.ones((2, 2), np.uint8), classes=classes)), place).endswith(
        "class pore"
    )
    unlabelled = ClassMap(np.full((2, 2), 255, np.uint8), classes=classes)
    assert words.pixel_words(Content(features=unlabelled), place).endswith("unlabelled")
    planes = Probabilities(np.dstack([np.full((2, 2), 0.25), np.full((2, 2), 0.75)]).astype(np.float32), None, classes)
    assert words.pixel_words(Content(features=planes), place).endswith("grain 0.25, pore 0.75")


def test_a_distance_has_its_unit():
    assert words.distance_words(Content(IMAGE), (0, 0), (30, -40)) == "25 µm (50.0 px), 53.1°"
    bare = Content(Image(np.zeros((5, 5), np.uint8)))
    assert words.distance_words(bare, (0, 0), (3, 0)) == "3.0 px (no pixel size), 0.0°"


def test_a_click_finds_the_label():
    assert words.label_at(Content(IMAGE, LABELS), (3.2, 3.9)) == 3
    assert words.label_at(Content(IMAGE, LABELS), (3.2, 9.9)) == 0
    assert words.label_at(Content(IMAGE), (3.2, 3.9)) == 0


def test_lengths_are_those_of_the_viewed_value_not_of_the_file():
    recipe = chain(("Load", "SetScale", "Threshold", "LabelFeatures"))
    scaled = Image(IMAGE.pixels, Scale(2.0), name="a.png")
    values = {"load": IMAGE, "set_scale": scaled, "label_features": Labels(LABELS.pixels, Scale(2.0), count=3)}
    for node, output, size in (("load", "image", 0.5), ("set_scale", "image", 2.0), ("label_features", "labels", 2.0)):
        content = content_of(recipe, OutputRef(node, output), lambda node, output: values.get(node))
        assert content.scale == Scale(size)
        assert words.distance_words(content, (0, 0), (10, 0)).startswith(f"{10 * size:.4g} µm")
        assert f"{10.5 * size:.2f}, " in words.pixel_words(content, (10.5, 3.5))
        bar = words.scale_bar(content, 8.0, 800)
        assert bar is not None
        length, unit = bar[1].split()
        assert unit == "µm"
        assert bar[0] == pytest.approx(float(length) / size * 8.0)
    content = Content(IMAGE, Mask(np.zeros((20, 30), bool)))
    assert "no pixel size" in words.distance_words(content, (0, 0), (10, 0))


def test_a_line_that_was_found_in_an_image_is_drawn_over_it_and_not_over_those_made_from_it():
    recipe = chain(("Load", "SetScale", "Crop"))
    taken = Note("advice", "The pixel size comes from a line.", line=(5.0, 12.5, 25.0, 12.5))
    values = {"load": IMAGE, "set_scale": IMAGE.with_note(taken), "crop": IMAGE.with_note(taken)}
    drawn = {
        node: content_of(recipe, OutputRef(node, "image"), lambda node, _: values.get(node)).lines for node in values
    }
    assert drawn["load"] == drawn["crop"] == ()
    (line,) = drawn["set_scale"]
    assert line.points.tolist() == [[5.0, 12.5], [25.0, 12.5]]
    assert OutputRef("load", "image") in needs(recipe, OutputRef("set_scale", "image"))
