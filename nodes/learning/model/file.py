"""Model files: an ONNX file as a value that can be wired, and its card.

Read without the onnx package: ONNX Runtime lists the metadata of a loaded model.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from graingraph.engine.declare.model_file import metadata_keys, model_hash
from graingraph.engine.problem import Problem
from graingraph.engine.values import Model
from graingraph.nodes.learning.model.backends import open_session
from graingraph.nodes.learning.model.card import KEY, Card, card_from_json, card_text
from graingraph.nodes.learning.model.foreign import foreign_card
from graingraph.nodes.learning.model.foreign_outputs import outputs_of
from graingraph.nodes.learning.model.trial import may_never_end, require_it_ends


def load_model(path: Path | str) -> Model:
    """A model file as a value that can be wired; ``Problem`` when there is no such file."""
    path = Path(path)
    _must_exist(path)
    return Model(path, model_hash(path))


def read_card(path: Path) -> Card:
    """The card of a model file; a foreign model gets one made from the shapes of its input and output."""
    _must_exist(path)
    stat = path.stat()
    return _card(path, stat.st_mtime_ns, stat.st_size)


def learnt_with(path: Path) -> dict[str, Any]:
    """The settings that a model was learnt with, by the names of Train's settings; none of a foreign model.

    "epochs trained" is there where the training was stopped before its end. ``Problem`` where the file is missing or
    cannot be read.
    """
    card = read_card(path)
    if not card.ours:
        return {}
    settings = dict(card.settings)
    settings.update(settings.pop("augmentations", None) or {})
    if settings.get("epochs trained") == settings.get("epochs"):
        settings.pop("epochs trained", None)
    return settings | {"start_from": card.started_from}


def model_card(path: Path) -> tuple[dict[str, Any], str]:
    """The card of a model file as JSON values and as text to print; ``Problem`` also for one that never ends."""
    _must_exist(Path(path))
    require_it_ends(Path(path))
    card = read_card(Path(path))
    facts = orjson.loads(card.to_json())
    facts["hash"] = model_hash(Path(path))
    return facts, card_text(card, facts["hash"])


def _must_exist(path: Path) -> None:
    if not path.is_file():
        raise Problem(f"There is no model file {path.name}; choose another or train one.")


@lru_cache(maxsize=16)
def _card(path: Path, modified: int, size: int) -> Card:
    if KEY not in metadata_keys(path) or may_never_end(path):  # a card can be copied, too
        require_it_ends(path)
    session = open_session(path)
    metadata = session.get_modelmeta().custom_metadata_map
    if KEY not in metadata:
        return foreign_card(session, path.name)
    card = card_from_json(metadata[KEY])
    first = next(iter(outputs_of(session, path.name).maps.values()))
    if first.planes.shape[1] != len(card.classes) or first.times > 1:
        raise Problem(f"{path.name} cannot be used: its description and its network differ; train the model again.")
    return card
