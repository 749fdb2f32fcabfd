"""What a model that is there makes of traced images that it has not learnt: what its card then says of it. No torch."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from graingraph.engine.declare.injected import Context
from graingraph.engine.problem import Problem
from graingraph.engine.values import ClassMap, Image, Model
from graingraph.engine.values.classes import without_cores
from graingraph.nodes.learning.apply.exposure import as_learnt, standardised
from graingraph.nodes.learning.apply.familiarity import statistics
from graingraph.nodes.learning.apply.learnt_scale import to_learnt_size
from graingraph.nodes.learning.apply.segment import load, probability_planes
from graingraph.nodes.learning.model.card import Card
from graingraph.nodes.learning.model.file import read_card
from graingraph.nodes.learning.model.network_input import network_size, picture_at, to_channels, unit_range
from graingraph.nodes.learning.train import held_out
from graingraph.nodes.learning.train.calibration import Calibration, calibrated
from graingraph.nodes.learning.train.gather import Traced, make_samples
from graingraph.nodes.learning.train.sample import Sample, training_image_hash


def unseen(card: Card, images: Mapping[str, Image]) -> tuple[str, ...]:
    """The names of the images that a model has not learnt, by their pixels."""
    learnt = set(card.images.values())
    return tuple(name for name, image in images.items() if training_image_hash(image) not in learnt)


def judged(model: Model, traced: Traced, applied: Mapping[str, np.ndarray] | None = None) -> tuple[Card, Calibration]:
    """The card of a model with its scores on these images, and the temperature that its scores may be divided by.

    ``applied`` are the probabilities (H, W, C) of each image as a recipe has them, which may show the network another
    size than it learnt at; the model is run without. ``Problem`` where the images are traced in other classes.
    """
    card = read_card(model.path)
    if not card.ours:
        raise Problem(f"{model.path.name} was not trained here; only models of this program are scored.")
    kinds = without_cores(card.classes)
    factor = card.size_factor if applied is None else 1.0
    samples, classes, _ = make_samples(traced, factor, len(kinds) < len(card.classes))
    if [item.name for item in without_cores(classes)] != [item.name for item in kinds]:
        names = ", ".join(item.name for item in kinds)
        raise Problem(f"The images are traced in other classes than the model's, {names}.")
    engine = load(model, "CPU")

    def predict(sample: Sample) -> np.ndarray:
        if applied is not None:
            return applied[sample.name]
        pixels = sample.pixels
        own = to_channels(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels, card.channels)
        seen = np.ascontiguousarray(as_learnt(own, card))
        return probability_planes(engine, seen, Context()).transpose(1, 2, 0)

    predicted = [predict(sample) for sample in samples]
    calibration = calibrated((shares, sample.labels) for shares, sample in zip(predicted, samples, strict=True))
    scores, usual = held_out.score(samples, predicted, card.classes, card.thin)
    return (
        replace(
            card,
            held_out={sample.name: sample.hash for sample in samples},
            scores=[score.as_dict() for score in scores],
            statistics={**card.statistics, **usual},
        ),
        calibration,
    )


def with_looks(card: Card, images: Iterable[Image]) -> Card:
    """The card with what the images look like that its model has learnt, where all of them are among these; else as it
    is. A card from before keeps less of it than is looked at now (see ``apply.familiarity``)."""
    learnt = set(card.images.values())
    found = {digest: image for image in images if (digest := training_image_hash(image)) in learnt}
    if not found or set(found) != learnt:
        return card
    pictures = [_seen(image, card) for image in found.values()]
    return replace(card, statistics={**card.statistics, **statistics(pictures)})


def _seen(image: Image, card: Card) -> np.ndarray:
    """An image as the network has learnt it, float32 (h, w, c)."""
    factor = card.size_factor * to_learnt_size(image.scale, card.um_per_px)[0]
    pixels = picture_at(to_channels(unit_range(image), card.channels), network_size(image.shape, factor))
    return standardised(pixels) if card.settings.get("standardise") else pixels


def in_order(truth: ClassMap, card: Card) -> ClassMap:
    """A class map with its classes in the order of a model's; one with classes of other names as it is."""
    wanted = without_cores(card.classes)
    own, names = ([item.name for item in classes] for classes in (truth.classes, wanted))
    if sorted(own) != sorted(names):
        return truth
    places = np.arange(256, dtype=np.uint8)
    places[: len(own)] = [names.index(one) for one in own]
    return replace(truth, pixels=places[truth.pixels], classes=wanted)
