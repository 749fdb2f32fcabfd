"""Chords of stripes, discs and sections of Voronoi grains, also drawn out, and of a reference program's grains."""

import numpy as np
import pytest

from graingraph.app.samples import phantoms
from graingraph.engine.values import ClassMap, Labels, Mask, PerImage, PixelClass, Scale
from graingraph.engine.values.notes import of_kind
from graingraph.engine.values.table import EDGE_WEIGHT
from graingraph.nodes.imaging.stereology.chords import PITCH, _lines
from graingraph.nodes.measure.chords import chords
from graingraph.nodes.report.chords_of_fields import chords_of_fields
from tests.support.paths import SHARED

STEEL = SHARED / "data" / "etched_steel"


def labels(pixels: np.ndarray, scale: Scale | None = None) -> Labels:
    return Labels(pixels.astype(np.int32), scale, count=int(pixels.max()))


def row(structure, **settings) -> dict[str, float]:
    return {name: column[0] for name, column in chords(structure, **settings).table.columns.items()}


@pytest.mark.parametrize("degrees", [0.0, 20.0, 45.0, 70.0])
def test_stripes(degrees: float) -> None:
    """Square to them the mean intercept is their spacing, over all directions π/2 of it."""
    spacing = 24.0
    found = row(labels(phantoms.stripes(spacing, degrees, (700, 800)), Scale(0.5)), directions=36, spacing=7.0)
    assert found["Mean intercept"] == pytest.approx(np.pi / 2 * spacing * 0.5, rel=0.02)
    assert found["Boundary area per volume"] == pytest.approx(2 / (np.pi / 2 * spacing * 0.5e-3), rel=0.02)
    assert found["Shortest mean intercept"] == pytest.approx(spacing * 0.5, rel=0.02)
    assert (found["Orientation"] - degrees + 90) % 180 - 90 == pytest.approx(0, abs=1)
    assert found["Anisotropy"] > 20


def test_grains_of_a_section_and_drawn_out() -> None:
    rng = np.random.default_rng(2)
    even = [row(labels(phantoms.voronoi_section(20, (500, 500), rng))) for _ in range(4)]
    assert np.mean([one["Mean intercept"] for one in even]) == pytest.approx(20, rel=0.02)
    assert np.mean([one["Anisotropy"] for one in even]) < 1.12
    drawn = [row(labels(phantoms.voronoi_section(14, (500, 700), rng, stretch=2.5))) for _ in range(4)]
    assert np.mean([one["Anisotropy"] for one in drawn]) == pytest.approx(2.5, rel=0.05)
    assert np.mean([one["Longest mean intercept"] for one in drawn]) == pytest.approx(35, rel=0.05)
    assert np.mean([one["Mean intercept 90°"] for one in drawn]) == pytest.approx(14, rel=0.04)
    assert np.abs([one["Orientation"] for one in drawn]).max() < 3


def test_chords_of_discs_have_the_mean_and_the_distribution_of_theory() -> None:
    """Random chords of a disc of diameter d have the mean π d / 4, and are longer than √3/2 d in half of the cases."""
    rng, diameter = np.random.default_rng(3), 30
    mask = np.zeros((800, 800), bool)
    for row_ in range(20, 780, 40):
        for column in range(20, 780, 40):
            centre = rng.uniform(-3, 3, 2) + 20
            mask[row_ - 20 : row_ + 20, column - 20 : column + 20] |= phantoms.ellipse(diameter, centre, (40, 40))
    found = chords(Mask(mask), spacing=6.0)
    assert found.table.columns["Mean chord selected"][0] == pytest.approx(np.pi / 4 * diameter, rel=0.03)
    inside = found.chords.columns["Phase"] == "selected"
    length, weight = found.chords.columns["Length"][inside], found.chords.columns[EDGE_WEIGHT][inside]
    assert np.average(length, weights=weight) == pytest.approx(np.pi / 4 * diameter, rel=0.03)
    longer = length > np.sqrt(3) / 2 * diameter
    assert np.average(longer, weights=weight) == pytest.approx(0.5, abs=0.04)


def test_edge_weights_make_good_what_the_frame_cuts() -> None:
    rng = np.random.default_rng(4)
    tables = [chords(labels(phantoms.voronoi_section(30, (160, 160), rng)), spacing=8.0).chords for _ in range(25)]
    length, weight = (np.concatenate([one.columns[name] for one in tables]) for name in ("Length", EDGE_WEIGHT))
    assert np.average(length, weights=weight) == pytest.approx(30, rel=0.06)
    assert length.mean() < 0.95 * np.average(length, weights=weight)


def test_classes_each_have_their_chord() -> None:
    """Bands a, b, c of 30, 15 and 15 px; of two directions, one crosses nothing."""
    band = np.repeat(np.array([0, 0, 1, 2], np.uint8), 15)
    pixels = np.tile(band, (100, 40))
    structure = ClassMap(pixels, classes=tuple(PixelClass(name) for name in "abc"))
    found = row(structure, directions=2, spacing=5.0)
    assert found["Mean chord a"] == pytest.approx(2 * 30, rel=0.04)
    assert found["Mean chord b"] == pytest.approx(2 * 15, rel=0.04)
    lengths = chords(structure, directions=2, spacing=5.0).chords
    assert np.unique(np.rint(lengths.columns["Length"][lengths.columns["Phase"] == "c"])).tolist() == [15]


def test_fields_together() -> None:
    rng = np.random.default_rng(5)
    tables = {
        f"{k}.png": chords(labels(phantoms.voronoi_section(15, (250, 250 + 50 * k), rng), Scale(2.0))).table
        for k in range(6)
    }
    found = chords_of_fields(PerImage(tuple(tables), tables.__getitem__))
    results = {one.quantity: one for one in found.table.results}
    line, crossings = (
        np.array([one.columns[name][0] for one in tables.values()]) for name in ("Test line", "Crossings")
    )
    intercept = results["Mean intercept"]
    assert intercept.value == pytest.approx(line.sum() / crossings.sum())
    assert intercept.low < intercept.value < intercept.high
    assert results["Boundary area per volume"].value == pytest.approx(2000 / intercept.value)
    assert intercept.reasons == ()


def test_nothing_to_cross() -> None:
    found = chords(labels(np.ones((60, 60))))
    assert found.table.headline == "no boundary"
    assert found.chords.count == 0


@pytest.mark.skipif(not STEEL.is_dir(), reason="needs the etched steel micrograph")
def test_intercepts_of_a_reference_program() -> None:
    import cv2

    from graingraph.nodes.imaging.boundaries.partition import cells

    drawn = cv2.imread(str(STEEL / "steel_segmented.tif"), cv2.IMREAD_GRAYSCALE)
    lines = drawn > 0 if np.mean(drawn > 0) < 0.5 else drawn == 0
    reference = np.loadtxt(STEEL / "steel_intercepts_e112.csv", delimiter=",", skiprows=1)
    found = row(labels(cells(lines)), spacing=20.0)
    assert found["Mean intercept"] == pytest.approx(reference[:, 1].mean(), rel=0.06)


def test_a_single_square_has_no_mean_intercept() -> None:
    pixels = np.zeros((300, 300), bool)
    pixels[100:120, 100:120] = True
    (said,) = of_kind(chords(Mask(pixels)).table.notes, "not reportable")
    assert "fewer than 2 boundaries" in said.text


@pytest.mark.parametrize("shape", [(40, 20_000), (20_000, 40), (1, 50_000)])
def test_lines_through_a_long_picture_lie_in_it(shape: tuple[int, int]) -> None:
    for degrees in (0.0, 30.0, 45.0, 90.0):
        samples = sum(lines.number.size for lines in _lines(shape, 20.0, degrees))
        assert samples <= 1.1 * shape[0] * shape[1] / (20 * PITCH) + 5 * sum(shape) / 20
    if shape == (40, 20_000):
        stripes = Mask(np.broadcast_to(np.arange(shape[1]) % 40 < 20, shape), None)
        assert row(stripes)["Mean intercept 0°"] == pytest.approx(20, rel=0.01)
