"""The engine from Python: the lines that the README shows, and what a notebook gets back."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import graingraph
from graingraph.engine.batch.from_python import run
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import Exposed, Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.support.paths import ASSETS, GRAPHS

NODULES = GRAPHS / "nodules.graingraph.json"
IMAGES = ASSETS / "nodules"


def test_a_recipe_on_files_in_a_few_lines() -> None:
    results = run(NODULES, [IMAGES])
    table = results.table("measure")
    name = results.images[0]
    assert isinstance(table, pd.DataFrame)
    assert list(table["Image"].unique()) == sorted(path.name for path in IMAGES.glob("*.tif"))
    assert any("(µm" in column for column in table.columns)
    assert len(results.table("measure", name)) == (table["Image"] == name).sum()
    assert results.array("threshold", name).dtype == bool
    assert repr(results).startswith("<Results over 2 images; nodes: load, ")


def squares() -> np.ndarray:
    picture = np.zeros((60, 80), np.uint8)
    picture[10:20, 10:20] = picture[30:50, 30:50] = 200
    return picture


def features() -> Recipe:
    recipe, _ = Recipe(name="squares").add("Load")
    recipe, _ = recipe.add("Threshold", method="manual", level=0.4)
    recipe, _ = recipe.add("LabelFeatures")
    recipe, _ = recipe.add("MeasureFeatures")
    return (
        recipe.connect(Wire("load", "image", "threshold", "image"))
        .connect(Wire("threshold", "mask", "label_features", "mask"))
        .connect(Wire("label_features", "labels", "measure_features", "region"))
    )


@pytest.fixture(scope="module", autouse=True)
def _nodes() -> None:
    from graingraph.engine.declare.plugins import load_plugins

    load_plugins()


def test_a_locked_recipe_takes_no_more_than_the_settings_that_it_exposes() -> None:
    locked = replace(features().with_exposed([Exposed("threshold", "level", "Level")]), locked=True)
    assert run(locked, {"one": squares()}, {"threshold.level": 0.5}).images == ("one",)
    with pytest.raises(Problem, match=r"is locked; it lets you set threshold\.level"):
        run(locked, {"one": squares()}, {"threshold.method": "otsu"})


def test_a_recipe_built_in_python_on_arrays() -> None:
    results = run(features(), {"one": squares(), "two": squares().T}, um_per_px=0.5)
    assert list(results.table("measure_features", "one")["Area (µm²)"]) == [25, 100]
    assert list(results.table("measure_features").groupby("Image").size()) == [2, 2]
    labels = results.array("label_features", "two")
    assert (labels.dtype, labels.shape, labels.max()) == (np.int32, (80, 60), 2)


def test_without_a_pixel_size_lengths_are_in_pixels() -> None:
    assert list(run(features(), {"one": squares()}).table("measure_features", "one")["Area (px²)"]) == [100, 400]


def test_settings_can_be_changed_for_a_run() -> None:
    results = run(features(), {"one": squares()}, {"threshold.level": 0.9})
    assert not results.array("threshold").any()
    with pytest.raises(Problem, match="level is from 0 to 1"):
        run(features(), {"one": squares()}, {"threshold.level": 9})


def test_a_path_chooses_a_model_file_for_a_run(tmp_path: Path) -> None:
    (tmp_path / "mine.onnx").write_bytes(b"a model")
    recipe = graingraph.load(GRAPHS / "twinned_brass.graingraph.json")
    (segment,) = (node for node, step in recipe.steps.items() if step.type == "DeepSegment")
    images = {"one": np.zeros((8, 8), np.uint8)}
    with pytest.raises(Problem, match="not on this machine"):
        run(recipe.with_setting("train", "model", "elsewhere.onnx@00"), images)
    recipe = recipe.remove(node for node, step in recipe.steps.items() if step.on_request)
    found = run(recipe, images, {f"{segment}.model": tmp_path / "mine.onnx"})
    assert found.evaluation.recipe.steps[segment].settings["model"].startswith("mine.onnx@")


def test_an_image_that_fails_is_left_out_of_the_pooled_table(tmp_path: Path) -> None:
    (tmp_path / "torn.png").write_bytes(b"\x89PNG")
    results = run(features(), [*IMAGES.glob("*_001.tif"), tmp_path / "torn.png"])
    assert set(results.table("measure_features")["Image"]) == {"nodules_001.tif"}
    with pytest.raises(Problem, match=r"torn.png, node load"):
        results.table("measure_features", "torn.png")


def test_asking_for_the_wrong_thing_says_what_there_is() -> None:
    results = run(features(), {"one": squares()})
    with pytest.raises(Problem, match="gives a Mask, not a table"):
        results.table("threshold", "one")
    with pytest.raises(Problem, match="no node nowhere"):
        results.value("nowhere")
    with pytest.raises(Problem, match="no image three; the tray has one"):
        results.value("load", "three")
    with pytest.raises(Problem, match="not wired"):
        run(features().remove(["load"]), {"one": squares()})


def test_what_comes_back_cannot_be_changed_by_mistake() -> None:
    pixels = squares()
    array = run(features(), {"one": pixels}).array("load")
    with pytest.raises(ValueError, match="read-only"):
        array[0, 0] = 1
    pixels[0, 0] = 7
    assert array[0, 0] == 0


def test_one_file_or_folder_need_not_be_in_a_list() -> None:
    path = IMAGES / "nodules_001.tif"
    assert run(features(), path).images == run(features(), str(path)).images == ("nodules_001.tif",)
    assert run(features(), IMAGES).images == run(features(), [IMAGES]).images


def test_files_bring_their_own_pixel_size() -> None:
    with pytest.raises(Problem, match="um_per_px is for arrays"):
        run(features(), IMAGES, um_per_px=0.5)


@pytest.mark.parametrize("size", [-1, 0, float("nan"), float("inf"), "wide", np.array([1.0, 2.0])])
def test_a_pixel_size_that_cannot_be_is_refused(size: Any) -> None:
    with pytest.raises(Problem, match="um_per_px is a number above 0"):
        run(features(), {"one": squares()}, um_per_px=size)


def test_numbers_of_numpy_are_taken_like_those_of_python() -> None:
    settings = {"threshold.level": np.float32(0.4), "load.page": np.int64(1)}
    results = run(features(), {"one": squares()}, settings, um_per_px=np.float32(0.5))
    assert list(results.table("measure_features", "one")["Area (µm²)"]) == [25, 100]


def test_where_every_image_failed_the_reason_is_raised_and_listed(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"\x89PNG")
    results = run(features(), tmp_path)
    assert results.failed == {}  # nothing was asked for
    with pytest.raises(Problem, match=r"a.png, node load"):
        results.table("measure_features")
    assert [str(problem).split(":")[0] for problem in results.failed.values()] == [
        "image a.png, node load",
        "image b.png, node load",
    ]


def test_failed_names_only_what_failed(tmp_path: Path) -> None:
    (tmp_path / "torn.png").write_bytes(b"\x89PNG")
    results = run(features(), [tmp_path, IMAGES / "nodules_001.tif"])
    assert len(results.table("measure_features")) > 0
    assert list(results.failed) == ["torn.png"]


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros((0, 0), np.uint8), r"image one: The array has the shape \(0, 0\)"),
        (np.zeros(5, np.uint8), r"image one: The array has the shape \(5,\)"),
        (np.zeros((2, 3, 4, 3), np.uint8), "image one: The array has the shape"),
        (np.zeros((9, 9, 7), np.uint8), "image one: The array has the shape"),
        (np.full((3, 3), np.nan), "image one: No pixel of the array is a number"),
        (np.full((3, 3), "x"), "image one: The pixels are of the type"),
        (np.full((3, 3), None), "image one: The pixels are of the type object"),
    ],
)
def test_an_array_that_is_no_image_is_named(array: np.ndarray, said: str) -> None:
    with pytest.raises(Problem, match=said):
        run(features(), {"one": array})


@pytest.mark.parametrize("shape", [(8, 9), (8, 9, 1), (8, 9, 2), (8, 9, 3), (8, 9, 4)])
@pytest.mark.parametrize("kind", ["?", "u1", ">u2", "f2", "f4", "f8", "g"])
def test_an_array_that_load_can_take_reaches_it(shape: tuple[int, ...], kind: str) -> None:
    assert run(features(), {"one": np.ones(shape, kind)}).array("load").shape == (8, 9)
