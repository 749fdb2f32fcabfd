"""What the window has computed is there the next time, and for a batch."""

from pathlib import Path

import numpy as np
import pytest

from app.batch.place import batch_place
from app.session.user_cache import user_cache, user_cache_folder
from engine import node as node_module
from engine.evaluate import Evaluation
from engine.node import node
from engine.recipe import Recipe, Wire
from engine.store import Store
from engine.tray import Tray
from engine.values import Image
from engine.why import why

ran: list[str] = []


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """Load, then a node whose results are kept on disk."""
    import nodes  # noqa: F401 - declares Load

    monkeypatch.setattr("platformdirs.user_cache_path", lambda *names: tmp_path / "cache" / "graingraph")
    monkeypatch.setattr(node_module, "REGISTRY", registry := dict(node_module.REGISTRY))
    monkeypatch.setattr("engine.recipe.REGISTRY", registry)
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
    tray = Tray.of_arrays({"a": np.full((6, 8), 7, np.uint8)})
    first = Evaluation(recipe, tray, Store(disk=user_cache())).value("laborious", image="a")
    again = Evaluation(recipe, tray, Store(disk=user_cache()))
    assert why(again, "laborious", "a").name == "cached on disk"
    np.testing.assert_array_equal(again.value("laborious", image="a").pixels, first.pixels)
    before = sorted(user_cache_folder().rglob("*"))
    Evaluation(recipe, tray, batch_place(None, tmp_path / "out").store()).value("laborious", image="a")
    assert ran == ["a"]
    assert sorted(user_cache_folder().rglob("*")) == before


def test_a_cache_folder_that_cannot_be_written_disturbs_nobody(recipe: Recipe, tmp_path: Path):
    (tmp_path / "cache").write_bytes(b"in the way")
    tray = Tray.of_arrays({"a": np.full((6, 8), 7, np.uint8)})
    for _ in range(2):
        assert Evaluation(recipe, tray, Store(disk=user_cache())).value("laborious", image="a")
    assert ran == ["a", "a"]
