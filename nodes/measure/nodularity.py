"""Nodularity: how much of the graphite in a cast iron is nodules, and how many there are."""

from typing import Annotated, Literal, NamedTuple

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range, Unit, When
from graingraph.engine.problem import Problem
from graingraph.engine.values import Labels, Mask, Table
from graingraph.engine.values.notes import Note
from graingraph.engine.values.table import EDGE_WEIGHT
from graingraph.engine.values.wording import short

FORMS = {"ASTM E2567": (0.6, 0.6), "ISO 16112": (0.625, 0.525)}
"""Roundness from which a particle is nodular, and from which it counts half, as an intermediate form, by rule."""
SIZES = (1000.0, 500.0, 250.0, 120.0, 60.0, 30.0, 15.0, 0.0)
"""The smallest length in µm of size classes 1 to 8 (ISO 945-1)."""
COARSE = 8.0
"""Pixels along the smallest particle below which the roundness of a nodule is too low by more than 6 %."""


class Nodularity(NamedTuple):
    """One row for the image, and the particles that were counted with form and size class."""

    table: Table
    particles: Table


@node(
    "Nodularity",
    category="Measure",
    synonyms=(
        "graphite",
        "nodule count",
        "spheroidal graphite",
        "ductile iron",
        "cast iron",
        "vermicular",
        "size class",
        "ASTM E2567",
        "ISO 945",
        "ISO 16112",
        "compacted graphite",
        "ASTM A247",
    ),
)
def nodularity(
    graphite: Labels | Mask,
    *,
    rule: Literal["ASTM E2567", "ISO 16112", "own limits"] = "ASTM E2567",
    nodular_from: Annotated[float, Range(0, 1), When(rule="own limits")] = 0.6,
    intermediate_from: Annotated[float, Range(0, 1), When(rule="own limits")] = 0.6,
    smallest: Annotated[float, Range(0, 1000), Unit("µm")] = 10.0,
) -> Nodularity:
    """Measure the nodularity of graphite by area and by number, the nodules per area, and the size classes.

    The form of a particle goes by its roundness, 4·area / (π·Feret max²). ASTM E2567: nodular from 0.6. ISO 16112
    (compacted graphite): nodular from 0.625, intermediate from 0.525, which counts half, vermicular below. Nodularity
    is the area, or the number, of nodular particles in per cent of that of all. Particles shorter (Feret max) than the
    smallest, and those that the frame cuts, are left out; the others count by the chance that the frame holds them
    whole. Size classes 1 to 8 are shares of the number of all particles by their length (Feret max): from 1 mm, 500,
    250, 120, 60, 30 and 15 µm, and below. Fill holes and part touching nodules before. One field has no interval: wire
    NodularityOfFields.

    Standard: ASTM E2567, ISO 16112; size classes of ISO 945-1. Assumes that all graphite and nothing else is selected.
    Oracles: drawn discs and flakes of known areas; discs are 100 % nodular down to 5 px. Known error: roundness of
    discs −2, −4, −13 % at 20, 10 and 5 px, so particles near the limit are taken for flakes where they are small; under
    8 px along the smallest particle the result is not reportable. Limits and factors are from memory of the standards,
    not read in them: compare them with your edition.

    Settings:
        rule: Standard whose limits of roundness are taken.
        nodular_from: Roundness from which a particle is a nodule.
        intermediate_from: Roundness from which a particle counts half; the same as that of nodules for none.
        smallest: Particles shorter than this are left out (10 µm in both standards).
    """
    from graingraph.nodes.imaging.features.runs import feature_runs
    from graingraph.nodes.imaging.features.shape import Shape
    from graingraph.nodes.imaging.stereology.number_per_area import counting_area
    from graingraph.nodes.imaging.stereology.whole_features import whole_features
    from graingraph.nodes.measure.field_table import field_table

    if graphite.scale is None:
        raise Problem("Nodularity goes by sizes in µm but the pixel size is unknown; wire SetScale after Load.")
    per_px = graphite.scale.um_per_px
    runs = feature_runs(graphite.pixels, graphite.count if isinstance(graphite, Labels) else None)
    shape = Shape(runs, graphite.shape[1])
    inside = whole_features(runs, shape.regions, graphite.shape)
    length = shape.of("Feret max") * per_px
    chosen = inside.whole & (length >= smallest)
    area, roundness = shape.area[chosen] * per_px**2, shape.of("Roundness")[chosen]
    length, weight = length[chosen], inside.weights[chosen]
    full, half = FORMS.get(rule, (nodular_from, min(intermediate_from, nodular_from)))
    counts_as = np.where(roundness >= full, 1.0, np.where(roundness >= half, 0.5, 0.0))
    size_class = 1 + np.searchsorted(-np.array(SIZES), -length, side="left")
    every, graphite_area = float(weight.sum()), float((weight * area).sum())
    nodules, nodular_area = float((weight * counts_as).sum()), float((weight * area * counts_as).sum())
    field_area = counting_area(graphite.shape) * per_px**2 / 1e6
    nodular = counts_as == 1
    per_area = float(weight[nodular].sum()) / field_area if field_area else np.nan
    by_area = 100 * nodular_area / graphite_area if graphite_area else np.nan
    table = field_table(
        [
            ("Particles", float(chosen.sum()), ""),
            ("Nodules", float(nodular.sum()), ""),
            ("Counted particles", every, ""),
            ("Counted nodules", float(weight[nodular].sum()), ""),
            ("Graphite area", graphite_area, "µm²"),
            ("Field area", field_area, "mm²"),
            ("Nodularity by area", by_area, "%"),
            ("Nodularity by number", 100 * nodules / every if every else np.nan, "%"),
            ("Nodules per area", per_area, "1/mm²"),
            *(
                (f"Size class {k}", 100 * float(weight[size_class == k].sum()) / every if every else np.nan, "%")
                for k in range(1, len(SIZES) + 1)
            ),
        ],
        graphite,
        headline=f"nodularity {by_area:.1f} %, {short(per_area, 3)} nodules per mm²" if every else "no graphite",
        whole=int(inside.whole.sum()),
        cut=inside.cut,
    )
    if not chosen.any():
        table = table.with_note(f"No graphite of at least {smallest:g} µm lies whole in the frame: no nodularity.")
    if smallest / per_px < COARSE:
        text = (
            f"the smallest particle, {smallest:g} µm, is {short(smallest / per_px, 2)} px long, of at least {COARSE:g}."
        )
        table = table.with_note(Note("not reportable", text, about="nodularity"))
    forms = np.array(["other", "intermediate", "nodular"], object)[(2 * counts_as).astype(int)]
    columns = {
        "Label": np.flatnonzero(chosen) + 1,
        "Area": area,
        "Feret max": length,
        "Roundness": roundness,
        "Size class": size_class.astype(float),
        EDGE_WEIGHT: weight,
        "Form": forms,
    }
    units = {"Area": "µm²", "Feret max": "µm"}
    particles = Table(columns, {name: units.get(name, "") for name in columns if name != "Form"}, fields=table.fields)
    return Nodularity(table, particles)
