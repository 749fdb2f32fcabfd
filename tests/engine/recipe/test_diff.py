"""Differences are said in words, each once, and none for equal recipes."""

from graingraph.engine.recipe.diff import differences
from graingraph.engine.recipe.parts import Exposed, Frame
from tests.support.recipes import chain


def test_equal_recipes_have_no_differences():
    assert differences(chain(), chain()) == []


def test_settings_nodes_wires_form_and_layout_are_named():
    before = chain()
    after = before.with_setting("threshold", "level", 0.55).with_setting("threshold", "method", "manual")
    after = after.with_muted("filter", True).remove(["measure_features"])
    after, _ = after.add("Invert", (0.0, 500.0))
    after = after.disconnect([wire for wire in after.wires if wire.target == "fill_holes"])
    after = after.with_exposed([Exposed("threshold", "level", "Level")], locked=True)
    after = after.with_positions({"load": (5.0, 5.0)}).with_frames([Frame(0, 0, 100, 100, "A frame")])
    assert differences(before, after) == [
        "MeasureFeatures is gone",
        "Filter is muted",
        "Threshold: method “otsu” → “manual”",
        "Threshold: level 0.5 → 0.55",
        "Invert is new",
        "the wire threshold.mask → fill_holes.mask is cut",
        "what operators see is different",
        "the recipe is locked",
        "1 node moved on the canvas",
        "frames or notes are different",
    ]
    assert differences(after, after) == []
    assert len(differences(after, before)) == 10


def test_rows_of_a_list_are_compared_one_by_one():
    before, node = chain(("Load",)).add("Trace", (0.0, 0.0))
    rows = [dict(row) for row in before.steps[node].settings["classes"]]
    rows[0]["name"] = "pores"
    said = differences(before, before.with_setting(node, "classes", rows))
    assert len(said) == 1
    assert "row 1 name" in said[0]
    assert "“pores”" in said[0]
    longer = before.with_setting(node, "classes", [*rows, {**rows[0], "name": "more"}])
    assert any(f"{len(rows)} rows → {len(rows) + 1} rows" in line for line in differences(before, longer))
