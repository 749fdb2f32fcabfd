"""Reroute points of the wires: which there are, and the recipe's points with some put in, moved or taken away."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from graingraph.app.rendering.geometry import Point
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe

ADD_REROUTE_POINT = "Add reroute point"
"""The step of undo, whether by a drag or from the menu."""

Reroutes = Mapping[Wire, tuple[tuple[float, float], ...]]
"""The points of some wires, in order from output to input, canvas units."""


class Reroute(NamedTuple):
    """A reroute point: the wire, and which of its points, counted from its output."""

    wire: Wire
    number: int


def places(recipe: Recipe) -> dict[Reroute, Point]:
    """Every reroute point and where it is."""
    return {
        Reroute(wire, index): Point(*at)
        for wire, points in recipe.layout.reroutes.items()
        for index, at in enumerate(points)
    }


def with_point(recipe: Recipe, wire: Wire, index: int, at: tuple[float, float]) -> Reroutes:
    """The points of a wire with one more, as its point of this number."""
    points = recipe.layout.reroutes.get(wire, ())
    return {wire: (*points[:index], (at[0], at[1]), *points[index:])}


def moved_to(recipe: Recipe, to: Mapping[Reroute, tuple[float, float]]) -> Reroutes:
    """The points of the wires concerned with these of them elsewhere."""
    wires = {one.wire for one in to}
    return {
        wire: tuple(to.get(Reroute(wire, index), at) for index, at in enumerate(recipe.layout.reroutes.get(wire, ())))
        for wire in wires
    }


def shifted(recipe: Recipe, points: Collection[Reroute], dx: float, dy: float) -> Reroutes:
    """The points of the wires concerned with these of them shifted."""
    where = places(recipe)
    return moved_to(recipe, {one: where[one].moved(dx, dy) for one in points if one in where})


def without(recipe: Recipe, points: Collection[Reroute]) -> Reroutes:
    """The points of the wires concerned without these."""
    wires = {one.wire for one in points}
    return {
        wire: tuple(
            at for index, at in enumerate(recipe.layout.reroutes.get(wire, ())) if Reroute(wire, index) not in points
        )
        for wire in wires
    }
