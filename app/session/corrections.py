"""From corrections to a better model in one step: what was put right by hand, as what a Train node is to learn.

By wires it could not be done: corrections come from the model, which would then come from them. No display.
"""

from app.session.annotation_reading import reading_for
from engine.evaluate import Evaluation
from engine.problem import Problem
from engine.recipe import Recipe, Wire
from engine.values import ClassMap, Fields, Labels, Mask, PixelClass
from nodes.draw.trace import with_rest
from nodes.kernels.paint import renumbered
from nodes.learn.corrections import truth_from_mask
from nodes.learn.truth_from_features import truth_from_features


def from_current_model(recipe: Recipe, train: str) -> Recipe:
    """The recipe whose Train node starts from the model it recorded last, the one that was corrected."""
    model = recipe.steps[train].settings.get("model")
    if not model:
        raise Problem("There is no model yet whose results could have been corrected; train one first.", node=train)
    return recipe.with_setting(train, "start_from", model)


def corrected_truth(evaluation: Evaluation, train: str) -> Fields[ClassMap]:
    """For each image of the tray: the corrected result where somebody corrected it, else what was traced.

    ``Problem`` where nothing was corrected behind the Train node, or its truth does not come from a Trace node.
    """
    recipe, tray = evaluation.recipe, evaluation.tray
    edit = _edit_node(recipe, train)
    marks = evaluation.store.marks
    corrected = {name for name, source in tray.items() if marks.load(source.drawn_as, edit).marks}
    if not corrected:
        raise Problem(f"Nothing is corrected in {edit} yet; correct some images there, then learn from them.")
    wire = recipe.wire_into(train, "truth")
    if wire is None or recipe.steps[wire.source].type != "Trace":
        raise Problem("Wire a Trace node into it: its classes are what corrections are read as.", node=train)

    def truth(name: str) -> ClassMap:
        if name in corrected:
            return _as_traced(evaluation, edit, wire, name)
        return _class_map(evaluation.value(wire.source, wire.output, image=name))

    return Fields(tuple(tray), truth)


def _edit_node(recipe: Recipe, train: str) -> str:
    found = [n for n in recipe.order if recipe.steps[n].type == "ManualEdit" and n in recipe.descendants(train)]
    if not found:
        raise Problem("The recipe has no ManualEdit behind the model; add one and correct what the model found.")
    return found[-1]


def _class_map(value: object) -> ClassMap:
    assert isinstance(value, ClassMap)
    return value


def _as_traced(evaluation: Evaluation, edit: str, wire: Wire, image: str) -> ClassMap:
    """The corrected result of an image in the classes of the Trace node that the wire comes from, in their order."""
    recipe = evaluation.recipe
    reading = reading_for(recipe, wire, "auto")
    result = evaluation.value(edit, image=image)
    if isinstance(result, Labels):
        found = truth_from_features(
            result, name=reading.feature, rest_name=reading.rest, line_width=max(2, round(reading.line_width))
        )
    else:
        assert isinstance(result, Mask)
        found = truth_from_mask(result, name=reading.selected, rest_name=reading.rest)
    settings = recipe.steps[wire.source].settings
    classes = tuple(PixelClass(item["name"], item["color"]) for item in settings["classes"])
    if settings["rest"] == "class":
        classes = with_rest(classes, settings["rest_name"])
    return ClassMap(renumbered(found, [item.name for item in classes]), found.scale, classes)
