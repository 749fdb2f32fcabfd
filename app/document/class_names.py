"""Where the name of a class is used downstream, so that it follows when the class is renamed. No display.

A trained model calls its classes as they were called when it was taught. So what lies behind a model follows only when
a model that knows the new name is recorded.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress

from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import models
from graingraph.engine.recipe.parts import Step
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import ClassMap, Model, PixelClass, Probabilities, Table

CARRIERS = (ClassMap, Probabilities, Model, Table)
"""The values that tell classes apart by name."""


def reached(recipe: Recipe, node: str) -> Iterator[str]:
    """The steps at which the classes of a step arrive under the names it gives them, in the order of the graph."""
    speaking = {node}
    for name in recipe.order:
        arriving = (wire for wire in recipe.wires if wire.target == name and wire.source in speaking)
        if any(issubclass(kind, CARRIERS) for wire in arriving for kind in recipe.kinds(wire.source, wire.output)):
            yield name
            if not _has_model(recipe.steps[name]):
                speaking.add(name)


def follow(recipe: Recipe, node: str, names: Mapping[str, str]) -> Recipe:
    """The recipe in which what names a class of this step, downstream, goes by the new names (old name: new name)."""
    result = recipe
    for name in reached(recipe, node):
        step = recipe.steps[name]
        for setting in step.declared.settings if step.declared else ():
            if setting.names_class:
                words, value = setting.names_class.words, step.settings.get(setting.name)
                for new in (new for old, new in names.items() if words.format(old) == value):
                    result = result.with_setting(name, setting.name, words.format(new))
    return result


def record_model(recipe: Recipe, node: str, reference: str, folders: ModelFolders) -> Recipe:
    """Record the new model of a training, or of a step that applies one; a class that has another name than in its last
    model is followed. ``Problem`` where the step has no model.
    """
    setting = models.applied_setting(recipe.steps[node])
    if setting is None:
        raise Problem("It has no model; choose a step that learns or applies one.", node=node)
    last = str(recipe.steps[node].settings.get(setting.name) or "")
    recorded = recipe.with_setting(node, setting.name, reference)
    with suppress(Problem):  # a model that is not here, or cannot be read, says nothing
        names = _renamed(_classes(last, folders), _classes(reference, folders)) if last else {}
        return follow(recorded, node, names)
    return recorded


def _renamed(before: tuple[PixelClass, ...], after: tuple[PixelClass, ...]) -> dict[str, str]:
    """Old and new name of each class that kept its place and colour; the names of other classes mean what they did."""
    if len(before) != len(after):
        return {}
    old, new = ({item.name for item in classes} for classes in (before, after))
    pairs = zip(before, after, strict=True)
    changed = [(a, b) for a, b in pairs if a.name not in new and b.name not in old]
    return {a.name: b.name for a, b in changed if a.color == b.color}


def _classes(reference: str, folders: ModelFolders) -> tuple[PixelClass, ...]:
    from graingraph.nodes.learning.model.file import read_card

    return read_card(folders.resolve(reference).path).classes


def _has_model(step: Step) -> bool:
    settings = step.declared.settings if step.declared else ()
    return any(models.is_applied(step, setting) and step.settings.get(setting.name) for setting in settings)
