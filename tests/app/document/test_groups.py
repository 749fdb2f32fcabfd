"""Grouping, ungrouping, and what a group says of what lies in it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graingraph.app.document import commands, groups
from graingraph.app.document.names import title_in
from graingraph.app.document.session import Session
from graingraph.app.document.status import NodeStatus, OutputRef
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.groups import Level
from graingraph.engine.recipe.parts import Frame, WireEnd
from graingraph.engine.recipe.recipe import Recipe
from tests.support.recipes import chain


def bright() -> tuple[Recipe, str]:
    """The chain with threshold and fill_holes in a group."""
    made = groups.group(chain(), ["threshold", "fill_holes"])
    return made.change.after, made.nodes[0]


@settings(max_examples=40)
@given(st.data())
def test_ungrouping_at_once_takes_grouping_back_wherever_it_was_done(data: st.DataObject):
    recipe = chain().with_frames([Frame(0, 0, 90, 90), Frame(5, 5, 50, 50)])
    wire = recipe.wire_into("threshold", "image")
    recipe = recipe.with_reroutes({wire: [(30.0, 7.0)]})
    for _ in range(data.draw(st.integers(1, 4))):
        level = data.draw(st.sampled_from(["", *recipe.layout.groups]))
        items = data.draw(st.sets(st.sampled_from(Level(recipe, level).items), min_size=1))
        frames = {
            n for n, frame in enumerate(recipe.layout.frames) if frame.inside == level and data.draw(st.booleans())
        }
        made = groups.group(recipe, items, frames)
        grouped = made.change.after
        assert grouped.id == recipe.id
        assert recipe_file.parse(recipe_file.dump(grouped)) == grouped
        freed = groups.ungroup(grouped, made.nodes)
        assert freed.change.after == recipe
        assert set(freed.nodes) == items
        recipe = grouped


def test_a_group_that_was_moved_is_ungrouped_where_it_is_now():
    recipe, group = bright()
    wire = recipe.wire_into("fill_holes", "mask")
    recipe = recipe.with_reroutes({wire: [(600.0, 0.0)]})
    x, y = recipe.layout.positions[group]
    after = groups.ungroup(recipe.with_positions({group: (x + 50, y - 30)}), [group]).change.after
    assert after.layout.positions["threshold"] == (chain().layout.positions["threshold"][0] + 50, -30)
    assert after.layout.reroutes == {wire: ((650.0, -30.0),)}
    assert after.layout.groups == {}


def test_a_group_is_handled_as_one_node():
    recipe, group = bright()
    assert title_in(recipe, group) == "Group"
    named = commands.rename(recipe, group, " Bright phase ").after
    assert title_in(named, group) == "Bright phase"
    assert commands.rename(named, group, "").after == named
    with pytest.raises(Problem, match="Threshold cannot be muted"):
        commands.mute(recipe, [group])
    less = recipe.put_into(["threshold"], "").put_into(["filter"], group)
    muted = commands.mute(less, [group]).after
    assert [node for node, step in muted.steps.items() if step.muted] == ["filter", "fill_holes"]
    assert commands.mute(muted, [group]).after == less
    assert set(commands.remove(recipe, [group]).after.steps) == {"load", "filter", "label_features", "measure_features"}
    assert commands.dissolve(recipe, [group]).after.wires == chain().remove(["threshold", "fill_holes"]).wires
    added = commands.add(recipe, "Invert", (0, 0), inside=group)
    assert added.change.after.layout.holder[added.nodes[0]] == group
    copied = commands.paste(recipe, recipe.part([group]), (0, 300))
    (copy,) = copied.nodes
    assert copied.change.after.layout.groups[copy].members == {"threshold_2", "fill_holes_2"}


def test_a_group_is_as_grave_as_what_lies_in_it_and_shows_the_last_or_the_chosen_picture():
    recipe, group = bright()
    statuses = {
        "threshold": NodeStatus("fresh", "Up to date.", 1.5, thumbnail="one"),
        "fill_holes": NodeStatus("stale", "Because of level.", 0.5, headline="7", thumbnail="two"),
        "load": NodeStatus("failed", "No file."),
    }
    found = groups.status_of(recipe, statuses.__getitem__, group)
    assert found == NodeStatus("stale", "Because of level.", 2.0, headline="7", thumbnail="two")
    chosen = groups.show_on_group(recipe, "threshold").after
    assert groups.status_of(chosen, statuses.__getitem__, group).thumbnail == "one"
    assert groups.show_on_group(chosen, "threshold").after == recipe
    session = Session(chosen)
    session.view(group)
    assert session.viewed == OutputRef("threshold", "mask")
    session.select([group])
    session.show_recipe(recipe)
    assert session.selection == {group}
    session.show_recipe(chain())
    assert session.selection == frozenset()


def test_a_pin_is_offered_and_no_longer():
    recipe, group = bright()
    middle = WireEnd("threshold", "mask", True)
    offered = groups.offer_on_group(recipe, middle).after
    assert middle in [pin.ends[0] for pin in Level(offered).outputs_of(group)]
    assert groups.offer_on_group(offered, middle).after == recipe


def test_nesting_ends_where_the_file_could_not_be_opened_any_more():
    recipe, group = bright()
    for _ in range(49):
        made = groups.group(recipe, [group])
        recipe, (group,) = made.change.after, made.nodes
    assert recipe_file.parse(recipe_file.dump(recipe)) == recipe
    with pytest.raises(Problem, match="50 deep"):
        groups.group(recipe, [group])
    with pytest.raises(Problem, match="50 deep"):
        commands.paste(recipe, recipe, (0, 0), inside=group)
