"""A node that gathers and still exists once per image: keys, what it keeps, and inputs that settings switch off."""

from pathlib import Path
from typing import Annotated

import numpy as np
import pytest

from graingraph.engine.declare.injected import EveryImage
from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import When
from graingraph.engine.evaluation.cache import DiskCache
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Image, Mask, PerImage, Table

ran: list[str] = []


def brightness(image: Image, factor: float) -> Table:
    ran.append(f"kept {image.name}")
    return Table({"Grey": np.array([float(image.pixels.mean()) * factor])}, {"Grey": ""})


def declare() -> None:
    @node("Compare", category="Test")
    def compare(
        image: Image,
        masks: Annotated[PerImage[Mask] | None, When(live=True)] = None,
        *,
        live: bool = True,
        every: EveryImage,
    ) -> Table:
        """Compare an image with all images.

        Settings:
            live: Whether to look at the others.
        """
        ran.append(f"compare {every.here}")
        names = list(masks) if masks is not None else [every.here]
        found = [every.kept(name, "image", brightness, 2.0) for name in names]
        return Table({"Grey": np.array([one.columns["Grey"][0] for one in found])}, {"Grey": ""})


def world(*greys: int) -> tuple[Recipe, ImageSet]:
    recipe = Recipe()
    for name in ("Load", "Bright", "Compare"):
        recipe, _ = recipe.add(name)
    for wire in (
        Wire("load", "image", "bright", "image"),
        Wire("load", "image", "compare", "image"),
        Wire("bright", "mask", "compare", "masks"),
    ):
        recipe = recipe.connect(wire)
    return recipe, ImageSet.of_arrays({"abc"[i]: np.full((4, 4), grey, np.uint8) for i, grey in enumerate(greys)})


@pytest.fixture(autouse=True)
def declared(calls: list[str]) -> None:
    ran.clear()
    declare()


def greys(recipe: Recipe, images: ImageSet, store: Store, image: str) -> list[float]:
    found = Evaluation(recipe, images, store).value("compare", image=image)
    assert isinstance(found, Table)
    return list(found.columns["Grey"])


def test_it_exists_once_per_image_and_sees_all() -> None:
    recipe, images = world(1, 2, 3)
    assert "compare" not in recipe.per_batch
    assert greys(recipe, images, Store(), "b") == [2, 4, 6]


def test_what_is_kept_is_made_once_for_all_images() -> None:
    recipe, images = world(1, 2)
    store = Store(validate=False)
    for image in ("a", "b"):
        greys(recipe, images, store, image)
    assert sorted(ran) == ["compare a", "compare b", "kept a", "kept b"]


def test_another_image_is_part_of_the_key_while_it_gathers() -> None:
    recipe, images = world(1, 2)
    _, others = world(1, 9)
    keys = {Evaluation(recipe, one).keys.key("compare", "a") for one in (images, others)}
    assert len(keys) == 2
    alone = recipe.with_setting("compare", "live", False)
    keys = {Evaluation(alone, one).keys.key("compare", "a") for one in (images, others)}
    assert len(keys) == 1
    assert greys(alone, images, Store(), "b") == [4]


def test_every_hit_equals_a_fresh_result() -> None:
    recipe, images = world(1, 2)
    store = Store(validate=True)
    for image in ("a", "b", "a"):
        greys(recipe, images, store, image)


def test_what_is_kept_is_on_disk_the_next_day(tmp_path: Path) -> None:
    recipe, images = world(1, 2)
    store = Store(disk=DiskCache(tmp_path), later={})
    assert greys(recipe, images, store, "a") == [2, 4]
    assert not list(tmp_path.rglob("*.npz"))  # nobody waited for the disk
    store.write_later()
    ran.clear()
    assert greys(recipe, images, Store(disk=DiskCache(tmp_path)), "b") == [2, 4]
    assert ran == ["compare b"]
