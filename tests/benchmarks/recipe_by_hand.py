"""The grain recipe as the fastest script that can be written by hand: OpenCV, our kernels, nothing in between."""

from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.csv
import tifffile

from graingraph.nodes.imaging.features.feret import feret
from graingraph.nodes.imaging.features.regions import areas, grey_levels, measure
from graingraph.nodes.imaging.features.runs import at_sides, label_runs, mask_runs, paint_labels, paint_mask
from graingraph.nodes.imaging.features.watershed import split_summits


def run_by_hand(image: Path, csv: Path) -> None:
    """Measure the grains of an 8-bit grey TIFF file and write them as CSV."""
    grey = tifffile.imread(image)
    height, width = grey.shape
    small = cv2.resize(grey, (width // 8, height // 8), interpolation=cv2.INTER_AREA)
    shade = cv2.resize(cv2.GaussianBlur(small, (0, 0), 50 / 8), (width, height))
    flat = cv2.addWeighted(grey, 1.0, shade, -1.0, cv2.mean(grey)[0])
    flat = cv2.medianBlur(flat, 5)
    mask = cv2.threshold(flat, 0, 1, cv2.THRESH_OTSU)[1].view(bool)

    holes = mask_runs(mask, value=False, connectivity=4)
    inside = np.ones(holes.features + 1, bool)
    for reaches_frame in at_sides(holes, width).values():
        inside[reaches_frame] = False
    mask = paint_mask(holes, inside, True, mask)
    grains = mask_runs(mask)
    mask = paint_mask(grains, np.append(False, areas(grains) < 50), False, mask)

    labels, count = split_summits(cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L2, 5), 1.0)
    runs = label_runs(labels, count)
    whole = np.ones(count + 1, bool)
    for cut in at_sides(runs, width).values():
        whole[cut] = False
    whole[0] = False
    paint_labels(runs, np.where(whole, np.cumsum(whole), 0).astype(np.int32), labels.shape)
    # The runs and sums serve twice: measuring the labels just painted would give the same numbers again.
    found = measure(runs)
    widths = feret(runs, found)
    major, minor, orientation = found.ellipse()
    columns = {
        "Area": found.area,
        "Equivalent diameter": found.equivalent_diameter,
        "Feret max": widths.longest,
        "Feret min": widths.shortest,
        "Aspect ratio": major / minor,
        "Orientation": orientation,
        "Mean grey": grey_levels(runs, grey).mean,
    }
    kept = [np.ascontiguousarray(values[whole[1:]]) for values in columns.values()]
    # Straight from the buffers, as pa.array would import pandas.
    arrays = [pa.Array.from_buffers(pa.from_numpy_dtype(a.dtype), len(a), [None, pa.py_buffer(a)]) for a in kept]
    pyarrow.csv.write_csv(pa.Table.from_arrays(arrays, names=list(columns)), csv)
