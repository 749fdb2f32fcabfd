"""Keeping what was measured with the ruler: as a stroke of a node that measures what is drawn."""

from graingraph.app.document.edit import Edit
from graingraph.app.document.mark_edits import ChangeWithStrokes, Draw, Redraw
from graingraph.app.document.session import OutputRef, Session
from graingraph.engine.declare.injected import Mark
from graingraph.engine.declare.node import NodeType, known_types
from graingraph.engine.declare.roles import MEASURING
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.lock import require_unlocked
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe

BELOW = (0.0, 300.0)
"""Where the node that is added stands from the one whose image was measured, on the canvas."""


def kept_in(recipe: Recipe, viewed: str) -> str | None:
    """The node that keeps measurements: the viewed one, else the first of the recipe; None where it has none."""
    found = [node for node in recipe.order if _measures(recipe.steps[node].declared)]
    return viewed if viewed in found else next(iter(found), None)


def keep(session: Session, viewed: str, picture: OutputRef, image: str, mark: Mark) -> tuple[Edit, str]:
    """The edit that keeps a stroke on the image of this hash, and the node that it lands in.

    Where the recipe has none, one is added to the output ``picture`` that was measured on. ``Problem`` where that
    cannot be.
    """
    recipe = session.recipe
    node = kept_in(recipe, viewed)
    if node is not None:
        return Draw(image, node, mark, where=session.image), node
    require_unlocked(recipe)
    kind = next((kind for kind in known_types().values() if _measures(kind)), None)
    pin = kind.drawn_on.over if kind and kind.drawn_on else ""
    if kind is None or not pin:
        raise Problem("No node here measures what is drawn.")
    x, y = recipe.layout.positions.get(picture.node, (0.0, 0.0))
    after, node = recipe.add(kind.name, (x + BELOW[0], y + BELOW[1]))
    after = after.connect(Wire(*picture, node, pin))
    before = session.marks.drawing(image, node).copy()
    drawing = before.copy()
    drawing.add(mark)
    redraw = Redraw({(image, node): before}, {(image, node): drawing}, where=session.image)
    return ChangeWithStrokes("Keep as measurement", recipe, after, redraw=redraw), node


def _measures(declared: NodeType | None) -> bool:
    """Whether a node measures with every tool that there is for it."""
    drawn_on = declared.drawn_on if declared else None
    return bool(drawn_on and declared and set(MEASURING) <= set(drawn_on.tools(declared.defaults())))
