import pytest

from graingraph.app.document import commands
from graingraph.app.document.commands import WireEnd
from graingraph.app.document.names import title_in
from graingraph.app.document.session import Session
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import SettingRef, Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.support.recipes import chain


def test_insert_puts_a_node_between_the_two_ends_of_a_wire():
    recipe, node = chain().add("Invert")
    wire = recipe.wire_into("threshold", "image")
    change = commands.insert(recipe, node, wire)
    assert change is not None
    into, out = change.after.wire_into(node, "image"), change.after.wire_into("threshold", "image")
    assert (into.source, out.source) == ("filter", node)
    assert change.before is recipe


def test_insert_refuses_a_node_that_does_not_fit():
    recipe, node = chain().add("MeasureFeatures")
    assert commands.insert(recipe, node, recipe.wire_into("threshold", "image")) is None


def test_adding_from_an_open_wire_end_wires_the_new_node():
    addition = commands.add(chain(), "Invert", (10, 20), WireEnd("load", "image", True))
    assert addition.change.after.wire_into(addition.nodes[0], "image").source == "load"
    backwards = commands.add(
        chain(("Load", "Filter")).remove(["load"]), "Load", (0, 0), WireEnd("filter", "image", False)
    )
    assert backwards.change.after.wire_into("filter", "image").source == backwards.nodes[0]
    recipe, learns = chain(("Load",)).add("PaintSegment")
    recipe = recipe.connect(Wire("load", "image", learns, "image"))
    fed = commands.add(recipe, "Trace", (0, 0), WireEnd(learns, "traces", False))
    assert fed.change.after.wire_into(fed.nodes[0], "image").source == "load"
    assert fed.change.after.wire_into(fed.nodes[0], "start") is None  # it needs none
    behind = commands.add(fed.change.after, "Train", (0, 0), WireEnd(fed.nodes[0], "classmap", True))
    assert behind.change.after.wire_into(behind.nodes[0], "images").source == "load"
    between = commands.add(chain(), "SelectFeatures", (0, 0), WireEnd("label_features", "mask", False))
    assert sum(wire.target == between.nodes[0] for wire in between.change.after.wires) == 1


def test_every_type_offered_for_an_output_can_be_wired_to_it():
    recipe = chain()
    for end in (
        WireEnd("load", "image", True),
        WireEnd("threshold", "mask", True),
        WireEnd("threshold", "image", False),
    ):
        offered = commands.types_that_fit(recipe, end)
        assert offered
        for kind in offered:
            addition = commands.add(recipe, kind.name, (0, 0), end)
            assert len(addition.change.after.wires) >= len(recipe.wires), kind.name
            node = addition.nodes[0]
            assert any(node in (wire.source, wire.target) for wire in addition.change.after.wires), kind.name


def test_dissolve_joins_what_is_left():
    after = commands.dissolve(chain(), ["filter"]).after
    assert after.wire_into("threshold", "image").source == "load"
    assert "filter" not in after.steps


def test_deleting_a_node_mid_chain_leaves_the_others_and_no_dangling_wire():
    after = commands.remove(chain(), ["threshold"]).after
    assert "threshold" not in after.steps
    assert all("threshold" not in (wire.source, wire.target) for wire in after.wires)
    assert len(after.wires) == len(chain().wires) - 2


def test_a_wire_that_is_moved_leaves_its_old_input():
    recipe, invert = chain().add("Invert")
    old = recipe.wire_into("threshold", "image")
    after = commands.connect(recipe, Wire("filter", "image", invert, "image"), instead_of=[old]).after
    assert after.wire_into("threshold", "image") is None
    assert after.wire_into(invert, "image").source == "filter"


def test_reroute_points_stay_with_a_wire_that_is_moved_cut_in_two_or_joined():
    recipe = chain()
    wire = recipe.wire_into("threshold", "image")
    led = recipe.with_reroutes({wire: [(300.0, -60.0), (700.0, -60.0)]})
    moved = commands.connect(led, Wire("load", "image", "threshold", "image"), instead_of=[wire]).after
    assert list(moved.layout.reroutes.values()) == [((300.0, -60.0), (700.0, -60.0))]
    more, node = led.add("Invert", (500, -100))
    inserted = commands.insert(more, node, wire).after
    into, out = inserted.wire_into(node, "image"), inserted.wire_into("threshold", "image")
    assert inserted.layout.reroutes == {into: ((300.0, -60.0),), out: ((700.0, -60.0),)}
    assert commands.dissolve(inserted, [node]).after == led


def test_mute_wakes_only_when_all_are_muted():
    recipe = commands.mute(chain(), ["filter"]).after
    both = commands.mute(recipe, ["filter", "fill_holes"]).after
    assert both.steps["filter"].muted
    assert both.steps["fill_holes"].muted
    assert not commands.mute(both, ["filter", "fill_holes"]).after.steps["filter"].muted


def test_a_node_that_nothing_can_stand_in_for_is_not_muted():
    for nodes, said in ((["filter", "threshold"], "its mask"), (["load"], "nothing goes into it")):
        with pytest.raises(Problem, match=f"cannot be muted: .*{said}"):
            commands.mute(chain(), nodes)
    muted = chain().with_muted("threshold", True)  # a recipe of before
    assert not commands.mute(muted, ["threshold"]).after.steps["threshold"].muted


def test_a_loop_is_refused_with_a_reason():
    recipe = chain()
    output = recipe.steps["filter"].declared.outputs[0].name
    recipe, invert = recipe.add("Invert")
    recipe = recipe.connect(Wire("filter", output, invert, "image")).disconnect(
        [Wire("load", "image", "filter", "image")]
    )
    with pytest.raises(Problem, match="loop"):
        commands.connect(recipe, Wire(invert, "image", "filter", "image"))


def test_settings_merge_only_with_the_same_setting():
    recipe = chain()
    first = commands.set_value(recipe, "threshold", "method", "manual")
    one = commands.set_value(first.after, "threshold", "level", 0.4)
    two = commands.set_value(one.after, "threshold", "level", 0.6)
    merged = one.merged_with(two)
    assert merged is not None
    assert (merged.before, merged.after) == (first.after, two.after)
    assert first.merged_with(one) is None


def test_exposing_and_locking_are_recorded_in_the_recipe():
    exposed = commands.expose(chain(), "threshold", "level", "Grey level").after
    assert exposed.exposed[0].label == "Grey level"
    assert commands.expose(exposed, "threshold", "level", None).after.exposed == ()
    assert commands.lock(exposed, True).after.locked


def test_a_node_is_called_by_its_own_name_until_that_is_taken_away():
    named = commands.rename(chain(), "filter", "  Smooth the noise ")
    assert title_in(named.after, "filter") == "Smooth the noise"
    assert named.label == "Rename Filter"
    assert commands.rename(named.after, "filter", "").after == chain()
    assert commands.rename(chain(), "filter", "Filter").after == chain()


def test_the_first_line_names_the_recipe_and_the_rest_describes_it():
    after = commands.describe(chain(), "Pores\n\nOf laser-melted steel.").after
    assert (after.name, after.description) == ("Pores", "Of laser-melted steel.")


def test_pasting_into_an_empty_recipe_keeps_the_wiring():
    addition = commands.paste(Recipe(), chain().part(["filter", "threshold"]), (0, 0))
    assert len(addition.nodes) == 2
    assert len(addition.change.after.wires) == 1


def test_a_wire_goes_to_the_pin_of_its_own_name():
    recipe, distribution = Recipe().add("Distribution")
    addition = commands.add(recipe, "Report", (0, 0), WireEnd(distribution, "statistics", True))
    assert addition.change.after.wire_into("report", "statistics") == Wire(
        distribution, "statistics", "report", "statistics"
    )


def test_settings_of_one_kind_are_linked_and_change_as_one_edit():
    recipe, other = chain().add("Threshold", (0, 300))
    recipe = recipe.with_setting("threshold", "level", 0.3)
    offered = commands.linkable(recipe, "threshold", "level")
    assert offered[0] == SettingRef(other, "level")
    assert not {SettingRef(other, "method"), SettingRef("threshold", "level")} & set(offered)
    linked = commands.link(recipe, "threshold", "level", SettingRef(other, "level")).after
    assert linked.steps[other].settings["level"] == 0.3
    assert SettingRef(other, "level") not in commands.linkable(linked, "threshold", "level")
    session = Session(linked)
    session.do(commands.set_value(session.recipe, other, "level", 0.7))
    assert session.recipe.steps["threshold"].settings["level"] == 0.7
    session.undo()
    assert session.recipe == linked
    exposed = commands.expose(linked, "threshold", "level", "Level").after
    operated = Session(commands.lock(exposed, True).after)
    operated.do(commands.set_value(operated.recipe, "threshold", "level", 0.6))
    assert operated.recipe.steps[other].settings["level"] == 0.6
    assert commands.unlink(linked, other, "level").after.links == ()
    third, one_more = linked.add("Threshold", (0, 600))
    three = commands.link(third, one_more, "level", SettingRef("threshold", "level")).after
    assert len(three.linked(other, "level")) == 3
    assert three.steps[other].settings["level"] == third.steps[one_more].settings["level"]
