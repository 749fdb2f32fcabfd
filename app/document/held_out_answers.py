"""How well a new model answers the question of its recipe: by the recipe's own steps, in the unit of the answer.

The steps behind the model run twice on each image that was held out, on what the model finds and on what was traced.
Scores of pixels do not tell: grains may be found whole although every second pixel of their boundaries is missed.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import numpy as np

from graingraph.app.document.class_names import record_model
from graingraph.app.document.roles import is_correction, is_training, training_of
from graingraph.engine.declare.model_file import model_hash
from graingraph.engine.declare.models import reference
from graingraph.engine.evaluation.cache import Outputs
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import UNLABELLED, ClassMap, Model, PerImage, PixelClass, Probabilities, Table, Value
from graingraph.engine.values.classes import without_cores
from graingraph.engine.values.table import EDGE_WEIGHT, mean
from graingraph.nodes.learning.model.card import Answer
from graingraph.nodes.learning.model.file import read_card
from graingraph.nodes.learning.train.cores import with_cores
from graingraph.nodes.tables.distribution import NATURAL


def with_answers(
    evaluation: Evaluation, train: str, model: Model, truth: PerImage[ClassMap] | None = None, *, alike: bool = True
) -> Model:
    """The new model of a training, its card with what the steps behind it answer on the held-out images.

    The model file is written anew, and named after its content, where there is such an answer. ``truth`` is as in
    ``answers``; ``alike`` says that the images are of one kind of material.
    """
    from graingraph.nodes.learning.model.rewriting import write_card

    try:
        found = answers(evaluation, train, model, truth)
    except Problem as problem:  # no reason to lose what was learnt
        return model.with_note(f"The recipe's own steps could not measure the held-out images: {problem}")
    if not found:
        return model
    found = tuple(replace(answer, alike=alike) for answer in found)
    path = write_card(model.path, replace(read_card(model.path), answers=found))
    return replace(model, path=path, hash=model_hash(path))


def answers(
    evaluation: Evaluation, train: str, model: Model, truth: PerImage[ClassMap] | None = None
) -> tuple[Answer, ...]:
    """What the steps behind a training answer on the held-out images of its new model, and on their ``truth``.

    ``train`` may also be a step that applies a model of its own. ``truth`` is what is wired to the training where it is
    not given. What was corrected by hand behind the model is left out. Without steps that measure, or images that are
    traced whole, there are none.
    """
    from graingraph.nodes.learning.train.held_out import WHOLE

    folders = evaluation.store.models.and_in(model.path.parent)
    recipe = record_model(evaluation.recipe, train, reference(model.path), folders)
    for step in recipe.descendants(train):
        if is_correction(recipe.steps[step]):
            recipe = recipe.with_muted(step, True)
    card = read_card(model.path)
    tables = list(_tables(recipe, train))
    # A training that was stopped is measured all the same: its evaluation would not go on.
    going_on = Evaluation(evaluation.recipe, evaluation.image_set, evaluation.store)
    traced = truth if truth is not None else traced_in(going_on, train)
    images = [name for name in card.held_out if name in evaluation.image_set] if tables and traced is not None else []
    store = Store(marks=evaluation.store.marks, models=folders)
    found = Evaluation(recipe, evaluation.image_set, store)
    pairs: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    learns = is_training(recipe.steps[train])
    appliers = {wire.target for wire in recipe.wires if wire.source == train} if learns else {train}
    for image in images:
        assert traced is not None
        own = traced[image]
        if np.mean(own.pixels != UNLABELLED) < WHOLE:
            continue  # the steps cannot run on what nobody traced
        try:
            as_traced = {step: _as_found(found.outputs(step, image), own, card.classes) for step in appliers}
        except Problem:
            continue  # an image that cannot be measured is no reason to lose what was learnt
        if None in as_traced.values():
            continue
        given = {step: outputs for step, outputs in as_traced.items() if outputs is not None}
        true = Evaluation(recipe, evaluation.image_set, store, given={(s, image): o for s, o in given.items()})
        for step, output in tables:
            with suppress(Problem):  # a step that cannot measure here tells nothing
                mine, theirs = (_numbers(one.value(step, output, image), step) for one in (found, true))
                for key in (key for key in theirs if key in mine):
                    pairs.setdefault(key, []).append((mine[key], theirs[key]))
        store.forget(image)
    return tuple(
        Answer(*key, tuple(mine for mine, _ in values), tuple(theirs for _, theirs in values))
        for key, values in pairs.items()
    )


def _tables(recipe: Recipe, train: str) -> Iterator[tuple[str, str]]:
    """The steps and outputs behind a training that measure each image."""
    behind = recipe.descendants(train)
    for name in recipe.order:
        declared = recipe.steps[name].declared
        if name in behind and declared and name not in recipe.per_batch:
            yield from ((name, pin.name) for pin in declared.outputs if issubclass(Table, pin.kinds))


def traced_in(evaluation: Evaluation, train: str) -> PerImage[ClassMap] | None:
    """What is wired to a training as its truth, for each image of the tray; None where nothing is."""
    wire = evaluation.recipe.wire_into(train, training_of(evaluation.recipe, train).truth)
    if wire is None:
        return None

    def traced(name: str) -> ClassMap:
        value = evaluation.value(wire.source, wire.output, name)
        assert isinstance(value, ClassMap)
        return value

    return PerImage(tuple(evaluation.image_set), traced)


def _as_found(found: Outputs, traced: ClassMap, classes: tuple[PixelClass, ...]) -> Outputs | None:
    """What the step that applies the model would give if it had found what was traced; None where that cannot be said.

    ``found`` is what it did give: of its size, scale and classes.
    """
    truth = replace(traced, classes=without_cores(classes))
    if len(classes) > len(truth.classes):
        truth = with_cores(truth)
    shares = (truth.pixels[..., None] == np.arange(len(classes), dtype=np.uint8)).astype(np.float32)
    outputs: dict[str, Value] = {}
    for name, value in found.items():
        if isinstance(value, Probabilities) and value.shape == truth.shape:
            outputs[name] = replace(value, pixels=shares, notes=())
        elif isinstance(value, ClassMap) and value.shape == truth.shape:
            outputs[name] = replace(value, pixels=truth.pixels, notes=())
        else:
            return None
    return outputs


def _numbers(table: Value, step: str) -> dict[tuple[str, str, str], float]:
    """What a table answers: how many features there are and their mean size, or every number of a field."""
    assert isinstance(table, Table)
    if table.rows != "features":
        known = {(step, name, table.units.get(name, "")): mean(table.columns[name]) for name in table.quantities}
        return {key: value for key, value in known.items() if np.isfinite(value)}
    weights = table.columns.get(EDGE_WEIGHT)
    numbers = {(step, "Number of features", ""): float(table.count)}
    sizes = [name for name in table.quantities if name != EDGE_WEIGHT]
    for name in [name for name in NATURAL if name in sizes][:1] or sizes[:1]:
        value = mean(table.columns[name], weights)
        if np.isfinite(value):
            numbers[step, name, table.units.get(name, "")] = value
    return numbers
