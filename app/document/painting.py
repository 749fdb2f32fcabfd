"""What a person does with a node that learns while they paint: record it, or make its map the strokes. No display."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from graingraph.app.document.edit import Change
from graingraph.app.document.mark_edits import ChangeWithStrokes, Redraw
from graingraph.app.document.roles import classes_of
from graingraph.app.document.session import Session
from graingraph.engine.declare.models import reference, user_folder
from graingraph.engine.declare.roles import LearntLive
from graingraph.engine.marks.drawing import Drawing
from graingraph.engine.marks.store import new_mark_id
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import ClassMap, Value
from graingraph.nodes.formats.regions import from_class_map

Outputs = Mapping[str, Value]


@dataclass(frozen=True)
class Painting:
    """A step that learns while strokes are drawn: its id, what is declared of it, and the step that is drawn on."""

    node: str
    role: LearntLive
    traced: str


def painting_of(recipe: Recipe, node: str) -> Painting | None:
    """The painting that goes on while a step is viewed; None where it does not learn or nothing is drawn on."""
    step = recipe.steps.get(node)
    role = step.declared.learnt_live if step and step.declared else None
    wire = recipe.wire_into(node, role.strokes) if role else None
    if role is None or wire is None:
        return None
    source = recipe.steps[wire.source].declared
    return Painting(node, role, wire.source) if source and source.drawn_on else None


def is_live(recipe: Recipe, painting: Painting) -> bool:
    """Whether it learns from every stroke now."""
    return bool(recipe.steps[painting.node].settings[painting.role.live])


def set_live(session: Session, painting: Painting, live: bool) -> None:
    """Let it learn from every stroke, or apply what was recorded."""
    after = session.recipe.with_setting(painting.node, painting.role.live, live)
    session.do(Change("Learn from every stroke" if live else "Apply what was recorded", session.recipe, after))


def record(session: Session, painting: Painting, outputs: Outputs, folder: Path | None = None) -> Path:
    """Write what was learnt as a model file, and apply that from now on; the edit can be undone, the file stays.

    ``folder`` is where models are kept. Raises ``Problem``.
    """
    after, path = _recorded(session.recipe, painting, outputs, folder)
    session.do(Change("Record", session.recipe, after))
    return path


def make_traces(session: Session, painting: Painting, outputs: Outputs, image: str, folder: Path | None = None) -> None:
    """Put the map in the place of the strokes on an image (its content hash): a region for each class. Can be undone.

    A training on the same Trace node then learns from it. What was learnt is recorded, as one edit with it: learnt anew
    from its own map, the map would become another, and its score that of how well it agrees with itself. ``Problem``
    where the map has a class that is not traced: a recorded model keeps the names that classes had, and strokes of no
    class would take the place of those that count.
    """
    recipe = session.recipe
    classes = next(value for value in outputs.values() if isinstance(value, ClassMap))
    traced = [item.name for item in classes_of(recipe.steps[painting.traced])]
    foreign = next((item.name for item in classes.classes if item.name not in traced), None)
    if foreign is not None:
        raise Problem(
            f"The map has a class '{foreign}', and no layer has that name; name one so, or tick Live to learn anew.",
            node=painting.traced,
        )
    after = _recorded(recipe, painting, outputs, folder)[0] if is_live(recipe, painting) else recipe
    before = session.marks.drawing(image, painting.traced).copy()
    drawing = Drawing(removed=dict(before.removed), layers=dict(before.layers))
    drawing.removed.update(dict.fromkeys(before.marks))
    for mark in from_class_map(classes, "").marks:
        drawing.add(replace(mark, id=new_mark_id()), drawn_on=before.drawn_on)
    place = (image, painting.traced)
    redraw = Redraw({place: before}, {place: drawing})
    session.do(ChangeWithStrokes("Make the map my traces", recipe, after, redraw=redraw))


def _recorded(recipe: Recipe, painting: Painting, outputs: Outputs, folder: Path | None) -> tuple[Recipe, Path]:
    """The recipe that applies what was learnt, which is written as a model file, and that file."""
    model = painting.role.record(outputs, folder or user_folder())
    after = recipe.with_setting(painting.node, painting.role.product, reference(model.path))
    return after.with_setting(painting.node, painting.role.live, False), model.path
