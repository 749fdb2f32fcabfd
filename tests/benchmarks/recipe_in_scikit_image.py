"""The grain recipe as its documentation and gallery would have it written in scikit-image."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import ndimage
from skimage import filters, io, measure, morphology, segmentation


def run_scikit_image(image: Path, csv: Path) -> None:
    """Measure the grains of an 8-bit grey TIFF file and write them as CSV."""
    grey = io.imread(image)
    background = filters.gaussian(grey, sigma=50, preserve_range=True)
    flat = np.clip(grey - background + grey.mean(), 0, 255).astype(np.uint8)
    flat = filters.median(flat, np.ones((5, 5)))
    mask = flat > filters.threshold_otsu(flat)
    mask = ndimage.binary_fill_holes(mask)
    mask = morphology.remove_small_objects(mask, max_size=49, connectivity=2)
    distance = ndimage.distance_transform_edt(mask)
    # What h_maxima does, less its fault of counting two tops of equal height on one shallow saddle twice.
    lowered = morphology.reconstruction(distance - 1.0, distance)
    markers = measure.label(morphology.local_maxima(lowered) & mask)
    labels = segmentation.watershed(-distance, markers, mask=mask, connectivity=2)
    labels = segmentation.clear_border(labels)
    labels = segmentation.relabel_sequential(labels)[0]
    properties = ["area", "equivalent_diameter_area", "feret_diameter_max", "axis_major_length", "axis_minor_length"]
    table = measure.regionprops_table(labels, grey, properties=[*properties, "orientation", "intensity_mean"])
    frame = pd.DataFrame(table).rename(columns={"equivalent_diameter_area": "Equivalent diameter"})
    frame["Aspect ratio"] = frame["axis_major_length"] / frame["axis_minor_length"]
    frame.to_csv(csv, index=False)
