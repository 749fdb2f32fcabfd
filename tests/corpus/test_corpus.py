"""Recipes and models of every form there has been open, and give the numbers they gave, or those of a newer version.

``recipes/`` holds a recipe for each node type, version and set of settings that ever shipped, as it was then (day and
commit are in the name), and ``cards/`` the descriptions of models. ``numbers.json`` says which numbers a recipe gave
``then``, by the program of that day, and which it gives ``now``, where they differ. They may, only because a node that
it uses has got another version since.
"""

import csv
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graingraph.nodes  # noqa: F401  (declares the nodes)
from graingraph.app.cli.recipes import open_recipe
from graingraph.app.cli.run import run_recipe
from graingraph.engine.declare.injected import Context
from graingraph.engine.declare.model_file import model_hash
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe import models
from graingraph.engine.recipe.check import check
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Image
from graingraph.nodes.learn.deep_segment import deep_segment
from graingraph.nodes.learning.model.card import KEY, card_from_json
from graingraph.nodes.learning.model.file import load_model, read_card
from tests.support.paths import ASSETS, GRAPHS

HERE = Path(__file__).parent
RECIPES = sorted((HERE / "recipes").glob(f"*{recipe_file.SUFFIX}"))
CARDS = sorted((HERE / "cards").glob("*.json"))
NUMBERS: dict[str, dict[str, Any]] = json.loads((HERE / "numbers.json").read_text())
CLOSE = 1e-4
NO_NUMBERS = {"Image", "Status", "Node", "Message", "Notes", "Not reportable", "Seconds", "Hash", "Specimen", "Field"}
NEED_A_MODEL = ("2bde523", "3a9722f", "4707dc8")
"""Of those that train before they can run, the earliest, which came without a model."""


OTHER_CARDS = {
    "b99d57646dbb48d8f3ec057b1ea56c43": "b32a792f59c8a1203a32d11fa29634e5",
    "13dc72c3a180012a955059535c59f48f": "262073d806c72ed998a74c71a92b4f4c",
    "7b119cd6840fd5a2b5f57944fb3e3773": "78956424e3f12a4f3419f9d13600add4",
    "cb056c66bbae49a79edca0bfd27a2403": "fca1ea49ae175cecfb4fe44c1bfc8952",
}
"""Models that ship with another card than then, and the same network (``graingraph score``): hash then and now."""


def stem(path: Path) -> str:
    return path.name.split(".")[0]


def shipped_models(path: Path) -> dict[str, Path | None]:
    """By node the file of the model that a recipe applies, as it ships now under whatever name; None if it does not."""
    ship = {model_hash(file): file for file in (GRAPHS / "models").rglob("*.onnx")}
    hashes = {node: ref.partition("@")[2] for node, ref in models.applied(recipe_file.load(path)).items()}
    return {node: ship.get(OTHER_CARDS.get(known, known)) for node, known in hashes.items()}


def measured(path: Path, out: Path) -> dict[str, float]:
    """What the recipe gives for its image, by column."""
    sets = [f"{node}.model={file}" for node, file in shipped_models(path).items()]
    run_recipe(path, [str(ASSETS / NUMBERS[stem(path)]["image"])], out, sets, workers=1)
    with (out / "fields.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["Status"] == "ok", row["Message"]
    return {name: float(text) for name, text in row.items() if name not in NO_NUMBERS and text and _is_number(text)}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def raised(path: Path, recipe: Recipe) -> list[str]:
    """The nodes that have another version now than in the file."""
    saved = json.loads(path.read_text())["nodes"]
    return [f"{step.type} {saved[node]['version']} → {step.version}" for node, step in recipe.steps.items()
            if saved[node]["version"] != step.version]  # fmt: skip


@pytest.mark.parametrize("path", RECIPES, ids=stem)
def test_a_recipe_of_that_day_opens_whole_and_sound(path: Path) -> None:
    recipe, folders = open_recipe(path)
    saved = json.loads(path.read_text())
    assert {node: step.type for node, step in recipe.steps.items()} == {n: s["type"] for n, s in saved["nodes"].items()}
    assert len(recipe.wires) == len(saved["wires"])
    assert not [step.type for step in recipe.steps.values() if step.declared is None]
    errors = [finding.message for finding in check(recipe, folders) if finding.severity == "error"]
    if path.name.split("_")[1] not in NEED_A_MODEL:
        assert all("is not on this machine" in message for message in errors), errors
    assert recipe_file.parse(recipe_file.dump(recipe)) == recipe


@pytest.mark.parametrize("path", [path for path in RECIPES if stem(path) in NUMBERS], ids=stem)
def test_a_recipe_of_that_day_gives_the_numbers_it_gave_or_says_why_not(path: Path, tmp_path: Path) -> None:
    then, now = NUMBERS[stem(path)]["then"], NUMBERS[stem(path)]["now"]
    if None in shipped_models(path).values():
        pytest.skip("its model does not ship any more")
    found = measured(path, tmp_path / "out")
    expected = {name: now.get(name, value) for name, value in then.items() if now.get(name, value) is not None}
    wrong = [name for name, value in expected.items() if not _close(value, found.get(name))]
    assert not wrong, (
        f"it gives other numbers than written down ({wrong[0]}: {expected[wrong[0]]} → {found.get(wrong[0])}); where "
        "a node was changed on purpose and has a new version: python -m tests.corpus.test_corpus"
    )
    if now:
        assert raised(path, recipe_file.load(path)), "numbers changed since that day, and no node has another version"


def write() -> None:
    """Write down what the recipes give now."""
    for path in RECIPES:
        if stem(path) in NUMBERS and None not in shipped_models(path).values():
            with tempfile.TemporaryDirectory() as folder:
                found = measured(path, Path(folder) / "out")
            then = NUMBERS[stem(path)]["then"]
            other = {name: found.get(name) for name, value in then.items() if not _close(value, found.get(name))}
            NUMBERS[stem(path)]["now"] = {n: None if v is None else float(f"{v:.7g}") for n, v in other.items()}
    (HERE / "numbers.json").write_text(json.dumps(NUMBERS, indent=1, ensure_ascii=False) + "\n")


def _close(one: float, other: float | None) -> bool:
    return other is not None and bool(np.isclose(one, other, rtol=CLOSE, atol=1e-9, equal_nan=True))


@pytest.mark.parametrize("path", CARDS, ids=stem)
def test_a_model_of_that_day_is_applied_as_it_was(path: Path, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    card = card_from_json(path.read_text())
    saved = json.loads(path.read_text())
    assert [item.name for item in card.classes] == [item["name"] for item in saved["classes"]]
    model = tmp_path / "m.onnx"
    model.write_bytes(_network(onnx, card.channels, len(card.classes), path.read_text()))
    assert read_card(model) == card
    ramp = np.tile(np.linspace(0, 255, 96).astype(np.uint8), (64, 1))
    pixels = np.stack([ramp] * card.channels, axis=-1) if card.channels == 3 else ramp
    try:
        found = deep_segment(Image(pixels, name="a.png"), load_model(model), context=Context())
    except Problem as problem:
        pytest.fail(str(problem))
    shares = np.bincount(found.classes.pixels.ravel(), minlength=len(card.classes)) / found.classes.pixels.size
    assert found.classes.classes == card.classes
    assert shares.tolist() == pytest.approx(NUMBERS["cards"][stem(path)], abs=0.01)


def _network(onnx: Any, channels: int, classes: int, card: str) -> bytes:
    """Dark is the first class, bright the last, and what lies between those between; probabilities of a softmax."""
    helper, numpy_helper, kind = onnx.helper, onnx.numpy_helper, onnx.TensorProto.FLOAT
    middles = (np.arange(classes) + 0.5) / classes
    slopes = (80 * middles / channels).astype(np.float32)
    weights = np.repeat(slopes[:, None], channels, axis=1).reshape(classes, channels, 1, 1)
    offsets = (-40 * middles**2).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("Conv", ["image", "w", "b"], ["s"]), helper.make_node("Softmax", ["s"], ["p"], axis=1)],
        "g",
        [helper.make_tensor_value_info("image", kind, ["n", channels, "h", "w_"])],
        [helper.make_tensor_value_info("p", kind, ["n", classes, "h", "w_"])],
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(offsets, "b")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(made, {KEY: card})
    return made.SerializeToString()


if __name__ == "__main__":
    write()
