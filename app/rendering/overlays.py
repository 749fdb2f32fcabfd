"""The picture a batch leaves for every image: what was measured, drawn over the micrograph."""

from collections.abc import Iterator

import cv2

from graingraph.app.rendering.appearance import appearance_of
from graingraph.engine.batch.image_job import Pictures, result_nodes
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import ClassMap, Image, Labels, Mask, Raster
from graingraph.nodes.imaging.picture.overlay import as_rgb8


def draw_overlays(evaluation: Evaluation, image: str) -> Pictures:
    """One JPEG per measured set of features: ``overlays/<image>.jpg``, then ``overlays/<image>_<node>.jpg``.

    What has no picture, as no image of its size leads to it, is named in the notes.
    """
    files: dict[str, bytes] = {}
    notes: list[str] = []
    stem = evaluation.image_set.stems[image]
    for node, output in _measured(evaluation.recipe):
        features = evaluation.value(node, output, image)
        if not isinstance(features, Raster):
            continue
        micrograph = _micrograph(evaluation, node, features.shape, image)
        if micrograph is None:
            notes.append(f"There is no overlay of {node}: no image of its size leads to it.")
            continue
        name = f"{stem}_{node}" if files else stem
        drawn = appearance_of(type(features)).drawn(as_rgb8(micrograph.pixels, micrograph.range), features)
        if drawn is None:
            continue
        bgr = cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR)
        good, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 92])
        if not good:
            raise Problem("The overlay could not be encoded; the image may be too large for JPEG.", image=image)
        files[f"overlays/{name}.jpg"] = data.tobytes()
    return Pictures(files, tuple(notes))


def _measured(recipe: Recipe) -> list[tuple[str, str]]:
    """The outputs with features or classes that the result nodes measure, each once; features before classes."""
    found: dict[tuple[str, str], bool] = {}
    for node in result_nodes(recipe):
        declared = recipe.steps[node].declared
        for pin in declared.inputs if declared else ():
            wire = recipe.wire_into(node, pin.name)
            if wire and pin.accepts((Labels, Mask, ClassMap)) and not pin.gathers:
                found[wire.source, wire.output] = recipe.kinds(wire.source, wire.output) == (ClassMap,)
    return sorted(found, key=lambda place: found[place])


def _micrograph(evaluation: Evaluation, node: str, shape: tuple[int, int], image: str) -> Image | None:
    """The image that the features of a node were found on: of those of their shape the one nearest to the file.

    That is the image as it came in, or what a crop left of it, rather than what a filter made of either.
    """
    recipe = evaluation.recipe
    for source in reversed(list(_upstream(recipe, node))):
        declared = recipe.steps[source].declared
        for pin in declared.outputs if declared else ():
            if any(issubclass(kind, Image) for kind in recipe.kinds(source, pin.name)):
                value = evaluation.value(source, pin.name, image)
                if isinstance(value, Image) and value.shape == shape:
                    return value
    return None


def _upstream(recipe: Recipe, node: str) -> Iterator[str]:
    """The nodes that give a node its values of the same image, nearest first; what it was trained with is not among."""
    waiting, seen = [node], {node}
    for target in waiting:  # which grows meanwhile
        declared = recipe.steps[target].declared
        for pin in declared.inputs if declared else ():
            wire = recipe.wire_into(target, pin.name)
            if wire and wire.source not in seen and wire.source not in recipe.per_batch:
                seen.add(wire.source)
                waiting.append(wire.source)
                yield wire.source
