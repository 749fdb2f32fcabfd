"""Severity of inclusions by ISO 4967: limits of length, number, diameter and width, and the index that they give."""

import numpy as np

FIELD_AREA = 0.5
"""The area in mm² that an index is of."""
STEPS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
LIMITS = {
    "A": (37, 127, 261, 436, 649, 898),
    "B": (17, 77, 184, 343, 555, 822),
    "C": (18, 76, 176, 320, 510, 746),
    "D": (1, 4, 9, 16, 25, 36),
    "DS": (13, 19, 27, 38, 53, 76),
}
"""Least total length in µm of A, B and C, number of D, diameter in µm of DS, by index (ISO 4967, Table 1)."""
WIDTHS = {"A": (2, 4, 12), "B": (2, 9, 15), "C": (2, 5, 12), "D": (3, 8, 13)}
"""Widths in µm from which an inclusion counts as thin, above which as thick, and above which as oversized (Table 2);
globules above theirs are of the group DS."""
LARGEST_DS = 107.0
"""Diameter in µm from which a globule is too large for DS (Table 1)."""
TYPES = ("A", "B", "C", "D")
SERIES = ("thin", "thick", "oversized")


def index(kind: str, amount: float) -> float:
    """The severity index of a total length, number or diameter: the highest whose limit is reached, 0 below all.

    >>> index("A", 130.0), index("D", 3), index("DS", 10.0)
    (1.0, 0.5, 0.0)
    """
    reached = int(np.searchsorted(LIMITS[kind], amount, side="right"))
    return STEPS[reached - 1] if reached else 0.0


def series_of(kind: str, width: float) -> str:
    """Whether an inclusion of this width in µm is thin, thick or oversized; empty where it is too thin to count.

    Large globules are of the series DS, which is rated by itself.
    """
    least, thin, thick = WIDTHS[kind]
    if width < least:
        return ""
    if kind == "D" and thick < width < LARGEST_DS:
        return "DS"
    return SERIES[0] if width <= thin else SERIES[1] if width <= thick else SERIES[2]
