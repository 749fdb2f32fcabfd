"""``graingraph train``: run a recipe's Train node on traced or annotated images."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import typer

from graingraph.app.cli.answers import print_json
from graingraph.app.cli.recipes import choose_node, open_recipe
from graingraph.app.document import release
from graingraph.app.document.annotation_reading import reading_for
from graingraph.app.document.annotations import traced_by
from graingraph.app.document.class_names import reached, record_model
from graingraph.app.document.corrections import corrected_truth, from_current_model
from graingraph.app.document.held_out_answers import with_answers
from graingraph.app.document.model_choice import doubts_about
from graingraph.app.document.origin import require_own
from graingraph.app.document.roles import training_nodes, training_of
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.evaluation import workspace
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.explain import seconds_text
from graingraph.engine.evaluation.store import Listener, Store
from graingraph.engine.files import write_atomically
from graingraph.engine.images.files import find_images
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Cancelled, Problem, came_of_ctrl_c
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.release.policy import policy_of
from graingraph.engine.values import ClassMap, Model, PerImage
from graingraph.engine.values.notes import texts

if TYPE_CHECKING:
    from graingraph.nodes.formats.annotations import Reading
    from graingraph.nodes.learning.model.card import Card

HARDLY = 0.05
"""Held-out IoU below which a class counts as not found."""


def train_recipe(
    path: Path,
    images: list[str],
    annotations: Path | None,
    instances: str,
    corrections: bool,
    output: Path | None,
    sets: list[str],
    node: str | None,
    record: bool | None,
    as_json: bool,
    why: str = "",
) -> None:
    """Train, put the model beside the recipe (or at ``output``), and record it in the recipe unless told not to."""
    from graingraph.nodes.learning.model.file import read_card

    if annotations and corrections:
        raise Problem("Choose either --annotations or --corrections; corrections go with what was traced.")
    if output is not None and output.exists():
        raise Problem(f"{output} is already there and models are never overwritten; name another file.")
    asked = record is not None
    record = output is None if record is None else record
    if record:
        require_own(path)
        policy_of(path).require_comment(why)
    recipe, models = open_recipe(path, sets)
    node = train_node(recipe, node)
    image_set = ImageSet.of_files(find_images(images))
    truth = training_of(recipe, node).truth
    reading = reading_for(recipe, recipe.wire_into(node, truth), instances)
    annotated = traced_by(image_set, annotations, reading) if annotations else None
    remarks = [note for _, value in annotated.good() for note in value.notes] if annotated else []
    if corrections:
        recipe = from_current_model(recipe, node, models)
    with _stopped_by_ctrl_c() as stopped:
        evaluation = Evaluation(
            recipe,
            image_set,
            Store(marks=workspace.open_marks(path), models=models),
            listener=_Terminal(quiet=as_json).listener,
            cancelled=stopped.is_set,
            models_folder=path.parent / workspace.MODELS,
        )
        model = _learnt(evaluation, node, truth, annotated, corrections)
        file = _delivered(model, output)
        models = models.and_in(file.parent)
        new = f"{file.name}@{model.hash}"
        kept = _kept_before(recipe, node, new, models) if stopped.is_set() and not asked else ()
        recorded = record and not kept
        trained = _recorded(path, recipe, node, sets, new, models, why) if recorded else recipe
    card = read_card(file)
    model = model.with_note(*kept, *remarks, *_names_notes(trained, node, card, reading), *_scores_notes(card))
    _answer(file, model, stopped.is_set(), as_json)


def train_node(recipe: Recipe, node: str | None) -> str:
    """The Train node that was named, or the only one there is."""
    found = [n for n in recipe.order if recipe.steps[n].on_request]
    return choose_node(training_nodes(), found, node)


def _learnt(
    evaluation: Evaluation, node: str, truth: str, annotated: PerImage[ClassMap] | None, corrections: bool
) -> Model:
    """The model that the training ends with, and what the recipe's own steps then answer on held-out images.

    The node's input ``truth`` gets what was annotated elsewhere or corrected; else what the recipe traces.
    """
    try:
        given = corrected_truth(evaluation, node) if corrections else annotated
        model = evaluation.train(node, **({} if given is None else {truth: given}))
    except Cancelled:
        raise Problem("Stopped before anything was learnt; the recipe is as it was.") from None
    assert isinstance(model, Model)
    return _measured(evaluation, node, model, given)


def _measured(evaluation: Evaluation, node: str, model: Model, truth: PerImage[ClassMap] | None) -> Model:
    """The new model with what the recipe answers on its held-out images; without it where that is stopped by Ctrl-C."""
    noting = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return with_answers(evaluation, node, model, truth)
    except (KeyboardInterrupt, Exception) as error:
        if not came_of_ctrl_c(error):
            raise
        return model.with_note("The recipe's own steps were stopped before they had measured the held-out images.")
    finally:
        signal.signal(signal.SIGINT, noting)


def _kept_before(recipe: Recipe, node: str, new: str, models: ModelFolders) -> tuple[str, ...]:
    """Why the recipe keeps the model it has after a training that was stopped, in sentences; none where it need not."""
    doubts = doubts_about(recipe.steps[node].product, new, models, stopped=True) if recipe.steps[node].product else ()
    if not doubts:
        return ()
    return (*doubts, "The recipe keeps the model it had; train again to go on, or with --record to use the new one.")


def _recorded(path: Path, ran: Recipe, node: str, sets: list[str], new: str, models: ModelFolders, why: str) -> Recipe:
    """The recipe at ``path`` with the new model, written there with the models that it names beside it."""
    before = recipe_file.load(path)
    trained = record_model(_with_what_was_set(before, ran, node, sets), node, new, models)
    release.note_change(path, before, trained, why)
    recipe_file.save(trained, path)
    workspace.carry_models(trained, path, models)
    return trained


def _with_what_was_set(recipe: Recipe, ran: Recipe, node: str, sets: list[str]) -> Recipe:
    """The recipe with those values of ``--set`` that the training went by: a model belongs to what it was learnt with.

    ``ran`` is the recipe with all of them. What lies elsewhere was set for this run alone.
    """
    for text in sets:
        step, name = text.partition("=")[0].split(".", 1)
        if step in {node, *recipe.ancestors(node)}:
            recipe = recipe.with_setting(step, name, ran.steps[step].settings[name])
    return recipe


def _delivered(model: Model, output: Path | None) -> Path:
    if output is None:
        return model.path
    if output.exists():
        raise Problem(f"{output} is already there and models are never overwritten; the new one is {model.path}.")
    write_atomically(output, model.path.read_bytes())
    return output


@contextmanager
def _stopped_by_ctrl_c() -> Iterator[Event]:
    """The first Ctrl-C asks the training to end and keep its model; a second one ends the program.

    What is written after the training is written to its end.
    """
    stopped = Event()
    before = signal.getsignal(signal.SIGINT)

    def stop(*_: object) -> None:
        stopped.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


class _Terminal:
    """Says how far a training is: on a terminal in one line that changes, else a line at every change."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet, self._last = quiet, ""
        self._reached = self._left = ""
        self._said: set[str] = set()
        self.listener = Listener(progress=self._progress, published=self._published)

    def _progress(self, node: str, image: str | None, fraction: float, message: str) -> None:
        line = f"{fraction:4.0%} {message}{self._reached}{self._left}"
        if self._quiet or line == self._last:
            return
        self._last = line
        if sys.stderr.isatty():
            typer.echo(f"\r{line:<78}", err=True, nl=fraction >= 1)
        else:
            typer.echo(line, err=True)

    def _published(self, node: str, name: str, value: Any) -> None:
        if name == "eta":
            self._left = f", {seconds_text(value)} left" if value else ""
        elif name == "curve":
            scored = [("loss", "loss"), ("IoU", "iou"), ("F1", "boundary_f1")]
            self._reached = "".join(f", {words} {value[key][-1]:.3f}" for words, key in scored if value[key])
        elif name == "note" and value not in self._said and not self._quiet:
            self._said.add(value)
            typer.echo(f"\r{value:<78}" if sys.stderr.isatty() else value, err=True)


def _names_notes(recipe: Recipe, train: str, card: "Card", reading: "Reading") -> Iterator[str]:
    """What to say where Trace, or a step behind the model, speaks of classes that the model does not have."""
    from graingraph.engine.values.classes import without_cores

    known = [item.name for item in without_cores(card.classes)]
    used = [name for name in _names_used(recipe, train) if not (name.isdecimal() and int(name) < len(known))]
    for whose, names in ("recipe's Trace has", reading.classes), ("steps behind it name", used):
        if set(names) - set(known):
            listed = ", ".join(dict.fromkeys(names))
            yield (
                f"The model's classes are {', '.join(known)}; the {whose} {listed}. "
                "Make the names agree; a classes.json beside label pictures names their values."
            )


def _names_used(recipe: Recipe, train: str) -> Iterator[str]:
    """The class names in the settings of what lies behind a Train node."""
    for step in (recipe.steps[name] for name in reached(recipe, train)):
        for setting in step.declared.settings if step.declared else ():
            value = str(step.settings.get(setting.name, ""))
            before, _, after = setting.names_class.words.partition("{}") if setting.names_class else ("", "", "")
            if setting.names_class and value.startswith(before) and value.endswith(after):
                yield from filter(None, [value.removeprefix(before).removesuffix(after)])


def _scores_notes(card: "Card") -> Iterator[str]:
    """What to say of the classes that the model hardly finds on held-out images, where they do occur there."""
    for score in card.scores:
        iou = score.get("iou")
        if iou is not None and iou < HARDLY and score.get("true_fraction"):
            name = score["name"]
            yield f"On held-out images hardly any {name} is found (IoU {iou:.2f}); train longer or trace more of it."


def _answer(file: Path, model: Model, stopped: bool, as_json: bool) -> None:
    from graingraph.nodes.learning.model.file import model_card

    if as_json:
        answer = {"model": str(file), "hash": model.hash, "stopped": stopped, "notes": texts(model.notes)}
        print_json(answer | {"card": model_card(file)[0]})
        return
    typer.echo(f"{'Stopped. ' if stopped else ''}The model is {file}; see: graingraph model {file}")
    for note in texts(model.notes):
        typer.echo(note)
