"""What a batch keeps in memory from one image to the next."""

import numpy as np

import graingraph.nodes  # noqa: F401 - declares the nodes
from graingraph.engine.batch import image_job
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe


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
    for image in image_set:
        row = image_job.process(recipe, image_set, image, place, store)
        assert row["Status"] == "ok"
        assert row["mean Area (px²)"] == 250
        assert store.memory.used == 0
        assert (store.last, store.seconds, store.failures) == ({}, {}, {})
    assert len(list((place.state / "results").glob("*/*.npz"))) == 2
