"""From the strokes on some images of the tray to the map of one image, and how good it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from graingraph.engine.declare.injected import Context, EveryImage, Part, PixelBox
from graingraph.engine.problem import NeedsTraining, Problem
from graingraph.engine.values import (
    ClassMap,
    Image,
    PerImage,
    PixelClass,
    Probabilities,
    Table,
    Value,
    value_type,
)
from graingraph.engine.values.wording import named
from graingraph.nodes.imaging.features.class_indices import class_indices
from graingraph.nodes.learning.apply.blank import blank_notes
from graingraph.nodes.learning.apply.learnt_scale import pixel_size
from graingraph.nodes.learning.apply.uncertainty import entropy
from graingraph.nodes.learning.model.network_input import at_size
from graingraph.nodes.learning.paint.classifier import (
    Learnt,
    PixelClassifier,
    StrokePixels,
    learn,
    shrunk_strokes,
    stroke_pixels,
)
from graingraph.nodes.learning.paint.features import reaches
from graingraph.nodes.learning.paint.live_map import (
    FeatureStack,
    Resolution,
    feature_stack,
    part_of,
    probability_planes,
    size_factor,
)

RIGHT = "Right on held-back strokes"

NEXT = 1 / 12
"""Side of the place to paint next, as a share of the image's shorter side."""


THINNED_TO = 512
"""Pixels along the shorter side, or somewhat more, that show how sure the classes are."""


@value_type()
@dataclass(frozen=True, eq=False)
class StrokeScores(Table):
    """In one row the share told right on strokes held back, of all classes and of each; and what was learnt."""

    classifier: PixelClassifier | None = None


def learn_and_segment(
    image: Image, traces: PerImage[ClassMap], resolution: Resolution, every: EveryImage, context: Context
) -> tuple[ClassMap, Probabilities, StrokeScores]:
    """Class map and probabilities of an image, learnt from all strokes, and how strokes held back were told.

    Only images that are drawn on cost anything. Raises ``Problem`` (``NeedsTraining``) before two classes have strokes.
    """
    factor = size_factor(image.shape, resolution)
    classifier, scores = _learn(traces, factor, every, context)
    context.check(0.9, "Segmenting")
    found = _features(every, every.here, factor)
    seen = context.in_view()
    part = seen and _part_in_view(image, found, classifier, seen)
    if part:
        context.publish("part", part)
        context.check()
    planes = probability_planes(found, classifier)
    shares = at_size(planes, image.shape)
    indices = class_indices(np.moveaxis(shares, 2, 0))
    return (
        ClassMap(indices, image.scale, classifier.classes).with_note(*blank_notes(image)),
        Probabilities(shares, image.scale, classifier.classes),
        scores,
    )


def _part_in_view(image: Image, found: FeatureStack, classifier: PixelClassifier, seen: PixelBox) -> Part | None:
    """The map in a box of the image, as the whole map will be there; None where it takes as long as that."""
    sides = np.array(image.shape * 2) / np.array(found.size * 2)
    inner = np.floor(np.array(seen) / sides).astype(int)
    near = part_of(found, PixelBox(*inner.tolist()))
    if near is None:
        return None
    features, where = near
    top, left, bottom, right = np.rint(np.array(where) * sides).astype(int).tolist()
    shares = at_size(probability_planes(features, classifier), (bottom - top, right - left))
    box = PixelBox(max(seen.top, top), max(seen.left, left), min(seen.bottom, bottom), min(seen.right, right))
    shares = np.ascontiguousarray(shares[box.top - top : box.bottom - top, box.left - left : box.right - left])
    classes = ClassMap(class_indices(np.moveaxis(shares, 2, 0)), image.scale, classifier.classes)
    return Part({"classes": classes, "probabilities": Probabilities(shares, image.scale, classifier.classes)}, box)


def _learn(
    traces: PerImage[ClassMap], factor: float, every: EveryImage, context: Context
) -> tuple[PixelClassifier, StrokeScores]:
    """What the strokes on all images teach, and the table of it."""
    samples: list[StrokePixels] = []
    classes: tuple[PixelClass, ...] = ()
    names, scales = [], []
    for name in traces:
        if name in traces.undrawn:
            continue
        context.check()
        try:
            traced = traces[name]
        except Problem as problem:  # one bad image does not keep the others from being learnt
            traces.failures[name] = problem
            continue
        if classes and traced.classes != classes:
            raise Problem("The images are traced in different classes; wire one Trace node to all of them.")
        classes = traced.classes
        if not (traced.pixels < len(classes)).any():
            continue
        found = _features(every, name, factor)
        labels = shrunk_strokes(traced.pixels, found.size)
        samples.append(stroke_pixels(labels, found.fine, found.texture, found.spread, len(classes)))
        names.append(name)
        scales.append(pixel_size(traced.scale))
    learnt = learn(samples, len(classes), reaches()) if samples else None
    if learnt is None:
        raise NeedsTraining("Draw a stroke in each of two classes at least; the map then follows every stroke.")
    alike = scales[0] if len({round(s, 6) for s in scales if s}) == 1 and None not in scales else None
    classifier = PixelClassifier(learnt.weights, learnt.bias, classes, factor, tuple(names), alike)
    return classifier, _scores(samples, learnt, classifier)


def _features(every: EveryImage, name: str, factor: float) -> FeatureStack:
    found = every.kept(name, "image", feature_stack, factor)
    assert isinstance(found, FeatureStack)
    return found


def _scores(samples: Sequence[StrokePixels], learnt: Learnt, classifier: PixelClassifier) -> StrokeScores:
    strokes = sum(len(np.unique(one.strokes)) for one in samples)
    each = dict(zip((item.name for item in classifier.classes), learnt.held_back, strict=True))
    return scores_of(each, strokes, classifier)


def scores_of(
    each: Mapping[str, float], strokes: int | None = None, classifier: PixelClassifier | None = None
) -> StrokeScores:
    """The table of what share of each class was told right on strokes held back; NaN where that is not known."""
    tested = {name: share for name, share in each.items() if not np.isnan(share)}
    known = list(tested.values())
    columns = {RIGHT: np.array([100 * float(np.mean(known)) if known else np.nan])}
    columns |= {f"{RIGHT}, {name}": np.array([100 * share]) for name, share in each.items()}
    units = dict.fromkeys(columns, "%")
    if strokes is not None:
        columns["Strokes"], units["Strokes"] = np.array([strokes]), ""
    only = f" of {named(list(tested))} only" if len(tested) < len(each) else ""
    headline = f"{np.mean(known):.0%} right on held-back strokes{only}" if known else ""
    if not known and classifier is not None:
        headline = "a second stroke in each class shows how good it is"
    return StrokeScores(columns, units, rows="fields", headline=headline, classifier=classifier)


def thinned(shares: Probabilities) -> tuple[np.ndarray, int]:
    """Probabilities at every so many pixels, as planes (C, h, w), and how many pixels apart they lie.

    That many show how sure the classes are, in a moment.
    """
    step = max(1, min(shares.shape) // THINNED_TO)
    return np.moveaxis(shares.pixels[::step, ::step], 2, 0), step


def least_sure_place(outputs: Mapping[str, Value]) -> tuple[float, float]:
    """The middle (x, y in px) of the square of an image in which its classes are least sure."""
    found = outputs["probabilities"]
    assert isinstance(found, Probabilities)
    planes, step = thinned(found)
    unsure = entropy(planes)
    side = max(1, round(min(unsure.shape) * NEXT))
    means = cv2.blur(unsure, (side, side), borderType=cv2.BORDER_CONSTANT)
    row, column = np.unravel_index(int(means.argmax()), means.shape)
    return (float(column) + 0.5) * step, (float(row) + 0.5) * step
