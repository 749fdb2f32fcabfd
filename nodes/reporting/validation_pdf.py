"""The record of a validation on A4 pages, for the quality file."""

import time
from collections.abc import Mapping, Sequence

import pandas as pd

from graingraph.nodes.reporting.pages import Paper, print_table

Row = Mapping[str, str]
"""What a row of the record says, by its heading."""
WIDTHS = {
    "Measurement": 2.3,
    "Phantom": 2.6,
    "Truth": 1.3,
    "Mean": 1.3,
    "Bias": 1.9,
    "Repeatability": 1.6,
    "n": 0.6,
    "Coverage": 1.2,
    "Kept": 0.7,
}
"""How wide the columns are, by others."""


def build_validation(rows: Sequence[Row], versions: Mapping[str, str], seconds: float, outside: int) -> bytes:
    """The finished PDF of the rows, and how many of them are ``outside`` of their limits."""
    pdf = Paper(format="A4")
    pdf.footer_text = "Validation of measurements"
    pdf.set_title("Validation of measurements")
    pdf.set_creator("Graingraph")
    pdf.add_page()
    pdf.text_line("Validation of measurements", 18, bold=True, gap=1)
    pdf.caption(f"{time.strftime('%Y-%m-%d %H:%M')} · {seconds:.0f} s")
    kept = "Every measurement keeps its limits on this machine."
    lost = f"{outside} of {len(rows)} measurements do not keep their limits."
    pdf.text_line(lost if outside else kept, 11, bold=True)
    pdf.text_line(
        "Phantoms of known truth, drawn exactly: discs and ellipses by their equations, thrown discs by their expected "
        "area, sections of 3-D Poisson-Voronoi grains by stereological theory (Møller 1989). Bias is the mean less the "
        "truth, ± what so many measurements leave open. Repeatability is the standard deviation of one measurement: "
        "of the same shape in other places between the pixels and at other angles, or of a field among fields. "
        "Coverage is how often the stated 95 % interval over 5 fields holds the mean of all fields; with 400 draws it "
        "scatters by 1 %. What is checked is the program with given regions: segmentation, microscope and preparation "
        "are not in it.",
        8.5,
        gap=2,
    )
    frame = pd.DataFrame(list(rows))
    print_table(pdf, frame, "Results", 0, widths=[WIDTHS.get(column, 1.0) for column in frame.columns], left=2)
    pdf.title_line("Measured with")
    pdf.text_line("; ".join(f"{name} {version}" for name, version in versions.items()), 8)
    return bytes(pdf.output())
