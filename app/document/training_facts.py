"""What a training learns from and how good its model is, in words for a person."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from graingraph.app.document.corrections import corrected_at
from graingraph.app.document.names import title_in
from graingraph.app.document.roles import is_correction, is_traced, training_of
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values.wording import counted

if TYPE_CHECKING:
    from graingraph.nodes.learning.model.card import Card


class Use(StrEnum):
    """What the model that a recipe has did with an image; the text of each is for a person."""

    LEARNT = "learnt"
    HELD_OUT = "held out"
    NOT_YET = "not learnt yet"
    NONE = "not traced"


@dataclass(frozen=True)
class TrainingImage:
    """An image of the tray: the numbers of strokes traced and of corrections, and what the model did with it."""

    name: str
    strokes: int
    corrections: int
    use: Use

    def __str__(self) -> str:
        drawn = [counted(self.strokes, "stroke")] if self.strokes else []
        drawn += [counted(self.corrections, "correction")] if self.corrections else []
        by_now = " by now" if self.use is Use.LEARNT else ""  # of what was drawn since the model knows nothing
        return f"{self.name}: {self.use}" + (f" ({', '.join(drawn)}{by_now})" if drawn else "")


@dataclass(frozen=True)
class TrainingFacts:
    """What is known before a training and after it; ``card`` is that of the model that the recipe has."""

    images: tuple[TrainingImage, ...] = ()
    answers: tuple[str, ...] = ()
    scores: tuple[str, ...] = ()
    card: str = ""

    @property
    def traced(self) -> int:
        """How many images are traced."""
        return sum(bool(image.strokes) for image in self.images)

    @property
    def corrected(self) -> int:
        """How many images are corrected."""
        return sum(bool(image.corrections) for image in self.images)

    @property
    def summary(self) -> str:
        """How many images are traced, corrected, learnt and held out."""
        traced, corrected = self.traced, self.corrected
        if not (traced or corrected):
            return "No image is traced yet: draw on some, or import annotations."
        held = sum(image.use is Use.HELD_OUT for image in self.images)
        new = sum(image.use is Use.NOT_YET for image in self.images)
        drawn = sum(bool(image.strokes or image.corrections) for image in self.images)
        parts = [f"{counted(traced, 'image')} traced"] if traced else []
        parts += [f"{counted(corrected, 'image')} corrected"] if corrected else []
        parts += [f"{held} held out to score the model"] if held else []
        parts += [f"{new} not learnt yet"] if new and new < drawn else []
        return ", ".join(parts) + "."


def training_facts(
    recipe: Recipe, node: str, hashes: Mapping[str, str], marks: MarkStore, models: ModelFolders
) -> TrainingFacts:
    """Look at what is traced for a training and at the card of its model. ``hashes`` are those of images, by name."""
    traced = _drawn_before(recipe, node)
    corrected = [name for name in [corrected_at(recipe, node)] if name]
    found = _card(recipe, node, models)

    def facts_of(name: str, image: str) -> TrainingImage:
        strokes, corrections = (_count(marks, image, nodes) for nodes in (traced, corrected))
        use = Use.NOT_YET if strokes or corrections else Use.NONE
        if found:
            use = Use.HELD_OUT if name in found[0].held_out else Use.LEARNT if name in found[0].images else use
        return TrainingImage(name, strokes, corrections, use)

    images = tuple(facts_of(name, image) for name, image in hashes.items())
    if found is None:
        return TrainingFacts(images)
    from graingraph.nodes.learning.model.card import card_text

    card, digest = found
    answers = tuple(replace(one, step=title_in(recipe, one.step)) for one in card.answers)
    text = card_text(replace(card, answers=answers), digest)
    return TrainingFacts(images, tuple(map(str, answers)), _scores(card), text)


def _drawn_before(recipe: Recipe, node: str) -> list[str]:
    """The nodes that a training's truth comes from on which a person draws: classes, or what puts right a proposal."""
    wire = recipe.wire_into(node, training_of(recipe, node).truth)
    before = {wire.source, *recipe.ancestors(wire.source)} if wire else set()
    return [name for name in before if is_traced(recipe.steps[name]) or is_correction(recipe.steps[name])]


def _count(marks: MarkStore, image: str, nodes: Sequence[str]) -> int:
    with suppress(Problem):  # a damaged file is said where it is used
        return sum(len(marks.load(image, node).marks) for node in nodes)
    return 0


def _card(recipe: Recipe, node: str, models: ModelFolders) -> "tuple[Card, str] | None":
    """The card of the model that a training recorded, and the hash of the model; None where there is none here."""
    from graingraph.nodes.learning.model.file import read_card

    reference = str(recipe.steps[node].settings.get(training_of(recipe, node).product, ""))
    if not reference:
        return None
    try:
        model = models.resolve(reference)
        card = read_card(model.path)
    except Problem:
        return None
    return card, model.hash


def _scores(card: "Card") -> tuple[str, ...]:
    """The held-out scores of each class, in words."""
    lines = []
    for score in card.scores:
        known = score_words(score.get("iou"), score.get("boundary_f1"))
        lines += [f"{score['name']}: {known}"] if known else []
    return tuple(lines)


def score_words(iou: float | None, boundary_f1: float | None) -> str:
    """Scores from 0 to 1 as a person reads them; those that are None are left out."""
    shares = (("overlap with what was traced", iou), ("boundaries found", boundary_f1))
    return ", ".join(f"{name} {100 * share:.1f} %" for name, share in shares if share is not None)
