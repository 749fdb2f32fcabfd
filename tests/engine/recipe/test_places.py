"""Nodes that have no place of their own get one, and those that have one keep it."""

from dataclasses import replace

from graingraph.engine.recipe.parts import Layout
from graingraph.engine.recipe.places import with_places
from graingraph.engine.recipe.recipe import Recipe
from tests.support.recipes import chain


def test_a_recipe_whose_nodes_have_places_is_left_alone():
    recipe = chain()
    assert with_places(recipe) is recipe
    assert with_places(Recipe()) == Recipe()


def test_nodes_without_a_place_are_laid_out_along_the_flow():
    placed = with_places(replace(chain(), layout=Layout()))
    columns = [placed.layout.positions[node][0] for node in placed.order]
    assert columns == sorted(set(columns))
    assert placed.id == chain().id


def test_nodes_that_nothing_feeds_lie_below_each_other():
    recipe = Recipe()
    for _ in range(5):
        recipe, _ = recipe.add("Load")
    assert len(set(with_places(recipe).layout.positions.values())) == 5


def test_those_that_have_a_place_keep_it_and_the_others_go_below():
    recipe, node = chain().add("Filter")
    positions = with_places(recipe).layout.positions
    assert {name: at for name, at in positions.items() if name != node} == chain().layout.positions
    assert positions[node][1] >= 236
