"""Export: what a spreadsheet opens is what was measured."""

import io
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pyarrow.dataset
import pytest

from graingraph.engine.batch.image_job import BatchPaths
from graingraph.engine.batch.results import write_results
from graingraph.engine.batch.run import run_images
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Table
from graingraph.nodes.report.export import XLSX_ROWS, export
from tests.support.recipes import chain


def test_a_name_that_looks_like_a_formula_or_a_link_is_a_text_in_a_workbook() -> None:
    names = np.array(["=1+1.png", "https://a.b/c.png", "007"], object)
    file = export(Table({"Image": names, "d": np.array([1.5, 2, 3])}, {"d": "µm"}), table_format="XLSX")
    book = zipfile.ZipFile(io.BytesIO(file.data))
    sheet, texts = (book.read(f"xl/{name}.xml").decode() for name in ("worksheets/sheet1", "sharedStrings"))
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert all(f">{name}<" in texts for name in (*names, "Image", "d (µm)"))


def test_more_rows_than_a_workbook_holds_are_refused_with_what_takes_them() -> None:
    table = Table({"Area": np.zeros(XLSX_ROWS + 1)}, {})
    with pytest.raises(Problem, match=r"1048576 rows .* set the table format to CSV or Parquet"):
        export(table, table_format="XLSX")


def test_a_csv_for_spreadsheets_with_a_decimal_comma() -> None:
    table = Table({"Image": np.array(["a,b.png"], object), "d": np.array([1234.5])}, {"d": "µm"})
    file = export(table, table_format="CSV with decimal comma")
    assert file.name == "table.csv"
    assert file.data.decode("utf-8-sig") == '"Image";"d (µm)"\n"a,b.png";1234,5\n'
    back = pd.read_csv(io.BytesIO(file.data), sep=";", decimal=",", encoding="utf-8-sig")
    assert back.to_dict("records") == [{"Image": "a,b.png", "d (µm)": 1234.5}]


def test_a_dataset_by_specimen_is_read_back_whole() -> None:
    names = np.array(["B 7/3", "a", "A", "", "a"], object)
    table = Table({"Specimen": names, "d": np.array([1.5, 2, 3, 4, 5])}, {"d": "µm"})
    found = export(table, name="grains", table_format="Parquet by specimen")
    assert found.name == "grains.parquet"
    assert len({name.casefold() for name in found.files}) == 4
    read = {name.split("/")[1]: pd.read_parquet(io.BytesIO(data)).to_dict("list") for name, data in found.files.items()}
    assert read == {
        "Specimen=B%207%2F3": {"d (µm)": [1.5]},
        "Specimen=a": {"d (µm)": [2.0, 5.0]},
        "Specimen=A": {"d (µm)": [3.0]},
        "Specimen=__HIVE_DEFAULT_PARTITION__": {"d (µm)": [4.0]},
    }
    assert zipfile.ZipFile(io.BytesIO(found.packed)).namelist() == list(found.files)
    with pytest.raises(Problem, match="names no specimens"):
        export(Table({"d": np.array([1.0])}, {}), table_format="Parquet by specimen")
    with pytest.raises(Problem, match="too long a name"):
        export(Table({"Specimen": np.array(["x" * 300], object)}, {}), table_format="Parquet by specimen")


def by_specimen() -> Recipe:
    """Features of all images in one dataset, the specimen told by the file name."""
    recipe = chain(("Load", "Threshold", "LabelFeatures", "MeasureFeatures", "Pool"))
    recipe, specimen = recipe.add("Specimen")
    recipe, written = recipe.add("Export", name="features", table_format="Parquet by specimen")
    recipe = recipe.connect(Wire(specimen, "table", "pool", "specimens"))
    return recipe.connect(Wire("pool", "table", written, "item"))


def test_a_batch_writes_the_dataset_and_a_second_run_renews_it(tmp_path: Path) -> None:
    folder, out = tmp_path / "images", tmp_path / "out"
    folder.mkdir()
    for name, count in (("S1_1", 2), ("S1_2", 3), ("S2_1", 4)):
        picture = np.zeros((60, 140), np.uint8)
        for place in range(count):
            cv2.circle(picture, (20 + 30 * place, 30), 8, 255, -1)
        cv2.imwrite(str(folder / f"{name}.png"), picture)

    def run() -> dict[str, int]:
        images, place = ImageSet.of_files(sorted(folder.iterdir())), BatchPaths(out)
        place.state.mkdir(parents=True, exist_ok=True)
        assert write_results(by_specimen(), images, place, run_images(by_specimen(), images, place)) == []
        table = pyarrow.dataset.dataset(out / "features.parquet", partitioning="hive").to_table().to_pandas()
        return table.groupby("Specimen", observed=True).size().to_dict()

    assert run() == {"S1": 5, "S2": 4}
    assert run() == {"S1": 5, "S2": 4}
    (folder / "S2_1.png").unlink()
    assert run() == {"S1": 5}
    assert [path.name for path in (out / "features.parquet").iterdir()] == ["Specimen=S1"]
    assert not list(out.rglob("*.tmp"))
