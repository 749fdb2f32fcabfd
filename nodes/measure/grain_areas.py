"""GrainAreas: grain size from the areas of grains, and the largest grain."""

from typing import NamedTuple

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.values import Labels, Table
from graingraph.engine.values.notes import Note
from graingraph.engine.values.table import EDGE_WEIGHT
from graingraph.engine.values.wording import counted, short
from graingraph.nodes.tables.reportable import NO_SCALE, refusal

FEWEST = 50
"""Whole grains that a field should show at least (ASTM E1382)."""


class GrainAreas(NamedTuple):
    """One row for the image, and the grains that lie whole inside, each with its area and grain size number."""

    table: Table
    grains: Table


@node(
    "GrainAreas",
    category="Measure",
    synonyms=("grain area", "largest grain", "ALA", "as large as", "grain size number", "ASTM E1382", "ASTM E930"),
)
def grain_areas(grains: Labels) -> GrainAreas:
    """Measure the area of every whole grain, the mean grain area with its G, and the largest grain (ALA) with its G.

    Grains that the frame cuts are left out, and the others count by the chance that the frame holds them whole, so that
    the mean area is not too small. G of an area A is that of equal grains of this area, 3.322 · log10(1 / A in mm²) −
    2.954. The largest grain is the largest whole one; a larger one that the frame cuts may be there. Wire the grains
    themselves, which touch, or leave only the line of the boundary between them. For the mean of all images wire
    GrainAreasOfFields, for the shares of fine and coarse grains wire the grains into DuplexGrains.

    Standard: ASTM E1382 (grain areas), E930 (largest grain), E112 (G). Oracles: squares, sections of 3-D Voronoi
    grains, whose mean area is 1 / N_A. Known error: the mean area under 1 % from 12 px mean diameter on; grains drawn
    with lines between them lose the half of each line. Limits and factors are from memory of the standards, not read in
    them: compare them with your edition.
    """
    from graingraph.nodes.imaging.features.regions import measure
    from graingraph.nodes.imaging.features.runs import feature_runs
    from graingraph.nodes.imaging.stereology.stereology import g_from_density
    from graingraph.nodes.imaging.stereology.whole_features import whole_features
    from graingraph.nodes.measure.field_table import field_table

    runs = feature_runs(grains.pixels, grains.count)
    regions = measure(runs)
    inside = whole_features(runs, regions, grains.shape)
    scale = grains.scale
    per_px2, square = (scale.pixel_area, "µm²") if scale else (1.0, "px²")
    area, weight = regions.area[inside.whole] * per_px2, inside.weights[inside.whole]
    every = float(weight.sum())
    mean_area = float((weight * area).sum()) / every if every else np.nan
    largest = float(area.max()) if area.size else np.nan

    def g(of_area: float) -> float:
        return g_from_density(1e6 / of_area) if scale and of_area > 0 else np.nan

    g_mean, g_largest = g(mean_area), g(largest)
    said = f"mean grain area {short(mean_area, 3)} {square}, largest {short(largest, 3)} {square}"
    table = field_table(
        [
            ("Whole grains", float(area.size), ""),
            ("Counted grains", every, ""),
            ("Mean grain area", mean_area, square),
            ("G by mean area", g_mean, ""),
            ("Largest grain", largest, square),
            ("G of largest grain", g_largest, ""),
        ],
        grains,
        headline=(f"G {g_mean:.1f}, {said}" if scale else said) if area.size else "no whole grain",
        whole=area.size,
        cut=inside.cut + grains.cut,
    )
    columns = {
        "Label": np.flatnonzero(inside.whole) + 1,
        "Area": area,
        "Equivalent diameter": np.sqrt(4 * area / np.pi),
        "G": np.array([g(one) for one in area], float),
        EDGE_WEIGHT: weight,
    }
    units = {"Area": square, "Equivalent diameter": square.removesuffix("²")}
    each = Table(columns, {name: units.get(name, "") for name in columns}, headline=table.headline, fields=table.fields)
    notes = []
    if not area.size:
        notes.append(Note("advice", "No grain lies whole in the frame, so there is no area of one."))
    if scale is None:
        notes += refusal([NO_SCALE], about="grain area")
    if 0 < area.size < FEWEST:
        text = f"Only {counted(area.size, 'whole grain')}; ASTM E1382 asks for at least {FEWEST} a field."
        notes.append(Note("advice", text))
    return GrainAreas(table.with_note(*notes), each.with_note(*notes))
