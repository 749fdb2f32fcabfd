"""What the nodes of a recipe are to a person, as they declare it: traced on, a correction, a training."""

from collections.abc import Callable
from dataclasses import dataclass

from graingraph.engine.declare.node import known_types
from graingraph.engine.declare.roles import DrawnOn, Trained
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import Step
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import PixelClass


@dataclass(frozen=True)
class TracedClass:
    """A layer that is drawn in; ``width`` is that of its lines in pixels, 0 for areas.

    ``role`` is area, boundary, or automatic by the width; ``of`` names the area whose boundary it is.
    """

    name: str
    color: str
    width: float
    role: str = "automatic"
    of: str = ""


def traced_layers(step: Step) -> tuple[TracedClass, ...]:
    """The layers that can be drawn in; none where the node has no layers."""
    layers = step.declared.drawn_on.layers if step.declared and step.declared.drawn_on else None
    rows = step.settings[layers.classes] if layers else ()
    return tuple(TracedClass(**row) for row in rows)


def is_traced(step: Step) -> bool:
    """Whether a person draws classes on it."""
    return bool(step.declared and step.declared.drawn_on and step.declared.drawn_on.layers)


def is_correction(step: Step) -> bool:
    """Whether a person puts right by hand what arrives there."""
    return bool(step.declared and step.declared.drawn_on and step.declared.drawn_on.corrects)


def rest_of(step: Step) -> str:
    """The name of the class of what is in no layer; empty where there is none."""
    declared = step.declared
    layers = declared.drawn_on.layers if declared and declared.drawn_on else None
    setting = declared.setting(layers.rest) if declared and layers else None
    return str(step.settings[setting.name]) if setting and setting.applies(step.settings) else ""


def classes_of(step: Step) -> tuple[PixelClass, ...]:
    """The classes that a node gives on which a person draws classes; none for any other."""
    layers = step.declared.drawn_on.layers if step.declared and step.declared.drawn_on else None
    return layers.gives(step.settings) if layers else ()


def tracing_nodes() -> str:
    """The names of the node types on which classes are drawn, to be named to a person."""
    return _names(lambda drawn_on: drawn_on.layers is not None)


def correcting_nodes() -> str:
    """The names of the node types by which a person corrects, to be named to a person."""
    return _names(lambda drawn_on: drawn_on.corrects)


def is_training(step: Step) -> bool:
    """Whether a node learns."""
    return bool(step.declared and step.declared.trained)


def learns_from_strokes(recipe: Recipe) -> bool:
    """Whether what is drawn on the images of the tray teaches a node of the recipe."""
    declared = (step.declared for step in recipe.steps.values())
    return any(one.trained or one.learnt_live for one in declared if one)


def training_of(recipe: Recipe, node: str) -> Trained:
    """What is declared of a node that learns. ``Problem`` where it does not."""
    declared = recipe.steps[node].declared
    if declared is None or declared.trained is None:
        raise Problem("It does not learn; choose a node that does.", node=node)
    return declared.trained


def training_nodes() -> str:
    """The names of the node types that learn, to be named to a person."""
    return " or ".join(sorted(kind.name for kind in known_types().values() if kind.trained))


def _names(wanted: Callable[[DrawnOn], bool]) -> str:
    return " or ".join(sorted(kind.name for kind in known_types().values() if kind.drawn_on and wanted(kind.drawn_on)))
