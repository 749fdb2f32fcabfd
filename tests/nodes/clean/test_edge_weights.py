"""Edge weights against windows out of large sections, whose grains are all known."""

import numpy as np
import pytest

from graingraph.app.samples import phantoms
from graingraph.engine.values import Labels, Mask, PerImage, Scale
from graingraph.engine.values.pooling import summary
from graingraph.engine.values.table import EDGE_WEIGHT
from graingraph.nodes.clean.edge_reject import edge_reject
from graingraph.nodes.clean.label_features import label_features
from graingraph.nodes.input.crop import crop
from graingraph.nodes.measure.measure_diameter import measure_diameter
from graingraph.nodes.measure.measure_features import measure_features
from graingraph.nodes.report.distribution import distribution
from graingraph.nodes.report.pool import pool


def labels(pixels):
    return Labels(pixels, Scale(1.0), count=int(pixels.max()))


@pytest.mark.parametrize("side", [62, 128])
def test_the_weighted_mean_diameter_is_that_of_all_grains(side):
    section = phantoms.voronoi_section(10, (1024, 1024), np.random.default_rng(3))
    whole = measure_diameter(edge_reject(labels(section)))
    truth = summary(whole)["edge-weighted mean Equivalent diameter (µm)"]
    windows = {
        f"{y} {x}": measure_diameter(edge_reject(labels(phantoms.numbered(section[y : y + side, x : x + side]))))
        for y in range(0, 1024 - side + 1, side)
        for x in range(0, 1024 - side + 1, side)
    }
    found = distribution(pool(PerImage(tuple(windows), windows.__getitem__))).statistics.frame
    value = dict(zip(found["Statistic"], found["Value"], strict=True))
    assert value["Mean"] == pytest.approx(truth, rel=0.005)
    assert value["Mean without edge weights"] < 0.97 * truth


def test_the_weight_is_one_over_the_chance_to_lie_whole_inside():
    pixels = np.zeros((50, 80), bool)
    pixels[10:20, 30:50] = pixels[0:3, 5:8] = True
    table = measure_features(label_features(edge_reject(Mask(pixels))))
    places = sum(1 for y in range(51) for x in range(81) if 1 <= y <= 49 - 10 and 1 <= x <= 79 - 20)
    assert table.columns[EDGE_WEIGHT].tolist() == pytest.approx([49 * 79 / places])
    assert "edge-weighted" in table.headline


def test_two_adjoining_sides_count_by_a_corner_and_crops_and_untouched_features_have_no_weight():
    pixels = np.zeros((50, 80), bool)
    pixels[10:20, 30:50] = True
    corner = edge_reject(Mask(pixels), bottom=False, right=False)
    assert measure_diameter(corner).columns[EDGE_WEIGHT].tolist() == [1]
    assert EDGE_WEIGHT not in measure_diameter(Mask(pixels)).columns
    assert EDGE_WEIGHT not in measure_diameter(crop(edge_reject(Mask(pixels)), width=60)).columns
