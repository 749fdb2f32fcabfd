from dataclasses import replace

import numpy as np
import pytest

from graingraph.app.samples import phantoms
from graingraph.engine.problem import Problem
from graingraph.engine.values import Labels, PerImage, Scale, Table
from graingraph.nodes.measure.grain_size import grain_size
from graingraph.nodes.report.grain_size_of_planes import PLANES, grain_size_of_planes

BASE = 12.0
STRETCHED = {"longitudinal": (4.0, 1.0), "transverse": (2.0, 1.0), "planar": (4.0, 2.0)}
"""Of grains stretched 1 : 2 : 4, along the rows and along the columns of each plane."""


def truth(plane: str) -> float:
    """The mean intercept in px over all directions of the plane: crossings per length are 1/BASE in grains before they
    were stretched, along a line that the stretch shortens."""
    angles = np.linspace(0, np.pi, 2001)[:-1]
    along, across = STRETCHED[plane]
    return BASE / float(np.hypot(np.cos(angles) / along, np.sin(angles) / across).mean())


def section(plane: str, rng: np.random.Generator) -> Table:
    along, across = STRETCHED[plane]
    grains = phantoms.voronoi_section(BASE * across, (320, 320), rng, stretch=along / across)
    return grain_size(Labels(grains, Scale(0.5))).table


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    rng = np.random.default_rng(3)
    return {f"{plane} {k}.tif": section(plane, rng) for plane in PLANES for k in range(5)}


def per_image(values: dict[str, Table]) -> PerImage[Table]:
    return PerImage(list(values), values.__getitem__)


def told(tables: dict[str, Table], plane=lambda name: name.split()[0]) -> dict[str, Table]:
    return {
        name: Table({"Specimen": np.array(["A"], object), "Plane": np.array([plane(name)], object)}, {}, rows="fields")
        for name in tables
    }


def test_stretched_grains_have_the_known_size_and_shape(tables):
    found = grain_size_of_planes(per_image(tables), per_image(told(tables))).table
    results = {one.quantity: one for one in found.results}
    mean = results["Mean intercept of three planes"]
    expected = 0.5 * float(np.prod([truth(plane) for plane in PLANES])) ** (1 / 3)
    assert mean.value == pytest.approx(expected, rel=0.04)
    assert mean.low < expected < mean.high
    assert mean.count == 15
    assert results["ASTM grain size number G, three planes"].value == pytest.approx(
        -6.644 * np.log10(mean.value / 1000) - 3.288, abs=0.01
    )
    for plane, index in (("longitudinal", 4.0), ("transverse", 2.0), ("planar", 2.0)):
        assert results[f"Mean intercept, {plane}"].value == pytest.approx(0.5 * truth(plane), rel=0.06)
        assert results[f"Anisotropy index, {plane}"].value == pytest.approx(index, rel=0.1)
    assert not any("between directions" in reason for reason in mean.reasons)
    assert "in three planes" in found.headline


def test_a_plane_that_is_missing_or_seen_too_rarely_is_not_reportable(tables):
    two = {name: table for name, table in tables.items() if "planar" not in name}
    found = grain_size_of_planes(per_image(two), per_image(told(two))).table
    assert "0 fields of at least 5" in found.notes[0].text
    few = {name: table for name, table in tables.items() if name != "planar 0.tif"}
    found = grain_size_of_planes(per_image(few), per_image(told(few)))
    assert "planar plane: 4 fields of at least 5" in found.table.notes[0].text
    assert found.statistics.notes == found.table.notes


def test_planes_are_told_by_their_names(tables):
    initials = per_image(told(tables, lambda name: name[0].upper()))
    assert set(grain_size_of_planes(per_image(tables), initials).table.columns["Plane"]) == set(PLANES)
    none = {name: replace(one, columns={"Specimen": one.columns["Specimen"]}) for name, one in told(tables).items()}
    with pytest.raises(Problem, match=r"\{plane\}"):
        grain_size_of_planes(per_image(tables), per_image(none))
    with pytest.raises(Problem, match="is none of longitudinal, transverse, planar"):
        grain_size_of_planes(per_image(tables), per_image(told(tables, lambda name: "x")))
