"""CZI files as ZEN writes them, made for tests: blocks of pixels in their places, a directory, metadata."""

import struct
from dataclasses import dataclass, field
from pathlib import Path

import imagecodecs
import numpy as np

KINDS = {("u1", 1): 0, ("u2", 1): 1, ("f4", 1): 2, ("u1", 3): 3, ("u2", 3): 4, ("u1", 4): 9}


@dataclass
class Block:
    """Pixels at a place: ``at`` gives the start of every dimension; ``shown`` is the size they stand for (a copy)."""

    pixels: np.ndarray
    at: dict[str, int] = field(default_factory=dict)
    compression: int = 0
    shown: tuple[int, int] | None = None


def metadata(x: float = 1e-7, y: float = 1e-7, channels: tuple[str, ...] = (), bits: int = 0) -> str:
    """The XML of a file with this scaling in metres."""
    items = "".join(f'<Distance Id="{axis}"><Value>{size}</Value></Distance>' for axis, size in (("X", x), ("Y", y)))
    told = f"<ComponentBitCount>{bits}</ComponentBitCount>" if bits else ""
    names = "".join(f'<Channel Id="Channel:{i}" Name="{name}">{told}</Channel>' for i, name in enumerate(channels))
    dimensions = f"<Information><Image><Dimensions><Channels>{names}</Channels></Dimensions></Image></Information>"
    return f"<ImageDocument><Metadata>{dimensions}<Scaling><Items>{items}</Items></Scaling></Metadata></ImageDocument>"


def write_czi(path: Path, blocks: list[Block], xml: str = "") -> Path:
    """Write a file of these blocks."""
    header = _segment(b"ZISRAWFILE", b"\0" * 512)
    body, entries = b"", []
    for block in blocks:
        position = len(header) + len(body)
        entry = _entry(block, position)
        data = _data(block)
        head = struct.pack("<iiq", 0, 0, len(data)) + entry
        body += _segment(b"ZISRAWSUBBLOCK", head.ljust(16 + max(240, len(entry)), b"\0") + data)
        entries.append(entry)
    directory = len(header) + len(body)
    body += _segment(b"ZISRAWDIRECTORY", struct.pack("<i", len(entries)).ljust(128, b"\0") + b"".join(entries))
    metadata_at = len(header) + len(body)
    text = xml.encode()
    body += _segment(b"ZISRAWMETADATA", struct.pack("<ii", len(text), 0).ljust(256, b"\0") + text)
    fields = struct.pack("<iiii16s16siqqiq", 1, 0, 0, 0, b"", b"", 0, directory, metadata_at, 0, 0)
    header = _segment(b"ZISRAWFILE", fields.ljust(512, b"\0"))
    path.write_bytes(header + body)
    return path


def _segment(name: bytes, data: bytes) -> bytes:
    return struct.pack("<16sqq", name, len(data), len(data)) + data


def _entry(block: Block, position: int) -> bytes:
    height, width = block.pixels.shape[:2]
    wide, high = block.shown or (width, height)
    at = {"X": 0, "Y": 0} | block.at
    sizes = {"X": (wide, width), "Y": (high, height)}
    samples = block.pixels.shape[2] if block.pixels.ndim == 3 else 1
    kind = KINDS[block.pixels.dtype.str[1:], samples]
    dimensions = b"".join(
        struct.pack("<4siifi", name.encode(), start, *sizes.get(name, (1, 1))[:1], 0.0, sizes.get(name, (1, 1))[1])
        for name, start in at.items()
    )
    return struct.pack("<2siqiiB5si", b"DV", kind, position, 0, block.compression, 0, b"", len(at)) + dimensions


def _data(block: Block) -> bytes:
    pixels = block.pixels
    if pixels.ndim == 3 and block.compression != 4:
        pixels = pixels[..., [2, 1, 0, 3][: pixels.shape[2]]]
    raw = np.ascontiguousarray(pixels).tobytes()
    if block.compression == 4:
        return imagecodecs.jpegxr_encode(pixels)
    if block.compression == 5:
        return imagecodecs.zstd_encode(raw)
    if block.compression == 6:
        halves = np.frombuffer(raw, np.uint8).reshape(-1, 2).T.tobytes()
        return b"\3\1\1" + imagecodecs.zstd_encode(halves)
    return raw
