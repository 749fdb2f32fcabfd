"""Planes that point somewhere, as the flows of Cellpose or HoVer-Net, and are no scores of classes.

Where a picture is turned by half a turn, scores of its classes turn with it. A plane that says how far to the right or
down the middle of a cell lies also changes its sign.
"""

from typing import Any

import cv2
import numpy as np

from graingraph.nodes.learning.model.foreign_form import Form
from graingraph.nodes.learning.model.foreign_outputs import planes_of

OPPOSITE, STAYING = -0.5, 0.7
"""A plane points somewhere where its correlation with that of the turned picture, turned back, is below the first.
Above the second, before it is turned back, it hangs on the place and not on what the picture shows.

Of two small networks that learnt flows of drawn cells, bright or dark, it is -0.96 to -0.77; of two that learnt classes
of them, and of the models that ship, -0.1 to 1.
"""
AREA, RADII = 24**2, (5, 11)
"""Px of a picture for each cell that is drawn, and their least and greatest radius (px)."""


def pointing(session: Any, form: Form, size: tuple[int, int]) -> dict[str, list[int]]:
    """By the name of the output, which of its planes (from 0) point somewhere; outputs without such planes are not in.

    Networks that take grey levels to 255 see nothing in those to 1, so both are shown; what fails on one of them, as
    one that looks up grey levels in a table may, is judged by the other.
    """
    cells = _cells(form.channels, size)
    found: dict[str, list[int]] = {}
    for white in (255,) if form.grey_levels else (1, 255):
        pictures = (cells * np.float32(white), _turned(cells) * np.float32(white))
        try:
            here, there = (planes_of(session, form, picture) for picture in pictures)
        except Exception:  # ONNX Runtime raises types of its own, one for each kind of failure
            continue
        for output, planes in here.items():
            other = there[output]
            if planes.ndim == 4 and planes.shape == other.shape:
                pairs = zip(planes[0], other[0], _turned(other)[0], strict=True)
                opposed = [k for k, (one, unturned, turned) in enumerate(pairs) if _are_opposed(one, unturned, turned)]
                if opposed:
                    found[output] = opposed
    return found


def _are_opposed(plane: np.ndarray, unturned: np.ndarray, turned: np.ndarray) -> bool:
    """Whether a plane is the opposite of the turned one, and not of what stays whatever the picture shows."""
    return _correlation(plane, turned) < OPPOSITE and _correlation(plane, unturned) < STAYING


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    """From -1 to 1; 0 where one of them is even, or has numbers that are none."""
    with np.errstate(over="ignore", invalid="ignore"):
        one, other = one - one.mean(), other - other.mean()
        power = float(np.sqrt((one * one).sum() * (other * other).sum()))
        return float((one * other).sum()) / power if power > 0 and np.isfinite(power) else 0.0


def _turned(planes: np.ndarray) -> np.ndarray:
    """Planes (n, c, h, w) by half a turn."""
    return np.ascontiguousarray(planes[..., ::-1, ::-1])


def _cells(channels: int, size: tuple[int, int]) -> np.ndarray:
    """A picture float32 (1, c, h, w), 0 to 1, of bright round cells on a dark ground, somewhat blurred and noisy."""
    rng, (height, width) = np.random.default_rng(0), size
    plane = np.full(size, 0.2, np.float32)
    for x, y in rng.integers(0, (width, height), (height * width // AREA, 2)).tolist():
        cv2.circle(plane, (x, y), int(rng.integers(*RADII)), float(rng.uniform(0.6, 0.9)), -1)
    grain = rng.normal(0, 0.02, size).astype(np.float32)
    return np.repeat((cv2.GaussianBlur(plane, (0, 0), 1) + grain).clip(0, 1)[None, None], channels, axis=1)
