"""Places on the canvas for nodes that have none: recipes made in Python or by hand."""

from graingraph.engine.recipe.recipe import Recipe

COLUMN, ROW = 240.0, 240.0
"""How far nodes are from each other, canvas units: a node is 190 wide, and with four pins 236 high."""


def with_places(recipe: Recipe) -> Recipe:
    """The recipe with every node in a place of its own; the recipe itself where that is so.

    A node without a place goes into the column right of what feeds it, below all nodes that have one; a group into the
    middle of what it holds.
    """
    kept = dict(recipe.layout.positions)
    homeless = [node for node in recipe.order if node not in kept]
    groups = [group for group in recipe.layout.groups if group not in kept]
    if not homeless and not groups:
        return recipe
    left = min((x for x, _ in kept.values()), default=0.0)
    top = max((y + ROW for _, y in kept.values()), default=0.0)
    column: dict[str, int] = {}
    for node in recipe.order:
        column[node] = max((column[source] + 1 for source in recipe.graph.predecessors(node)), default=0)
    used: dict[int, int] = {}
    for node in homeless:
        row = used[column[node]] = used.get(column[node], -1) + 1
        kept[node] = (left + COLUMN * column[node], top + ROW * row)
    for group in groups:
        inside = [kept[item] for item in recipe.layout.everything_in([group]) if item in recipe.steps]
        kept[group] = (sum(x for x, _ in inside) / len(inside), sum(y for _, y in inside) / len(inside))
    return recipe.with_positions(kept)
