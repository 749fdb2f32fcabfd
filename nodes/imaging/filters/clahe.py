"""Contrast-limited adaptive histogram equalisation that keeps levels between the 256 of its histograms."""

import math

import cv2
import numpy as np
import numpy.typing as npt
from numba import float32, float64, int64, njit, types, uint8, uint16

from graingraph.nodes.imaging.filters.parallel import in_parallel

BINS = 256


def equalise_locally(
    pixels: npt.NDArray[np.uint8 | np.uint16 | np.float32], levels: tuple[float, float], limit: float, tiles: int
) -> npt.NDArray[np.uint16 | np.float32]:
    """Equalise each of ``tiles`` × ``tiles`` parts of a picture (H, W) for itself; of 8 bits it becomes one of 16.

    ``levels`` are black and white of floating-point pixels; whole numbers have all of theirs. The histogram of a part
    has 256 levels, of which none counts more than ``limit`` times their mean; what is above goes to all alike. A pixel
    takes the mean of the four parts around it, by its distance to their middles, and between two levels that between
    both. Source: K. Zuiderveld, Graphics Gems IV, 1994, 474-485. Oracle: OpenCV's for 8 bits, which is met within its
    rounding.
    """
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape
    down, across = -(-height // tiles), -(-width // tiles)
    whole = pixels.dtype.kind == "u"
    black, white = (0.0, 256.0**pixels.itemsize - 1) if whole else levels
    per_level = (BINS - 1) / (white - black)
    rows, columns = (
        np.array([cv2.borderInterpolate(k, size, cv2.BORDER_REFLECT_101) for k in range(part * tiles)])
        for size, part in ((height, down), (width, across))
    )
    counts = np.zeros((tiles, tiles, BINS), np.int64)
    in_parallel(tiles, lambda begin, end: _count(pixels, rows, columns, begin, end, black, per_level, counts), least=1)
    area = down * across
    most = max(int(limit * area / BINS), 1)
    above = np.maximum(counts - most, 0).sum(axis=-1, keepdims=True)
    curves = np.cumsum(np.minimum(counts, most) + above / BINS, axis=-1) / area
    curves = np.concatenate([curves, curves[..., -1:]], axis=-1)  # between the last level and one above it
    black_after, contrast = (0.5, 65535.0) if whole else (black, white - black)  # a half, as whole numbers are cut off
    curves = (black_after + curves * contrast).astype(np.float32)
    found = np.empty((height, width), np.uint16 if whole else np.float32)
    in_parallel(height, lambda begin, end: _apply(pixels, curves, begin, end, down, across, black, per_level, found))
    return found


def _read(kind: types.Type) -> types.Array:
    return types.Array(kind, 2, "C", readonly=True)


@njit(
    [
        types.void(_read(kind), int64[::1], int64[::1], int64, int64, float64, float64, int64[:, :, ::1])
        for kind in (uint8, uint16, float32)
    ],
    cache=True,
    nogil=True,
)
def _count(
    pixels: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    begin: int,
    end: int,
    black: float,
    per_level: float,
    counts: np.ndarray,
) -> None:
    """The histograms of so many rows of parts; ``rows`` and ``columns`` (of pixels) are mirrored beyond the picture."""
    width, tiles = pixels.shape[1], counts.shape[0]
    down, across = rows.size // tiles, columns.size // tiles
    bins, two = np.empty(columns.size, np.uint8), np.zeros((tiles, 2, BINS), np.int64)
    factor, half, off = np.float32(per_level), np.float32(0.5), np.float32(black)
    least, most = np.float32(0), np.float32(BINS - 1)
    for part in range(begin, end):
        two[:] = 0
        for i in range(part * down, (part + 1) * down):
            line = pixels[rows[i]]
            for x in range(width):
                bins[x] = np.int32(min(max((np.float32(line[x]) - off) * factor, least), most) + half)
            for x in range(width, columns.size):
                bins[x] = bins[columns[x]]
            for tile in range(tiles):
                for x in range(tile * across, (tile + 1) * across - 1, 2):
                    two[tile, 0, bins[x]] += 1
                    two[tile, 1, bins[x + 1]] += 1  # in turn, as a count waits for the one before
                if across % 2:
                    two[tile, 0, bins[(tile + 1) * across - 1]] += 1
        counts[part] = two[:, 0] + two[:, 1]


@njit(
    [
        types.void(
            _read(kind), float32[:, :, ::1], int64, int64, int64, int64, float64, float64, types.Array(after, 2, "C")
        )
        for kind, after in ((uint8, uint16), (uint16, uint16), (float32, float32))
    ],
    cache=True,
    nogil=True,
)
def _apply(
    pixels: np.ndarray,
    curves: np.ndarray,
    begin: int,
    end: int,
    down: int,
    across: int,
    black: float,
    per_level: float,
    found: np.ndarray,
) -> None:
    """Take the levels of so many rows through the curves of the parts, (tiles, tiles, BINS + 1)."""
    width, tiles = pixels.shape[1], curves.shape[0]
    own = np.empty((tiles, BINS + 1), np.float32)
    factor, off, least, most = np.float32(per_level), np.float32(black), np.float32(0), np.float32(BINS - 1)
    for y in range(begin, end):
        at = y / down - 0.5
        upper = math.floor(at)
        low = np.float32(at - upper)
        own[:] = (1 - low) * curves[max(upper, 0)] + low * curves[min(upper + 1, tiles - 1)]
        line, new = pixels[y], found[y]
        for pair in range(tiles + 1):  # from the middle of one part to that of the next
            left, right = own[max(pair - 1, 0)], own[min(pair, tiles - 1)]
            left_above, right_above = left[1:], right[1:]
            start = max(math.ceil((pair - 0.5) * across), 0)
            first, step = np.float32(start / across + 0.5 - pair), np.float32(1 / across)
            stop = min(math.ceil((pair + 0.5) * across), width)
            if pixels.itemsize == 1:  # each level is one of the curves'
                for x in range(start, stop):
                    k, share = np.uint32(line[x]), first + np.float32(np.int32(x - start)) * step
                    new[x] = left[k] + share * (right[k] - left[k])
                continue
            for x in range(start, stop):
                level = min(max((np.float32(line[x]) - off) * factor, least), most)
                k = np.uint32(level)  # not a signed one, which might count from the end
                between, share = level - np.float32(k), first + np.float32(np.int32(x - start)) * step
                one = left[k] + between * (left_above[k] - left[k])
                other = right[k] + between * (right_above[k] - right[k])
                new[x] = one + share * (other - one)
