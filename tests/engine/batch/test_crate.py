"""The RO-Crate of a run, opened by the library that others use for it."""

from pathlib import Path

import numpy as np
import orjson
import pytest

from graingraph.engine.batch.crate import PROFILE
from graingraph.engine.batch.image_job import BatchPaths
from graingraph.engine.batch.manifest import verify
from graingraph.engine.batch.results import write_results
from graingraph.engine.batch.run import run_images
from graingraph.engine.declare import node as node_module
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.support.paths import ROOT

rocrate = pytest.importorskip("rocrate.rocrate")
NODES = ROOT / "tests" / "support" / "batch_nodes.py"


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The results of a run over two arrays."""
    monkeypatch.setattr(node_module, "REGISTRY", {})
    exec(compile(NODES.read_text(), str(NODES), "exec"), {"__name__": "batch_nodes"})
    made, load = Recipe(name="Two fields", description="A test.").add("BatchLoad")
    made, measure = made.add("BatchMeasure")
    made = made.connect(Wire(load, "image", measure, "image"))
    images = ImageSet.of_arrays({name: np.full((2, 2), 3, np.uint8) for name in ("ä 1.png", "b.png")})
    place = BatchPaths(tmp_path / "out")
    assert write_results(made, images, place, run_images(made, images, place)) == []
    return place.out


def test_the_crate_says_what_was_made_of_what_by_which_program(out: Path) -> None:
    crate = rocrate.ROCrate(out)
    assert crate.root_dataset["conformsTo"].id == PROFILE
    (action,) = crate.root_dataset["mentions"]
    assert action.type == "CreateAction"
    assert action["instrument"]["name"] == "Graingraph"
    assert [one["name"] for one in action["object"]] == ["Recipe Two fields", "ä 1.png", "b.png"]
    assert {one.id for one in action["result"]} == {"measurements.csv", "fields.csv"}
    files = {entity.id for entity in crate.data_entities}
    assert {"measurements.csv", "manifest.json", "recipe.graingraph.json"} <= files
    assert verify(BatchPaths(out)) == []


def test_everything_that_the_crate_points_at_is_in_it(out: Path) -> None:
    graph = orjson.loads((out / "ro-crate-metadata.json").read_bytes())["@graph"]
    known = {entity["@id"] for entity in graph}

    def pointers(item: object) -> list[str]:
        inside = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        own = [item["@id"]] if isinstance(item, dict) and set(item) == {"@id"} else []
        return own + [one for part in inside for one in pointers(part)]

    outside = {"https://w3id.org/ro/crate/1.1", "http://schema.org/CompletedActionStatus"}
    assert set(pointers(graph)) - known == outside
    for entity in graph:
        if entity["@type"] == "File":
            assert (out / entity["@id"]).is_file()
