"""Edge-keeping filters for every kind of pixels, in strips so that a long one can be cancelled."""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

STRIP_PIXELS = 300_000

Check = Callable[[float, str], object]
"""Told how far it is (0 to 1, and in words) before every strip; what it raises ends the work."""


def median(
    pixels: npt.NDArray[np.uint8 | np.uint16 | np.float32], size: int, check: Check
) -> npt.NDArray[np.uint8 | np.uint16 | np.float32]:
    """Median over a square of odd side ``size``, borders repeated; exact for uint8, uint16 and float32."""
    if pixels.dtype == np.uint8 or size <= 5:
        smooth: np.ndarray = cv2.medianBlur(pixels, size)
        return smooth
    if pixels.ndim == 3:
        return np.dstack([median(np.ascontiguousarray(pixels[..., c]), size, check) for c in range(3)])
    reach = size // 2
    if pixels.dtype == np.uint16:
        from graingraph.nodes.imaging.filters.median16 import median16

        def strip(part: np.ndarray) -> np.ndarray:
            return median16(np.pad(part, reach, mode="edge"), size)
    else:
        from scipy.ndimage import median_filter

        def strip(part: np.ndarray) -> np.ndarray:
            return median_filter(part, size, mode="nearest")

    return in_strips(strip, pixels, reach, check)


def bilateral(
    pixels: npt.NDArray[np.uint8 | np.uint16 | np.float32], sigma: float, contrast: float, check: Check
) -> npt.NDArray[np.uint8 | np.uint16 | np.float32]:
    """Bilateral filter (Tomasi and Manduchi, ICCV 1998): σ in px and in grey levels; uint16 is computed in float32."""
    reach = max(1, round(1.5 * sigma))

    def smooth(part: np.ndarray) -> np.ndarray:
        return cv2.bilateralFilter(part, 2 * reach + 1, contrast, sigma, borderType=cv2.BORDER_REFLECT_101)

    if pixels.dtype == np.uint8:
        return in_strips(smooth, pixels, reach, check)
    numbers = np.asarray(pixels, np.float32)
    darkest, brightest = numbers.min(axis=(0, 1)), numbers.max(axis=(0, 1))

    def smooth_as_part_of_all(part: np.ndarray) -> np.ndarray:
        """OpenCV rounds its weights by the range of the numbers that it is given: a strip gets that of the picture."""
        framed = cv2.copyMakeBorder(part, reach, reach + 1, reach, reach, cv2.BORDER_REFLECT_101)
        framed[-1], framed[-1, 0] = brightest, darkest
        return smooth(framed)[reach : -reach - 1, reach:-reach]

    result = in_strips(smooth_as_part_of_all, numbers, reach, check)
    return np.rint(result).astype(pixels.dtype) if pixels.dtype == np.uint16 else result


def non_local_means(
    pixels: npt.NDArray[np.uint8 | np.uint16 | np.float32],
    limits: tuple[float, float],
    strength: float,
    patch: int,
    search: int,
    check: Check,
) -> npt.NDArray[np.uint16 | np.float32]:
    """Non-local means (Buades et al., CVPR 2005), with ``strength`` as a share of ``limits``, black and white.

    Patches are compared by absolute differences of 16-bit levels (OpenCV); other numbers are brought to these.
    """
    black, white = limits
    levels = pixels
    if pixels.dtype != np.uint16:
        levels = np.rint(np.clip((pixels - black) * (65535 / (white - black)), 0, 65535)).astype(np.uint16)

    def denoise(part: np.ndarray) -> np.ndarray:
        return cv2.fastNlMeansDenoising(part, [65535 * strength], None, patch, search, cv2.NORM_L1)

    result = in_strips(denoise, levels, patch // 2 + search // 2 + 1, check)
    return result if pixels.dtype == np.uint16 else result * np.float32((white - black) / 65535) + np.float32(black)


def in_strips(function: Callable[[np.ndarray], np.ndarray], pixels: np.ndarray, reach: int, check: Check) -> np.ndarray:
    """Apply a filter that looks ``reach`` px around to strips of rows; the same result as on the whole image."""
    height, width = pixels.shape[:2]
    rows = max(reach, STRIP_PIXELS // width, 1)
    result = np.empty_like(pixels)
    for top in range(0, height, rows):
        check(top / height, "Filtering")
        above = min(top, reach)
        bottom = min(height, top + rows)
        part = np.ascontiguousarray(pixels[top - above : min(height, bottom + reach)])
        result[top:bottom] = function(part)[above : above + bottom - top]
    return result
