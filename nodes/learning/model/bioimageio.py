"""Models in the format of the BioImage Model Zoo: a zip of ``rdf.yaml``, the ONNX file, and a test input and output.

Format: https://github.com/bioimage-io/spec-bioimage-io, model description 0.5. A model of this program travels with
its card inside the ONNX file and comes back as it was.
"""

import io
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
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
from graingraph.nodes.learning.model.card import Card
from graingraph.nodes.learning.model.file import read_card
from graingraph.nodes.learning.model.foreign_form import plain_size
from graingraph.nodes.learning.model.graph import opset
from graingraph.nodes.learning.model.network_input import STRIDE

FORMAT_VERSION = "0.5.4"
DESCRIPTIONS = ("rdf.yaml", "bioimageio.yaml", "model.yaml")
TESTED = 64
"""Side (px) of the picture that the archive is tested with."""
MAX_ITEMS, MAX_DEPTH = 20_000, 40
"""Of a description, beyond which it is none."""


def export_bioimageio(model: Path, path: Path, *, author: str, licence: str = "") -> None:
    """Write a model, all in one file, as an archive.

    ``licence`` is an SPDX identifier, such as CC-BY-4.0; "" says nothing. Raises ``Problem``.
    """
    card, session, onnx = read_card(model), open_session(model), model.read_bytes()
    given, made, size = (
        session.get_inputs()[0].name,
        session.get_outputs()[0].name,
        plain_size(session, model.name, card),
    )
    picture = np.random.default_rng(0).random((1, card.channels, *(size or (TESTED, TESTED))), dtype=np.float32)
    result = session.run(None, {given: picture})[0]
    parts = {
        "weights.onnx": onnx,
        "test_input.npy": _npy(picture),
        "test_output.npy": _npy(result),
        "README.md": _readme(model.stem, card).encode(),
    }
    files = {name: {"source": name, "sha256": sha256(data).hexdigest()} for name, data in parts.items()}
    scale = {"unit": "micrometer", "scale": card.um_per_px / card.size_factor} if card.um_per_px else {}
    sizes = size or ({"min": STRIDE, "step": STRIDE},) * 2
    names = ["red", "green", "blue"] if card.channels == 3 else ["grey"]
    in_axes = [{"type": "space", "id": axis, "size": length, **scale} for axis, length in zip("yx", sizes, strict=True)]
    out_axes = [{"type": "space", "id": axis, "size": {"tensor_id": given, "axis_id": axis}, **scale} for axis in "yx"]
    facts: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "type": "model",
        "name": re.sub(r"[^\w .()-]", "_", model.stem)[:128],
        "description": f"Tells {', '.join(item.name for item in card.classes)} apart in micrographs."[:1000],
        "authors": [{"name": author}],
        "cite": [{"text": "Graingraph, a program for micrographs", "url": "https://bioimage.io"}],
        "documentation": "README.md",
        "tags": ["semantic-segmentation", "2d", "micrograph"],
        "inputs": [
            {
                "id": given,
                "description": "Grey levels from 0 (black) to 1 (white).",
                "axes": [{"type": "batch"}, {"type": "channel", "channel_names": names}, *in_axes],
                "data": {"type": "float32", "range": [0.0, 1.0]},
                "test_tensor": files["test_input.npy"],
            }
        ],
        "outputs": [
            {
                "id": made,
                "description": "Of each class its probability.",
                "axes": [{"type": "batch"}, {"type": "channel", "channel_names": _identifiers(card)}, *out_axes],
                "data": {"type": "float32"},
                "test_tensor": files["test_output.npy"],
            }
        ],
        "weights": {"onnx": {**files["weights.onnx"], "opset_version": opset(onnx)}},
    }
    if licence:
        facts["license"] = licence
    write_archive(path, {"rdf.yaml": orjson.dumps(facts, option=orjson.OPT_INDENT_2), **parts})  # JSON is YAML too


def import_bioimageio(path: Path) -> Imported:
    """The ONNX file in an archive, its classes, and what to set in DeepSegment so that it is applied as it is meant.

    ``Problem`` where it holds no model for plain pictures (batch, channel, y, x), anything that is not understood, or
    other weights than it says.
    """
    with opened(path) as archive:
        name = next((one for one in DESCRIPTIONS if one in archive.namelist()), DESCRIPTIONS[0])
        facts = _read_yaml(part(archive, name, MAX_FACTS_BYTES), path.name)
        try:
            weights = facts["weights"]["onnx"]
            source, digest = weights["source"], weights.get("sha256")
            given = facts["inputs"][0]
            axes = given["axes"] if isinstance(given["axes"], str) else [axis["type"] for axis in given["axes"]]
            several = len(facts["inputs"]) != 1
            advice = _advice(given)
        except (LookupError, TypeError, AttributeError, ValueError):
            raise Problem(f"{path.name} describes no model with ONNX weights; ask for one.") from None
        if several or axes not in ("bcyx", ["batch", "channel", "space", "space"]):
            raise Problem(f"{path.name} takes other things than one picture (batch, channel, y, x); it cannot be used.")
        if not isinstance(source, str) or "://" in source:
            raise Problem(f"{path.name} wants its weights from elsewhere; ask for an archive that holds them.")
        network = part(archive, source.removeprefix("./"), MAX_MODEL_BYTES)
        if digest is not None and digest != sha256(network).hexdigest():
            raise Problem(f"The weights in {path.name} are not those that it describes; ask for another copy.")
        return Imported(network, _classes(facts), advice)


def _classes(facts: dict[str, Any]) -> tuple[str, ...]:
    """The names of the planes that come out; none where they are not told (before version 0.5 they never are)."""
    try:
        return next(
            (class_names(a.get("channel_names")) for a in facts["outputs"][0]["axes"] if "channel" in a.values()), ()
        )
    except (LookupError, TypeError, AttributeError):
        return ()


def _advice(given: dict[str, Any]) -> list[str]:
    """What the preprocessing of an input asks of DeepSegment, in words."""
    found = []
    for step in given.get("preprocessing") or []:
        kind, more = step.get("id") or step.get("name"), step.get("kwargs") or {}
        if kind in ("zero_mean_unit_variance", "fixed_zero_mean_unit_variance"):
            found.append("It takes grey levels with mean 0 and spread 1: set grey levels to 'mean 0, spread 1'.")
        elif kind == "scale_linear" and not 0.003 < float(np.ravel(more.get("gain", 1))[0]) < 0.005:
            found.append("It takes grey levels that are scaled in a way of its own; try which grey levels suit it.")
        elif kind in ("scale_range", "scale_mean_variance", "clip", "binarize", "sigmoid"):
            found.append(f"It was meant for pictures after the step {kind}; put what does the same before it.")
    return found


def _read_yaml(data: bytes, name: str) -> dict[str, Any]:
    """A description: plain values alone, without references, which can grow without end. Raises ``Problem``."""
    import yaml

    class Plain(yaml.SafeLoader):
        """Builds plain values only."""

    try:
        depth = 0
        for items, event in enumerate(yaml.parse(data, Plain)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or items > MAX_ITEMS or depth > MAX_DEPTH:
                raise Problem(f"The description in {name} is larger or more tangled than any; ask for another copy.")
        facts = yaml.load(data, Plain)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise Problem(f"The description in {name} is damaged; ask for another copy.") from None
    if not isinstance(facts, dict) or facts.get("type", "model") != "model":
        raise Problem(f"{name} describes no model; choose one of a model.")
    return facts


def _npy(array: np.ndarray) -> bytes:
    held = io.BytesIO()
    np.save(held, array, allow_pickle=False)
    return held.getvalue()


def _identifiers(card: Card) -> list[str]:
    """A name of letters, digits and _ for each class, each another."""
    plain = [re.sub(r"\W+", "_", item.name).strip("_") or "class" for item in card.classes]
    plain = [name if not name[0].isdigit() else f"class_{name}" for name in plain]
    return [name if plain.count(name) == 1 else f"{name}_{place}" for place, name in enumerate(plain)]


def _readme(name: str, card: Card) -> str:
    lines = [f"# {name}", "", card.note, "", "Classes: " + ", ".join(item.name for item in card.classes) + "."]
    if card.size_factor != 1:
        lines.append(f"It takes pictures at {card.size_factor:g} times their size.")
    if card.um_per_px:
        lines.append(f"It learnt at {card.um_per_px / card.size_factor:.6g} µm a pixel of what it takes.")
    lines += ["", "## Validation", ""]
    lines += [f"- {score['name']}: IoU {score.get('iou')}" for score in card.scores] or ["Nothing was held out."]
    return "\n".join(lines) + "\n"
