"""Models as ZEISS ZEN reads them: a ``.czann`` zip of ``model.json`` and ``model.model``, an ONNX file, channels last.

Format: https://pypi.org/project/czmodel, version 2 of the format. Pictures go in as float32 from 0 to 1, in tiles of
the size that the model says.
"""

import uuid
from pathlib import Path
from typing import Any

import orjson

from graingraph.engine.problem import Problem
from graingraph.nodes.learning.model.archive import (
    MAX_FACTS_BYTES,
    MAX_MODEL_BYTES,
    Imported,
    class_names,
    opened,
    part,
    write_archive,
)
from graingraph.nodes.learning.model.backends import open_session
from graingraph.nodes.learning.model.file import read_card
from graingraph.nodes.learning.model.foreign_form import plain_size
from graingraph.nodes.learning.model.graph import channels_first, channels_last

SUFFIX = ".czann"
FORMAT_VERSION = "2.0.0"
FACTS = "model.json"
TILE, OVERLAP = 512, 96
"""Side of a tile, and how far tiles overlap (px)."""
SEGMENTS = ("SingleClassSemanticSegmentation", "MultiClassSemanticSegmentation")
_NAMES = uuid.UUID("8f1d3a52-5f0f-4f0a-9a0a-4b3c9e1d7c11")


def export_czann(model: Path, path: Path) -> list[str]:
    """Write a model, all in one file, for ZEN; returns what a person has to know of it. Raises ``Problem``."""
    card, session, onnx = read_card(model), open_session(model), model.read_bytes()
    height, width = plain_size(session, model.name, card) or (TILE, TILE)
    facts: dict[str, Any] = {
        "FormatVersion": FORMAT_VERSION,
        "Id": str(uuid.uuid5(_NAMES, onnx.hex()[:1000] + str(len(onnx)))),
        "Type": "MultiClassSemanticSegmentation",
        "InputShape": [height, width, card.channels],
        "OutputShape": [height, width, len(card.classes)],
        "MinOverlap": [min(OVERLAP, height // 4), min(OVERLAP, width // 4)],
        "Classes": [item.name for item in card.classes],
        "ModelName": model.stem[:100],
    }
    advice = []
    if card.um_per_px:
        metres = card.um_per_px / card.size_factor * 1e-6
        facts["Scaling"] = [metres, metres]
    elif card.size_factor != 1:
        advice.append(f"It takes pictures at {card.size_factor:g} times their size; scale them before.")
    parts = {
        FACTS: orjson.dumps(facts, option=orjson.OPT_INDENT_2),
        "model.model": channels_last(onnx, (height, width)),
    }
    write_archive(path, parts)
    return advice


def import_czann(path: Path) -> Imported:
    """The network of a ``.czann`` as an ONNX file with channels first, and the names of its classes.

    ``Problem`` where it is no model that tells classes of pixels apart.
    """
    with opened(path) as archive:
        try:
            facts = orjson.loads(
                part(archive, FACTS if FACTS in archive.namelist() else _json(archive), MAX_FACTS_BYTES)
            )
            kind, classes = facts["Type"], class_names(facts.get("Classes"))
        except (ValueError, LookupError, TypeError, AttributeError):
            raise Problem(f"{path.name} does not say what it is; ask for another copy.") from None
        if kind not in SEGMENTS:
            raise Problem(f"{path.name} is a model for {str(kind)[:60]}, and none that tells classes of pixels apart.")
        network = next(
            (name for name in archive.namelist() if name.endswith(".model") and "/" not in name), "model.model"
        )
        data = channels_first(part(archive, network, MAX_MODEL_BYTES))
    return Imported(data, classes, [])


def _json(archive: Any) -> str:
    return next((name for name in archive.namelist() if name.endswith(".json") and "/" not in name), FACTS)
