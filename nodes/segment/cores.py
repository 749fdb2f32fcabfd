"""CoresToFeatures: single features from the probabilities of a network that learnt their middles."""

from typing import Annotated, Any

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, NamesClass, NotEmpty, Range
from graingraph.engine.problem import Problem
from graingraph.engine.values import Labels, PixelClass, Probabilities
from graingraph.engine.values.classes import boundary_index, cores_by_class


def _judge_outlines(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name != "depth"}


@node(
    "CoresToFeatures",
    category="Segment",
    version=2,  # 1 grew the cores over a landscape of its own
    synonyms=("instances", "touching", "seeds", "watershed", "melt pools"),
    migrations={1: _judge_outlines},
)
def cores_to_features(
    probabilities: Probabilities,
    *,
    name: Annotated[str, Label("class"), NamesClass(), NotEmpty()] = "melt pool",
    visible: Annotated[float, Range(0, 1)] = 0.5,
    level: Annotated[float, Range(0, 1), Label("least probability")] = 0.5,
) -> Labels:
    """Find single features that touch, with a network trained to "keep features apart".

    Such a network knows the middle of each feature, its core, and its outline. The picture is divided along the
    outlines as BoundariesToGrains does it; a piece without a core is joined to a neighbour, so that false lines cut
    nothing, and an outline is judged as a whole, so that a gap in it joins nothing. What is left are the pieces that
    belong to the class and have a core; they reach to the middle of their outlines.

    Settings:
        name: The class of the features, as it was traced.
        visible: Mean probability that an outline between two features needs. Raise it if features are cut, lower it if
            they run together.
        level: A feature whose core is nowhere this probable is left out.
    """
    from graingraph.nodes.imaging.boundaries.boundary_strength import visible_boundaries
    from graingraph.nodes.imaging.boundaries.partition import drop_small, highest
    from graingraph.nodes.imaging.features.cores import middles

    rim, line, core = _planes_of(probabilities.classes, name)
    planes = probabilities.pixels
    pieces = visible_boundaries(
        planes[..., line], visible, middles(planes, cores_by_class(probabilities.classes), line)
    )
    count = int(pieces.max(initial=0))
    own = planes[..., rim] + planes[..., core]
    # More of the class than of all else but its outline, summed over the piece.
    margin = np.bincount(pieces.ravel(), (2 * own + planes[..., line] - 1).ravel(), count + 1)
    kept = (margin > 0) & (highest(planes[..., core], pieces, count) >= level)
    features = drop_small(np.where(kept[pieces], pieces, 0), 1)
    result = Labels(features, probabilities.scale, count=int(features.max(initial=0)))
    if result.count:
        return result
    return result.with_note(f"No {name} was found: the model sees the middle of none with a probability of {level:g}.")


def _planes_of(classes: tuple[PixelClass, ...], name: str) -> tuple[int, int, int]:
    """Indices of a class, of its boundary and of its core; ``Problem`` where the model did not learn all three."""
    own = next((i for i, item in enumerate(classes) if item.name == name and item.role == "area"), None)
    line, core = boundary_index(classes, of=name), cores_by_class(classes).get(-1 if own is None else own)
    if own is None or line is None or core is None:
        lacking = f"class '{name}'" if own is None else f"{'boundary' if line is None else 'core'} of '{name}'"
        raise Problem(f"The model has no {lacking}; train with 'keep features apart', or name another class.")
    return own, line, core
