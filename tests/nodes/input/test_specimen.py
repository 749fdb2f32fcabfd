"""Specimen, lot and field of an image, and statistics by them."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy import stats

from graingraph.engine.declare.injected import Folder, Source
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Labels, PerImage, Scale, Table
from graingraph.nodes.imaging.stereology.stereology import g_from_intercept
from graingraph.nodes.input.specimen import specimen
from graingraph.nodes.measure.grain_size import grain_size
from graingraph.nodes.reading.specimens import Shown, from_table
from graingraph.nodes.report.distribution import distribution
from graingraph.nodes.report.grain_size_of_fields import grain_size_of_fields
from graingraph.nodes.report.pool import pool


def shown(path: Path, **settings: str) -> tuple[str, ...]:
    table = specimen(**settings, source=Source(path.name, "0", path), folder=Folder(path.parent))
    return tuple(column[0] for column in table.columns.values())


@pytest.mark.parametrize(
    ("name", "pattern", "told"),
    [
        ("A12_left_03.tif", "{specimen}_{field}", ("A12_left", "", "03")),
        ("4711-A12-03.tif", "{lot}-{specimen}-{field}", ("A12", "4711", "03")),
        ("scan 7 of B2 (x200).tif", "* {field} of {specimen} (*", ("B2", "", "7")),
        ("B2.tif", "{specimen}", ("B2", "", "")),
        ("B2_l_4.tif", "{specimen}_{plane}_{field}", ("B2", "", "4", "l")),
    ],
)
def test_a_file_name_tells_by_a_pattern(name: str, pattern: str, told: tuple[str, ...]) -> None:
    assert shown(Path("/x") / name, pattern=pattern) == told


@pytest.mark.parametrize("pattern", ["{field}", "{specimen}{specimen}", "{specimen}_{heat}", "{specimen}-{field}"])
def test_a_pattern_or_name_that_does_not_tell_is_a_problem(pattern: str) -> None:
    with pytest.raises(Problem):
        shown(Path("/x/A_1.tif"), pattern=pattern)


def test_folders_tell() -> None:
    assert shown(Path("/data/lot 3/A12/01.tif"), by="folder") == ("A12", "", "01")
    assert shown(Path("/data/lot 3/A12/01.tif"), by="folders of lot and specimen") == ("A12", "lot 3", "01")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_table_may_be_in_any_encoding_that_spreadsheets_write(encoding: str) -> None:
    data = "Image\tSpecimen\na.tif\tStück 1\n".encode(encoding)
    assert from_table(data, "t.csv", "a.tif") == Shown("Stück 1", "", "a")


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_table_tells_in_any_order_of_columns(sign: str) -> None:
    lines = [["Field", "specimen", "Image", "Lot", "Plane"], ["1", "A", "a.tif", "7", "l"], ["2", "B", "b", "", ""]]
    data = "\n".join(sign.join(line) for line in lines).encode("utf-8-sig")
    assert from_table(data, "t.csv", "a.tif") == Shown("A", "7", "1", "l")
    assert from_table(data, "t.csv", "b.tif") == Shown("B", "", "2")
    with pytest.raises(Problem, match=r"no row for c\.tif"):
        from_table(data, "t.csv", "c.tif")
    with pytest.raises(Problem, match="no column Specimen"):
        from_table(b"Image\na.tif\n", "t.csv", "a.tif")


def test_a_changed_table_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    image, table = tmp_path / "run" / "a.png", tmp_path / "specimens.csv"
    cv2.imwrite(str(image), np.zeros((4, 4), np.uint8))
    recipe, node = Recipe().add("Specimen", (0.0, 0.0))
    recipe, keys = recipe.with_setting(node, "by", "table"), set()
    for name in ("A", "B"):
        table.write_text(f"Image,Specimen\na.png,{name}\n")
        assert shown(image, by="table", table="specimens.csv")[0] == name
        evaluation = Evaluation(recipe, ImageSet.of_files([image]))
        keys.add(evaluation.keys.key(node, "a.png"))
        assert evaluation.value(node, "table", "a.png").columns["Specimen"][0] == name
    assert len(keys) == 2


def of_specimens(names: str) -> PerImage[Table]:
    tables = {f"{k}.png": Table({"Specimen": np.array([name], object)}, {}, "fields") for k, name in enumerate(names)}
    return PerImage(tuple(tables), tables.__getitem__)


def squares(*sides: int) -> PerImage[Table]:
    def field(side: int) -> Table:
        rows, columns = np.mgrid[:400, :400] // side
        labels = (rows * (columns.max() + 1) + columns + 1).astype(np.int32)
        return grain_size(Labels(labels, Scale(0.5), count=int(labels.max()))).table

    tables = {f"{k}.png": field(side) for k, side in enumerate(sides)}
    return PerImage(tuple(tables), tables.__getitem__)


def test_the_size_of_specimens_is_the_mean_of_their_intercepts_and_never_of_g() -> None:
    tables = squares(20, 22, 30, 33, 40, 44)
    alone = [grain_size_of_fields(squares(*pair)).table.results for pair in ((20, 22), (30, 33), (40, 44))]
    means = np.array([next(r.value for r in one if r.quantity.startswith("Mean intercept")) for one in alone])
    found = grain_size_of_fields(tables, of_specimens("AABBCC"))
    assert found.table.columns["Specimen"].tolist() == list("AABBCC")
    results = [r for r in found.statistics.results if r.quantity.startswith("Mean intercept")]
    assert [r.specimen for r in results] == ["A", "B", "C", ""]
    assert [r.value for r in results[:3]] == pytest.approx(means)
    assert results[3].value == pytest.approx(means.mean())
    assert (results[3].low, results[3].high) == pytest.approx(stats.t.interval(0.95, 2, means.mean(), stats.sem(means)))
    assert results[3].over == "specimen"
    number = next(r for r in found.statistics.results if r.over == "specimen" and r.quantity.endswith("by circles"))
    assert number.value == pytest.approx(g_from_intercept(means.mean() / 1000))
    assert "95 % CI over 3 specimens" in found.table.headline


def test_an_interval_over_fields_of_several_specimens_is_over_the_specimens() -> None:
    rng = np.random.default_rng(0)
    values = {f"{k}.png": rng.normal(10 + 3 * (k // 4), 1, 30) for k in range(12)}
    tables = {name: Table({"Size": column}, {"Size": "µm"}) for name, column in values.items()}
    pooled = pool(PerImage(tuple(tables), tables.__getitem__), of_specimens("AAAABBBBCCCC"))
    found = distribution(pooled, column="Size").statistics
    means = np.array([np.mean([values[f"{k}.png"] for k in range(i, i + 4)]) for i in (0, 4, 8)])
    whole = found.results[-1]
    assert (whole.low, whole.high) == pytest.approx(stats.t.interval(0.95, 2, means.mean(), stats.sem(means)))
    assert [one.specimen for one in found.results] == ["A", "B", "C", ""]
    assert [one.count for one in found.results] == [4, 4, 4, 3]
    assert set(found.columns["Specimen"]) == {"A", "B", "C", ""}


def test_an_image_without_a_specimen_stops_the_pool() -> None:
    def get(name: str) -> Table:
        raise Problem("The name is not of the form {specimen}_{field}.")

    with pytest.raises(Problem, match="not of the form"):
        pool(squares(40), PerImage(("0.png",), get))
