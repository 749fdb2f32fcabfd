"""Putting steps into a group and taking them out again, and what a group says of what lies in it."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from graingraph.app.document import commands
from graingraph.app.document.commands import Addition
from graingraph.app.document.edit import Change
from graingraph.app.document.names import title_in
from graingraph.app.document.status import NodeStatus, State
from graingraph.app.rendering.thumbnails import has_thumbnail
from graingraph.engine.recipe.file import MAX_TITLE
from graingraph.engine.recipe.groups import Level, depth, path_to, require_shallow, steps_in
from graingraph.engine.recipe.parts import Group, WireEnd
from graingraph.engine.recipe.places import with_places
from graingraph.engine.recipe.recipe import Recipe

GRID = 10.0
GRAVEST: tuple[State, ...] = (
    *("failed", "unknown", "running", "needs training", "needs review"),
    *("stale", "not computed", "cached on disk", "fresh", "muted"),
)
"""A group is in the first of these states that something in it is in."""


def group(recipe: Recipe, items: Collection[str], frames: Collection[int] = ()) -> Addition:
    """Show nodes and groups of one level as one node, in their middle; these frames and notes go into it.

    ``Problem`` where that would lie too deep in other groups.
    """
    around = path_to(recipe, min(items))
    require_shallow(len(around) + 1 + depth(recipe, items))
    made, inside = recipe.free_group(), around[-1] if around else ""
    after = recipe.with_positions({made: _middle(recipe, items)})
    after = after.with_frames(
        replace(frame, inside=made) if index in frames else frame for index, frame in enumerate(recipe.layout.frames)
    )
    after = after.with_groups({**recipe.layout.groups, made: Group(_free_name(recipe), frozenset(items))})
    after = after.put_into([made], inside).put_into(items, made)
    return Addition(Change("Group", recipe, after), (made,))


def ungroup(recipe: Recipe, groups: Iterable[str]) -> Addition:
    """Put what lies in groups where these are; the groups themselves are gone."""
    after, freed = recipe, list[str]()
    for name in groups:
        held = after.layout.groups[name]
        around = after.layout.holder.get(name, "")
        old, new = _middle(after, held.members), after.layout.positions.get(name, (0.0, 0.0))
        dx, dy = new[0] - old[0], new[1] - old[1]
        places = {member: after.layout.positions.get(member, (0.0, 0.0)) for member in held.members}
        level = Level(after, name)
        led = {
            wire: [(x + dx, y + dy) for x, y in after.layout.reroutes.get(wire, ())]
            for wire in level.wires
            if {wire.source, wire.target} <= level.item_of.keys()
        }
        after = after.with_positions({member: (x + dx, y + dy) for member, (x, y) in places.items()})
        after = after.with_reroutes(led).with_frames(
            replace(frame, x=frame.x + dx, y=frame.y + dy, inside=around) if frame.inside == name else frame
            for frame in after.layout.frames
        )
        after = after.put_into(held.members, around)
        freed += sorted(held.members)
    return Addition(Change("Ungroup", recipe, after), tuple(freed))


def as_group(recipe: Recipe, name: str) -> Recipe:
    """The recipe with all of it in one group of this name; the one that holds all of it already is called so."""
    recipe = with_places(recipe)
    items = Level(recipe).items
    only = items[0] if len(items) == 1 and items[0] in recipe.layout.groups else ""
    if not only and items:
        made = group(recipe, items, range(len(recipe.layout.frames)))
        recipe, (only,) = made.change.after, made.nodes
    if not only:
        return recipe
    return _with(recipe, only, replace(recipe.layout.groups[only], name=name[:MAX_TITLE] or "Group"))


def put(
    recipe: Recipe, other: Recipe, at: tuple[float, float], inside: str = "", end: WireEnd | None = None
) -> Addition:
    """Add a recipe whose all is one group, the group at a place, into another where one is named.

    With ``end``, also a wire from there to the first pin of the group that fits.
    """
    (top,) = Level(other).items
    left, upper = other.layout.positions[top]
    addition = commands.paste(recipe, other, (at[0] - left, at[1] - upper), f"Add {title_in(other, top)}", inside)
    after, level = addition.change.after, Level(addition.change.after, inside)
    if end is not None:
        pins = level.inputs_of(addition.nodes[0]) if end.is_output else level.outputs_of(addition.nodes[0])
        ways = ([end.wire_to(one.node, one.pin) for one in pin.ends] for pin in pins)
        for wire in next((way for way in ways if not any(map(after.reason_against, way))), ()):
            after = after.connect(wire)
    return Addition(replace(addition.change, after=after), addition.nodes)


def fits(other: Recipe, recipe: Recipe, end: WireEnd) -> bool:
    """Whether a recipe whose all is one group has a pin for an open wire end of another."""
    return len(put(recipe, other, (0.0, 0.0), end=end).change.after.wires) > len(recipe.wires) + len(other.wires)


def show_on_group(recipe: Recipe, step: str) -> Change:
    """Have the group that a step lies in show the picture of it; the last one's again where it does already."""
    name = recipe.layout.holder[step]
    held = recipe.layout.groups[name]
    shown = "" if held.shown == step else step
    return Change("Picture of the group", recipe, _with(recipe, name, replace(held, shown=shown)))


def offer_on_group(recipe: Recipe, end: WireEnd) -> Change:
    """Have the group that a step lies in offer a pin of it, or no longer."""
    name = recipe.layout.holder[end.node]
    held = recipe.layout.groups[name]
    offered = tuple(one for one in held.offered if one != end)
    offered = (*held.offered, end) if len(offered) == len(held.offered) else offered
    return Change("Pin of the group", recipe, _with(recipe, name, replace(held, offered=offered)))


def shown_step(recipe: Recipe, name: str) -> str:
    """The step whose picture a group shows: the chosen one, else the last that gives one, else the last."""
    chosen = recipe.layout.groups[name].shown
    if chosen:
        return chosen
    inside = steps_in(recipe, [name])
    return next((step for step in reversed(inside) if _has_picture(recipe, step)), inside[-1])


def status_of(recipe: Recipe, status: Callable[[str], NodeStatus], name: str) -> NodeStatus:
    """The gravest state of what lies in a group, with the picture and the number of what it shows."""
    inside = {step: status(step) for step in steps_in(recipe, [name])}
    shown = inside[shown_step(recipe, name)]
    gravest = min(inside.values(), key=lambda one: GRAVEST.index(one.state))
    times = [one.seconds for one in inside.values() if one.seconds is not None]
    return NodeStatus(
        state=gravest.state,
        why=gravest.why,
        seconds=sum(times) if times else None,
        progress=gravest.progress,
        headline=shown.headline,
        thumbnail=shown.thumbnail,
    )


def _with(recipe: Recipe, name: str, held: Group) -> Recipe:
    return recipe.with_groups({**recipe.layout.groups, name: held})


def _has_picture(recipe: Recipe, step: str) -> bool:
    declared = recipe.steps[step].declared
    return declared is not None and any(has_thumbnail(kind) for pin in declared.outputs for kind in pin.kinds)


def _free_name(recipe: Recipe) -> str:
    taken = {held.name for held in recipe.layout.groups.values()}
    names = ("Group", *(f"Group {number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def _middle(recipe: Recipe, items: Collection[str]) -> tuple[float, float]:
    """The mean place of some items, on the grid."""
    places = [recipe.layout.positions.get(item, (0.0, 0.0)) for item in items]
    x, y = (sum(place[axis] for place in places) / len(places) for axis in (0, 1))
    return round(x / GRID) * GRID, round(y / GRID) * GRID
