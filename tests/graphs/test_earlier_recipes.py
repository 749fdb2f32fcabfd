"""Recipes and models of earlier versions open, mean what they meant, and give the tables they gave.

``earlier/`` holds the shipped recipes as they were before classes had roles and before separate_touching,
extend_patches and review had these names. The models and marks in graphs/ are of that time too.
"""

import json
from pathlib import Path
from typing import Any

import pytest

import graingraph.nodes  # noqa: F401  (declares the nodes)
from graingraph.app.cli.recipes import open_recipe
from graingraph.engine.batch.from_python import run
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.check import check
from graingraph.nodes.draw.trace import classes_of_settings
from graingraph.nodes.learning.model.file import read_card
from tests.support.paths import ASSETS, GRAPHS

EARLIER = sorted((Path(__file__).parent / "earlier").glob("*.graingraph.json"))
NEW_NAMES = {"apart": "separate_touching", "guess": "extend_patches", "attended": "review"}
ROLES = {
    "colony_basketweave": {"colony": "area", "basketweave": "area"},
    "melt_pool_annotation": {"melt pool": "area", "melt pool boundary": "boundary of melt pool", "background": "area"},
    "melt_pool_overlap": {"melt pool": "area", "melt pool boundary": "boundary of melt pool", "background": "area"},
    "melt_pools": {"melt pool": "area", "melt pool boundary": "boundary of melt pool", "background": "area"},
    "twinned_brass": {"grain boundary": "boundary of grain", "grain": "area"},
}
CORES = {"melt_pools": "melt pool", "melt_pool_overlap": "melt pool", "twinned_brass": "grain"}


def name_of(path: Path) -> str:
    return path.name.split(".")[0]


def said(classes: Any) -> dict[str, str]:
    return {item.name: f"{item.role}{f' of {item.of}' if item.of else ''}" for item in classes}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of the earlier recipes with their models beside them."""
    (tmp_path / "models").symlink_to(GRAPHS / "models")
    for path in EARLIER:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


@pytest.mark.parametrize("path", EARLIER, ids=name_of)
def test_an_earlier_recipe_opens_with_all_its_settings(path: Path, folder: Path) -> None:
    recipe, models = open_recipe(folder / path.name)
    before = json.loads(path.read_text())
    for node, saved in before["nodes"].items():
        now = recipe.steps[node].settings
        for name, value in saved["settings"].items():
            kept = now[NEW_NAMES.get(name, name)]
            if name == "classes":
                kept = [{key: row[key] for key in value[0]} for row in kept]
            if name == "held_out":  # of three to five images
                kept = round(5 * kept)
            assert kept == value, (node, name)
    known = {(item.node, item.setting) for item in recipe.exposed}
    assert all(recipe.steps[node].declared.setting(setting) for node, setting in known)  # type: ignore[union-attr]
    assert {f.message for f in check(recipe, models) if f.severity == "error"} <= {
        f.message for f in check(*open_recipe(GRAPHS / path.name)) if f.severity == "error"
    }
    traces = [step for step in recipe.steps.values() if step.type == "Trace"]
    for step in traces:
        assert said(classes_of_settings(step.settings)) == ROLES[name_of(path)]


@pytest.mark.parametrize("name", ["colony_basketweave", "melt_pools", "twinned_brass"])
def test_an_earlier_model_says_what_its_classes_are(name: str) -> None:
    steps = recipe_file.load(GRAPHS / f"{name}.graingraph.json").steps.values()
    model = next(step.settings["model"] for step in steps if step.on_request)
    card = read_card(GRAPHS / "models" / model.partition("@")[0])
    cores = {f"{CORES[name]} core": f"core of {CORES[name]}"} if name in CORES else {}
    assert said(card.classes) == ROLES[name] | cores
    assert not {"apart", "guess"} & set(card.settings)


@pytest.mark.parametrize(
    ("name", "image", "node", "table"),
    [
        ("colony_basketweave", "titanium/titanium_001.tif", "area_fraction", {"Area fraction colony (%)": 58.413}),
        ("melt_pools", "melt_pools/melt_pools_001.tif", "overlap", {"rows": 9, "Overlap (%)": 20.197}),
    ],
)
def test_an_earlier_recipe_gives_the_table_it_gave(
    name: str, image: str, node: str, table: dict[str, float], folder: Path
) -> None:
    found = run(folder / f"{name}.graingraph.json", [ASSETS / image]).table(node)
    table = dict(table)
    assert len(found) == table.pop("rows", 1)
    for column, value in table.items():
        assert found[column].mean() == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize(
    ("recipe", "old", "new"),
    [
        ("melt_pools", "train.apart=yes", "separate_touching"),
        ("melt_pools", "train.guess=yes", "extend_patches"),
        ("twinned_brass", "correct.attended=no", "review"),
    ],
)
def test_who_says_an_old_name_is_told_the_new_one(recipe: str, old: str, new: str) -> None:
    name = old.partition("=")[0].partition(".")[2]
    with pytest.raises(Problem, match=f"setting {name} is called {new} now"):
        open_recipe(GRAPHS / f"{recipe}.graingraph.json", [old])


def test_an_exposed_setting_follows_its_new_name() -> None:
    document = json.loads((Path(__file__).parent / "earlier" / "melt_pools.graingraph.json").read_text())
    document["exposed"] = [{"node": "train", "setting": "apart", "label": "Keep apart"}]
    recipe = recipe_file.parse(json.dumps(document).encode())
    assert [item.setting for item in recipe.exposed] == ["separate_touching"]
