"""LamellarSpacing: how far apart the lamellae of pearlite and other eutectoids lie."""

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.problem import Problem
from graingraph.engine.values import Labels, Mask, MeasuredField, Table
from graingraph.engine.values.notes import Note
from graingraph.engine.values.wording import short

COARSE = 4.0
"""Mean random spacing in px below which lamellae are not told apart."""


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
    row = {
        "Random spacing": random * per_px,
        "True spacing": random * per_px / 2,
        "Intercepts per length": per_length / per_px,
        "Analysed area": analysed * per_px**2,
    }
    units = dict(zip(row, (unit, unit, f"1/{unit}", f"{unit}²"), strict=True))
    headline = f"true spacing {short(row['True spacing'], 3)} {unit}" if np.isfinite(random) else "no lamella"
    table = Table(
        {name: np.array([value]) for name, value in row.items()},
        units,
        rows="fields",
        headline=headline,
        fields=(MeasuredField(*lamellae.shape, scale),),
    )
    why = [] if scale else ["there is no pixel size"]
    if random < COARSE:
        why.append(f"the spacing is {short(random, 2)} px; lamellae are told apart from {COARSE:g} px on")
    return table.with_note(Note("not reportable", "; ".join(why) + ".", about="spacing")) if why else table
