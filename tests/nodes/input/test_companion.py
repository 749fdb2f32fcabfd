"""A second image of the same field."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from graingraph.engine.declare.injected import Source
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe
from graingraph.nodes.input.companion import companion

PIXELS = np.arange(48, dtype=np.uint8).reshape(6, 8)


def tray(folder: Path) -> list[Path]:
    for name, level in (("a", 0), ("a_BSE", 100), ("b", 0), ("b_BSE", 150)):
        cv2.imwrite(str(folder / f"{name}.tif"), PIXELS + np.uint8(level))
    return [folder / "a.tif", folder / "b.tif"]


def test_each_image_has_its_own(tmp_path: Path) -> None:
    for path, level in zip(tray(tmp_path), (100, 150), strict=True):
        source = Source(path.name, "0", path)
        found = companion(source=source, folder=source.folder)
        np.testing.assert_array_equal(found.pixels, PIXELS + level)
        assert found.name == path.name


def test_a_file_of_one_name_is_for_all_and_may_lie_above(tmp_path: Path) -> None:
    inside = tmp_path / "fields"
    inside.mkdir()
    paths = tray(inside)
    cv2.imwrite(str(tmp_path / "blank.png"), PIXELS)
    for path in paths:
        source = Source(path.name, "0", path)
        np.testing.assert_array_equal(companion(file="blank.png", source=source, folder=source.folder).pixels, PIXELS)


def test_its_content_counts(tmp_path: Path) -> None:
    paths = tray(tmp_path)
    recipe, node = Recipe().add("Companion")
    before = Evaluation(recipe, ImageSet.of_files(paths)).keys
    keys = [before.key(node, image) for image in ("a.tif", "b.tif")]
    assert keys[0] != keys[1]
    cv2.imwrite(str(tmp_path / "a_BSE.tif"), PIXELS + np.uint8(7))
    after = Evaluation(recipe, ImageSet.of_files(paths)).keys
    assert after.key(node, "a.tif") != keys[0]
    assert after.key(node, "b.tif") == keys[1]


@pytest.mark.parametrize("name", ["{name}_EDS.tif", "../{name}_BSE.tif", "/etc/passwd", ""])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    path = tray(tmp_path)[0]
    source = Source(path.name, "0", path)
    with pytest.raises(Problem, match="beside the image"):
        companion(file=name, source=source, folder=source.folder)
