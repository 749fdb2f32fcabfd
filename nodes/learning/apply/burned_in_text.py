"""Reading text that is burned into a picture, by the two networks in the wheel of rapidocr.

One network finds lines of text, the other reads a line (PP-OCR, Apache-2.0). Only the model files of the package are
used: none of its code is imported, so nothing is logged, looked up or fetched.
"""

from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from graingraph.engine.problem import Problem
from graingraph.engine.versions import installed
from graingraph.nodes.learning.model.backends import open_session
from graingraph.nodes.reading.bar_label import BarLabel, TextLine, label_of
from graingraph.nodes.reading.scale_bar import ScaleBar

PACKAGE = "rapidocr"
INSTALL = "install what reads it with: pip install 'graingraph[read-text]'"
TEXT, LINE = 0.3, 0.5
"""How likely a pixel belongs to text, and a line of such pixels on average (as PP-OCR has it)."""
UNCLIP = 1.6
"""The network finds the cores of lines: their boxes grow by this many times area / perimeter."""
SMALLEST_LINE = 3
"""Pixels that the core of a line is high at least."""
ROW = 48
"""Height in px of the lines that the second network reads."""
FEWEST_COLUMNS, MOST_COLUMNS = 320, 1600
AROUND = 0.14
"""Of the height of the picture, how far around a bar its label is looked for; no less than ``LEAST_AROUND`` px."""
LEAST_AROUND = 64
WIDE = 3
"""A label at the end of a bar is so many times as wide as it may be far above or below."""
ZOOMS, AGREEING = (0.5, 1.0, 2.0), 2
"""A label is read at several zooms, as letters are too large to be found in one or too small: so many have to say the
same length, and none another."""
LONGEST_SIDE = 1600
"""Pixels; a larger part of a picture is made smaller before it is read."""


@cache
def reader() -> str:
    """What reads text here, with its version; empty where the model files are not installed."""
    return f"{PACKAGE} {installed([PACKAGE]).get(PACKAGE, '')}".strip() if _models() else ""


def read_bar_label(grey: np.ndarray, bar: ScaleBar) -> BarLabel | None:
    """The length written beside a scale bar in (H, W) pixels of any depth; None where it is not sure.

    ``Problem`` where the model files are not installed. Oracle: drawn bars with labels in several fonts and places.
    """
    around = max(LEAST_AROUND, round(AROUND * grey.shape[0]))
    top, left = max(0, bar.y - around), max(0, bar.x - WIDE * around)
    part = grey[top : bar.y + around, left : round(bar.x + bar.length) + WIDE * around]
    levels = cv2.normalize(part, None, 0, 255, cv2.NORM_MINMAX, cv2.CV_8U)  # type: ignore[call-overload]
    inside = bar._replace(x=bar.x - left, y=bar.y - top)
    shrink = min(1.0, LONGEST_SIDE / max(levels.shape))
    found = [label_of(inside, text_lines(levels, shrink * zoom)) for zoom in ZOOMS]
    labels = [label for label in found if label]
    return labels[0] if len(labels) >= AGREEING and len({label.um for label in labels}) == 1 else None


def text_lines(grey: np.ndarray, zoom: float = 1.0) -> list[TextLine]:
    """The horizontal lines of text in uint8 (H, W), searched for at this zoom; boxes are in px of ``grey``.

    ``Problem`` where the model files are not installed.
    """
    finder, reader = _sessions()
    height, width = grey.shape
    rows, columns = (max(32, round(side * zoom / 32) * 32) for side in (height, width))
    sized = cv2.resize(grey, (columns, rows), interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC)
    likely = finder.run(None, {finder.get_inputs()[0].name: _prepared(sized)})[0][0, 0]
    _, _, boxes, _ = cv2.connectedComponentsWithStats((likely > TEXT).view(np.uint8))
    found = []
    for x, y, across, down, area in boxes[1:].tolist():
        if down < SMALLEST_LINE or likely[y : y + down, x : x + across].mean() < LINE:
            continue
        more = UNCLIP * area / (2 * (across + down))
        corners = (x - more, y - more, x + across + more, y + down + more)
        box = np.array(corners) * np.tile((width / columns, height / rows), 2)
        box = np.clip(box, 0, (width, height, width, height))
        text, sureness = _read(reader, grey, box)
        if text:
            found.append(TextLine(text, sureness, *box.tolist()))
    return found


def _read(reader: Any, grey: np.ndarray, box: np.ndarray) -> tuple[str, float]:
    """What a box of the picture says, and how sure the least sure of its letters is."""
    left, top, right, bottom = int(box[0]), int(box[1]), int(np.ceil(box[2])), int(np.ceil(box[3]))
    part = grey[top:bottom, left:right]
    columns = int(np.clip(round(part.shape[1] * ROW / part.shape[0]), 16, MOST_COLUMNS))
    line = _prepared(cv2.resize(part, (columns, ROW), interpolation=cv2.INTER_CUBIC))
    line = np.pad(line, ((0, 0), (0, 0), (0, 0), (0, max(0, FEWEST_COLUMNS - columns))))
    scores = reader.run(None, {reader.get_inputs()[0].name: line})[0][0]
    letters, chosen, sure = _letters(), scores.argmax(axis=1), scores.max(axis=1)
    # The network says one letter a column, 0 for none; a letter goes on while the columns say the same.
    begins = (chosen > 0) & (chosen != np.r_[0, chosen[:-1]])
    read = [(letters[k], float(how)) for k, how in zip(chosen[begins], sure[begins], strict=True)]
    return "".join(letter for letter, _ in read), min((how for letter, how in read if letter != " "), default=0.0)


def _prepared(grey: np.ndarray) -> np.ndarray:
    """uint8 (h, w) as float32 (1, 3, h, w) in -1..1."""
    levels = grey.astype(np.float32) / 127.5 - 1
    return np.repeat(levels[None, None], 3, axis=1)


def _models() -> tuple[Path, Path] | None:
    """The files of the network that finds lines, and of the one that reads them."""
    package = find_spec(PACKAGE)  # looks where it is, and imports nothing
    for place in package.submodule_search_locations or () if package else ():
        finders, readers = (sorted((Path(place) / "models").glob(f"*_{part}_*.onnx")) for part in ("det", "rec"))
        if finders and readers:
            return finders[0], readers[0]
    return None


@lru_cache(maxsize=1)
def _sessions() -> tuple[Any, Any]:
    models = _models()
    if models is None:
        raise Problem(f"No text can be read in pictures here; {INSTALL}.")
    return open_session(models[0]), open_session(models[1])


@lru_cache(maxsize=1)
def _letters() -> tuple[str, ...]:
    return ("", *_sessions()[1].get_modelmeta().custom_metadata_map["character"].split("\n"), " ")
