"""How fast the image steps are beside the libraries that have them: ``python -m tests.benchmarks.image_steps``.

Each step is a node as a recipe calls it; beside it stand the same step in OpenCV, scikit-image, SciPy and, where they
are installed, DIPlib, mahotas, SimpleITK and numexpr. All take turns in one process; only ratios mean anything. What
they give is compared only roughly: a step is listed where the definitions agree.
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
from graingraph.engine.values import Image, Mask

Contest = Mapping[str, Callable[[], Any]]
"""What is timed by its name; the first is ours."""


def contests(height: int, width: int) -> dict[str, Contest]:
    """The steps, on a grey picture of grains of this size."""
    import graingraph.nodes  # noqa: F401  (declares the nodes)
    from graingraph.nodes.clean.morphology import morphology
    from graingraph.nodes.enhance.contrast import contrast
    from graingraph.nodes.enhance.fourier_filter import fourier_filter
    from graingraph.nodes.enhance.grey import auto_contrast
    from graingraph.nodes.enhance.image_math import image_math
    from graingraph.nodes.segment.color_threshold import color_threshold
    from graingraph.nodes.segment.marker_watershed import marker_watershed
    from graingraph.nodes.segment.multi_threshold import multi_threshold
    from graingraph.nodes.segment.threshold import threshold

    grey = etched.make(1, (height, width)).pixels
    image, other = Image(grey), Image(np.ascontiguousarray(grey[::-1]))
    rgb = np.stack([grey, 255 - grey, grey[::-1]], axis=-1)
    dark = grey < 100
    inside = cv2.distanceTransform((~dark).view(np.uint8), cv2.DIST_L2, 3) > 6
    seeds = cv2.connectedComponents(inside.view(np.uint8), ltype=cv2.CV_32S)[1]
    unit = (grey / np.float32(255)).astype(np.float32)
    sixteen = np.multiply(grey, np.uint16(257), dtype=np.uint16)
    return {
        "Li threshold": {"ours": lambda: threshold(image, method="li"), **_li(grey)},
        "triangle threshold": {"ours": lambda: threshold(image, method="triangle"), **_triangle(grey)},
        "multi-Otsu, 3 phases": {"ours": lambda: multi_threshold(image), **_multi_otsu(grey)},
        "colour range": {
            "ours": lambda: color_threshold(Image(rgb), hue_from=60.0, hue_to=180.0, saturation_from=0.2),
            "OpenCV, 8 bits": lambda: cv2.inRange(cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV), (30, 51, 0), (90, 255, 255)),
            "scikit-image": lambda: _hsv(rgb),
        },
        "gamma, to 16 bits": {
            "ours": lambda: contrast(image, gamma=1.5),
            "OpenCV": lambda: cv2.pow(unit, 1 / 1.5),
            "scikit-image": lambda: import_module("skimage.exposure").adjust_gamma(sixteen, 1 / 1.5),
        },
        "local contrast (CLAHE)": {
            "ours": lambda: auto_contrast(image, method="local"),
            "OpenCV": lambda: cv2.createCLAHE(2.0, (8, 8)).apply(sixteen),
            "scikit-image": lambda: import_module("skimage.exposure").equalize_adapthist(grey),
        },
        "band pass 3 to 100 px": {"ours": lambda: fourier_filter(image, longest=100.0), **_band_pass(unit)},
        "abs(a - b)": {
            "ours": lambda: image_math(image, other, formula="abs(a - b)"),
            "OpenCV, 8 bits": lambda: cv2.absdiff(grey, other.pixels),
            "NumPy": lambda: np.abs(unit - unit[::-1]),
            **_numexpr(unit),
        },
        "watershed from markers": {
            "ours": lambda: marker_watershed(image, Mask(inside), borders="dark lines"),
            **_watershed(grey, seeds),
        },
        "skeleton": {"ours": lambda: morphology(Mask(dark), operation="skeleton"), **_skeleton(dark)},
        "pruned skeleton": {"ours": lambda: morphology(Mask(dark), operation="pruned skeleton")},
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

    found: dict[str, Callable[[], Any]] = {
        "OpenCV": lambda: cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_TRIANGLE),
        "scikit-image": lambda: grey > threshold_triangle(grey),
    }
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


def _hsv(rgb: np.ndarray) -> np.ndarray:
    from skimage.color import rgb2hsv

    hue, saturation, _ = np.moveaxis(rgb2hsv(rgb), -1, 0)
    return np.asarray((hue >= 1 / 6) & (hue <= 0.5) & (saturation >= 0.2))


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


def _numexpr(unit: np.ndarray) -> Contest:
    if not find_spec("numexpr"):
        return {}
    numexpr, other = import_module("numexpr"), np.ascontiguousarray(unit[::-1])
    return {"numexpr": lambda: numexpr.evaluate("abs(unit - other)", {"unit": unit, "other": other})}


def _watershed(grey: np.ndarray, seeds: np.ndarray) -> Contest:
    from skimage.segmentation import watershed

    colour = cv2.merge([255 - grey] * 3)
    found: dict[str, Callable[[], Any]] = {
        "OpenCV": lambda: cv2.watershed(colour, seeds.copy()),
        "scikit-image": lambda: watershed(255 - grey, seeds),
    }
    if find_spec("SimpleITK"):
        sitk = import_module("SimpleITK")
        found["SimpleITK"] = lambda: sitk.MorphologicalWatershedFromMarkers(
            sitk.GetImageFromArray(255 - grey), sitk.GetImageFromArray(seeds.astype(np.int32)), markWatershedLine=False
        )
    if find_spec("mahotas"):
        mahotas = import_module("mahotas")
        found["mahotas"] = lambda: mahotas.cwatershed(255 - grey, seeds)
    if find_spec("diplib"):
        dip = import_module("diplib")
        found["DIPlib"] = lambda: dip.SeededWatershed(
            255 - grey, seeds.astype(np.uint32), connectivity=1, flags={"labels"}
        )
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


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, nargs=2, default=(2000, 3000), help="height and width of the picture in px")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each, of which the median counts")
    parser.add_argument("--slowest", type=float, default=10.0, help="seconds above which one run is enough")
    arguments = parser.parse_args()
    for step, contest in contests(*arguments.size).items():
        laps: dict[str, list[float]] = {name: [] for name in contest}
        for each in range(arguments.rounds + 1):  # the first warms up
            for name, run in contest.items():
                if each and min(laps[name]) > arguments.slowest:
                    continue
                start = time.perf_counter()
                run()
                laps[name].append(time.perf_counter() - start)
        median = {name: float(np.median(found[1:] or found)) for name, found in laps.items()}
        others = {name: seconds for name, seconds in median.items() if name != "ours"}
        best = min(others, key=others.__getitem__, default="")
        ratio = f", {median['ours'] / others[best]:.2f} of {best}" if best else ""
        told = ", ".join(f"{name} {seconds:.4f}" for name, seconds in sorted(median.items(), key=lambda one: one[1]))
        print(f"{step}: {told} s{ratio}", flush=True)


if __name__ == "__main__":
    main()
