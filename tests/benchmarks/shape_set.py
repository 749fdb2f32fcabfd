"""How fast the complete shape set is: ``python -m tests.benchmarks.shape_set``.

100 000 features in 10 megapixels, every column of MeasureFeatures, against scikit-image's ``regionprops_table`` with
the columns that it has of them. Both take turns in one process; only their ratio means anything.
"""

import argparse
import time

import numpy as np

from graingraph.engine.values import Image, Labels, Scale, Table

LIMITS = {"seconds": 1.0, "times faster": 20.0}
"""What MeasureFeatures may take, and how many times faster than scikit-image it has to be."""
SAME_COLUMNS = (
    "label",
    "area",
    "area_filled",
    "area_convex",
    "euler_number",
    "perimeter_crofton",
    "equivalent_diameter_area",
    "feret_diameter_max",
    "axis_major_length",
    "axis_minor_length",
    "orientation",
    "solidity",
    "centroid",
    "intensity_mean",
    "intensity_std",
    "intensity_min",
    "intensity_max",
)


def features(side: int, per_row: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Ellipses of all sizes and directions, one in ten a ring: labels int32 (H, W), and a noisy image uint8."""
    rng = np.random.default_rng(seed)
    pitch = side / per_row
    row, column = np.divmod(np.arange(per_row**2), per_row)
    long = rng.uniform(0.25, 0.46, row.size) * pitch
    short, angle = long * rng.uniform(0.5, 1.0, row.size), rng.uniform(0, np.pi, row.size)
    hole = np.where(rng.random(row.size) < 0.1, 0.4, 0.0)
    y, x = np.mgrid[:side, :side].astype(np.float32) + np.float32(0.5)
    own = (np.minimum(y / pitch, per_row - 1).astype(int) * per_row) + np.minimum(x / pitch, per_row - 1).astype(int)
    v, u = y - (row[own] + 0.5) * pitch, x - (column[own] + 0.5) * pitch
    along, across = u * np.cos(angle[own]) + v * np.sin(angle[own]), v * np.cos(angle[own]) - u * np.sin(angle[own])
    away = np.hypot(along / long[own], across / short[own])
    labels = np.where((away < 1) & (away >= hole[own]), own + 1, 0).astype(np.int32)
    grey = np.clip(rng.normal(90, 20, labels.shape) + 80 * (labels > 0), 0, 255).astype(np.uint8)
    return labels, grey


def in_graingraph(labels: np.ndarray, grey: np.ndarray) -> Table:
    """The node, as a recipe calls it."""
    from graingraph.nodes.measure.measure_features import measure_features

    return measure_features(Labels(labels, Scale(1.0), count=int(labels.max())), Image(grey))


def in_scikit_image(labels: np.ndarray, grey: np.ndarray) -> dict[str, np.ndarray]:
    """The same columns, as far as scikit-image has them."""
    from skimage.measure import regionprops_table

    found: dict[str, np.ndarray] = regionprops_table(labels, grey, properties=SAME_COLUMNS)
    return found


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=3162, help="side of the square image in px")
    parser.add_argument("--per-row", type=int, default=317, help="features along a side")
    parser.add_argument("--rounds", type=int, default=5, help="runs of MeasureFeatures, of which the median counts")
    parser.add_argument("--skip-scikit-image", action="store_true", help="leave out the slow contestant")
    arguments = parser.parse_args()
    labels, grey = features(arguments.side, arguments.per_row)
    laps = []
    for _ in range(arguments.rounds + 1):  # the first warms up
        start = time.perf_counter(), time.process_time()
        table = in_graingraph(labels, grey)
        laps.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    clock, processor = np.median(laps[1:], axis=0)
    print(f"{table.count} features in {labels.size / 1e6:.0f} megapixels, {len(table.columns)} columns")
    print(f"  MeasureFeatures {clock:.3f} s (at most {LIMITS['seconds']:g}), processor {processor:.3f} s")
    if arguments.skip_scikit_image:
        return
    start = time.perf_counter(), time.process_time()
    other = in_scikit_image(labels, grey)
    theirs, theirs_processor = time.perf_counter() - start[0], time.process_time() - start[1]
    agree = all(
        np.allclose(table.columns[mine], other[theirs])
        for mine, theirs in (("Area", "area"), ("Perimeter", "perimeter_crofton"), ("Mean grey", "intensity_mean"))
    )
    print(f"  regionprops_table {theirs:.1f} s with {len(other)} columns, processor {theirs_processor:.1f} s")
    print(f"  {theirs / clock:.0f} times faster (at least {LIMITS['times faster']:g}), by processor time", end=" ")
    print(f"{theirs_processor / processor:.0f}; areas, perimeters and grey levels {'agree' if agree else 'differ'}")


if __name__ == "__main__":
    main()
