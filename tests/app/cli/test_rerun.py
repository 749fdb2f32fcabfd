"""A report runs again and gives every number back, or says which step first does not and why."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile

from graingraph.app.cli.main import main
from graingraph.engine.batch import record as run_record
from graingraph.engine.declare import node as node_module
from graingraph.engine.declare.injected import Mark
from graingraph.engine.evaluation.workspace import open_marks
from graingraph.engine.images.files import picture_hash
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.values import Image
from tests.support.recipes import chain

ORDER = ("Load", "Filter", "Threshold", "LabelFeatures", "ManualEdit", "MeasureFeatures")


def recipe_at(folder: Path) -> Path:
    """Features of a threshold, corrected by hand and pooled, with a report."""
    recipe = chain(ORDER).with_setting("threshold", "method", "manual")
    recipe, pool = recipe.add("Pool")
    recipe, report = recipe.add("Report")
    wires = [
        Wire("measure_features", "table", pool, "tables"),
        Wire("load", "image", report, "images"),
        Wire(pool, "table", report, "measurements"),
    ]
    for wire in wires:
        recipe = recipe.connect(wire)
    path = folder / "spots.graingraph.json"
    recipe_file.save(recipe, path)
    return path


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """The report of a run over two images, one of which was corrected by hand."""
    images = tmp_path / "images"
    images.mkdir()
    for number, name in enumerate("ab"):
        picture = np.random.default_rng(number).integers(0, 60, (60, 80), np.uint8)
        cv2.circle(picture, (20 + 10 * number, 30), 9, 220, -1)
        cv2.circle(picture, (60, 20), 6, 200, -1)
        cv2.imwrite(str(images / f"{name}.png"), picture)
    path = recipe_at(tmp_path)
    stroke = Mark("1", "delete", np.array([[60.0, 20.0]], np.float32))
    open_marks(path).add(picture_hash(images / "a.png"), "manual_edit", stroke)
    said(0, "run", path, images, "-o", tmp_path / "out")
    return tmp_path / "out" / "report.pdf"


def said(code: int, *arguments: object) -> None:
    with pytest.raises(SystemExit) as stop:
        main([str(one) for one in arguments])
    assert stop.value.code == code


def again(report: Path, *more: object, capsys: pytest.CaptureFixture[str], code: int) -> dict[str, object]:
    capsys.readouterr()
    said(code, "rerun", report, *more, "--json")
    return json.loads(capsys.readouterr().out)


def test_a_report_gives_every_number_back_from_itself_and_the_images_alone(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for number, path in enumerate((tmp_path / "images").iterdir()):
        shutil.copy(path, elsewhere / f"renamed {number}.png")
    alone = shutil.copy(report, elsewhere / "r.pdf")
    said(0, "rerun", alone, elsewhere)
    assert "Every number came back to the last digit (2 images)." in capsys.readouterr().out
    shutil.rmtree(tmp_path / "spots.marks")  # what was drawn is in the report
    assert again(report, capsys=capsys, code=0)["same"] is True
    said(0, "rerun", report, "-o", tmp_path / "again")
    before, after = ((tmp_path / name / "measurements.csv").read_text() for name in ("out", "again"))
    assert before.split() == after.split()
    said(1, "rerun", report, "-o", tmp_path / "again")
    assert "is not empty" in capsys.readouterr().err


def test_a_step_with_other_code_is_named_with_the_image(
    report: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = node_module.REGISTRY
    really = registry["Filter"].function

    def other(image: Image, **settings: object) -> Image:
        made = really(image=image, **settings)
        seen = np.arange(made.shape[1]) >= (30 if image.name == "b.png" else 0)  # half of a spot is gone
        return made.with_pixels(made.pixels * seen.astype(made.pixels.dtype))

    monkeypatch.setitem(registry, "Filter", replace(registry["Filter"], function=other))
    monkeypatch.setattr(run_record, "libraries", lambda: "numpy 1.0; opencv 3.0")
    found = again(report, capsys=capsys, code=2)
    assert (found["same"], found["differing images"]) == (False, ["b.png"])
    first = found["first"]
    assert isinstance(first, dict)
    assert (first["node"], first["image"]) == ("filter", "b.png")
    assert first["reasons"][0] == "its code is another (of the same version)"
    assert any(reason.startswith("numpy 1.0 here, 2") for reason in first["reasons"])


def test_another_code_that_gives_the_same_numbers_is_no_difference(
    report: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = node_module.REGISTRY
    really = registry["Filter"].function

    def other(image: Image, **settings: object) -> Image:
        made = really(image=image, **settings)
        return made.with_pixels(made.pixels // 2 * 2)

    monkeypatch.setitem(registry, "Filter", replace(registry["Filter"], function=other))
    found = again(report, capsys=capsys, code=0)
    assert (found["same"], found["only pixels"]) == (True, True)
    assert found["differing images"] == ["a.png", "b.png"]
    said(0, "rerun", report)
    assert "Every number came back to the last digit; pixels between differ on 2 of 2" in capsys.readouterr().out


def test_a_step_that_fails_is_named_with_what_it_says(
    report: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise Problem("It cannot; mend it.")

    registry = node_module.REGISTRY
    monkeypatch.setitem(registry, "Threshold", replace(registry["Threshold"], function=fail))
    first = again(report, capsys=capsys, code=2)["first"]
    assert isinstance(first, dict)
    assert (first["node"], first["image"]) == ("threshold", "a.png")
    assert first["reasons"][:2] == ["it fails here (It cannot; mend it)", "its code is another (of the same version)"]


def test_an_image_that_is_another_or_missing_is_named(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "images" / "a.png"
    picture = cv2.imread(str(path), 0)
    picture[:9] = 255
    cv2.imwrite(str(path), picture)
    found = again(report, capsys=capsys, code=2)
    assert found["remarks"] == ["The image a.png is another than the one that was measured."]
    first = found["first"]
    assert isinstance(first, dict)
    assert (first["node"], first["image"], first["reasons"][0]) == ("load", "a.png", "the image is another")
    path.unlink()
    found = again(report, capsys=capsys, code=2)
    assert (found["same"], found["first"]) == (False, None)
    assert found["remarks"] == ["The image a.png is not among those named."]
    (tmp_path / "images" / "b.png").unlink()
    said(1, "rerun", report, tmp_path / "spots.graingraph.json")


def test_a_report_without_a_record_or_with_a_damaged_one_is_refused(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.support.reports import report_of

    said(1, "rerun", report_of(recipe_file.load(report), tmp_path / "plain.pdf"))
    assert "plain.pdf does not hold the run of this report" in capsys.readouterr().err
    said(1, "rerun", tmp_path / "gone.pdf")
    assert "gone.pdf cannot be read" in capsys.readouterr().err


def test_pages_of_a_file_are_found_in_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(3)
    tifffile.imwrite(tmp_path / "stack.tif", rng.integers(0, 255, (3, 40, 50), np.uint8), photometric="minisblack")
    said(0, "run", recipe_at(tmp_path), tmp_path / "stack.tif [page 2]", "-o", tmp_path / "out")
    (tmp_path / "stack.tif").rename(tmp_path / "renamed.tif")
    assert again(tmp_path / "out" / "report.pdf", tmp_path / "renamed.tif", capsys=capsys, code=0)["same"] is True
