"""LamellarSpacing: how far apart the lamellae of pearlite and other eutectoids lie."""

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.problem import Problem
from graingraph.engine.values import Labels, Mask, Table
from graingraph.engine.values.wording import short
from graingraph.nodes.measure.field_table import field_table
from graingraph.nodes.tables.reportable import NO_SCALE, refusal

COARSE = 4.0
"""Mean random spacing in px below which lamellae are not told apart."""
FEWEST = 4
"""Lamellae that a line across the picture meets at least, on average."""


@node(
    "LamellarSpacing",
    category="Measure",
    synonyms=(
        "pearlite",
        "interlamellar spacing",
        "lamellae",
        "eutectic",
        "eutectoid",
        "random spacing",
        "true spacing",
    ),
)
def lamellar_spacing(lamellae: Mask, region: Mask | Labels | None = None) -> Table:
    """Measure the mean spacing of lamellae from how often test lines meet one.

    Lines along all rows, columns and diagonals enter a lamella N_L times a length, in the region alone where one is
    wired (the pearlite). The mean random spacing is 1 / N_L. Where colonies lie in all directions in space, the mean
    true spacing is half of it. From colony to colony and field to field spacings differ much: wire Pool and
    Distribution for the mean of many fields with its interval. One row for the image.

    Source: Underwood 1970; G. F. Vander Voort and A. Roósz, Metallography 17 (1984) 1-17. Assumes lamellae resolved,
    which takes 4 px a spacing, and colonies in all directions. Oracle: stripes of known spacing in all directions.
    Known error: N_L of a single colony depends on how it lies by ± 6 %, as lines run in four directions; of many
    colonies under 2 % from 8 px on, and more below.
    """
    from graingraph.nodes.imaging.stereology.phases import intercepts_per_length

    if region is not None and region.shape != lamellae.shape:
        raise Problem("The lamellae and the region differ in size; wire what was made of the same image.")
    phases = np.where(lamellae.pixels, 0, 1).astype(np.uint8)
    if region is not None:
        phases[region.pixels == 0] = 2
    scale = lamellae.scale
    per_px, unit = (scale.um_per_px, "µm") if scale else (1.0, "px")
    per_length = float(intercepts_per_length(phases, 2)[0])
    random = 1 / per_length if per_length > 0 else np.nan
    analysed = int(np.count_nonzero(phases != 2))
    true = random * per_px / 2
    table = field_table(
        [
            ("Random spacing", random * per_px, unit),
            ("True spacing", true, unit),
            ("Intercepts per length", per_length / per_px, f"1/{unit}"),
            ("Analysed area", analysed * per_px**2, f"{unit}²"),
        ],
        lamellae,
        headline=f"true spacing {short(true, 3)} {unit}" if np.isfinite(random) else "no lamella",
    )
    why = [] if scale else [NO_SCALE]
    if random < COARSE:
        why.append(f"the spacing is {short(random, 2)} px; lamellae are told apart from {COARSE:g} px on")
    if not per_length * min(lamellae.shape) >= FEWEST:
        why.append(f"a line across the picture meets fewer than {FEWEST} lamellae")
    return table.with_note(*refusal(why, about="spacing"))
