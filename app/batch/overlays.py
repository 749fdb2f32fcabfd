"""The picture a batch leaves for every image: what was measured, outlined over the micrograph."""

from collections.abc import Mapping

import cv2

from engine.evaluate import Evaluation
from engine.image_job import result_nodes
from engine.problem import Problem
from engine.values import Image, Labels, Mask
from nodes.kernels.overlay import as_rgb8, draw_outlines


def draw_overlays(evaluation: Evaluation, image: str) -> Mapping[str, bytes]:
    """One JPEG per measured set of features: ``overlays/<image>.jpg``, then ``overlays/<image>_<node>.jpg``."""
    pictures: dict[str, bytes] = {}
    micrograph = _micrograph(evaluation, image)
    for node, output in _measured(evaluation):
        features = evaluation.value(node, output, image)
        if micrograph is None or not isinstance(features, Labels | Mask) or features.shape != micrograph.shape:
            continue
        drawn = draw_outlines(as_rgb8(micrograph.pixels, micrograph.range), features.pixels)
        stem = evaluation.tray.stems[image]
        name = stem if not pictures else f"{stem}_{node}"
        good, data = cv2.imencode(".jpg", cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 92])
        if not good:
            raise Problem("The overlay could not be encoded; the image may be too large for JPEG.", image=image)
        pictures[f"overlays/{name}.jpg"] = data.tobytes()
    return pictures


def _measured(evaluation: Evaluation) -> list[tuple[str, str]]:
    """The outputs with features that the result nodes measure, each once, in the order of the graph."""
    found: dict[tuple[str, str], None] = {}
    recipe = evaluation.recipe
    for node in result_nodes(recipe):
        declared = recipe.steps[node].declared
        for pin in declared.inputs if declared else ():
            wire = recipe.wire_into(node, pin.name)
            if wire and pin.accepts((Labels, Mask)) and not pin.gathers:
                found[wire.source, wire.output] = None
    return list(found)


def _micrograph(evaluation: Evaluation, image: str) -> Image | None:
    """The image as it came in, from the first node that gives one."""
    for node in evaluation.recipe.order:
        declared = evaluation.recipe.steps[node].declared
        if declared and "source" in declared.injected:
            value = evaluation.value(node, image=image)
            return value if isinstance(value, Image) else None
    return None
