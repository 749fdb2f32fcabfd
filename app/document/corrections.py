"""From corrections to a better model in one step: what was put right by hand, as what a training is to learn.

By wires it could not be done: corrections come from the model, which would then come from them. No display.
"""

from dataclasses import replace

import numpy as np

from graingraph.app.document.names import title_in
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
from graingraph.nodes.learn.truth_from_features import truth_from_features
from graingraph.nodes.learn.truth_from_mask import truth_from_mask
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


def learning_on(recipe: Recipe, train: str) -> Recipe:
    """The recipe whose training starts from the model it recorded last, where there is one."""
    training, model = training_of(recipe, train), recipe.steps[train].product
    return recipe.with_setting(train, training.start_from, model) if model and training.start_from else recipe


def is_corrected(evaluation: Evaluation, train: str) -> bool:
    """Whether somebody corrected what the model of a training found, on any image of the tray."""
    edit = corrected_at(evaluation.recipe, train)
    return edit is not None and bool(_corrected(evaluation, edit))


def corrected_truth(evaluation: Evaluation, train: str) -> PerImage[ClassMap]:
    """For each image of the tray: the corrected result where somebody corrected it, else what was traced.

    Of a result that is only known where it was touched, the rest is what was traced there, or unlabelled.

    ``Problem`` where nothing was corrected behind the training, or its truth does not come from what is traced.
    """
    recipe, image_set = evaluation.recipe, evaluation.image_set
    edit = corrected_at(recipe, train)
    if edit is None:
        kinds = correcting_nodes()
        raise Problem(f"The recipe has no {kinds} behind the model; add one and correct what the model found.")
    corrected = _corrected(evaluation, edit)
    if not corrected:
        where = title_in(recipe, edit)
        raise Problem(f"Nothing is corrected in {where} yet; correct some images there, then learn from them.")
    wire = recipe.wire_into(train, training_of(recipe, train).truth)
    if wire is None or not is_traced(recipe.steps[wire.source]):
        sentence = f"Wire a {tracing_nodes()} node into it: its classes are what corrections are read as."
        raise Problem(sentence, node=train)

    def truth(name: str) -> ClassMap:
        if name not in corrected:
            return _class_map(evaluation.value(wire.source, wire.output, image=name))
        found = _as_traced(evaluation, edit, wire.source, name)
        known = _settled(evaluation, edit, name)
        if known is None:
            return found
        traced = _class_map(evaluation.value(wire.source, wire.output, image=name))
        return replace(found, pixels=np.where(known, found.pixels, traced.pixels))

    return PerImage(tuple(image_set), truth)


def corrected_at(recipe: Recipe, train: str) -> str | None:
    """The last node behind a training in which its results are corrected; None where there is none."""
    behind = recipe.descendants(train)
    return next((n for n in reversed(recipe.order) if is_correction(recipe.steps[n]) and n in behind), None)


def _corrected(evaluation: Evaluation, edit: str) -> set[str]:
    """The names of the images on which somebody drew there."""
    marks = evaluation.store.marks
    return {name for name, source in evaluation.image_set.items() if marks.load(source.drawn_as, edit).marks}


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


def _settled(evaluation: Evaluation, edit: str, image: str) -> np.ndarray | None:
    """Where the corrected boundaries of an image are known to be right, bool (H, W); None for everywhere."""
    from graingraph.nodes.imaging.boundaries.boundary_edits import settled

    step = evaluation.recipe.steps[edit]
    drawn_on = step.declared.drawn_on if step.declared else None
    wire = evaluation.recipe.wire_into(edit, drawn_on.over) if drawn_on else None
    if drawn_on is None or wire is None or not drawn_on.lines(step.settings):
        return None
    if drawn_on.settled(step.settings) == "everything":
        return None
    before, after = evaluation.value(wire.source, wire.output, image=image), evaluation.value(edit, image=image)
    assert isinstance(before, Mask)
    assert isinstance(after, Mask)
    marks = evaluation.store.marks.load(evaluation.image_set[image].drawn_as, edit)
    return settled(before.pixels, after.pixels, marks.marks)


def _corrects_lines(step: Step) -> bool:
    return bool(step.declared and step.declared.drawn_on and step.declared.drawn_on.lines(step.settings))


def _other(areas: list[str], selected: list[str], trace: str) -> str:
    """The class of what is not selected, where there is no class for the rest: its only other class of areas."""
    others = [name for name in areas if name not in selected]
    if len(others) != 1:
        raise Problem("It does not say of what class the rest is; choose one under 'what is not traced'.", node=trace)
    return others[0]
