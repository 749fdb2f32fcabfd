"""The card of a model: what a model file says about itself, in its ONNX metadata."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, PixelClass
from graingraph.engine.values.classes import boundary_index, with_roles_of_names, without_cores
from graingraph.engine.values.wording import short

KEY = "graingraph"
"""Metadata entry that holds the card as JSON."""

LARGEST = 2.0
"""Up to what size factor a model may have learnt: a picture that it takes is four times as large then."""

LOOK_NUMBERS = ("mean", "spread", "fine", "middle", "coarse")
"""What is known of the grey levels of the training images: least and greatest of each."""

TEXTURE_NUMBERS = 15
"""How many numbers describe a texture: five at each of three scales."""

TRAIT_NUMBERS = 29
"""How many numbers describe a window of a picture: its texture, grey levels, octaves and colour."""

NEW_NAMES = {"apart": "separate_touching", "guess": "extend_patches"}
"""Settings of a training that older cards call otherwise."""

MOST_REACH = 512
"""Px that a model's answer may depend on around a pixel, and be exact."""

MOST_ANSWERS = 1000
"""Quantities that the steps of a recipe answer at most."""


@dataclass(frozen=True)
class Answer:
    """What a step of the recipe measured on each held-out image: ``found`` by the model, ``true`` from what was traced.

    ``quantity`` is a column of its table, the mean of it where it has a row a feature, in ``unit``. The images are
    ``alike`` where they are of one kind of material; else a specimen is like one of them, and all its fields are off by
    what that one is.
    """

    step: str
    quantity: str
    unit: str
    found: tuple[float, ...]
    true: tuple[float, ...]
    alike: bool = True

    @property
    def error(self) -> float:
        """Mean difference of found and true, in the unit."""
        return sum(self._differences) / len(self.found)

    @property
    def spread(self) -> float | None:
        """Standard deviation of the differences between images, in the unit; None for fewer than two images."""
        from statistics import stdev  # loads decimals and fractions, which no start needs

        return stdev(self._differences) if len(self.found) > 1 else None

    @property
    def _differences(self) -> list[float]:
        return [mine - theirs for mine, theirs in zip(self.found, self.true, strict=True)]

    def __str__(self) -> str:
        mine, theirs = (sum(values) / len(values) for values in (self.found, self.true))
        unit = f" {self.unit}" if self.unit else ""
        off = f"{'' if self.error < 0 else '+'}{short(self.error, 2)}"
        text = f"{self.step}, {self.quantity}: {short(mine, 4)}{unit} (traced {short(theirs, 4)}{unit}, {off}{unit}"
        if self.unit != "%" and theirs:
            text += f" or {round(100 * self.error / theirs, 1) + 0.0:+.1f} %"  # - 0.0 would be said as well
        between = "images" if self.alike else "materials"
        return text + (f"; ± {short(self.spread, 2)}{unit} between {between})" if self.spread is not None else ")")


@dataclass(frozen=True)
class Card:
    """What is known about a model.

    ``scores`` are the held-out scores by class, ``answers`` what the recipe's own steps answered there; ``statistics``
    what the training images look like (see ``familiarity``); ``images`` the training images' names and hashes;
    ``calibration`` the temperature by which the network's scores are divided, and how far its probabilities were off on
    the held-out images before and after (see ``train.calibration``);
    ``thin`` are the indices of the classes that are lines, narrow and long;
    ``um_per_px`` the pixel size that they were learnt at, before the size factor, None where it is not known;
    ``started_from`` refers to the model it went on from (name@hash); ``ours`` is False for a foreign model.
    """

    classes: tuple[PixelClass, ...]
    size_factor: float = 1.0
    channels: int = 1
    settings: dict[str, Any] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    held_out: dict[str, str] = field(default_factory=dict)
    scores: list[dict[str, Any]] = field(default_factory=list)
    scores_before: list[dict[str, Any]] = field(default_factory=list)
    answers: tuple[Answer, ...] = ()
    statistics: dict[str, Any] = field(default_factory=dict)
    calibration: dict[str, float | None] = field(default_factory=dict)
    thin: tuple[int, ...] = ()
    um_per_px: float | None = None
    started_from: str = ""
    recipe_id: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    note: str = ""
    ours: bool = True

    @property
    def reach(self) -> int:
        """How far in px its network's answer depends on the picture, where that is exact; 0 for a network whose tiles
        fade into each other. Such a model computes in full precision."""
        reach = self.settings.get("reach", 0)
        return min(max(reach, 0), MOST_REACH) if isinstance(reach, int) else 0

    def to_json(self) -> str:
        """The card as the JSON text kept in the model file."""
        return orjson.dumps(self, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY).decode()


def card_from_json(text: str) -> Card:
    """Read a card; ``Problem`` when the text is no card."""
    try:
        facts = orjson.loads(text)
        classes = tuple(PixelClass(**item) for item in facts["classes"])
        told = all("role" in item for item in facts["classes"])
        facts["settings"] = {NEW_NAMES.get(name, name): value for name, value in facts.get("settings", {}).items()}
        facts["answers"] = tuple(_answer(item) for item in facts.get("answers", ()))
        facts["thin"] = tuple(facts.get("thin", ()))
        facts["classes"] = classes if told else _with_roles(classes, facts["thin"])
        known = {k: v for k, v in facts.items() if k in Card.__dataclass_fields__}
        card = Card(**{**known, "ours": True})
        sound = _is_sound(card)
    except (KeyError, TypeError, ValueError, AttributeError):
        sound = False
    if not sound:
        raise Problem("The model's description is damaged; train the model again.")
    return card


def _answer(facts: dict[str, Any]) -> Answer:
    return Answer(**{**facts, "found": tuple(facts["found"]), "true": tuple(facts["true"])})


def _with_roles(classes: tuple[PixelClass, ...], thin: tuple[int, ...]) -> tuple[PixelClass, ...]:
    """The classes of a card from before classes had roles: what their names meant, else lines are boundaries."""
    named = with_roles_of_names(classes)
    if boundary_index(named) is not None:
        return named
    return tuple(replace(item, role="boundary") if i in thin else item for i, item in enumerate(named))


def _is_sound(card: Card) -> bool:
    """Whether everything in a card that is computed with or printed has the kind and bounds it must have."""
    groups = (card.settings, card.images, card.held_out, card.statistics, card.calibration, card.versions)
    return (
        1 <= len(card.classes) < UNLABELLED
        and all(re.fullmatch("#[0-9a-fA-F]{6}", item.color) and len(item.name) <= 200 for item in card.classes)
        and all(item.role != "core" for item in card.classes[: len(without_cores(card.classes))])  # cores come last
        and 0.01 <= card.size_factor <= LARGEST
        and card.channels in (1, 3)
        and (card.um_per_px is None or (isinstance(card.um_per_px, int | float) and 0 < card.um_per_px < 1e6))
        and all(index in range(len(card.classes)) for index in card.thin)
        and all(isinstance(group, dict) for group in groups)
        and all(_is_score(score) for score in [*card.scores, *card.scores_before])
        and len(card.answers) <= MOST_ANSWERS
        and all(map(_is_answer, card.answers))
        and _are_comparable(card.statistics)
        and all(number is None or isinstance(number, int | float) for number in card.calibration.values())
    )


def _are_comparable(known: dict[str, Any]) -> bool:
    """Whether the statistics of a card can be compared with (see ``apply.familiarity`` and ``apply.exposure``)."""

    def is_range(pair: Any) -> bool:
        return len(pair) == 2 and all(isinstance(end, int | float) for end in pair)

    def is_texture(texture: Any) -> bool:
        numbers = [*texture["mean"], *texture["spread"], texture["usual"]]
        return (
            len(texture["mean"]) == len(texture["spread"]) == TEXTURE_NUMBERS
            and all(isinstance(number, int | float) for number in numbers)
            and texture["usual"] > 0
        )

    def are_traits(traits: Any) -> bool:
        lists = [traits[key] for key in ("least", "greatest", "spread")]
        return all(len(numbers) == TRAIT_NUMBERS for numbers in lists) and all(
            isinstance(number, int | float) for numbers in lists for number in numbers
        )

    looks, ends = known.get("look"), known.get("exposure")
    return (
        (not looks or (set(LOOK_NUMBERS) <= set(looks) and all(is_range(looks[key]) for key in LOOK_NUMBERS)))
        and (not ends or (len(ends) == 2 and all(is_range(pair) for pair in ends)))
        and (not known.get("texture") or is_texture(known["texture"]))
        and (not known.get("traits") or are_traits(known["traits"]))
        and all(known.get(key) is None or isinstance(known[key], int | float) for key in ("unsure", "faint"))
    )


def _is_answer(answer: Answer) -> bool:
    words = (answer.step, answer.quantity, answer.unit)
    return (
        all(isinstance(word, str) and len(word) <= 200 for word in words)
        and 0 < len(answer.found) == len(answer.true)
        and isinstance(answer.alike, bool)
        and all(isinstance(value, int | float) for value in (*answer.found, *answer.true))
    )


def _is_score(score: dict[str, Any]) -> bool:
    return isinstance(score["name"], str) and all(
        value is None or isinstance(value, int | float) for key, value in score.items() if key != "name"
    )


def in_short(card: Card) -> str:
    """What a model is, in a line: its classes, what it was learnt from, and how good it was on images held out."""
    names = ", ".join(item.name for item in without_cores(card.classes))
    if not card.ours:
        return f"A model from elsewhere that finds {names}."
    learnt = f"learnt from {len(card.images)} images" if len(card.images) > 1 else "learnt from one image"
    text = f"Finds {names}; {learnt if card.images else 'what it was learnt from is not said'}"
    overlaps = [score["iou"] for score in card.scores if score.get("iou") is not None]
    if overlaps and card.held_out:
        text += f"; overlap (IoU) on {len(card.held_out)} held out {sum(overlaps) / len(overlaps):.2f}"
    return f"{text}." if overlaps and card.held_out else f"{text}; nothing is known about new images."


def card_text(card: Card, model_hash: str) -> str:
    """The card in words, a line a fact."""
    lines = [
        f"hash          {model_hash}",
        f"classes       {', '.join(map(_class_text, card.classes))}",
        f"size factor   {card.size_factor:g}",
        f"pixel size    {f'{card.um_per_px:.6g} µm' if card.um_per_px else 'unknown'}",
        f"input         {'colour' if card.channels == 3 else 'grey'}",
        f"trained on    {', '.join(card.images) or 'unknown'}",
        f"held out      {', '.join(card.held_out) or 'none'}",
    ]
    lines += [f"  {_score_text(score)}" for score in card.scores]
    lines += [f"  {answer}" for answer in card.answers]
    if card.calibration.get("error_after") is not None:
        lines.append(_calibration_text(card.calibration))
    lines += [f"  before: {_score_text(score)}" for score in card.scores_before]
    if card.started_from:
        lines.append(f"started from  {card.started_from}")
    if card.recipe_id:
        lines.append(f"recipe        {card.recipe_id}")
    lines += [f"{name:13s} {value}" for name, value in sorted(card.settings.items()) if not isinstance(value, dict)]
    lines += [f"{name:13s} {value}" for name, value in sorted(card.versions.items())]
    return "\n".join([*lines, *([card.note] if card.note else [])])


def _class_text(item: PixelClass) -> str:
    role = "" if item.role == "area" else f", {item.role}{f' of {item.of}' if item.of else ''}"
    return f"{item.name} ({item.color}{role})"


def _calibration_text(calibration: dict[str, float | None]) -> str:
    before, after = (calibration.get(name) or 0.0 for name in ("error_before", "error_after"))
    text, divided = f"  calibration: off by {after:.1%} on average", calibration.get("temperature") or 1.0
    return text if divided == 1 else f"{text} (by {before:.1%} before its scores were divided by {divided:.2f})"


def _score_text(score: dict[str, Any]) -> str:
    def number(key: str, form: str = ".3f") -> str:
        return "-" if score.get(key) is None else format(score[key], form)

    text = f"{score['name']}: IoU {number('iou')}, boundary F1 {number('boundary_f1')}"
    text += f", area {number('fraction', '.1%')} (truth {number('true_fraction', '.1%')})"
    if score.get("true_count"):
        text += f", count {score['count']} (truth {score['true_count']})"
        text += f", mean diameter {number('diameter', '.1f')} px (truth {number('true_diameter', '.1f')})"
    return text
