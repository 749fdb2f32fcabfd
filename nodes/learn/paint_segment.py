"""PaintSegment: classes learnt from strokes while they are drawn."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from graingraph.engine.declare.injected import Context, EveryImage
from graingraph.engine.declare.node import node
from graingraph.engine.declare.roles import LearntLive
from graingraph.engine.declare.settings import NO_MODEL, Label, ModelFile, When
from graingraph.engine.problem import NeedsTraining, Problem
from graingraph.engine.values import ClassMap, Image, Model, PerImage, Probabilities, Table, Value


class Painted(NamedTuple):
    """The most probable class at each pixel, the probability of each, and how strokes held back were told."""

    classes: ClassMap
    probabilities: Probabilities
    scores: Table


def _record(outputs: Mapping[str, Value], folder: Path) -> Model:
    from graingraph.nodes.learning.paint.recorded import record_model

    return record_model(outputs, folder)


def _next_place(outputs: Mapping[str, Value]) -> tuple[float, float]:
    from graingraph.nodes.learning.paint.strokes import least_sure_place

    return least_sure_place(outputs)


@node(
    "PaintSegment",
    category="Learn",
    version=3,  # 1 knew nothing of borders, 2 left the map as noisy as pixels are
    synonyms=("pixel classifier", "trainable segmentation", "scribble", "learn from strokes", "texture", "phases"),
    learnt_live=LearntLive("traces", live="live", product="model", record=_record, next_place=_next_place),
)
def paint_segment(
    image: Image,
    traces: Annotated[PerImage[ClassMap] | None, When(live=True)] = None,
    *,
    live: Annotated[bool, Label("learn from every stroke")] = True,
    resolution: Annotated[Literal["automatic", "full", "half", "quarter"], When(live=True)] = "automatic",
    model: Annotated[ModelFile, When(live=False)] = NO_MODEL,
    every: EveryImage,
    context: Context,
) -> Painted:
    """Draw a few strokes in each class and see at once where else these classes are.

    Wire a Trace node to "traces" and view this node: what you draw goes to Trace, and the map follows every stroke.
    It learns from the strokes on all images of the tray, by grey levels, edges and texture. Regions, phases and
    particles suit it; thin boundaries are better learnt with Train. "Record" writes what was learnt as a model file and
    goes on with that, here and in DeepSegment.

    Settings:
        live: Learn anew from every stroke. Off, the recorded model is applied, and strokes change nothing.
        resolution: The size at which the image is looked at. Full shows the finest detail; smaller ones see texture
            further around each pixel, and are faster. Automatic halves images above 3 megapixels.
        model: The model file that was recorded last.
    """
    if live:
        from graingraph.nodes.learning.paint.strokes import learn_and_segment

        if traces is None:
            raise Problem("Its input traces is not wired; wire a Trace node to it and draw some strokes.")
        return Painted(*learn_and_segment(image, traces, resolution, every, context))
    if not model:
        raise NeedsTraining("Nothing is recorded yet; switch on 'learn from every stroke', draw, and press Record.")
    from graingraph.nodes.learning.apply.segment import segment
    from graingraph.nodes.learning.paint.recorded import recorded_scores

    chosen = context.model_folders.resolve(model)
    planes, classes = segment(image, chosen, context=context)
    return Painted(classes, planes, recorded_scores(chosen))
