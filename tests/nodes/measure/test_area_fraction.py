"""AreaFraction against areas painted on purpose."""

import numpy as np
import pytest

from graingraph.engine.values import UNLABELLED, ClassMap, Labels, Mask, PixelClass, Scale
from graingraph.engine.values.notes import texts
from graingraph.nodes.measure.area_fraction import area_fraction

CLASSES = (PixelClass("ferrite"), PixelClass("pearlite"), PixelClass("graphite"))


def test_every_class_has_its_share_of_what_is_classified():
    pixels = np.zeros((100, 200), np.uint8)
    pixels[:, 100:150] = 1
    pixels[:, 150:] = UNLABELLED
    table = area_fraction(ClassMap(pixels, Scale(2.0), classes=CLASSES))
    row = table.frame.iloc[0]
    assert row["Area fraction ferrite"] == pytest.approx(100 * 100 / 150)
    assert row["Area fraction pearlite"] == pytest.approx(100 * 50 / 150)
    assert row["Area fraction graphite"] == 0
    assert row["Analysed area"] == 100 * 150 * 4
    assert table.units == {**dict.fromkeys(table.frame.columns, "%"), "Analysed area": "µm²"}
    assert table.rows == "fields"
    assert any("25.0 %" in note for note in texts(table.notes))


def test_disc_in_a_mask_and_features_in_labels():
    y, x = np.mgrid[:300, :300] + 0.5
    disc = np.hypot(x - 150, y - 150) < 100
    exact = 100 * np.pi * 100**2 / 300**2
    assert area_fraction(Mask(disc)).frame["Area fraction"].iloc[0] == pytest.approx(exact, rel=1e-3)
    both = disc.astype(np.int32)
    both[disc & (x < 150)] = 2
    table = area_fraction(Labels(both, count=2))
    assert table.frame["Area fraction"].iloc[0] == pytest.approx(exact, rel=1e-3)
    assert table.units["Analysed area"] == "px²"
    assert table.headline == "34.9 %"


def test_nothing_classified():
    table = area_fraction(ClassMap(np.full((10, 10), UNLABELLED, np.uint8), classes=CLASSES))
    assert table.frame["Area fraction ferrite"].isna().all()
    assert any("No pixel is classified" in note for note in texts(table.notes))
