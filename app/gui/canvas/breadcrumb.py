"""The way back out of the group that is open: the recipe and the groups around it, as buttons in the upper left."""

from dataclasses import dataclass
from unicodedata import east_asian_width

from graingraph.app.document.names import title_in
from graingraph.app.rendering.geometry import Box
from graingraph.engine.recipe.groups import path_to
from graingraph.engine.recipe.recipe import Recipe

UNNAMED_RECIPE = "Recipe"

MARGIN, HEIGHT, PAD, LETTER, GAP = 8.0, 24.0, 10.0, 8.0, 16.0
"""At UI scale 1, in pixels; a wide letter is two of width ``LETTER``."""
LONGEST = 28
"""Letters of a name that are shown."""


@dataclass(frozen=True)
class Crumb:
    """A button that opens a group, or (empty) shows the recipe itself; the last is the one that is open."""

    group: str
    title: str
    box: Box


def breadcrumb(recipe: Recipe, group: str, ui_scale: float) -> tuple[Crumb, ...]:
    """The buttons while this group is open, in pixels of the panel; none where the recipe itself is shown."""
    if not group:
        return ()
    crumbs, left = [], MARGIN * ui_scale
    for one in ("", *path_to(recipe, group), group):
        title = title_in(recipe, one) if one else recipe.name or UNNAMED_RECIPE
        title = title if len(title) <= LONGEST else f"{title[: LONGEST - 1]}…"
        letters = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in title)
        width = (2 * PAD + LETTER * letters) * ui_scale
        top = MARGIN * ui_scale
        crumbs.append(Crumb(one, title, Box(left, top, left + width, top + HEIGHT * ui_scale)))
        left += width + GAP * ui_scale
    return tuple(crumbs)
