"""How fast the image steps are beside the libraries that have them: ``python -m tests.benchmarks.image_steps``.

Each step is a node as a recipe calls it; beside it stand the same step in OpenCV, scikit-image, SciPy, NumPy and, where
they are installed, DIPlib, mahotas, SimpleITK and numexpr, on the same pixels of 8 or 16 bits. All take turns in one
process; the fastest run of each counts, and only ratios mean anything: by the clock, and by processor time where others
share the machine. What they give is compared only roughly: a step is listed where the definitions agree.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import cv2
import numpy as np

from graingraph.app.samples import etched
from graingraph.engine.values import Image, Labels, Mask, Scale

Contest = Mapping[str, Callable[[], Any]]
"""What is timed by its name; the first is ours."""


def of_images(height: int, width: int, bits: int) -> dict[str, Contest]:
    """The steps from an image of grains, grey or in colour, of this size and depth."""
    import graingraph.nodes  # noqa: F401  (declares the nodes)
    from graingraph.nodes.enhance.contrast import contrast
    from graingraph.nodes.enhance.fourier_filter import fourier_filter
    from graingraph.nodes.enhance.grey import auto_contrast
    from graingraph.nodes.enhance.grey import grey as to_grey
    from graingraph.nodes.enhance.image_math import image_math
    from graingraph.nodes.segment.color_threshold import color_threshold
    from graingraph.nodes.segment.marker_watershed import marker_watershed
    from graingraph.nodes.segment.multi_threshold import multi_threshold
    from graingraph.nodes.segment.threshold import threshold

    eight = etched.make(1, (height, width)).pixels
    grey = eight if bits == 8 else eight * np.uint16(257)
    white = 2.0**bits - 1
    levels = (0.0, white)
    image, other = Image(grey, range=levels), Image(np.ascontiguousarray(grey[::-1]), range=levels)
    rgb = np.stack([grey, grey.dtype.type(white) - grey, grey[::-1]], axis=-1)
    colour = Image(rgb, range=levels)
    inside = cv2.distanceTransform((eight >= 100).view(np.uint8), cv2.DIST_L2, 3) > 6
    seeds = cv2.connectedComponents(inside.view(np.uint8), ltype=cv2.CV_32S)[1]
    unit = grey * np.float32(1 / white)
    found = {
        "Otsu threshold": {"ours": lambda: threshold(image, method="otsu"), **_otsu(grey)},
        "Li threshold": {"ours": lambda: threshold(image, method="li"), **_li(grey)},
        "triangle threshold": {"ours": lambda: threshold(image, method="triangle"), **_triangle(grey)},
        "multi-Otsu, 3 phases": {"ours": lambda: multi_threshold(image), **_multi_otsu(grey)},
        "colour range": {
            "ours": lambda: color_threshold(colour, hue_from=60.0, hue_to=180.0, saturation_from=0.2),
            **_color_range(rgb, white),
        },
        "channel: luminance": {
            "ours": lambda: to_grey(colour),
            "OpenCV, to 16 bits": lambda: cv2.cvtColor(_at_16_bits(rgb), cv2.COLOR_RGB2GRAY),
            "scikit-image": lambda: import_module("skimage.color").rgb2gray(rgb),
        },
        "channel: L*": {
            "ours": lambda: to_grey(colour, channel="lightness"),
            "OpenCV": lambda: cv2.cvtColor(rgb * np.float32(1 / white), cv2.COLOR_RGB2Lab),
        },
        "stretch": {"ours": lambda: auto_contrast(image), **_stretch(grey)},
        "gamma": {
            "ours": lambda: contrast(image, gamma=1.5),
            **_gamma(grey),
            "scikit-image": lambda: import_module("skimage.exposure").adjust_gamma(grey, 1 / 1.5),
        },
        "local contrast (CLAHE)": {
            "ours": lambda: auto_contrast(image, method="local"),
            "OpenCV": lambda: cv2.createCLAHE(2.0, (8, 8)).apply(grey),
            "scikit-image": lambda: import_module("skimage.exposure").equalize_adapthist(grey),
        },
        "band pass 3 to 100 px": {"ours": lambda: fourier_filter(image, longest=100.0), **_band_pass(unit)},
        "abs(a - b)": {
            "ours": lambda: image_math(image, other, formula="abs(a - b)"),
            "OpenCV": lambda: cv2.absdiff(grey, other.pixels),
            "NumPy": lambda: np.maximum(grey, other.pixels) - np.minimum(grey, other.pixels),
        },
        "a / b * mean(b)": {
            "ours": lambda: image_math(image, other, formula="a / max(b, 0.1) * mean(b)"),
            "NumPy": lambda: _without_lighting(grey, other.pixels, white),
        },
        "watershed from markers": {
            "ours": lambda: marker_watershed(image, Mask(inside), borders="dark lines"),
            **_watershed(grey, eight, seeds),
        },
    }
    return {f"{step}, {bits} bits": contest for step, contest in found.items()}


def of_masks(height: int, width: int) -> dict[str, Contest]:
    """The steps from a mask of grains or of their boundaries, and the measuring of labels."""
    from graingraph.nodes.clean.edge_reject import edge_reject
    from graingraph.nodes.clean.fill_holes import fill_holes
    from graingraph.nodes.clean.label_features import label_features
    from graingraph.nodes.clean.morphology import morphology
    from graingraph.nodes.measure.measure_diameter import measure_diameter

    eight = etched.make(1, (height, width)).pixels
    dark = eight < 100
    bright = Mask(~dark, Scale(1.0))
    labels: Labels = label_features(bright)
    numbers = labels.pixels
    byte = (~dark).view(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    measure = import_module("skimage.measure")
    return {
        "skeleton": {"ours": lambda: morphology(Mask(dark), operation="skeleton"), **_skeleton(dark)},
        "skeleton of thick": {"ours": lambda: morphology(bright, operation="skeleton"), **_skeleton(~dark)},
        "opening, disc": {
            "ours": lambda: morphology(bright),
            "OpenCV": lambda: cv2.morphologyEx(byte, cv2.MORPH_OPEN, disc),
        },
        "fill holes": {"ours": lambda: fill_holes(bright), **_fill(~dark)},
        "label": {
            "ours": lambda: label_features(bright),
            "OpenCV": lambda: cv2.connectedComponents(byte, connectivity=4, ltype=cv2.CV_32S),
            "scikit-image": lambda: measure.label(byte, connectivity=1),
        },
        "drop cut features": {
            "ours": lambda: edge_reject(labels),
            "scikit-image": lambda: import_module("skimage.segmentation").clear_border(numbers),
        },
        "diameters": {
            "ours": lambda: measure_diameter(labels),
            "scikit-image": lambda: measure.regionprops_table(
                numbers, properties=("label", "equivalent_diameter_area")
            ),
            "OpenCV, areas": lambda: cv2.connectedComponentsWithStats(byte, connectivity=4, ltype=cv2.CV_32S),
        },
    }


def _without_lighting(field: np.ndarray, blank: np.ndarray, white: float) -> np.ndarray:
    a, b = (np.multiply(pixels, np.float32(1 / white), dtype=np.float32) for pixels in (field, blank))
    mean = b.mean()
    a /= np.maximum(b, np.float32(0.1), out=b)
    a *= mean
    return np.clip(a, 0, 1, out=a)


def _otsu(grey: np.ndarray) -> Contest:
    from skimage.filters import threshold_otsu

    return {
        "OpenCV": lambda: cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU),
        "scikit-image": lambda: grey > threshold_otsu(grey),
    }


def _li(grey: np.ndarray) -> Contest:
    from skimage.filters import threshold_li

    found: dict[str, Callable[[], Any]] = {"scikit-image": lambda: grey > threshold_li(grey)}
    if find_spec("SimpleITK"):
        sitk = import_module("SimpleITK")
        found["SimpleITK"] = lambda: sitk.LiThreshold(sitk.GetImageFromArray(grey), 0, 1)
    return found


def _triangle(grey: np.ndarray) -> Contest:
    from skimage.filters import threshold_triangle

    found: dict[str, Callable[[], Any]] = {"scikit-image": lambda: grey > threshold_triangle(grey)}
    if grey.dtype == np.uint8:
        found["OpenCV"] = lambda: cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_TRIANGLE)
    if find_spec("diplib"):
        dip = import_module("diplib")
        found["DIPlib"] = lambda: dip.TriangleThreshold(grey)
    return found


def _multi_otsu(grey: np.ndarray) -> Contest:
    from skimage.filters import threshold_multiotsu

    found: dict[str, Callable[[], Any]] = {
        "scikit-image": lambda: np.digitize(grey, threshold_multiotsu(grey)).astype(np.uint8)
    }
    if find_spec("SimpleITK"):
        sitk = import_module("SimpleITK")
        found["SimpleITK"] = lambda: sitk.OtsuMultipleThresholds(sitk.GetImageFromArray(grey), 2, 0, 256)
    return found


def _color_range(rgb: np.ndarray, white: float) -> Contest:
    """OpenCV has hues of 2° and saturations of 1/255 for 8 bits, and exact ones for floating-point numbers."""

    def exact() -> np.ndarray:
        hsv = cv2.cvtColor(rgb * np.float32(1 / white), cv2.COLOR_RGB2HSV)
        return np.asarray(cv2.inRange(hsv, (60, 0.2, 0), (180, 1, 1)))

    if rgb.dtype == np.uint8:
        return {
            "OpenCV, in 2°": lambda: cv2.inRange(cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV), (30, 51, 0), (90, 255, 255)),
            "OpenCV": exact,
        }
    return {"OpenCV": exact}


def _at_16_bits(pixels: np.ndarray) -> np.ndarray:
    return np.multiply(pixels, np.uint16(257), dtype=np.uint16) if pixels.dtype == np.uint8 else pixels


def _gamma(grey: np.ndarray) -> Contest:
    most = int(np.iinfo(grey.dtype).max)
    table = np.rint(65535 * (np.arange(most + 1) / most) ** (1 / 1.5)).astype(np.uint16)
    if most > 255:
        return {"NumPy": lambda: table[grey]}
    return {"OpenCV": lambda: cv2.LUT(grey, table), "NumPy": lambda: table[grey]}


def _stretch(grey: np.ndarray) -> Contest:
    exposure = import_module("skimage.exposure")

    def in_numpy() -> np.ndarray:
        low, high = np.percentile(grey, (0.35, 99.65))
        return np.asarray(exposure.rescale_intensity(grey, (low, high), np.uint16))

    return {"NumPy and scikit-image": in_numpy}


def _band_pass(unit: np.ndarray) -> Contest:
    from scipy.ndimage import gaussian_filter
    from skimage.filters import difference_of_gaussians

    def differences() -> np.ndarray:
        return cv2.GaussianBlur(unit, (0, 0), 0.6) - cv2.GaussianBlur(unit, (0, 0), 19)

    found: dict[str, Callable[[], Any]] = {
        "OpenCV, two blurs": differences,
        "scikit-image": lambda: difference_of_gaussians(unit, 0.6, 19),
        "SciPy, two blurs": lambda: gaussian_filter(unit, 0.6) - gaussian_filter(unit, 19),
    }
    if find_spec("diplib"):
        dip = import_module("diplib")
        found["DIPlib, two blurs"] = lambda: dip.Gauss(unit, 0.6) - dip.Gauss(unit, 19, method="IIR")
    return found


def _watershed(grey: np.ndarray, eight: np.ndarray, seeds: np.ndarray) -> Contest:
    """OpenCV takes 8 bits alone, and leaves a line between the features that none of them has."""
    from skimage.segmentation import watershed

    colour, dark = cv2.merge([255 - eight] * 3), np.iinfo(grey.dtype).max - grey
    found: dict[str, Callable[[], Any]] = {"scikit-image": lambda: watershed(dark, seeds)}
    if grey.dtype == np.uint8:
        found["OpenCV, with a line"] = lambda: cv2.watershed(colour, seeds.copy())
    if find_spec("SimpleITK"):
        sitk = import_module("SimpleITK")
        found["SimpleITK"] = lambda: sitk.MorphologicalWatershedFromMarkers(
            sitk.GetImageFromArray(dark), sitk.GetImageFromArray(seeds.astype(np.int32)), markWatershedLine=False
        )
    if find_spec("diplib"):
        dip = import_module("diplib")
        found["DIPlib"] = lambda: dip.SeededWatershed(dark, seeds.astype(np.uint32), connectivity=1, flags={"labels"})
    return found


def _skeleton(selected: np.ndarray) -> Contest:
    from skimage.morphology import skeletonize

    found: dict[str, Callable[[], Any]] = {"scikit-image": lambda: skeletonize(selected.copy())}
    if hasattr(cv2, "ximgproc"):
        found["OpenCV contrib"] = lambda: cv2.ximgproc.thinning(selected.view(np.uint8) * 255)
    if find_spec("diplib"):
        dip = import_module("diplib")
        found["DIPlib"] = lambda: dip.EuclideanSkeleton(dip.Image(selected))
    return found


def _fill(selected: np.ndarray) -> Contest:
    from scipy.ndimage import binary_fill_holes

    def flooded() -> np.ndarray:
        framed = np.pad(selected.view(np.uint8), 1)
        cv2.floodFill(framed, None, (0, 0), 2)
        return framed[1:-1, 1:-1] != 2

    return {"OpenCV": flooded, "SciPy": lambda: binary_fill_holes(selected)}


def race(contest: Contest, rounds: int, slowest: float) -> dict[str, tuple[float, float]]:
    """The fastest run of each, in s by the clock and by processor time; one where it takes longer than ``slowest``."""
    best = dict.fromkeys(contest, (np.inf, np.inf))
    for each in range(rounds + 1):  # the first warms up
        for name, run in contest.items():
            if each and best[name][0] > slowest:
                continue
            start = time.perf_counter(), time.process_time()
            run()
            lap = time.perf_counter() - start[0], time.process_time() - start[1]
            best[name] = min(best[name][0], lap[0]), min(best[name][1], lap[1])
    return best


def ratio(best: Mapping[str, tuple[float, float]], by: int) -> str:
    """Ours by the fastest library, by the clock (0) or by processor time (1)."""
    seconds, name = min((seconds[by], name) for name, seconds in best.items() if name != "ours")
    return f"{best['ours'][by] / seconds:.2f} of {name}"


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, nargs=2, default=(2000, 3000), help="height and width of the picture in px")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each, of which the fastest counts")
    parser.add_argument("--slowest", type=float, default=2.0, help="seconds above which one run is enough")
    parser.add_argument("--without", nargs="*", default=[], help="libraries that are left out, such as scikit-image")
    parser.add_argument("--steps", default="", help="part of the names of the steps that are run")
    arguments = parser.parse_args()
    height, width = arguments.size
    print(f"{height} × {width} px: by the clock; by processor time (in s)")
    for steps in (of_images(height, width, 8), of_images(height, width, 16), of_masks(height, width)):
        for step in (one for one in steps if arguments.steps in one):
            contest = {name: run for name, run in steps[step].items() if name.split(",")[0] not in arguments.without}
            if len(contest) < 2:
                continue
            best = race(contest, arguments.rounds, arguments.slowest)
            told = ", ".join(
                f"{name} {used:.4f}" for used, name in sorted((used, name) for name, (_, used) in best.items())
            )
            print(f"{step}: {ratio(best, 0)}; {ratio(best, 1)} ({told})", flush=True)


if __name__ == "__main__":
    main()
