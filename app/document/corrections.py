"""From corrections to a better model in one step: what was put right by hand, as what a training is to learn.

By wires it could not be done: corrections come from the model, which would then come from them. No display.
"""

from dataclasses import replace

from graingraph.app.document.roles import (
    classes_of,
    correcting_nodes,
    is_correction,
    is_traced,
    rest_of,
    traced_layers,
    tracing_nodes,
    training_of,
)
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import Step
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import ClassMap, Labels, Mask, PerImage, PixelClass
from graingraph.nodes.draw.trace import renumbered
from graingraph.nodes.learn.corrections import truth_from_mask
from graingraph.nodes.learn.truth_from_features import truth_from_features
from graingraph.nodes.learning.model.file import read_card
from graingraph.nodes.learning.model.general import GENERAL_MODEL

LINE_WIDTH = 4
"""Width in px of the outlines to be learnt where their layer takes lines as wide as they were drawn."""


def from_current_model(recipe: Recipe, train: str, folders: ModelFolders) -> Recipe:
    """The recipe whose training starts from the model it recorded last, the one that was corrected.

    Where that is a training of this kind that was stopped, it is the one that this started from: it then goes on. (One
    that started from the general model was no training from corrections.)
    """
    training, model = training_of(recipe, train), recipe.steps[train].product
    if not model:
        raise Problem("There is no model yet whose results could have been corrected; train one first.", node=train)
    card = read_card(folders.resolve(model).path)
    stopped = card.settings.get("epochs trained", 0) < card.settings.get("epochs", 0)
    if stopped and "@" in card.started_from and card.started_from != GENERAL_MODEL:
        recipe, model = recipe.with_setting(train, training.product, card.started_from), card.started_from
    return recipe.with_setting(train, training.start_from, model)


def corrected_truth(evaluation: Evaluation, train: str) -> PerImage[ClassMap]:
    """For each image of the tray: the corrected result where somebody corrected it, else what was traced.

    ``Problem`` where nothing was corrected behind the training, or its truth does not come from what is traced.
    """
    recipe, image_set = evaluation.recipe, evaluation.image_set
    edit = _edit_node(recipe, train)
    marks = evaluation.store.marks
    corrected = {name for name, source in image_set.items() if marks.load(source.drawn_as, edit).marks}
    if not corrected:
        raise Problem(f"Nothing is corrected in {edit} yet; correct some images there, then learn from them.")
    wire = recipe.wire_into(train, training_of(recipe, train).truth)
    if wire is None or not is_traced(recipe.steps[wire.source]):
        sentence = f"Wire a {tracing_nodes()} node into it: its classes are what corrections are read as."
        raise Problem(sentence, node=train)

    def truth(name: str) -> ClassMap:
        if name in corrected:
            return _as_traced(evaluation, edit, wire.source, name)
        return _class_map(evaluation.value(wire.source, wire.output, image=name))

    return PerImage(tuple(image_set), truth)


def _edit_node(recipe: Recipe, train: str) -> str:
    found = [n for n in recipe.order if is_correction(recipe.steps[n]) and n in recipe.descendants(train)]
    if not found:
        kinds = correcting_nodes()
        raise Problem(f"The recipe has no {kinds} behind the model; add one and correct what the model found.")
    return found[-1]


def _class_map(value: object) -> ClassMap:
    assert isinstance(value, ClassMap)
    return value


def _as_traced(evaluation: Evaluation, edit: str, trace: str, image: str) -> ClassMap:
    """The corrected result of an image in the classes that were traced, in their order."""
    step, result = evaluation.recipe.steps[trace], evaluation.value(edit, image=image)
    classes, rest = classes_of(step), rest_of(step)
    width = {layer.name: layer.width for layer in traced_layers(step)}
    areas = [item.name for item in classes if item.role == "area" and item.name != rest]
    lines = [item.name for item in classes if item.role == "boundary"]
    if isinstance(result, Labels) and lines:
        found = truth_from_features(
            result,
            name=areas[0] if areas else rest,
            rest_name=rest or _other(areas, areas[:1], trace),
            line_width=max(2, round(width[lines[0]])) if width[lines[0]] else LINE_WIDTH,
        )
        found = replace(found, classes=(*found.classes[:2], PixelClass(lines[0])))
    else:
        assert isinstance(result, Mask | Labels)
        drawn = lines if _corrects_lines(evaluation.recipe.steps[edit]) else areas
        selected = (drawn or areas or lines or [rest])[:1]
        found = truth_from_mask(result, name=selected[0], rest_name=rest or _other(areas, selected, trace))
    return ClassMap(renumbered(found, [item.name for item in classes]), found.scale, classes)


def _corrects_lines(step: Step) -> bool:
    return bool(step.declared and step.declared.drawn_on and step.declared.drawn_on.lines(step.settings))


def _other(areas: list[str], selected: list[str], trace: str) -> str:
    """The class of what is not selected, where there is no class for the rest: its only other class of areas."""
    others = [name for name in areas if name not in selected]
    if len(others) != 1:
        raise Problem("It does not say of what class the rest is; choose one under 'what is not traced'.", node=trace)
    return others[0]
