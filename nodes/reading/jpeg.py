"""Whether a JPEG is whole: decoders fill what is missing with grey and say nothing."""

import re
from collections.abc import Callable

import numpy as np

EXTRA = bytes(range(1, 255)) * 16
"""Bytes that mean something to a decoder that still waits for blocks, and nothing to one that has all of them."""
BLOCK = 8


def end_of_image(data: bytes) -> int:
    """Where the end marker of the (first) picture stands; -1 if it has none."""
    at = 2
    while data[at : at + 1] == b"\xff":
        marker = data[at + 1 : at + 2]
        if marker == b"\xd9":
            return at
        if marker == b"\xff":  # fill byte
            at += 1
            continue
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == b"\xda":
            following = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]").search(data, at)
            if following is None:
                return -1
            at = following.start()
    return -1


def lacks_blocks(data: bytes, pixels: np.ndarray, decode: Callable[[bytes], np.ndarray]) -> bool:
    """Whether blocks are missing before the end marker of a JPEG that was decoded to ``pixels``.

    Decoded once more with more bytes before its end: that changes nothing where all blocks are there. A file whose
    last block is not of one colour needs no second look, unless it is progressive.
    """
    last = pixels[-BLOCK:, -BLOCK:]
    if (last != last[:1, :1]).any() and not _is_progressive(data):
        return False
    end = end_of_image(data)
    try:
        longer = decode(data[:end] + EXTRA + data[end:])
    except Exception:  # a sound file would not mind
        return True
    return not np.array_equal(longer, pixels)


def sample_bits(data: bytes) -> int:
    """Bits a sample, as the frame header tells: 8, or 12 and more in files of measuring devices."""
    return _frame(data)[1]


def _is_progressive(data: bytes) -> bool:
    return _frame(data)[0] in (0xC2, 0xCA)


def _frame(data: bytes) -> tuple[int, int]:
    """Kind (its marker) and bits a sample of the picture's frame."""
    at = 2
    while data[at : at + 1] == b"\xff" and data[at + 1 : at + 2] != b"\xda":
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return marker, data[at + 4]
        at += 1 if marker == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return 0xC0, 8
