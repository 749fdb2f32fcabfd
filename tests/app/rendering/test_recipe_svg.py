"""The drawing of a recipe for a page: every node in a place of its own, under its title."""

import re
from dataclasses import replace

from graingraph.app.rendering.recipe_svg import MARKS, recipe_svg
from graingraph.app.rendering.recipe_thumbnail import recipe_picture
from graingraph.engine.recipe.parts import Group
from tests.support.recipes import chain


def test_nodes_without_a_place_do_not_lie_on_each_other() -> None:
    recipe = chain()
    recipe = replace(recipe, layout=replace(recipe.layout, positions={}))
    drawn = recipe_svg(recipe, {node: node for node in recipe.steps})
    corners = re.findall(r'<g><rect x="([-\d.]+)" y="([-\d.]+)"', drawn)
    assert len(set(corners)) == len(corners) == len(recipe.steps)


def test_nodes_stand_under_their_titles_as_text() -> None:
    recipe = chain()
    titles = {node: node for node in recipe.steps} | {"threshold": "Pores & <cracks>"}
    drawn = recipe_svg(recipe, titles)
    assert ">Pores &amp; &lt;cracks&gt;<" in drawn
    assert ">Threshold<" not in drawn


def test_a_wire_is_drawn_through_its_reroute_points_and_they_are_in_the_picture() -> None:
    recipe = chain()
    led = recipe.with_reroutes({recipe.wires[0]: [(500.0, -300.0)]})
    titles = {node: node for node in recipe.steps}
    drawn = recipe_svg(led, titles)
    assert " 500.0,-300.0C" in drawn
    assert float(drawn.split('viewBox="')[1].split()[1]) < -300
    assert "500.0,-300.0" not in recipe_svg(recipe, titles)


def test_a_group_is_one_node_and_drawn_by_itself() -> None:
    recipe = chain().with_groups({"group-1": Group("Bright phase", frozenset({"threshold", "fill_holes"}))})
    titles = {node: node for node in recipe.steps}
    drawn = recipe_svg(recipe, titles, {"threshold": "new"})
    assert ">Bright phase<" in drawn
    assert ">threshold<" not in drawn
    assert drawn.count("<path") == 4
    assert MARKS["changed"] in drawn
    inside = recipe_svg(recipe, titles, group="group-1")
    assert inside.count("<path") == 1
    assert ">threshold<" in inside
    assert recipe_picture(recipe).getcolors() != recipe_picture(chain()).getcolors()
