"""What was learnt from strokes as a model file: features and classifier in one ONNX graph, which takes any image."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from graingraph.engine.files import hash_bytes
from graingraph.engine.problem import Problem
from graingraph.engine.values import Model, Probabilities, Value
from graingraph.engine.versions import versions
from graingraph.nodes.learning.apply.uncertainty import unsure_fraction
from graingraph.nodes.learning.model.card import Card
from graingraph.nodes.learning.model.file import load_model, read_card
from graingraph.nodes.learning.paint.classifier import PixelClassifier
from graingraph.nodes.learning.paint.features import FINE_COUNT, GRID, REACH, features
from graingraph.nodes.learning.paint.smoothing import smoothed
from graingraph.nodes.learning.paint.strokes import RIGHT, StrokeScores, scores_of, thinned

HELD_BACK = "right on held-back strokes"
"""The entry of the card."""


def record_model(outputs: Mapping[str, Value], folder: Path) -> Model:
    """Write what the strokes taught, as the outputs of the node have it, into ``folder``; the same gives one file.

    Raises ``Problem`` where nothing was learnt, or the package onnx is missing.
    """
    scores, shares = outputs["scores"], outputs["probabilities"]
    if not isinstance(scores, StrokeScores) or scores.classifier is None:
        raise Problem("Nothing was learnt from strokes yet; switch on 'learn from every stroke' and draw.")
    unsure = None
    if isinstance(shares, Probabilities):
        unsure = unsure_fraction(thinned(shares)[0])
    each = {item.name: float(scores.columns[f"{RIGHT}, {item.name}"][0]) / 100 for item in scores.classifier.classes}
    return write_classifier(scores.classifier, folder, each, unsure)


def recorded_scores(model: Model) -> StrokeScores:
    """How strokes held back were told when the model was recorded, as far as its file says."""
    card = read_card(model.path)
    found = card.settings.get(HELD_BACK)
    shares = found if isinstance(found, dict) else {}
    numbers = {item.name: shares.get(item.name) for item in card.classes}
    return scores_of({name: share if isinstance(share, float) else np.nan for name, share in numbers.items()})


def write_classifier(
    classifier: PixelClassifier, folder: Path, held_back: Mapping[str, float] | None = None, unsure: float | None = None
) -> Model:
    """Write a classifier as a model file: grey levels 0 to 1 in, class probabilities out, sides multiples of 16 px.

    ``held_back`` is the share of each class that was told right on strokes held back; ``unsure`` is the share of an
    image that it usually is unsure of.
    """
    try:
        from graingraph.nodes.learning.model.graph_builder import Graph
    except ImportError:
        raise Problem("Recording needs the package onnx; install it with: pip install onnx") from None
    known = {name: share for name, share in (held_back or {}).items() if not np.isnan(share)}
    card = Card(
        classes=classifier.classes,
        size_factor=classifier.size_factor,
        settings={"method": "pixel classifier", "reach": REACH, "standardise": True, HELD_BACK: known},
        images=dict.fromkeys(classifier.images, ""),
        statistics={} if unsure is None else {"unsure": unsure},
        um_per_px=classifier.um_per_px,
        versions=dict(versions()),
    )
    graph = Graph()
    fine, texture = features(graph.image, graph)
    coarse = graph.grown(graph.mixed(texture, classifier.weights[:, FINE_COUNT:]), GRID)
    scores = graph.mixed(fine, classifier.weights[:, :FINE_COUNT], classifier.bias) + coarse
    folder.mkdir(parents=True, exist_ok=True)
    name = hash_bytes(classifier.weights.tobytes(), classifier.bias.tobytes(), card.to_json().encode())[:12]
    path = folder / f"painted_{name}.onnx"
    shares = graph.channels(graph.softmax(scores), len(classifier.classes))
    graph.write(graph.joined(smoothed(shares, fine[0], graph)), card, path)
    return load_model(path)
