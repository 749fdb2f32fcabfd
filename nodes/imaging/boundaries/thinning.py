"""The skeleton of a mask: thinning by its outline, pass after pass, 64 pixels at a time."""

import numpy as np
import numpy.typing as npt
from numba import int32, int64, njit, types, uint8, uint64

AROUND = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
"""The neighbours of a pixel, clockwise; each is a bit of the number of a neighbourhood."""
FIRST, SECOND = 1, 2
"""The passes of a round."""
APART = {
    FIRST: ("NW N", "N NE", "NE E", "N NE E", "NW N W", "NW N E", "N NE W", "NW S W", "N SW W", "N NE SW W"),
    SECOND: ("E SE", "S SW", "SW W", "E SE S", "S SW W", "N E SE", "E S SW", "SE S W", "NE E S SW"),
    FIRST | SECOND: ("N E", "E S", "N W", "S W"),
    0: ("SE S", "NW W"),
}
"""Neighbourhoods whose pixel goes in these passes, where Zhang and Suen's rule says otherwise: by it the ends of
diagonal lines and squares of 2 × 2 px vanish, and the corners of a staircase stay. scikit-image does the same."""
FEW = 4
"""So many pixels of the outline in a word are sooner done one by one than all 64 at once."""


def thinned(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The middle lines of a mask, one pixel wide and connected as it is, both bool (H, W); outside lies nothing.

    Source: T. Y. Zhang and C. Y. Suen, Comm. ACM 27 (1984) 236, but for the neighbourhoods ``APART``. Oracle:
    scikit-image's ``skeletonize``, which it equals.
    """
    height, width = mask.shape
    words = np.zeros((height + 2, -(-width // 64) + 2), np.dtype("<u8"))
    packed = np.packbits(mask, axis=1, bitorder="little")
    inside = words.view(np.uint8)[1:-1, 8 : 8 + packed.shape[1]]
    inside[:] = packed
    passes = _passes()
    going = [np.flatnonzero(passes & each).astype(np.uint8) for each in (FIRST, SECOND)]
    _thin(words.reshape(-1), words.shape[1], passes, *going)
    return np.unpackbits(inside, axis=1, count=width, bitorder="little").view(bool)


def _passes() -> npt.NDArray[np.uint8]:
    """In which passes a pixel goes, by the number of its neighbourhood, uint8 (256,)."""
    bits = np.arange(256)[:, None] >> np.arange(8) & 1
    north, east, south, west = bits[:, ::2].T
    neighbours = bits.sum(axis=1)
    at_edge = (neighbours >= 2) & (neighbours <= 6) & ((np.roll(bits, -1, axis=1) > bits).sum(axis=1) == 1)
    first = at_edge & ((east & south & (north | west)) == 0)
    second = at_edge & ((north & west & (east | south)) == 0)
    found = (FIRST * first + SECOND * second).astype(np.uint8)
    for passes, neighbourhoods in APART.items():
        for one in neighbourhoods:
            found[sum(1 << AROUND.index(name) for name in one.split())] = passes
    return found


@njit(types.void(uint64, uint64, uint64, uint64, uint64, uint64[::1]), cache=True, nogil=True, inline="always")
def _combined(
    of: np.uint64, first: np.uint64, second: np.uint64, third: np.uint64, fourth: np.uint64, found: np.ndarray
) -> None:
    """Which ``of`` these pixels have each of the 16 combinations of four neighbours, of which the first counts 1."""
    pairs = (of & ~first & ~second, of & first & ~second, of & ~first & second, of & first & second)
    others = (~third & ~fourth, third & ~fourth, ~third & fourth, third & fourth)
    for k in range(16):
        found[k] = pairs[k & 3] & others[k >> 2]


@njit(uint64[::1](uint64[::1], int64, int64[::1], uint8[::1], int64, uint8[::1]), cache=True, nogil=True)
def _leaving(
    words: np.ndarray, row: int, active: np.ndarray, passes: np.ndarray, now: int, going: np.ndarray
) -> np.ndarray:
    """The pixels of each ``active`` word that go ``now``, in the pass of the neighbourhoods ``going``."""
    one, most = np.uint64(1), np.uint64(63)
    upper, lower = np.empty(16, np.uint64), np.empty(16, np.uint64)
    gone = np.zeros(active.size, np.uint64)
    for n, at in enumerate(active):
        word, north, south = words[at], words[at - row], words[at + row]
        west, east = word << one | words[at - 1] >> most, word >> one | words[at + 1] << most
        outline = word & ~(north & east & south & west)
        if outline == 0:
            continue
        north_west, north_east = north << one | words[at - row - 1] >> most, north >> one | words[at - row + 1] << most
        south_west, south_east = south << one | words[at + row - 1] >> most, south >> one | words[at + row + 1] << most
        many = outline
        for _ in range(FEW):
            many &= many - one
        if many:
            _combined(outline, north, north_east, east, south_east, upper)
            _combined(outline, south, south_west, west, north_west, lower)
            for k in going:
                gone[n] |= upper[k & 15] & lower[k >> 4]
            continue
        while outline:
            pixel = outline & (~outline + one)
            around = np.int64(north & pixel != 0) | np.int64(north_east & pixel != 0) << 1
            around |= np.int64(east & pixel != 0) << 2 | np.int64(south_east & pixel != 0) << 3
            around |= np.int64(south & pixel != 0) << 4 | np.int64(south_west & pixel != 0) << 5
            around |= np.int64(west & pixel != 0) << 6 | np.int64(north_west & pixel != 0) << 7
            if passes[around] & now:
                gone[n] |= pixel
            outline ^= pixel
    return gone


@njit(int64(uint64[::1], int64, int64[::1], uint64[::1], int32[::1], int32, int64[::1], int64), cache=True, nogil=True)
def _add_touched(
    words: np.ndarray,
    row: int,
    changed: np.ndarray,
    gone: np.ndarray,
    seen: np.ndarray,
    number: int,
    found: np.ndarray,
    count: int,
) -> int:
    """Add to the ``count`` words ``found`` those not yet ``seen`` that hold, or touch, pixels that are gone."""
    for n, at in enumerate(changed):
        left, right = at - np.int64(gone[n] & np.uint64(1)), at + np.int64(gone[n] >> np.uint64(63))
        for above in (-row, 0, row):
            for beside in range(above + left, above + right + 1):
                if words[beside] and seen[beside] != number:
                    seen[beside] = number
                    found[count] = beside
                    count += 1
    return count


@njit(types.void(uint64[::1], int64, uint8[::1], uint8[::1], uint8[::1]), cache=True, nogil=True)
def _thin(words: np.ndarray, row: int, passes: np.ndarray, first: np.ndarray, second: np.ndarray) -> None:
    """Thin rows of so many words of 64 pixels in place, lowest bit to the left, with a word of nothing around.

    ``first`` and ``second`` are the neighbourhoods that go in these ``passes``. A word is looked at again only where it
    or a pixel that touches it changed since the same pass was there before.
    """
    active, seen = np.flatnonzero(words), np.zeros(words.size, np.int32)
    changed, gone = np.empty(0, np.int64), np.empty(0, np.uint64)
    number = 0
    while active.size:
        number += 1
        now, going = (FIRST, first) if number % 2 else (SECOND, second)
        leaving = _leaving(words, row, active, passes, now, going)
        for n, at in enumerate(active):
            words[at] ^= leaving[n]
        changed_before, gone_before = changed, gone
        changed, gone = active[leaving != 0], leaving[leaving != 0]
        if number > 1:  # in the second pass all have still to be looked at
            found = np.empty(min(9 * (changed.size + changed_before.size), words.size), np.int64)
            count = _add_touched(words, row, changed_before, gone_before, seen, number, found, 0)
            active = found[: _add_touched(words, row, changed, gone, seen, number, found, count)]
