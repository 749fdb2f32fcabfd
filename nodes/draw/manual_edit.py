"""ManualEdit: what the software got wrong, put right by hand, and replayed in every later run."""

from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar

from graingraph.engine.declare.injected import Marks
from graingraph.engine.declare.node import Renamed, node
from graingraph.engine.declare.roles import DrawnOn
from graingraph.engine.declare.settings import Label, Range, Unit, When
from graingraph.engine.marks.store import content_hash
from graingraph.engine.values import Image, Labels, Mask
from graingraph.engine.values.notes import Note

Region = TypeVar("Region", Mask, Labels)


BOUNDARY_TOOLS = ("pen", "livewire", "eraser", "brush", "fill", "accept", "reject", "complete")
FEATURE_TOOLS = ("brush", "polygon", "eraser", "cut", "merge", "delete", "fill", "rectangle", "ellipse")


@node(
    "ManualEdit",
    category="Draw",
    version=4,  # 1 named a setting otherwise, 2 took the untouched for right, 3 crossed out all at a junction
    synonyms=("correct", "edit by hand", "fix boundaries", "cut", "merge", "eraser"),
    drawn_on=DrawnOn(
        tools=lambda settings: BOUNDARY_TOOLS if settings["kind"] == "boundaries" else FEATURE_TOOLS,
        over="region",
        corrects=True,
        lines=lambda settings: bool(settings["kind"] == "boundaries"),
        faint="faint",
        settled=lambda settings: "what was touched" if settings["untouched"] == "unknown" else "everything",
        pauses=lambda settings, wired: bool(settings["review"]),
    ),
    migrations={1: Renamed({"attended": "review"}), 2: lambda settings: {**settings, "untouched": "right"}},
)
def manual_edit(
    region: Region,
    image: Image | None = None,
    faint: Mask | None = None,
    *,
    kind: Annotated[Literal["features", "boundaries"], Label("what the mask shows")] = "features",
    line_width: Annotated[float, Range(0, 200), Unit("px"), Label("line width (0 = automatic)")] = 0.0,
    eraser: Annotated[Literal["cross out", "rub"], When(kind="boundaries")] = "cross out",
    untouched: Annotated[
        Literal["unknown", "right"], Label("what is not touched is"), When(kind="boundaries")
    ] = "unknown",
    review: Annotated[bool, Label("pause here in an attended run")] = True,
    marks: Marks,
) -> Region:
    """Correct a mask, labels or boundaries by hand.

    On boundaries: a pen line over a gap closes it, in the network's own width and joined to it at both ends; an eraser
    stroke across a false boundary crosses it out up to its next junctions, so that the grains merge. "Accept" and
    "reject" take a boundary between two junctions at a click, "block" a rectangle in which all is right and stays as it
    is, whatever a model finds there later. Wire a network with more in it to "faint" (of boundaries that show less),
    and accepting one of those draws it.

    On features: pen, brush and polygon add to the feature they start on, or make a new one, as rectangle and ellipse
    do; the eraser takes away; "cut" splits a feature along a line; "merge" joins the features along a line; "delete"
    removes the one clicked; "fill" fills the holes of the feature clicked, or the hole itself.

    An image on which nothing was drawn passes through. The image and what is faint are only shown while drawing.

    Settings:
        kind: Whether the mask's pixels are the features or the boundaries between them.
        line_width: Width of drawn boundaries and cuts; 0 takes the network's own width near the line.
        eraser: Whether an eraser stroke removes the boundary it crosses up to the next junctions, or what it covers.
        untouched: What a training from these corrections takes the boundaries for that you said nothing of: unknown, so
            that they do not count, or right. Within a block that is right, everything counts.
        review: Whether an attended run stops here for each image.
    """
    if not marks:
        return region
    from graingraph.nodes.imaging.boundaries.boundary_edits import edit_boundaries, is_confirmed
    from graingraph.nodes.imaging.features.feature_edits import edit_features

    boundaries = kind == "boundaries"
    changed: dict[str, Any]
    if boundaries and isinstance(region, Mask):
        changed = {"pixels": edit_boundaries(region.pixels, marks.marks, line_width, whole=eraser == "cross out")}
    else:
        pixels, count = edit_features(region.pixels, marks.marks, line_width, boundaries=boundaries)
        changed = {"pixels": pixels, "count": count} if isinstance(region, Labels) else {"pixels": pixels > 0}
    result = replace(region, **changed)
    kept = boundaries and is_confirmed(marks.marks, region.shape)
    if marks.drawn_on and not kept and marks.drawn_on != content_hash(region.pixels):
        stale = "what lies under the corrections has changed since they were drawn."
        return result.with_note(Note("needs review", stale))
    return result
