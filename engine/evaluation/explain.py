"""What state a result is in, and why, in one sentence: for the tooltip, the command line and the log alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from graingraph.engine.declare.settings import ModelFile, Setting
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.keys import Ingredients
from graingraph.engine.evaluation.store import Outputs, Site
from graingraph.engine.problem import NeedsTraining, NotWired, Problem
from graingraph.engine.values.notes import Note, of_kind

StateName = Literal[
    "fresh", "cached on disk", "not computed", "stale", "failed", "muted", "needs review", "needs training", "unknown"
]


@dataclass(frozen=True)
class State:
    """The state of a node's result for an image, the sentence that explains it, and what it took to compute (s)."""

    name: StateName
    sentence: str
    seconds: float | None = None


PROGRAM_CHANGED = "the program changed (its code, or a library that it computes with)"


def why(evaluation: Evaluation, node: str, image: str | None = None, *, called: Callable[[str], str] = str) -> State:
    """Say whether the node's result is there and, if not, what changed since it last was. Computes nothing.

    ``called`` gives the name under which other nodes are spoken of: their ids, where it is not given.
    """
    step = evaluation.recipe.steps[node]
    if step.declared is None:
        return State("unknown", step.unknown)
    if step.untrained:
        return State("needs training", "Needs training: trace some images, then press Train.")
    place: Site = (node, None if node in evaluation.recipe.per_batch else image)
    try:
        now = evaluation.keys.ingredients(*place)
    except (Problem, KeyError) as error:
        return State("unknown", str(error))
    store = evaluation.store
    seconds = store.seconds.get(now.key)
    problem = store.failures.get(now.key)
    if problem is not None:
        return _stopped_by(problem, place, called, seconds)
    found = store.to_show(now.key)
    if found is not None:
        review = _reviews(found)
        if review:
            sentence = f"{str(review[0])[0].upper()}{str(review[0])[1:]} {_to_review(evaluation, place, called)}"
            return State("needs review", sentence, seconds)
        name: StateName = "muted" if step.muted else "fresh"
        took = f", computed in {seconds_text(seconds)}" if seconds else ""
        return State(
            name, f"{'Muted: passes its input through' if step.muted else 'Up to date (in memory)'}{took}.", seconds
        )
    if store.disk is not None and now.key in store.disk:
        return State("cached on disk", "Up to date (on disk); it will be read, not computed.", seconds)
    if place not in store.last and store.disk is not None and store.disk.has_of_other_code(now.made_of):
        return State("stale", f"Stale because {PROGRAM_CHANGED}.")
    waits = _waits_for(evaluation, place, called)
    if waits or place not in store.last:
        return State("not computed", waits or ("Not computed yet for this image." if image else "Not computed yet."))
    if store.last[place].key == now.key:
        return State("not computed", "Was computed, and dropped to stay within the memory budget.")
    return State("stale", f"Stale because {_changes(evaluation, place, called)}.")


def _reviews(found: Outputs) -> tuple[Note, ...]:
    """What results say of marks that have to be reviewed."""
    return of_kind((note for value in found.values() for note in value.notes), "needs review")


def _to_review(evaluation: Evaluation, place: Site, called: Callable[[str], str]) -> str:
    """What to do where what was drawn has to be reviewed: the first that says so, as nodes hand remarks on.

    The nearest one that is drawn on, where the results of those before it are not in memory.
    """
    (node, _), recipe = place, evaluation.recipe
    behind = [one for one in recipe.order if one == node or one in recipe.ancestors(node)]
    drawn = [one for one in behind if (declared := recipe.steps[one].declared) and declared.drawn_on]
    remarking = (one for one in drawn if any(map(_reviews, _in_memory(evaluation, one, place))))
    meant = next(remarking, (drawn or [node])[-1])
    return f"Look at {'it' if meant == node else called(meant)}, then press Reviewed."


def _in_memory(evaluation: Evaluation, feeding: str, place: Site) -> list[Outputs]:
    """The results that a node which feeds a place, or is there itself, has in memory for it."""
    keys = (evaluation.keys.key(feeding, image) for image in _images_of(evaluation, feeding, place))
    return [found for found in map(evaluation.store.to_show, keys) if found is not None]


def _images_of(evaluation: Evaluation, feeding: str, place: Site) -> list[str] | list[None]:
    """The images for which a node feeds a place: all where that gathers them; None where the node itself does."""
    if feeding in evaluation.recipe.per_batch:
        return [None]
    return list(evaluation.image_set) if place[1] is None else [place[1]]


def _stopped_by(problem: Problem, place: Site, called: Callable[[str], str], seconds: float | None) -> State:
    """The state of a node that could not be computed; where it happened is said if that is somewhere else."""
    if isinstance(problem, NeedsTraining):
        return State("needs training", problem.message, seconds)
    if isinstance(problem, NotWired):
        return State("not computed", problem.message)
    image = f"image {problem.image}" if problem.image and problem.image != place[1] else ""
    node = f"node {called(problem.node)}" if problem.node and problem.node != place[0] else ""
    where = ", ".join(filter(None, (image, node)))
    return State("failed", f"{where}: {problem.message}" if where else problem.message, seconds)


def _waits_for(evaluation: Evaluation, place: Site, called: Callable[[str], str]) -> str:
    """The nearest node that feeds this one and failed, with its reason, in a sentence; empty where none did."""
    node, image = place
    recipe, ancestors = evaluation.recipe, evaluation.recipe.ancestors(node)
    for feeding in (n for n in reversed(recipe.order) if n in ancestors):
        if feeding in recipe.per_batch or image is not None:
            problem = evaluation.store.failures.get(evaluation.keys.key(feeding, image))
            if problem is not None:
                return f"Waits for {called(feeding)}: {problem.message}"
    return ""


def _changes(evaluation: Evaluation, place: Site, called: Callable[[str], str]) -> str:
    """What is different now: of this node if something is, else of the nodes that feed it, nearest first."""
    own = _own_changes(evaluation, place)
    if own:
        return "; ".join(own)
    feeding = [n for n in reversed(evaluation.recipe.order) if n in evaluation.recipe.ancestors(place[0])]
    for node in feeding:
        for one in _images_of(evaluation, node, place):
            found = _own_changes(evaluation, (node, one))
            if found:
                return f"{called(node)}: " + "; ".join(found)
    return "something that feeds it changed"


def _own_changes(evaluation: Evaluation, place: Site) -> list[str]:
    before: Ingredients | None = evaluation.store.last.get(place)
    now = evaluation.keys.ingredients(*place)
    if before is None or before.key == now.key:
        return []
    changes = [PROGRAM_CHANGED] if before.made_of == now.made_of else []
    declared = evaluation.recipe.steps[place[0]].declared
    changes += [
        _change(setting, before.settings.get(setting.name), now.settings.get(setting.name))
        for setting in sorted(declared.settings if declared else (), key=lambda one: one.name)
        if before.settings.get(setting.name) != now.settings.get(setting.name)
    ]
    changes += [
        {"marks": "what is drawn on it changed", "source": "the image file changed"}.get(name, f"{name} changed")
        for name in now.reads
        if before.reads.get(name) != now.reads[name]
    ]
    rewired = [name for name in now.inputs if bool(before.inputs.get(name)) != bool(now.inputs[name])]
    return changes + [f"input {name} was wired" if now.inputs[name] else f"input {name} was cut" for name in rewired]


def _change(setting: Setting, before: Any, now: Any) -> str:
    """What became of a setting; a model, which is known by its content here, and lists are too long to be told."""
    if setting.kind is ModelFile or isinstance(now or before, list | tuple):
        return f"{setting.label} changed"
    return f"{setting.label} {_show(before)} → {_show(now)}"


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "(not used)" if value is None else f"{value}"


def seconds_text(seconds: float) -> str:
    """A duration in the unit that reads best: ``12 ms``, ``1.4 s``, ``42 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 0.9995:
        return f"{max(seconds * 1000, 1):.0f} ms"
    if seconds < 89.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
