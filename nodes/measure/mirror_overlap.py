"""MirrorOverlap: how much of a melt pool lies hidden under its neighbour, from the symmetry of what is visible."""

from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import cv2
import numpy as np

from graingraph.engine.declare.injected import Context, Marks
from graingraph.engine.declare.node import node
from graingraph.engine.declare.roles import DrawnOn
from graingraph.engine.declare.settings import Label, Range, Unit, When
from graingraph.engine.values import Image, Labels, Mask, MeasuredField, Table
from graingraph.engine.values.table import mean

if TYPE_CHECKING:
    from graingraph.nodes.imaging.melt_pools.pool_shape import PoolShape

POOR_FIT = 0.9


class Overlap(NamedTuple):
    """The measured pools, and their outlines drawn on the picture."""

    table: Table
    overlay: Image


@node(
    "MirrorOverlap",
    version=3,  # 1 fitted every pool by itself, 2 took pools more than 2 px apart for apart at any size
    category="Measure",
    synonyms=("melt pool", "hatch overlap", "track overlap", "symmetry"),
    drawn_on=DrawnOn(
        tools=lambda settings: ("pick",),
        over="pools",
        pauses=lambda settings, wired: bool(settings["measure"] == "picked"),  # it measures nothing unless picked
    ),
)
def mirror_overlap(
    pools: Labels | Mask,
    image: Image | None = None,
    *,
    model: Literal["mirror", "half-ellipse", "superellipse", "conduction"] = "mirror",
    side: Annotated[Literal["left", "right", "automatic"], Label("hidden side")] = "automatic",
    measure: Literal["all", "picked"] = "all",
    expand_picks: Annotated[float, Range(0, 50), Unit("px"), When(measure="picked")] = 5.0,
    min_visible: Annotated[float, Range(20, 100), Unit("%")] = 40.0,
    marks: Marks,
    context: Context,
) -> Overlap:
    """Estimate how much of each melt pool lies hidden under its neighbour, and the size of the whole pool.

    In an etched cross-section of the last layer every pool is partly covered by the one melted after it. The visible
    outline gives the pool's axis of symmetry; the visible half is mirrored over it, and where the whole shape meets
    the neighbours it is hidden. Overlap is the hidden share of the whole shape. Width is along the top between the
    pool's ends, depth square to it from the top to the deepest point. All pools of a picture are fitted together: each
    tells what to expect of the others' hidden parts. Fit is how well the whole shape agrees with the visible region
    (100 % is perfect). A mask's pools must not touch: those that do count as one, so hand on labels instead.
    A pool of which too little can be seen keeps its row, without numbers and with the reason as a remark.
    The picture shows visible outlines as lines in green, hidden parts as dashes in orange.

    No standard covers it. Assumes pools that are alike on both sides of an axis, also where they are hidden. Oracle:
    generated pools whose hidden part is known exactly; the half-circle, half-ellipse and superellipse formulas. Known
    error on these, mean of its size: overlap under 2 percentage points, width and depth under 3 %, width under 5 %
    where pools lean under a level top.

    Settings:
        model: Mirror the visible outline itself, or use a curve fitted to it (conduction is a half circle).
        side: The side of the pools that lies under a neighbour; automatic sees to which side the borders bulge.
        measure: All pools, or those picked with a click.
        expand_picks: How far a click may lie beside its pool.
        min_visible: A pool less visible than this is not measured.
    """
    from graingraph.nodes.imaging.melt_pools.pool_shape import hidden_side, reconstruct
    from graingraph.nodes.imaging.picture.overlay import as_rgb8
    from graingraph.nodes.imaging.picture.pool_drawing import draw_pools

    labels: np.ndarray = pools.pixels
    if isinstance(pools, Mask):
        labels = cv2.connectedComponents(pools.pixels.view(np.uint8))[1]
    wanted = np.unique(labels[labels > 0]) if measure == "all" else _picked(labels, marks, expand_picks)
    hidden = hidden_side(labels) if side == "automatic" else side
    found = reconstruct(labels, wanted, model, hidden, min_visible / 100, context.check)
    table = _table(found, pools, labels)
    name = image.name if image else ""
    rgb = as_rgb8(image.pixels, image.range) if image else None
    return Overlap(table, Image(draw_pools(found, labels, rgb), pools.scale, name=name))


def _picked(labels: np.ndarray, marks: Marks, reach: float) -> list[int]:
    rows, columns = np.nonzero(labels)
    picked = []
    for x, y in (mark.points[0] for mark in marks.marks if mark.tool == "pick" and len(rows)):
        squared = (columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2
        nearest = int(squared.argmin())
        # Half a pixel's diagonal: a click inside a pixel is at most this far from its centre.
        if squared[nearest] <= (reach + 0.71) ** 2:
            picked.append(int(labels[rows[nearest], columns[nearest]]))
    return list(dict.fromkeys(picked))


def _remark(pool: "PoolShape") -> str:
    remarks = [f"Not measured: {pool.refusal}"] if pool.refusal else []
    if pool.fit < POOR_FIT:
        remarks.append("Poor fit: the visible part is not symmetric")
    if pool.framed:
        remarks.append("The picture's edge cuts it")
    return "; ".join(remarks)


def _table(found: "list[PoolShape]", pools: Labels | Mask, labels: np.ndarray) -> Table:
    from graingraph.nodes.imaging.boundaries import partition as plane

    size, unit = (pools.scale.um_per_px, "µm") if pools.scale else (1.0, "px")
    measured = {
        "Overlap": ("%", [100 * p.overlap for p in found]),
        "Width": (unit, [size * p.width for p in found]),
        "Depth": (unit, [size * p.depth for p in found]),
        "Whole area": (unit + "²", [size**2 * p.area for p in found]),
        "Visible area": (unit + "²", [size**2 * p.visible_area for p in found]),
        "Tilt": ("°", [p.tilt for p in found]),
        "Fit": ("%", [100 * p.fit for p in found]),
    }
    numbers = {name: np.array(values, float) for name, (_, values) in measured.items()}
    remarks = np.array([_remark(pool) for pool in found], dtype=object)
    columns = {"Label": np.array([p.label for p in found], int), **numbers, "Remark": remarks}
    units = {name: u for name, (u, _) in measured.items()}
    good = np.count_nonzero(~np.isnan(numbers["Overlap"]))
    headline = f"mean overlap {mean(numbers['Overlap']):.1f} % (n = {good})" if good else "no pool could be measured"
    at_frame = len(plane.at_frame(labels))
    whole = int(np.count_nonzero(np.bincount(labels.ravel())[1:])) - at_frame
    about = MeasuredField(*pools.shape, pools.scale, whole, at_frame)
    table = Table(columns, units, headline=headline, notes=pools.notes, fields=(about,))
    refused = len(found) - good
    return table.with_note(f"{refused} of {len(found)} melt pools could not be measured.") if refused else table
