"""Black and white of images whose numbers have no limits of their own, and the few pixels that are no grey level."""

import numpy as np

from graingraph.engine.problem import Problem

NO_DATA = 1e30
"""Beyond it a number marks a place without data: the largest float, as map and topography programs write it."""
MARKED, FAR = -999.0, 10
"""One level at or below this, so many times farther from 0 than all others, marks places without data (-9999)."""
FEW, FEW_SHARE = 16, 1e-4
"""So many pixels (whichever is more) may be defects of the camera or the file; more are part of the picture."""
BULK = (0.5, 99.5)
"""Per cent of the pixels between which the grey levels of the picture itself lie."""
BEYOND, DEFECT = 1.0, 20.0
"""Spreads of the bulk away from it from where a few pixels do not count for black and white, and are replaced."""
SAMPLED = 200_000
FAMILIAR = ((1.0, False), (255.0, True), (65535.0, True), (2.0**32, True))
"""White of pictures that were made floats: fractions, and the whole numbers of 8, 16 and 32 bits."""
USED = 1 / 8
"""Of such a range that the grey levels use at least; heights and other quantities do not."""


def mend(numbers: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Replace what is no grey level in float32 (H, W) or (H, W, C), and say so; changes ``numbers``.

    That is NaN, infinite, beyond 1e30, -9999 or the like for "no data", or one of a few pixels far from all others. A
    few become the median of their neighbours; more become the darkest level found. ``Problem`` if nothing is left.
    """
    missing = ~(np.abs(numbers) < NO_DATA)
    missing |= _marked(numbers, missing)
    lost = int(np.count_nonzero(missing))
    if lost == numbers.size:
        raise Problem("No pixel of the image is a number (all are NaN or infinite); export the image again.")
    notes, bad = [], np.zeros((1,) * numbers.ndim, bool)
    if lost:
        numbers[missing] = numbers[~missing].min()
        few = _are_few(lost, numbers)
        how = "filled from the pixels around" if few else "taken as the darkest grey found"
        what = f"{lost} pixel values are not numbers" if lost > 1 else "One pixel value is not a number"
        notes.append(f"{what} (NaN, infinite or no data), {how}.")
        bad = missing if few else bad
    low, high = fences(numbers, DEFECT)
    if numbers.min() < low or numbers.max() > high:
        defect = (numbers < low) | (numbers > high)
        many = int(np.count_nonzero(defect))
        if _are_few(many, numbers):
            what = f"{many} pixels lie" if many > 1 else "One pixel lies"
            notes.append(f"{what} far outside the grey levels of all others (hot, or no data), filled from around.")
            bad = bad | defect
    if bad.any():
        _fill(numbers, bad)
    return numbers, notes


def _marked(numbers: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """Where pixels have the one far negative level by which a program marks places without data."""
    least = float(numbers.min(where=~missing, initial=0.0))
    if least > MARKED:
        return np.zeros_like(missing)
    at = numbers == least
    others = np.abs(numbers).max(where=~(at | missing), initial=0.0)
    return at if 0 < others * FAR <= -least else np.zeros_like(missing)


def grey_range(pixels: np.ndarray) -> tuple[float, float]:
    """Black and white of float pixels.

    0 and 1 for fractions, 0 and 255 or 65535 for whole numbers of 8 or 16 bits, so that a picture has the same levels
    in every depth; else the least and the greatest level found, a few outliers left aside.
    """
    low, high = float(pixels.min()), float(pixels.max())
    least, most = fences(pixels, BEYOND)
    if (low < least or high > most) and _are_few(int(np.count_nonzero((pixels < least) | (pixels > most))), pixels):
        inside = pixels[(pixels >= least) & (pixels <= most)]
        low, high = float(inside.min()), float(inside.max())
    for white, whole in FAMILIAR:
        if low >= 0 and USED * white <= high - low and high <= white and (not whole or _are_whole(pixels)):
            return 0.0, white
    return (low, high) if high > low else (low, low + 1.0)


def fences(pixels: np.ndarray, spreads: float) -> tuple[float, float]:
    """Levels so many spreads of the bulk below and above it; infinite where the bulk has one level."""
    flat = pixels.reshape(-1)
    low, high = np.percentile(flat[:: max(1, flat.size // SAMPLED) | 1], BULK)
    reach = (float(high) - float(low)) * spreads
    return (float(low) - reach, float(high) + reach) if reach > 0 else (-np.inf, np.inf)


def _are_few(count: int, pixels: np.ndarray) -> bool:
    places = pixels.shape[0] * pixels.shape[1]
    return count <= max(FEW, FEW_SHARE * places) and count * 10 < pixels.size


def _are_whole(pixels: np.ndarray) -> bool:
    def whole(some: np.ndarray) -> bool:
        return bool((some == np.rint(some)).all())

    return whole(pixels[::37, ::37]) and whole(pixels)


def _fill(numbers: np.ndarray, bad: np.ndarray) -> None:
    """The median of the good pixels around each bad one, from as far as it takes."""
    for place in zip(*(index.tolist() for index in np.nonzero(bad)), strict=True):
        row, column, *channel = place
        for reach in (1, 2, 4, 8, 16, 32):
            box = np.s_[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1]
            good = numbers[(*box, *channel)][~bad[(*box, *channel)]]
            if good.size:
                numbers[place] = np.sort(good)[good.size // 2]  # a level that there is: whole numbers stay whole
                break
