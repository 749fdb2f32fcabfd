"""How annotations of other programs are read so that they fit the layers that a recipe is traced in."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from graingraph.app.document.roles import classes_of, is_traced, rest_of, traced_layers
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import PixelClass
from graingraph.engine.values.classes import boundary_index, without_cores

if TYPE_CHECKING:
    from graingraph.nodes.formats.annotations import Instances, Reading


def reading_for(recipe: Recipe, wire: Wire | None, instances: str) -> "Reading":
    """Read annotations with the class names and the line width of the traced node that ``wire`` comes from.

    What a black and white mask selects is of its first class. Objects that are only numbered are of its first
    class of areas; where it has only lines, of the class of the rest. The boundary class gives the line width. Label
    values are its classes in order, but 0 is the class of the rest where it has one (or a class "background"), and else
    what was not traced where there is one value more than classes.
    """
    from graingraph.nodes.formats.annotations import Reading

    found = Reading(instances=_checked(instances))
    step = recipe.steps[wire.source] if wire else None
    if step is None or not is_traced(step):
        return found
    widths = {layer.name: layer.width for layer in traced_layers(step)}
    rest = rest_of(step) or found.rest
    known = classes_of(step)
    feature = next((item.name for item in known if item.role == "area"), rest)
    boundary = boundary_index(known, of=feature)
    line = widths.get(known[boundary].name, 0.0) if boundary is not None else 0.0
    has_rest = bool(rest_of(step)) or rest in widths
    classes = tuple(dict.fromkeys([*([rest] if has_rest else []), *widths]))
    selected = next(iter(widths), found.selected)
    return Reading(rest, found.instances, feature, selected, line or found.line_width, classes, known)


def reading_as(classes: tuple[PixelClass, ...], instances: str) -> "Reading":
    """Read annotations in the classes of a model: what is only numbered or selected is of its first class of areas."""
    from graingraph.nodes.formats.annotations import Reading

    known = without_cores(classes)
    names = tuple(item.name for item in known)
    feature = next((item.name for item in known if item.role == "area"), names[0])
    rest = "" if len(known) < 2 or boundary_index(known) is not None else names[0]
    return Reading(rest, _checked(instances), feature, feature, classes=names, known=known)


def _checked(instances: str) -> "Instances":
    if instances not in ("auto", "yes", "no"):
        raise Problem(f"Instances are auto, yes or no, not '{instances}'.")
    return cast("Instances", instances)


def check_whose(annotated: Collection[str], images: Iterable[Path]) -> None:
    """``Problem`` where two images have the same file name and there is an annotation (by file name) for it."""
    seen: dict[str, Path] = {}
    for path in images:
        first = seen.setdefault(path.name, path)
        if first != path and path.name in annotated:
            raise Problem(
                f"The annotation of {path.name} may be of {first} or of {path}; take one of them at a time, "
                "or rename one and its annotation."
            )
