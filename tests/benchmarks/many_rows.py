"""A node with as many rows as a batch pools: every kind of column that tables of features have."""

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.values import Image, Table

QUANTITIES = ("Area", "Diameter", "Perimeter", "Circularity", "Aspect ratio", "Orientation", "X", "Y", "Mean grey")


@node("ManyRows", category="Test")
def many_rows(image: Image, *, rows: int = 100_000) -> Table:
    """Measure what nobody sees.

    Settings:
        rows: How many features.
    """
    rng = np.random.default_rng(1)
    columns: dict[str, np.ndarray] = {
        "Image": np.array([f"field {i // 500 * 7919 % 1000:04}.tif" for i in range(rows)], object),
        "Label": np.arange(1, rows + 1),
    }
    columns |= {name: rng.lognormal(1, 1, rows) for name in QUANTITIES}
    columns["Class"] = np.array([("graphite", "pore", None)[i] for i in rng.integers(0, 3, rows)], object)
    return Table(columns, dict.fromkeys(QUANTITIES[:3], "µm"))
