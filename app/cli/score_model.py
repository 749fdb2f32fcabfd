"""``graingraph score``: what a recipe's model is worth on traced images that it has not learnt, put into its card."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import typer

from graingraph.app.cli.answers import print_json
from graingraph.app.cli.recipes import choose_node, open_recipe
from graingraph.app.document import release
from graingraph.app.document.annotation_reading import reading_as, reading_for
from graingraph.app.document.annotations import traced_by
from graingraph.app.document.class_names import record_model
from graingraph.app.document.held_out_answers import traced_in, with_answers
from graingraph.app.document.origin import require_own
from graingraph.app.document.roles import is_training, training_nodes, training_of
from graingraph.engine.declare.model_file import model_hash
from graingraph.engine.declare.models import reference
from graingraph.engine.evaluation import workspace
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.files import write_atomically
from graingraph.engine.images.files import find_images
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.models import applied as applied_models
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.release.policy import policy_of
from graingraph.engine.values import UNLABELLED, ClassMap, Image, Model, PerImage, Probabilities
from graingraph.engine.values.notes import texts

if TYPE_CHECKING:
    from graingraph.nodes.learning.model.card import Card
    from graingraph.nodes.learning.train.calibration import Calibration
    from graingraph.nodes.learning.train.gather import Traced


def score_model(
    path: Path,
    images: list[str],
    annotations: Path | None,
    instances: str,
    calibrate: bool,
    materials: bool,
    note: str,
    node: str | None,
    as_json: bool,
    why: str = "",
) -> None:
    """Score the recipe's model, write a copy with another card beside the recipe, and record that in it.

    Its weights stay as they are. With ``calibrate`` its scores are divided by the temperature that suits the images;
    ``materials`` says that each image is of another material. Where all images that it has learnt are among these, what
    they look like is looked at anew: a model of before may lack a part of it.
    """
    from graingraph.nodes.learning.model.file import model_card, read_card
    from graingraph.nodes.learning.train.judging import with_looks

    require_own(path)
    policy_of(path).require_comment(why)
    recipe, models = open_recipe(path, [])
    node = _model_node(recipe, node)
    store = Store(marks=workspace.open_marks(path), models=models)
    evaluation = Evaluation(recipe, ImageSet.of_files(find_images(images)), store)
    model = _model_of(evaluation, node)
    known = read_card(model.path)
    truth = _truth(evaluation, node, known, annotations, instances)
    traced = _traced(evaluation, node, truth)
    new, card, calibration = _judged(evaluation, node, model, traced)
    if materials:  # how sure it is of many materials says nothing of how sure it should be of one
        card = replace(card, statistics=known.statistics)
    card = with_looks(card, (image for image, _ in traced.values()))
    card = replace(card, answers=(), note=note or card.note)
    folder = path.parent / workspace.MODELS
    with tempfile.TemporaryDirectory() as temporary:
        copy = _copy_with(card, calibration, model, Path(temporary), calibrate=calibrate)
        models = models.and_in(copy.parent)
        trial = record_model(recipe, node, reference(copy), models)
        again = Evaluation(trial, evaluation.image_set, Store(marks=store.marks, models=models))
        scored = with_answers(again, node, Model(copy, model_hash(copy)), truth, alike=not materials)
        file = folder / scored.path.name
        write_atomically(file, scored.path.read_bytes())
    after = record_model(recipe, node, reference(file), models.and_in(folder))
    release.note_change(path, recipe, after, why)
    recipe_file.save(after, path)
    facts, words = model_card(file)
    if as_json:
        print_json({"model": str(file), "images": new, "notes": texts(scored.notes), "card": facts})
        return
    typer.echo(f"{words}\nThe model is {file}.")
    for text in texts(scored.notes):
        typer.echo(text)


def _truth(
    evaluation: Evaluation, node: str, card: "Card", annotations: Path | None, instances: str
) -> PerImage[ClassMap]:
    """What is annotated, or traced, on the images, its classes in the order of the model's; ``Problem`` for nothing."""
    from graingraph.nodes.learning.train.judging import in_order

    recipe = evaluation.recipe
    learns = is_training(recipe.steps[node])
    if annotations and learns:
        reading = reading_for(recipe, recipe.wire_into(node, training_of(recipe, node).truth), instances)
        truth: PerImage[ClassMap] | None = traced_by(evaluation.image_set, annotations, reading)
    elif annotations:
        truth = traced_by(evaluation.image_set, annotations, reading_as(card.classes, instances))
    elif learns:
        truth = traced_in(evaluation, node)
    else:
        raise Problem("It applies a model and nothing is traced for it; name annotations of the images.", node=node)
    if truth is None:
        raise Problem("Nothing that is traced is wired to it; name annotations of the images.", node=node)
    found = truth
    return PerImage(tuple(found), lambda name: in_order(found[name], card))


def _judged(
    evaluation: Evaluation, node: str, model: Model, traced: "Traced"
) -> "tuple[tuple[str, ...], Card, Calibration]":
    """The images that are traced whole and new to the model, its card with the scores on them, and what temperature
    suits them; ``Problem`` where there are none."""
    from graingraph.nodes.learning.model.file import read_card
    from graingraph.nodes.learning.train.held_out import WHOLE
    from graingraph.nodes.learning.train.judging import judged, unseen

    whole = {name: pair for name, pair in traced.items() if np.mean(pair[1].pixels != UNLABELLED) >= WHOLE}
    new = unseen(read_card(model.path), {name: image for name, (image, _) in whole.items()})
    if not new:
        raise Problem("None of these images is traced whole and new to the model; name some that it has not learnt.")
    learns = is_training(evaluation.recipe.steps[node])
    applied = None if learns else {name: _probabilities(evaluation, node, name) for name in new}
    return new, *judged(model, {name: whole[name] for name in new}, applied)


def _copy_with(card: "Card", calibration: "Calibration", model: Model, folder: Path, *, calibrate: bool) -> Path:
    """A copy of the model with this card, and how well its probabilities fit; with ``calibrate`` they are made to."""
    from graingraph.nodes.learning.model.rewriting import divide_scores, write_card

    copy = Path(shutil.copyfile(model.path, folder / model.path.name))
    divided = card.calibration.get("temperature") or 1.0
    known = replace(calibration, temperature=divided, error_after=calibration.error_before)
    if calibrate:
        divide_scores(copy, calibration.temperature)
        known = replace(calibration, temperature=round(divided * calibration.temperature, 3))
    return write_card(copy, replace(card, calibration=known.as_dict()))


def _model_node(recipe: Recipe, node: str | None) -> str:
    """The step that was named, or else the only one that learns, or the only one that applies a model."""
    learning = [name for name in recipe.order if recipe.steps[name].on_request]
    found = learning or list(applied_models(recipe))
    return choose_node(training_nodes(), found, node)


def _model_of(evaluation: Evaluation, node: str) -> Model:
    """The model that a step has learnt, or that it applies."""
    if is_training(evaluation.recipe.steps[node]):
        model = evaluation.value(node)
        assert isinstance(model, Model)
        return model
    known = applied_models(evaluation.recipe)
    if node not in known:
        raise Problem("It applies no model of its own; choose a step that does.", node=node)
    return evaluation.store.models.resolve(known[node])


def _probabilities(evaluation: Evaluation, node: str, image: str) -> np.ndarray:
    """What a step that applies a model gives for an image, float32 (H, W, C)."""
    shares = next((v for v in evaluation.outputs(node, image).values() if isinstance(v, Probabilities)), None)
    if shares is None:
        raise Problem("It gives no probabilities, by which a model is scored.", node=node)
    return shares.pixels


def _traced(evaluation: Evaluation, node: str, truth: PerImage[ClassMap]) -> "Traced":
    """The images of the tray that are traced, as the training would get them, and their classes."""
    recipe = evaluation.recipe
    declared = recipe.steps[node].declared
    pins = [pin.name for pin in declared.inputs if issubclass(Image, pin.kinds)] if declared else []
    wire = next((wire for pin in pins if (wire := recipe.wire_into(node, pin))), None)
    if wire is None:
        raise Problem("No images are wired to it; connect those that it learns from.", node=node)
    found: Traced = {}
    for name, traced in truth.good():
        image = evaluation.value(wire.source, wire.output, name)
        assert isinstance(image, Image)
        found[name] = (image, traced)
    return found
