"""GrainAreasOfFields: the mean grain area, its G and the largest grain of all images together."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.values import PerImage, Table
from graingraph.engine.values.notes import Note
from graingraph.nodes.report.pool import pool
from graingraph.nodes.tables.answers import Fields, OfFields, extreme, mean, of_fields
from graingraph.nodes.tables.stated import Stated

APART = 3.0
"""By how much the G of the largest grain may be smaller than that of all before it is one "as large as" (E930)."""


@node(
    "GrainAreasOfFields",
    category="Report",
    synonyms=("grain area", "largest grain", "ALA", "as large as", "mean of fields", "ASTM E1382", "ASTM E930"),
)
def grain_areas_of_fields(tables: PerImage[Table], specimens: PerImage[Table] | None = None) -> OfFields:
    """Average the grain area over the fields of a specimen, with its G, and name the largest grain of all.

    Puts the tables of GrainAreas of all images into one, as Pool does. The mean grain area is all areas on all grains,
    edge-weighted, with its 95 % confidence interval over the fields; G is that of the mean area, and its interval that
    of the area's ends. The largest grain has no interval, as more fields find a larger one. A note says so where its G
    is smaller than that of the mean by 3 or more: the grain size is then that of the others, and the large grain is
    stated beside it. With Specimen wired, all this is of each specimen, and of all it is the mean of the specimens with
    its interval over them.

    Standard: ASTM E1382 (grain areas), E930 (largest grain). Oracle: sections of 3-D Voronoi grains. Limits and factors
    are from memory of the standards, not read in them: compare them with your edition.
    """
    found = of_fields(
        pool(tables, specimens),
        _measure,
        of="GrainAreas",
        needs=("Counted grains", "Mean grain area", "Largest grain"),
        main=("Mean grain area", "G by mean area", "Largest grain"),
    )
    g = {result.quantity: result.value for result in found.table.results if not result.specimen or not specimens}
    apart = g.get("G by mean area", np.nan) - g.get("G of largest grain", np.nan)
    if apart >= APART:
        text = f"The largest grain is larger than the mean by {apart:.1f} in G: state it beside the grain size (E930)."
        note = Note("advice", text)
        return OfFields(found.table.with_note(note), found.statistics.with_note(note))
    return found


def _measure(fields: Fields) -> Sequence[Stated]:
    grains, areas = fields["Counted grains"], fields["Mean grain area"]
    unit = fields.units["Mean grain area"]
    size = mean("Mean grain area", unit, np.nan_to_num(areas) * grains, grains)
    largest = extreme("Largest grain", unit, fields["Largest grain"], np.max)
    return [size, _as_g("G by mean area", size), largest, _as_g("G of largest grain", largest)]


def _as_g(quantity: str, area: Stated) -> Stated:
    """The grain size number of a stated area in µm²; the larger the area, the smaller it is."""
    from graingraph.nodes.imaging.stereology.over_fields import OverFields
    from graingraph.nodes.imaging.stereology.stereology import g_from_density

    def g(square_micrometres: float) -> float:
        known = area.unit == "µm²" and square_micrometres > 0
        return g_from_density(1e6 / square_micrometres) if known else np.nan

    of = area.mean
    found = OverFields(g(of.value), g(of.high), g(of.low), of.fields)
    return replace(area, quantity=quantity, unit="", mean=found, spread=np.nan)
