"""The card of a model: what a model file says about itself, in its ONNX metadata.

Read without the onnx package: ONNX Runtime lists the metadata of a loaded model.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from engine.files import hash_file
from engine.problem import Problem
from engine.values import Model, PixelClass

KEY = "graingraph"
"""Metadata entry that holds the card as JSON."""

PALETTE = ("#3b6fb6", "#e4572e", "#4caf50", "#f2c14e", "#9b5de5", "#00bbf9", "#8d6e63", "#ef476f")


@dataclass(frozen=True)
class Card:
    """What is known about a model.

    ``scores`` are the held-out scores by class; ``statistics`` what the training images look like (see
    ``familiarity``); ``images`` the training images' names and hashes; ``ours`` is False for a foreign model.
    """

    classes: tuple[PixelClass, ...]
    size_factor: float = 1.0
    channels: int = 1
    settings: dict[str, Any] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    held_out: dict[str, str] = field(default_factory=dict)
    scores: list[dict[str, Any]] = field(default_factory=list)
    scores_before: list[dict[str, Any]] = field(default_factory=list)
    statistics: dict[str, Any] = field(default_factory=dict)
    thin: tuple[int, ...] = ()
    started_from: str = ""
    recipe_id: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    note: str = ""
    ours: bool = True

    def to_json(self) -> str:
        """The card as the JSON text kept in the model file."""
        return orjson.dumps(self, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY).decode()


def card_from_json(text: str) -> Card:
    """Read a card; ``Problem`` when the text is no card."""
    try:
        facts = orjson.loads(text)
        facts["classes"] = tuple(PixelClass(**item) for item in facts["classes"])
        facts["thin"] = tuple(facts.get("thin", ()))
        known = {k: v for k, v in facts.items() if k in Card.__dataclass_fields__}
        return Card(**known)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise Problem("The model's description is damaged; train the model again.") from None


def load_model(path: Path | str) -> Model:
    """A model file as a value that can be wired; ``Problem`` when there is no such file."""
    path = Path(path)
    if not path.is_file():
        raise Problem(f"There is no model file {path.name}; choose another or train one.")
    return Model(path, hash_file(path))


@lru_cache(maxsize=16)
def _card(path: Path, modified: int, size: int) -> Card:
    from nodes.learning.backends import open_session
    from nodes.learning.foreign import foreign_card

    session = open_session(path)
    metadata = session.get_modelmeta().custom_metadata_map
    return card_from_json(metadata[KEY]) if KEY in metadata else foreign_card(session, path.name)


def read_card(path: Path) -> Card:
    """The card of a model file; a foreign model gets one made from the shapes of its input and output."""
    if not path.is_file():
        raise Problem(f"There is no model file {path.name}; choose another or train one.")
    stat = path.stat()
    return _card(path, stat.st_mtime_ns, stat.st_size)


def model_card(path: Path) -> tuple[dict[str, Any], str]:
    """The card of a model file as JSON values and as text to print."""
    card = read_card(Path(path))
    facts = orjson.loads(card.to_json())
    facts["hash"] = hash_file(Path(path))
    return facts, card_text(card, facts["hash"])


def card_text(card: Card, model_hash: str) -> str:
    """The card in words, a line a fact."""
    lines = [
        f"hash          {model_hash}",
        f"classes       {', '.join(f'{item.name} ({item.color})' for item in card.classes)}",
        f"size factor   {card.size_factor:g}",
        f"input         {'colour' if card.channels == 3 else 'grey'}",
        f"trained on    {', '.join(card.images) or 'unknown'}",
        f"held out      {', '.join(card.held_out) or 'none'}",
    ]
    lines += [f"  {_score_text(score)}" for score in card.scores]
    lines += [f"  before: {_score_text(score)}" for score in card.scores_before]
    if card.started_from:
        lines.append(f"started from  {card.started_from}")
    if card.recipe_id:
        lines.append(f"recipe        {card.recipe_id}")
    lines += [f"{name:13s} {value}" for name, value in sorted(card.settings.items()) if not isinstance(value, dict)]
    lines += [f"{name:13s} {value}" for name, value in sorted(card.versions.items())]
    return "\n".join([*lines, *([card.note] if card.note else [])])


def _score_text(score: dict[str, Any]) -> str:
    def number(key: str, form: str = ".3f") -> str:
        return "-" if score.get(key) is None else format(score[key], form)

    text = f"{score['name']}: IoU {number('iou')}, boundary F1 {number('boundary_f1')}"
    text += f", area {number('fraction', '.1%')} (truth {number('true_fraction', '.1%')})"
    if score.get("true_count"):
        text += f", count {score['count']} (truth {score['true_count']})"
        text += f", mean diameter {number('diameter', '.1f')} px (truth {number('true_diameter', '.1f')})"
    return text
