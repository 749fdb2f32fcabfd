"""The tables of measurements: columns, units, remarks. (The numbers are tested with the kernels.)"""

import numpy as np
import pandas as pd
import pytest

from graingraph.engine.declare.node import REGISTRY
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Labels, Mask, Scale
from graingraph.engine.values.notes import texts
from graingraph.nodes.clean.label_features import label_features
from graingraph.nodes.measure.measure_diameter import measure_diameter
from graingraph.nodes.measure.measure_features import measure_features


def squares(side=4, pitch=8, shape=(64, 64), scale=None):
    """A grid of squares ``side`` px wide."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    return Mask((y % pitch < side) & (x % pitch < side), scale)


def test_diameters_of_equal_squares_in_micrometres():
    table = measure_diameter(squares(scale=Scale(0.25)))
    assert len(table.frame) == 64
    assert table.frame["Equivalent diameter"].to_numpy() == pytest.approx(2 * np.sqrt(16 / np.pi) * 0.25)
    assert table.frame["Feret max"].to_numpy() == pytest.approx(4 * np.sqrt(2) * 0.25)
    assert table.frame["Feret min"].to_numpy() == pytest.approx(1.0)
    assert table.headline == "mean 1.13 µm (n = 64)"
    assert table.units == {"Label": "", "Equivalent diameter": "µm", "Feret max": "µm", "Feret min": "µm"}
    assert not table.notes
    assert measure_diameter(squares(scale=Scale(0.25)), diameter="Feret min").headline == "mean 1 µm (n = 64)"


def test_without_a_pixel_size_lengths_are_in_pixels_and_it_says_so():
    table = measure_diameter(squares())
    assert table.units["Feret max"] == "px"
    assert table.headline == "mean 4.51 px (n = 64)"
    assert any("pixel size" in note for note in texts(table.notes))


def test_few_features_are_remarked_on():
    table = measure_diameter(squares(shape=(8, 24), scale=Scale(1.0)))
    assert texts(table.notes) == ("Only 3 features; a mean over fewer than 50 is uncertain.",)


def test_units_of_every_column():
    table = measure_features(squares(scale=Scale(0.5)), Image(np.zeros((64, 64), np.uint8)), bounding_box=True)
    assert list(table.units) == list(table.frame.columns)
    first = table.frame.iloc[0]
    assert (first["Area"], table.units["Area"]) == (4.0, "µm²")
    assert (first["Centroid X"], first["Centroid Y"], table.units["Centroid X"]) == (1.0, 1.0, "µm")
    assert (first["Box left"], first["Box width"], table.units["Box width"]) == (0, 4, "px")
    assert table.units["Orientation"] == table.units["Feret angle"] == "°"
    assert table.units["Filled area"] == "µm²"
    assert (first["Nearest neighbour"], table.units["Nearest neighbour"]) == (4.0, "µm")
    assert table.units["Aspect ratio"] == table.units["Circularity"] == table.units["Mean grey"] == ""


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
def test_mean_grey_of_every_kind_of_image(kind):
    mask = squares()
    grey = np.where(mask.pixels, np.arange(64) // 8 * 10, 200).astype(kind)
    table = measure_features(label_features(mask), Image(grey))
    assert table.frame["Mean grey"].to_numpy() == pytest.approx(np.tile(np.arange(8) * 10.0, 8))


def test_mean_grey_of_a_colour_image_is_its_luminance():
    colour = np.full((64, 64, 3), (255, 0, 0), np.uint8)
    assert measure_features(squares(), Image(colour)).frame["Mean grey"].to_numpy() == pytest.approx(76.0)


def test_numbers_without_pixels_have_no_row():
    labels = np.zeros((10, 10), np.int32)
    labels[1:3, 1:3], labels[5:8, 5:8] = 1, 4
    table = measure_features(Labels(labels, count=4))
    assert table.frame["Label"].tolist() == [1, 4]
    assert table.frame["Area"].tolist() == [4.0, 9.0]


def test_no_feature_gives_an_empty_table_with_all_columns():
    nothing, something = Mask(np.zeros((5, 7), bool)), squares()
    for measure in (measure_diameter, measure_features):
        table = measure(nothing)
        assert isinstance(table.frame, pd.DataFrame)
        assert list(table.frame.columns) == list(measure(something).frame.columns)
        assert table.frame.empty
        assert table.headline == "no feature"
        assert texts(table.notes) == ("No feature was found; the table is empty.",)


def test_an_image_of_another_size_is_refused():
    with pytest.raises(Problem, match="size"):
        measure_features(squares(), Image(np.zeros((5, 5), np.uint8)))


def test_the_inscribed_circle_can_be_left_out_and_was_not_there_before():
    pixels = np.zeros((40, 40), bool)
    pixels[5:25, 5:25] = True
    mask = Mask(pixels, Scale(0.5))
    assert measure_features(mask).columns["Inscribed diameter"][0] == pytest.approx(10, abs=0.6)
    without = measure_features(mask, inscribed_circle=False)
    assert "Inscribed diameter" not in without.columns
    assert "Inscribed diameter" not in without.units
    assert REGISTRY["MeasureFeatures"].migrations[2]({"bounding_box": False})["inscribed_circle"] is False
