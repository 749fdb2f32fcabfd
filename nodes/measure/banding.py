"""Banding: how far a phase is drawn out into bands, and how far these lie apart."""

from typing import Annotated, Literal

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range, Unit, When
from graingraph.engine.values import Labels, Mask, Table
from graingraph.engine.values.wording import amount, short
from graingraph.nodes.tables.reportable import refusal

FEWEST = 2
"""Bands that a line across the picture meets at least, on average."""
LOOKED_AT, CHECKED_AT = 36, 6
"""Directions in which that of the bands is looked for, and by which one that is given is checked."""
CLEAR = 1.3
"""Longest by shortest mean intercept of all directions from which a structure shows its direction clearly."""
ASKEW = 10.0
"""Degrees that this may be off the direction that is given."""


@node(
    "Banding",
    category="Measure",
    version=3,  # 1 took fields whose lines meet too few bands, 2 began lines outside of the frame
    synonyms=(
        "banded structure",
        "anisotropy index",
        "degree of orientation",
        "segregation bands",
        "pearlite bands",
        "rolling direction",
        "ASTM E1268",
        "microsegregation",
    ),
)
def banding(
    bands: Mask | Labels,
    *,
    direction: Literal["given", "found"] = "given",
    angle: Annotated[float, Range(-90, 90), Unit("°"), When(direction="given")] = 0.0,
    spacing: Annotated[float, Range(1, 10_000), Unit("px")] = 10.0,
) -> Table:
    """Measure banding of the selected phase: anisotropy index, degree of orientation, spacing of the bands.

    N_L⊥ and N_L∥ are how often lines square to the deformation direction and along it enter the phase, by length.
    Anisotropy index AI = N_L⊥ / N_L∥, 1 where there is no banding. Degree of orientation
    Ω₁₂ = (N_L⊥ − N_L∥) / (N_L⊥ + 0.571·N_L∥), 0 without and 1 for bands from side to side. Band spacing SB⊥ = 1 / N_L⊥
    is the mean distance from the middle of a band to that of the next; mean free path λ⊥ = (1 − V_V) / N_L⊥ the gap
    between two. The direction is that of the rows turned by the angle, counterclockwise, or found as the one in which
    intercepts are longest. One field has no interval: wire BandingOfFields.

    Standard: ASTM E1268. Assumes a section along the deformation direction, and one direction in the whole field: AI of
    bands tilted by 5° to it is lower by as much as the lines along it then cross. Oracles: stripes of known spacing and
    tilt, discs (AI 1), sections of Voronoi grains drawn out. Known error: along rows and columns N_L is 1 % too low for
    overlapping discs of 24 px; in other directions, where edges are smoothed by 0.8 px, 7 %, and 4 % at 48 px, less for
    bands; AI and Ω₁₂ hardly feel it. Where lines along the bands enter nothing there is no AI; where a line across
    the picture meets fewer than two bands, or what is selected clearly lies over 10° beside the direction that is
    given, nothing is reportable. Limits and factors are from memory of the standard,
    not read in it: compare them with your edition.

    Settings:
        direction: Whether the deformation direction is given or found in the picture.
        angle: Deformation direction, from the rows, counterclockwise.
        spacing: Distance between neighbouring test lines.
    """
    from graingraph.nodes.imaging.stereology.chords import ORIENTED, chords_of_phases, directions, intercept_ellipse
    from graingraph.nodes.measure.field_table import field_table

    phase = np.where(np.asarray(bands.pixels, bool), np.uint8(0), np.uint8(1))
    how_many, apart = (LOOKED_AT, spacing) if direction == "found" else (CHECKED_AT, 4 * spacing)
    looked, _, _ = chords_of_phases(phase, (0, 1), apart, directions(how_many))
    seen = intercept_ellipse(looked.degrees, looked.per_length)
    askew = 0.0
    if direction == "found":
        angle = seen.degrees
    elif seen.anisotropy >= CLEAR:
        askew = abs((seen.degrees - angle + 90) % 180 - 90)
    scale = bands.scale
    per_px, unit = (scale.um_per_px, "µm") if scale else (1.0, "px")
    per_long, long = (per_px / 1000, "mm") if scale else (1.0, "px")
    if np.isfinite(angle):
        square_to_rows = angle % 90 == 0
        along, _, _ = chords_of_phases(
            phase, (0, 1), spacing, np.array([angle + 90.0, angle]), smooth=not square_to_rows
        )
        entered, lines = along.crossings / 2, along.lengths * per_long
    else:
        entered, lines = np.zeros(2), np.full(2, np.nan)
    square, parallel = np.divide(entered, lines, out=np.full(2, np.nan), where=lines > 0)
    share = float(np.mean(phase == 0))
    index = square / parallel if parallel > 0 else np.nan
    oriented = (square - parallel) / (square + ORIENTED * parallel) if square + parallel > 0 else np.nan
    back = per_px / per_long  # from the long unit to the short one
    table = field_table(
        [
            ("N_L perpendicular", square, f"1/{long}"),
            ("N_L parallel", parallel, f"1/{long}"),
            ("Anisotropy index", index, ""),
            ("Degree of orientation", oriented, ""),
            ("Band spacing", back / square if square > 0 else np.nan, unit),
            ("Mean free path perpendicular", back * (1 - share) / square if square > 0 else np.nan, unit),
            ("Area fraction", 100 * share, "%"),
            ("Direction", float(angle), "°"),
            ("Entered perpendicular", float(entered[0]), ""),
            ("Test line perpendicular", float(lines[0]), long),
            ("Entered parallel", float(entered[1]), ""),
            ("Test line parallel", float(lines[1]), long),
        ],
        bands,
        headline=f"AI {amount(float(index), digits=3)}, Ω₁₂ {short(float(oriented), 2)}" if square > 0 else "no band",
    )
    why = []
    if askew > ASKEW:
        why.append(
            f"what is selected lies at {seen.degrees:.0f}° to the rows, not along the direction of {angle:g}° that is "
            "given: set the angle, or have it found"
        )
    if not square * per_long * min(bands.shape) >= FEWEST:
        why.append(f"a line across the picture meets fewer than {FEWEST} bands")
    table = table.with_note(*refusal(why, about="banding"))
    if square > 0 and not parallel > 0:
        table = table.with_note("No test line along the bands enters one, so there is no anisotropy index.")
    return table
