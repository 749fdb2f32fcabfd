"""Nodularity of drawn nodules and flakes whose areas and places are known."""

import numpy as np
import pytest

from graingraph.app.samples import phantoms
from graingraph.engine.problem import Problem
from graingraph.engine.values import Mask, PerImage, Scale
from graingraph.engine.values.notes import of_kind
from graingraph.nodes.measure.nodularity import nodularity
from graingraph.nodes.report.nodularity_of_fields import nodularity_of_fields


def drawn(pieces: list[tuple[float, float]], side: int = 80, per_row: int = 5) -> np.ndarray:
    """A piece a square: long diameter and ratio of axes in px, in any direction."""
    rng = np.random.default_rng(3)
    rows = -(-len(pieces) // per_row)
    mask = np.zeros((rows * side, per_row * side), bool)
    for k, (diameter, ratio) in enumerate(pieces):
        row, column = divmod(k, per_row)
        centre = side / 2 + rng.uniform(-0.5, 0.5, 2)
        piece = phantoms.ellipse(diameter, (centre[0], centre[1]), (side, side), ratio, float(rng.uniform(-80, 80)))
        mask[row * side : (row + 1) * side, column * side : (column + 1) * side] = piece
    return mask


def test_nodules_and_flakes_of_known_area() -> None:
    """Six discs of 40 px and four flakes of 70 × 17.5 px, at 1 µm/px."""
    found = nodularity(Mask(drawn([(40.0, 1.0)] * 6 + [(70.0, 4.0)] * 4), Scale(1.0)))
    row = {name: column[0] for name, column in found.table.columns.items()}
    weight, round_ = found.particles.columns["Edge weight"], found.particles.columns["Roundness"] > 0.8
    disc, flake = np.pi * 40**2 / 4, np.pi * 70 * 17.5 / 4
    expected = 100 * disc * weight[round_].sum() / (disc * weight[round_].sum() + flake * weight[~round_].sum())
    assert (row["Particles"], row["Nodules"]) == (10, 6)
    assert row["Nodularity by area"] == pytest.approx(expected, abs=0.3)
    assert row["Nodularity by number"] == pytest.approx(100 * weight[round_].sum() / weight.sum())
    assert (row["Size class 5"], row["Size class 6"]) == pytest.approx(
        (100 * weight[~round_].sum() / weight.sum(), 100 * weight[round_].sum() / weight.sum())
    )
    assert found.particles.columns["Form"].tolist() == np.where(round_, "nodular", "other").tolist()
    assert found.table.units["Nodules per area"] == "1/mm²"


@pytest.mark.parametrize("diameter", [5.0, 8.0, 12.0, 40.0])
def test_discs_are_all_nodular_also_where_they_are_small(diameter: float) -> None:
    mask = drawn([(diameter, 1.0)] * 50)
    found = nodularity(Mask(mask, Scale(10 / diameter)), smallest=8.0)
    assert found.table.columns["Nodularity by number"][0] == pytest.approx(100)
    assert bool(of_kind(found.table.notes, "not reportable")) == (diameter < 10)


def test_intermediate_forms_count_half_by_iso_16112() -> None:
    mask = Mask(drawn([(60.0, 1.0)] * 2 + [(60.0, 1.75)] * 2 + [(60.0, 4.0)] * 2), Scale(1.0))
    found = nodularity(mask, rule="ISO 16112")  # roundness of an ellipse is 1 / ratio
    assert sorted(found.particles.columns["Form"].tolist()) == sorted(["nodular", "intermediate", "other"] * 2)
    weight, form = found.particles.columns["Edge weight"], found.particles.columns["Form"]
    half = weight[form == "intermediate"].sum() / 2
    by_number = 100 * (weight[form == "nodular"].sum() + half) / weight.sum()
    assert found.table.columns["Nodularity by number"][0] == pytest.approx(by_number)
    by_e2567 = nodularity(mask).table.columns["Nodularity by number"][0]
    assert by_e2567 == pytest.approx(100 * weight[form == "nodular"].sum() / weight.sum())


def test_the_count_per_area_is_without_bias_by_the_frame() -> None:
    """All places of a frame on a periodic pattern of nodules: those whole inside count for those that it cuts."""
    tile = phantoms.ellipse(11, (10.2, 9.8), (20, 20))
    tiled = np.tile(tile, (4, 4))
    found = [
        nodularity(Mask(np.ascontiguousarray(tiled[y : y + 37, x : x + 45]), Scale(1.0))).table.columns[
            "Nodules per area"
        ][0]
        for y in range(20)
        for x in range(20)
    ]
    assert np.mean(found) == pytest.approx(1e6 / 400, rel=1e-9)


def test_fields_together() -> None:
    rng = np.random.default_rng(1)
    masks = [drawn([(40.0, 1.0) if rng.random() < 0.8 else (70.0, 4.0) for _ in range(40)]) for _ in range(6)]
    tables = {f"{k}.png": nodularity(Mask(mask, Scale(1.0))).table for k, mask in enumerate(masks)}
    found = nodularity_of_fields(PerImage(tuple(tables), tables.__getitem__))
    results = {one.quantity: one for one in found.table.results}
    by_area = results["Nodularity by area"]
    areas = np.array([table.columns["Graphite area"][0] for table in tables.values()])
    shares = np.array([table.columns["Nodularity by area"][0] for table in tables.values()])
    assert by_area.value == pytest.approx((areas * shares).sum() / areas.sum())
    assert 0 < by_area.low < by_area.value < by_area.high < 100
    assert results["Nodules per area"].unit == "1/mm²"
    statistics = dict(zip(found.statistics.columns["Statistic"], found.statistics.columns["Value"], strict=True))
    assert statistics["Size class 6"] == pytest.approx(results["Nodularity by number"].value)
    assert found.table.headline.startswith("Nodularity by area")


def test_sizes_in_micrometres_need_a_pixel_size() -> None:
    with pytest.raises(Problem, match="SetScale"):
        nodularity(Mask(np.ones((9, 9), bool)))


def test_no_graphite() -> None:
    found = nodularity(Mask(np.zeros((50, 50), bool), Scale(1.0)))
    assert np.isnan(found.table.columns["Nodularity by area"][0])
    assert found.table.columns["Nodules per area"][0] == 0
    assert found.table.headline == "no graphite"
