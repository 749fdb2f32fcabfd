"""What a batch keeps in memory from one image to the next, and that no image costs more because there are more."""

import gc
from pathlib import Path

import numpy as np
import pytest

import graingraph.nodes  # noqa: F401 - declares the nodes
from graingraph.engine.batch import image_job
from graingraph.engine.batch.run import Progress, run_images
from graingraph.engine.evaluation.keys import Ingredients, Keys
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.support.recipes import chain, wired


def test_an_image_that_is_done_with_leaves_memory_and_its_table_stays_on_disk(tmp_path):
    recipe, load = Recipe().add("Load")
    recipe, threshold = recipe.add("Threshold", method="manual", level=0.5)
    recipe, measure = recipe.add("MeasureFeatures")
    recipe = recipe.connect(Wire(load, "image", threshold, "image"))
    recipe = recipe.connect(Wire(threshold, "mask", measure, "region"))
    pixels = np.zeros((40, 50), np.uint8)
    pixels[10:20, 5:30] = 200
    image_set = ImageSet.of_arrays({"a": pixels, "b": pixels + 1})
    place = image_job.BatchPaths(tmp_path)
    store = place.store()
    jobs = image_job.ImageJobs(recipe, image_set, place, store)
    for image in image_set:
        row = jobs.process(image)
        assert row["Status"] == "ok"
        assert row["mean Area (px²)"] == 250
        assert store.memory.used == 0
        assert (store.last, store.seconds, store.failures) == ({}, {}, {})
    assert len(list((place.state / "results").glob("*/*.npz"))) == 2


MEASURES = chain(("Load", "Threshold", "LabelFeatures", "MeasureFeatures"))
LEARNS_FROM_ALL = wired(
    ("Load", "Trace", "PaintSegment"),
    (
        Wire("load", "image", "trace", "image"),
        Wire("load", "image", "paint_segment", "image"),
        Wire("trace", "classmap", "paint_segment", "traces"),
    ),
)


@pytest.mark.parametrize("recipe", [MEASURES, LEARNS_FROM_ALL], ids=["measures", "learns from all"])
def test_an_image_costs_the_same_however_many_there_are(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    worked_out, asked, work_out, hashes = list[str](), list[int](), Keys._work_out, ImageSet.hashes.func
    monkeypatch.setattr(
        Keys, "_work_out", lambda self, node, image: (worked_out.append(node), work_out(self, node, image))[1]
    )
    monkeypatch.setattr(ImageSet.hashes, "func", lambda self: (asked.append(len(self)), hashes(self))[1])
    keys, known = list[int](), list[int]()
    for count in (5, 10):
        images = ImageSet.of_arrays({f"{number}": np.full((9, 9), number, np.uint8) for number in range(count)})
        worked_out.clear(), asked.clear()
        at_the_end: list[int] = []

        def note(progress: Progress, count: int = count, at_the_end: list[int] = at_the_end) -> None:
            if len(progress.rows) == count:
                gc.collect()  # what earlier tests left would go at any time
                at_the_end.append(sum(isinstance(one, Ingredients) for one in gc.get_objects()))

        run_images(recipe, images, image_job.BatchPaths(tmp_path / str(count)), on_row=note)
        keys.append(len(worked_out)), known.extend(at_the_end)
        assert asked == [count]  # once for all of them
    assert keys[1] == 2 * keys[0]
    if recipe is MEASURES:
        assert known[1] == known[0]
