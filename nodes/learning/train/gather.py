"""From every image of the tray and its traced classes to the samples of a training."""

from collections.abc import Mapping
from dataclasses import replace
from math import ceil

import numpy as np

from graingraph.engine.declare.injected import Context
from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, ClassMap, Image, PerImage, PixelClass
from graingraph.nodes.learning.apply.learnt_scale import common_pixel_size, to_learnt_size
from graingraph.nodes.learning.train.cores import with_cores
from graingraph.nodes.learning.train.sample import Fineness, Sample, fineness, has_colour, make_sample

Traced = dict[str, tuple[Image, ClassMap]]

FINEST = 2.0
"""Particles narrower than this many pixels at the network's size run together: 1.4 px instead of 2.8 took spheroidite
in carbon steel from an overlap of 0.80 to 0.58."""


def traced_images(
    images: PerImage[Image], truth: PerImage[ClassMap], context: Context
) -> tuple[Traced, tuple[str, ...]]:
    """The images that have something labelled, and the names of images that could not be read."""
    found: Traced = {}
    failed: dict[str, Problem] = {}
    for number, name in enumerate(truth):
        context.check(0.0, f"Reading what is traced on image {number + 1} of {len(truth)}")
        try:
            traced = truth[name]
            if not np.any(traced.pixels != UNLABELLED):
                continue
            image = images[name]
        except Problem as problem:
            failed[name] = problem
            continue
        if image.shape != traced.shape:
            raise Problem(
                "The image and its traced classes differ in size; trace the image that is trained on.", image=name
            )
        found[name] = (image, traced)
    if failed and not found:
        raise next(iter(failed.values()))
    return found, tuple(failed)


def common_classes(traced: Mapping[str, tuple[Image, ClassMap]]) -> tuple[PixelClass, ...]:
    """The classes of all traced images; each class map must list the same ones in the same order."""
    lists = {name: tuple(item.name for item in truth.classes) for name, (_, truth) in traced.items()}
    longest = max((truth.classes for _, truth in traced.values()), key=len)
    names = tuple(item.name for item in longest)
    for image, own in lists.items():
        if own != names[: len(own)]:
            raise Problem(f"This image is traced as {', '.join(own)} but others as {', '.join(names)}.", image=image)
    return longest


def make_samples(
    traced: Traced, size_factor: float, separate_touching: bool = False
) -> tuple[list[Sample], tuple[PixelClass, ...], Fineness]:
    """Samples, classes and how fine they are traced; ``Problem`` when there is nothing to tell apart.

    Images of several pixel sizes are brought to a common one, where all are known, before the size factor.
    ``separate_touching`` adds the cores of features to what is learnt, but not to the truth that is scored against.
    """
    if not traced:
        raise Problem("No image is traced yet; trace at least one (three to five are better) and train again.")
    classes = common_classes(traced)
    used = {int(i) for _, truth in traced.values() for i in np.unique(truth.pixels)} - {UNLABELLED}
    if len(used) < 2:
        raise Problem("Only one class is traced; trace at least two, for example grain boundary and grain.")
    if max(used) >= len(classes):
        raise Problem("A class map uses a class that has no name; name every class.")
    fine = fineness([truth for _, truth in traced.values()], len(classes))
    channels = 3 if any(has_colour(image) for image, _ in traced.values()) else 1
    taught = {
        n: (image, with_cores(replace(t, classes=classes)) if separate_touching else t)
        for n, (image, t) in traced.items()
    }
    common = common_pixel_size(image.scale for image, _ in traced.values())
    factors = {name: size_factor * to_learnt_size(image.scale, common)[0] for name, (image, _) in traced.items()}
    samples = [
        replace(make_sample(name, image, truth, channels, factors[name], fine.lines), truth=traced[name][1])
        for name, (image, truth) in taught.items()
    ]
    lost = used - {int(i) for sample in samples for i in np.unique(sample.labels)}
    if lost:
        names = " and ".join(classes[index].name for index in sorted(lost))
        raise Problem(
            f"At size factor {size_factor:g} nothing is left of what is traced as {names}: choose a larger one, or "
            "trace larger patches."
        )
    return samples, common_classes(taught), fine


def size_advice(classes: tuple[PixelClass, ...], fine: Fineness, size_factor: float) -> str:
    """What to say where the finest particles are hardly to be seen at this size factor; empty where all are.

    Lines do not count: how wide they are traced says nothing.
    """
    for index, (item, width) in enumerate(zip(classes, fine.widths, strict=False)):  # cores come last and have no width
        if index not in fine.lines and width * size_factor < FINEST and size_factor < 1:
            better = min(1.0, ceil(20 * FINEST / width) / 20)
            return (
                f"{item.name} is traced about {width:.1f} px wide, at size factor {size_factor:g} only "
                f"{width * size_factor:.1f} px; a size factor of {better:g} shows it better and takes longer."
            )
    return ""
