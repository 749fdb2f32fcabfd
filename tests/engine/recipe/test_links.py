"""Linked settings: one value in several steps, and files in which they are wrong or differ."""

import json

import pytest

from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.check import check
from graingraph.engine.recipe.diff import differences
from graingraph.engine.recipe.parts import SettingRef
from graingraph.engine.recipe.recipe import Recipe
from tests.support.recipes import chain

ONE, TWO = SettingRef("threshold", "level"), SettingRef("threshold_2", "level")


def two() -> Recipe:
    recipe, _ = chain().add("Threshold", (0, 300))
    return recipe


def linked() -> Recipe:
    return two().with_links([frozenset({ONE, TWO})])


def levels(recipe: Recipe) -> list[float]:
    return [recipe.steps[ref.node].settings["level"] for ref in (ONE, TWO)]


def test_who_sets_one_sets_all_whichever_it_is():
    assert levels(linked().with_setting("threshold", "level", 0.3)) == [0.3, 0.3]
    assert levels(linked().with_setting("threshold_2", "level", 0.4)) == [0.4, 0.4]
    assert levels(two().with_setting("threshold_2", "level", 0.4)) == [0.5, 0.4]
    with pytest.raises(Problem, match="level"):
        linked().with_setting("threshold", "level", 7)


def test_links_are_in_the_file_only_where_there_are_some():
    assert b'"links"' not in recipe_file.dump(two())
    assert recipe_file.parse(recipe_file.dump(linked())) == linked()
    assert linked().id != two().id


def test_links_go_with_copies_and_end_with_their_steps():
    pasted, names = linked().paste(linked())
    assert len(pasted.links) == 2
    assert pasted.linked(names["threshold"], "level") == {
        SettingRef(names["threshold"], "level"),
        SettingRef(names["threshold_2"], "level"),
    }
    assert linked().remove(["threshold_2"]).links == ()
    assert linked().part(["threshold"]).links == ()


@pytest.mark.parametrize(
    ("links", "said"),
    [
        ([["threshold.level", "gone.level"]], "names gone.level, whose node is not there"),
        ([["threshold.level", "threshold_2.level"], ["threshold.level", "threshold_2.offset"]], "is in two links"),
        ("threshold.level", "'links' is no list"),
        ([["threshold.level", 5]], "damaged"),
    ],
)
def test_a_file_with_wrong_links_is_refused_with_the_reason(links: object, said: str):
    document = {**two().to_json(), "links": links}
    with pytest.raises(Problem, match=said):
        recipe_file.parse(json.dumps(document).encode())


def test_linked_settings_that_differ_are_opened_with_a_warning_and_agree_when_one_is_set():
    document = linked().to_json()
    document["nodes"]["threshold_2"]["settings"]["level"] = 0.9
    recipe = recipe_file.parse(json.dumps(document).encode())
    assert levels(recipe) == [0.5, 0.9]
    warnings = [one.message for one in check(recipe, ModelFolders()) if one.severity == "warning"]
    assert warnings == [
        "Linked settings differ (threshold.level 0.5, threshold_2.level 0.9); set one of them, and all have its value."
    ]
    assert levels(recipe.with_setting("threshold", "level", 0.5)) == [0.5, 0.5]
    document["links"] = [["threshold.level", "threshold_2.nonsense"]]
    recipe = recipe_file.parse(json.dumps(document).encode())
    assert "threshold_2.nonsense is not there" in str(check(recipe, ModelFolders()))
    assert recipe.with_setting("threshold", "level", 0.2).steps["threshold"].settings["level"] == 0.2


def test_what_is_linked_is_different():
    assert differences(two(), linked()) == ["threshold.level and threshold_2.level are linked"]
    assert differences(linked(), two()) == ["threshold.level and threshold_2.level are no longer linked"]
