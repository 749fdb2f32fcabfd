"""Groups: which pins they have, what an edit does to them, and files in which they are wrong."""

import json
from dataclasses import replace
from typing import Any

import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.diff import differences
from graingraph.engine.recipe.groups import Level, path_to, steps_in
from graingraph.engine.recipe.parts import Frame, Group, Wire, WireEnd
from graingraph.engine.recipe.places import with_places
from graingraph.engine.recipe.recipe import Recipe
from tests.support.recipes import chain

INNER, OUTER = "group-1", "group-2"


def nested() -> Recipe:
    """The chain with threshold and fill_holes in a group, and that with filter in another."""
    groups = {
        INNER: Group("Bright", frozenset({"threshold", "fill_holes"})),
        OUTER: Group("Find", frozenset({"filter", INNER})),
    }
    return with_places(chain().with_groups(groups))


def ends(pins: Any) -> list[list[str]]:
    return [[f"{end.node}.{end.pin}" for end in pin.ends] for pin in pins]


def test_groups_change_neither_the_identity_nor_the_file_of_a_recipe_without_them():
    assert nested().id == chain().id
    assert nested().order == chain().order
    assert b"groups" not in recipe_file.dump(chain())
    assert b"inside" not in recipe_file.dump(chain().with_frames([Frame(0, 0, 9, 9)]))
    assert recipe_file.parse(recipe_file.dump(nested())) == nested()


def test_what_lies_where():
    recipe = nested()
    assert Level(recipe).items == ("load", "label_features", "measure_features", OUTER)
    assert Level(recipe, OUTER).items == ("filter", INNER)
    assert Level(recipe, OUTER).item_of == {"filter": "filter", "threshold": INNER, "fill_holes": INNER}
    assert path_to(recipe, "threshold") == (OUTER, INNER)
    assert steps_in(recipe, [OUTER, "load"]) == ["load", "filter", "threshold", "fill_holes"]
    assert {(w.source, w.target) for w in Level(recipe).wires} >= {("load", "filter"), ("fill_holes", "label_features")}
    assert len(list(Level(recipe).wires)) == 3


def test_pins_of_a_group_are_the_wires_across_its_border_and_what_is_missing_inside():
    recipe = nested()
    level = Level(recipe)
    assert ends(level.inputs_of(OUTER)) == [["filter.image"]]
    assert ends(level.outputs_of(OUTER)) == [["fill_holes.mask"]]
    assert ends(Level(recipe, OUTER).inputs_of(INNER)) == [["threshold.image"]]
    alone = recipe.part([INNER])
    assert ends(Level(alone).inputs_of(INNER)) == [["threshold.image"]]
    assert ends(Level(alone).outputs_of(INNER)) == [["fill_holes.mask"]]
    offered = {**recipe.layout.groups, INNER: replace(recipe.layout.groups[INNER], offered=(end("threshold", "mask"),))}
    assert ["threshold.mask"] in ends(Level(recipe.with_groups(offered), OUTER).outputs_of(INNER))


def end(node: str, pin: str) -> WireEnd:
    return WireEnd(node, pin, True)


def test_inputs_fed_by_one_output_are_one_pin():
    recipe = chain(("Load", "Threshold"))
    recipe, other = recipe.add("Filter", (0, 0))
    recipe = recipe.connect(Wire("load", "image", other, "image"))
    recipe = recipe.with_groups({INNER: Group("Both", frozenset({"threshold", other}))})
    assert ends(Level(recipe).inputs_of(INNER)) == [["filter.image", "threshold.image"]]


def test_a_copied_group_is_pasted_whole_into_the_group_that_is_open():
    recipe = nested().with_frames([Frame(0, 0, 9, 9, "inside", inside=INNER)])
    part = recipe.part([INNER])
    assert part.layout.holder == {"threshold": INNER, "fill_holes": INNER}
    pasted, names = recipe.paste(part, (10, 0), OUTER)
    assert names[INNER] == "group-3"
    assert path_to(pasted, names["threshold"]) == (OUTER, "group-3")
    assert pasted.layout.frames[1].inside == "group-3"
    assert pasted.layout.positions["group-3"][0] == recipe.layout.positions[INNER][0] + 10
    assert pasted.layout.positions[names["threshold"]] == recipe.layout.positions["threshold"]
    assert recipe.part(["threshold", "filter"]).layout.groups == {}


def test_what_is_deleted_takes_its_groups_along_and_nothing_else():
    recipe = nested()
    assert recipe.remove([OUTER]) == chain().remove(["filter", "threshold", "fill_holes"])
    left = recipe.remove(["threshold"])
    assert left.layout.groups[INNER].members == {"fill_holes"}
    assert set(recipe.remove(["threshold", "fill_holes"]).layout.groups) == {OUTER}


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ({INNER: {"name": "A", "members": ["gone"]}}, "the group A .* holds gone, which is not there"),
        ({INNER: {"name": "A", "members": [INNER]}}, "the group A .* lies in itself"),
        (
            {INNER: {"name": "A", "members": [OUTER]}, OUTER: {"name": "B", "members": [INNER, "load"]}},
            "lies in itself",
        ),
        (
            {INNER: {"name": "A", "members": ["load"]}, OUTER: {"name": "B", "members": ["load"]}},
            "load lies in two groups",
        ),
        ({"load": {"name": "A", "members": ["filter"]}}, "'load' is not a name of a group"),
        ({INNER: {"name": "A", "members": ["load"], "offered": ["load.image"]}}, "names no pin"),
        ({INNER: {"name": "A", "members": "load"}}, "'members' is no list"),
        ({f"group-{i}": {"name": "A", "members": [f"group-{i + 1}"]} for i in range(1, 80)}, "not there"),
        (
            {f"group-{i}": {"name": "A", "members": [f"group-{i + 1}" if i < 80 else "load"]} for i in range(1, 81)},
            "more than 50 deep",
        ),
    ],
)
def test_a_file_with_wrong_groups_is_refused_with_the_reason(groups: dict[str, Any], said: str):
    document = chain().to_json()
    document["layout"]["groups"] = groups
    with pytest.raises(Problem, match=said) as told:
        recipe_file.parse(json.dumps(document).encode())
    assert "\n" not in str(told.value)


def test_an_empty_group_and_a_frame_in_one_that_is_gone_are_mended():
    document = nested().with_frames([Frame(0, 0, 9, 9, inside=INNER)]).to_json()
    document["layout"]["groups"] = {INNER: {"name": "A", "members": []}}
    recipe = recipe_file.parse(json.dumps(document).encode())
    assert recipe.layout.groups == {}
    assert recipe.layout.frames == (Frame(0, 0, 9, 9),)


def test_what_is_different_between_groups_is_said():
    before, after = chain(), nested()
    assert differences(before, after) == [
        "the group “Bright” is new, with 2 members",
        "the group “Find” is new, with 2 members",
    ]
    renamed = after.with_groups({**after.layout.groups, INNER: Group("Dark", frozenset({"threshold"}))})
    assert differences(after, renamed) == [
        "the group “Bright” is called “Dark”",
        "the group “Dark” holds others: - fill_holes",
    ]
    assert "the group “Find” is gone" in differences(after, before)


def test_what_is_taken_out_of_a_group_is_no_longer_shown_or_offered_on_it():
    recipe = nested()
    shown = Group("Find", frozenset({"filter", INNER}), "threshold", (end("threshold", "mask"), end("filter", "image")))
    recipe = recipe.with_groups({**recipe.layout.groups, OUTER: shown}).put_into(["threshold"], "")
    assert recipe.layout.groups[OUTER] == replace(shown, shown="", offered=(end("filter", "image"),))
    assert recipe_file.parse(recipe_file.dump(recipe)) == recipe
    everything_out = recipe.put_into(["fill_holes", "filter"], "")
    assert everything_out.layout.groups == {}
    assert everything_out.layout.positions == chain().layout.positions
