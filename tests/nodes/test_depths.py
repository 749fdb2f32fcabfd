"""One picture gives one answer, whether it comes with 8 or 16 bits or as floating-point numbers.

Through every node that makes an image, a mask or features of one image, with each choice of its settings.
"""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest

import graingraph.nodes  # noqa: F401  (declares the nodes)
from graingraph.engine.declare.injected import Context
from graingraph.engine.declare.node import REGISTRY, NodeType
from graingraph.engine.declare.settings import ModelFile
from graingraph.engine.problem import Problem
from graingraph.engine.values import ClassMap, Image, Labels, Mask
from graingraph.nodes.reading.pixel_types import image_from_array

SAME = 0.005
"""Share of full scale, or of the pixels, by which two depths may differ."""


def picture(color: bool) -> np.ndarray:
    """Grains of different grey with dark boundaries, uneven light and noise: uint8 (128, 160) or (…, 3)."""
    rng = np.random.default_rng(1)
    sites = rng.random((40, 2)) * (128, 160)
    y, x = np.mgrid[:128, :160]
    apart = np.sort(np.hypot(y[..., None] - sites[:, 0], x[..., None] - sites[:, 1]), axis=-1)
    nearest = np.argmin(np.hypot(y[..., None] - sites[:, 0], x[..., None] - sites[:, 1]), axis=-1)
    planes = []
    for plane in range(3 if color else 1):
        grey = 120 + 15 * rng.standard_normal(40)[nearest] + 30 * x / 160 - 60 * (apart[..., 1] - apart[..., 0] < 3)
        grey = cv2.GaussianBlur(grey + rng.normal(0, 4, grey.shape), (0, 0), 0.8) + 5 * plane
        planes.append(grey)
    found = np.clip(np.rint(np.stack(planes, axis=-1)), 0, 255).astype(np.uint8)
    found[0, 0], found[0, 1] = 0, 255  # so that black and white are those of the file in every depth
    return found if color else found[..., 0]


def depths(pixels: np.ndarray) -> list[Image]:
    return [image_from_array(one) for one in (pixels, pixels * np.uint16(257), pixels / np.float32(255))]


def with_one_image() -> list[NodeType]:
    """The nodes that need one image and nothing else, and make pixels of it."""
    pixels = (Image, Mask, Labels, ClassMap)
    return [
        declared
        for declared in REGISTRY.values()
        if declared.function.__module__.startswith("graingraph.nodes.")
        and [pin.kinds for pin in declared.inputs if not pin.optional] == [(Image,)]
        and any(kind in pixels for pin in declared.outputs for kind in pin.kinds)
        and not any(setting.kind is ModelFile for setting in declared.settings)
        and all(kind is Context for kind in declared.injected.values())
    ]


def cases() -> Iterator[Any]:
    for declared in with_one_image():
        yield pytest.param(declared, {}, id=declared.name)
        for setting in declared.settings:
            for choice in setting.choices:
                if choice != setting.default:
                    yield pytest.param(declared, {setting.name: choice}, id=f"{declared.name}-{choice}")


def difference(one: Any, other: Any) -> float:
    """By what share of full scale images differ, and by what share of their pixels in which lie above the mean.

    Masks, labels and classes differ by a share of the pixels.
    """
    if isinstance(one, Labels):
        return float(np.mean((one.pixels > 0) != (other.pixels > 0)))
    if not isinstance(one, Image):
        return float(np.mean(one.pixels != other.pixels))
    levels = [_unit(value) for value in (one, other)]
    apart = np.mean((levels[0] > levels[0].mean()) != (levels[1] > levels[0].mean()))
    return max(float(np.quantile(np.abs(levels[0] - levels[1]), 0.99)), float(apart))


def _unit(image: Image) -> np.ndarray:
    black, white = image.range
    return (image.pixels.astype(float) - black) / (white - black)


@pytest.mark.parametrize("color", [False, True], ids=["grey", "colour"])
@pytest.mark.parametrize(("declared", "settings"), list(cases()))
def test_a_picture_gives_one_answer_in_every_depth(declared: NodeType, settings: dict[str, Any], color: bool) -> None:
    given = {name: Context() for name in declared.injected}
    try:
        found = [declared.function(image, **settings, **given) for image in depths(picture(color))]
    except Problem:
        pytest.skip("the node refuses such a picture, or needs more than that")
    answers = [value if isinstance(value, tuple) else (value,) for value in found]
    for other in answers[1:]:
        for one, same in zip(answers[0], other, strict=True):
            if isinstance(one, Image | Mask | Labels | ClassMap):
                assert difference(one, same) <= SAME
