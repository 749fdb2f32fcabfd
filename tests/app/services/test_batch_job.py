from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile

from graingraph.app.services.batch_job import BatchJob
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.support import deadly_node  # noqa: F401  (declares Deadly)
from tests.support.plugins import install
from tests.support.recipes import chain, wired


def dots(path: Path, count: int) -> Path:
    picture = np.zeros((60, 20 * count + 20), np.uint8)
    for i in range(count):
        cv2.circle(picture, (20 + 20 * i, 30), 6, 255, -1)
    cv2.imwrite(str(path), picture)
    return path


@pytest.fixture
def recipe() -> Recipe:
    return chain(("Load", "Threshold", "LabelFeatures", "MeasureFeatures"))


def test_a_batch_from_the_window_writes_what_the_command_line_writes(tmp_path: Path, recipe: Recipe):
    images = [dots(tmp_path / f"{n}.png", n) for n in (2, 3)]
    (tmp_path / "bad.png").write_bytes(b"no picture")
    told = []
    job = BatchJob(recipe, [*images, tmp_path / "bad.png"], tmp_path / "out", workers=1, changed=lambda: told.append(1))
    job.start()
    job.wait(60)
    assert (job.running, job.interrupted, len(job.rows)) == (False, False, 3)
    assert [row["Image"] for row in job.failed] == ["bad.png"]
    assert job.words().startswith("2 of 3 images measured")
    assert job.paths["3.png"] == images[1]
    assert told
    lines = (tmp_path / "out" / "measurements.csv").read_text().splitlines()
    assert len(lines) == 1 + 2 + 3
    again = BatchJob(recipe, images, tmp_path / "out", workers=1)
    again.start()
    again.wait(60)
    assert again.resumed == 2
    assert "2 from an earlier run" in again.words()


def test_an_image_that_kills_its_process_leaves_the_window_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source = "import tests.support.deadly_node\n"
    monkeypatch.syspath_prepend(install(tmp_path / "site", "deadly_node_here", source, "graingraph.nodes"))
    recipe = chain(("Load", "Deadly", "Threshold", "LabelFeatures", "MeasureFeatures"))
    images = [dots(tmp_path / f"{name}.png", 2) for name in ("a", "deadly", "z")]
    job = BatchJob(recipe, images, tmp_path / "out", workers=1)
    job.start()
    job.wait(60)
    assert {name: row["Status"] for name, row in job.rows.items()} == {
        "a.png": "ok",
        "deadly.png": "failed",
        "z.png": "ok",
    }
    assert "process that worked on it died" in job.rows["deadly.png"]["Message"]
    assert job.words().startswith("2 of 3 images measured")


def test_a_report_that_could_not_be_made_is_said_with_its_reason(tmp_path: Path, recipe: Recipe):
    node = recipe.order[-1]
    wires = (
        Wire(node, "table", "pool", "tables"),
        Wire("pool", "table", "distribution", "table"),
        Wire("distribution", "statistics", "report", "statistics"),
        Wire("load", "image", "report", "images"),
    )
    recipe = wired(("Pool", "Distribution", "Report"), wires, recipe)
    images = [dots(tmp_path / "plain.png", 2), tmp_path / "scaled.tif"]
    pixels = cv2.imread(str(dots(tmp_path / "other.png", 3)), cv2.IMREAD_GRAYSCALE)
    tifffile.imwrite(images[1], pixels, imagej=True, resolution=(2.0, 2.0), metadata={"unit": "um"})
    job = BatchJob(recipe, images, tmp_path / "out", workers=1)
    job.start()
    job.wait(60)
    assert job.lacks_report
    assert job.words().startswith("2 of 2 images measured")
    assert "No report was made: " in job.words()
    assert "in px² for plain.png" in job.words()
    alike = BatchJob(recipe, images[:1], tmp_path / "alike", workers=1)
    alike.start()
    alike.wait(60)
    assert not alike.lacks_report
    assert "No report" not in alike.words()


def test_a_cancelled_batch_keeps_what_is_done_and_goes_on_later(tmp_path: Path, recipe: Recipe):
    images = [dots(tmp_path / f"{n}.png", n) for n in range(1, 9)]
    job = BatchJob(recipe, images, tmp_path / "out", workers=1)
    job.changed = lambda: job.stop() if len(job.rows) >= 2 else None
    job.start()
    job.wait(60)
    assert job.interrupted
    assert 2 <= len(job.rows) < 8
    again = BatchJob(recipe, images, tmp_path / "out", workers=1)
    again.start()
    again.wait(60)
    assert again.resumed >= 2
    assert len(again.rows) == 8


def test_a_recipe_that_cannot_run_says_why(tmp_path: Path):
    recipe, _ = Recipe().add("Threshold", (0, 0))
    job = BatchJob(recipe, [dots(tmp_path / "a.png", 1)], tmp_path / "out")
    job.start()
    job.wait(60)
    assert isinstance(job.problems[0], Problem)
    assert not job.rows


def test_marks_of_the_session_are_replayed(tmp_path: Path):
    from graingraph.engine.declare.injected import Mark
    from graingraph.engine.images.image_set import ImageSet
    from graingraph.engine.marks.store import MarkStore, new_mark_id

    recipe = chain(("Load", "Threshold", "ManualEdit", "LabelFeatures", "MeasureFeatures"))
    image = dots(tmp_path / "a.png", 3)
    marks = MarkStore(tmp_path / "unsaved.marks")
    source = ImageSet.of_files([image])["a.png"]
    marks.add(source.hash, "manual_edit", Mark(new_mark_id(), "delete", np.array([[40, 30]], np.float32)))
    job = BatchJob(recipe, [image], tmp_path / "out", marks=marks.folder, workers=1)
    job.start()
    job.wait(60)
    assert len((tmp_path / "out" / "measurements.csv").read_text().splitlines()) == 1 + 2
    assert recipe_file.dump(recipe) == recipe_file.dump(job.recipe)
