"""What the window has computed is there the next time, and for a batch."""

from pathlib import Path

import numpy as np
import pytest

from graingraph.app.document.user_cache import user_cache, user_cache_folder
from graingraph.app.services.batch_place import batch_place
from graingraph.engine.declare import node as node_module
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.declare.node import node
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.explain import why
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Image

ran: list[str] = []


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """Load, then a node whose results are kept on disk."""
    import graingraph.nodes  # noqa: F401 - declares Load

    monkeypatch.setattr("platformdirs.user_cache_path", lambda *names: tmp_path / "cache" / "graingraph")
    monkeypatch.setattr(node_module, "REGISTRY", dict(node_module.REGISTRY))
    ran.clear()

    @node("Laborious", category="Test", keep_on_disk=True)
    def laborious(image: Image) -> Image:
        """Take long."""
        ran.append(image.name)
        return image

    made, load = Recipe().add("Load")
    made, last = made.add("Laborious")
    return made.connect(Wire(load, "image", last, "image"))


def test_what_the_window_computed_is_read_the_next_time_and_by_a_batch(recipe: Recipe, tmp_path: Path):
    image_set = ImageSet.of_arrays({"a": np.full((6, 8), 7, np.uint8)})
    first = Evaluation(recipe, image_set, Store(disk=user_cache())).value("laborious", image="a")
    again = Evaluation(recipe, image_set, Store(disk=user_cache()))
    assert why(again, "laborious", "a").name == "cached on disk"
    np.testing.assert_array_equal(again.value("laborious", image="a").pixels, first.pixels)
    before = sorted(user_cache_folder().rglob("*"))
    Evaluation(recipe, image_set, batch_place(None, tmp_path / "out", ModelFolders()).store()).value(
        "laborious", image="a"
    )
    assert ran == ["a"]
    assert sorted(user_cache_folder().rglob("*")) == before


def test_a_cache_folder_that_cannot_be_written_disturbs_nobody(recipe: Recipe, tmp_path: Path):
    (tmp_path / "cache").write_bytes(b"in the way")
    image_set = ImageSet.of_arrays({"a": np.full((6, 8), 7, np.uint8)})
    for _ in range(2):
        assert Evaluation(recipe, image_set, Store(disk=user_cache())).value("laborious", image="a")
    assert ran == ["a", "a"]
