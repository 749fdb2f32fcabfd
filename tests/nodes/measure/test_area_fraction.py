"""AreaFraction against areas painted on purpose."""

import numpy as np
import pytest

from graingraph.app.samples import phantoms
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
    named = ("Area fraction", "Intercepts per length", "Mean free path", "Mean chord")
    units = dict(zip(named, ("%", "1/mm", "µm", "µm"), strict=True))
    expected = {f"{column} {item.name}": unit for column, unit in units.items() for item in CLASSES}
    assert table.units == expected | {"Analysed area": "µm²"}
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
    assert table.headline == "no pixel is classified"


def means(draw, times: int, **settings) -> dict[str, float]:
    """The means over fields of fraction and N_L, and what they give for free path and chord."""
    found = [area_fraction(Mask(draw()), **settings).columns for _ in range(times)]
    share, entered = (np.mean([one[name][0] for one in found]) for name in ("Area fraction", "Intercepts per length"))
    return {
        "share": share / 100,
        "entered": entered,
        "free": (1 - share / 100) / entered,
        "chord": share / 100 / entered,
    }


@pytest.mark.parametrize("share", [0.1, 0.4])
def test_discs_thrown_at_random(share: float) -> None:
    """Between Boolean discs lines run 1 / (intensity · diameter) on average, whatever the share."""
    rng, diameter = np.random.default_rng(5), 40.0
    found = means(lambda: phantoms.boolean_discs(share, diameter, (900, 900), rng), 25)
    assert found["share"] == pytest.approx(share, rel=0.05)
    seen = -np.log1p(-found["share"]) / (np.pi * diameter**2 / 4)  # the intensity that gives the share that was drawn
    assert found["free"] == pytest.approx(1 / (seen * diameter), rel=0.015)


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_gaussian_textures(share: float) -> None:
    from scipy.special import ndtri

    rng, sigma = np.random.default_rng(6), 6.0
    found = means(lambda: phantoms.gaussian_texture(share, sigma, (600, 600), rng), 12)
    entered = np.exp(-(ndtri(share) ** 2) / 2) / (2 * np.pi * np.sqrt(2) * sigma)
    assert found["share"] == pytest.approx(share, abs=0.01)
    assert found["entered"] == pytest.approx(entered, rel=0.02)


def test_grains_of_two_phases() -> None:
    """Of phase fractions s and 1 − s in grains with intercept l, free path is l / s and chord l / (1 − s).

    Pieces and gaps of all lengths occur, and of those shorter than a pixel half are missed.
    """
    rng, share, length = np.random.default_rng(7), 0.3, 15.0
    free, chord = length / share, length / (1 - share)
    grains = phantoms.voronoi_section(length, (500, 500), rng)
    found = means(lambda: phantoms.of_two_phases(grains, share, rng), 40)
    missed = 0.5 / free + 0.5 / chord
    assert found["free"] == pytest.approx(free * (1 + missed), rel=0.025)
    assert found["chord"] == pytest.approx(chord * (1 + missed), rel=0.025)


def test_lines_run_only_over_what_is_classified() -> None:
    pixels = np.zeros((40, 60), np.uint8)
    pixels[:, 10:20] = pixels[:, 30:40] = 1
    whole = area_fraction(ClassMap(pixels, classes=CLASSES[:2])).columns
    rows, diagonals = 4 / (2 * 59), 4 / (2 * 59 * np.sqrt(2))
    assert whole["Intercepts per length pearlite"][0] == pytest.approx((rows + 2 * diagonals) / 4)
    gap = pixels.copy()
    gap[:, 10:40] = UNLABELLED
    parted = area_fraction(ClassMap(gap, classes=CLASSES[:2])).columns
    assert parted["Intercepts per length ferrite"][0] == 0
    assert np.isnan(parted["Mean free path ferrite"][0])


def test_the_point_grid_counts_its_points_and_is_right_on_average() -> None:
    rng = np.random.default_rng(8)
    table = area_fraction(Mask(phantoms.boolean_discs(0.3, 20, (300, 400), rng)), counting="point grid", points=100)
    points = table.columns["Points"][0]
    assert 90 <= points <= 110
    assert table.columns["Area fraction"][0] * points / 100 == pytest.approx(
        round(table.columns["Area fraction"][0] * points / 100)
    )
    found = means(lambda: phantoms.boolean_discs(0.3, 20, (300, 400), rng), 40, counting="point grid", points=400)
    assert found["share"] == pytest.approx(0.3, abs=0.015)
    exact = area_fraction(Mask(np.arange(64).reshape(8, 8) % 2 == 0), counting="point grid", points=1_000_000)
    assert (exact.columns["Points"][0], exact.columns["Area fraction"][0]) == (64, 50)
