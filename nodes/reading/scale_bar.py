"""Finding the scale bar that a microscope has drawn into an image, and refusing lines that are none."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

import cv2
import numpy as np

THICKEST = 1 / 25
"""Of the image's height; a bar is no thicker."""
SHORTEST, LONGEST = 1 / 25, 0.9
"""Of the image's width; longer lines are the edges of data bars."""
SHORTEST_PIECE = 16
"""Pixels of a bar, or of half of one that its label parts in two."""
CONTRAST, UNEVEN = 0.2, 0.06
"""Of the range of grey levels, how much a drawn bar stands out; of that, how much its level may spread."""
STRAIGHT, WANDER = 0.93, 0.4
"""Share of the columns of a bar that are as thick and as high as it but for so many px: other lines lean and wander."""
EDGE = 3
"""Pixels within which a drawn bar ends."""
TICK, TALLEST_TICK, SLIGHT_TICK = 2, 8, 0.7
"""Pixels by which end ticks stand out at least, thicknesses of the bar by which at most (more is a frame), and px² that
tell a tick of a small picture on quiet ground."""
PURE = 0.99
"""Of white (or black): level of bars that are drawn into the picture itself."""
SHUT_IN = 0.8
"""Share of the length of a line under which the ground is shut in by the other sides of a box."""
OF_SIDES = 0.1
"""Of the contrast of a line, by how much the other sides of a box may be less bright."""
FLAT, RECTANGLE = 0.02, 0.8
"""A data bar: levels within this share of the range, filling this share of their rectangle."""


class ScaleBar(NamedTuple):
    """A horizontal bar: its ``length`` in px from end to end and how well it is known (one standard deviation, px).

    ``x`` and ``y`` are the pixel in its left end.
    """

    length: float
    x: int
    y: int
    uncertainty: float = 0.5


@dataclass(frozen=True)
class _Line:
    """An even horizontal line: its rows and columns [top, bottom), [left, right), its level and that of its ground.

    ``gap`` are the columns that a label takes out of its middle.
    """

    top: int
    bottom: int
    left: int
    right: int
    level: float
    ground: float
    gap: tuple[int, int] = (0, 0)

    @property
    def half(self) -> float:
        return (self.level + self.ground) / 2

    @property
    def thickness(self) -> int:
        return self.bottom - self.top


def find_scale_bar(grey: np.ndarray) -> ScaleBar | None:
    """The scale bar in (H, W) pixels, or None where no line shows that it is one.

    A bar is an even, straight, horizontal line with sharp ends that meet no frame. Lines of a specimen can be so too:
    something else must tell that it was drawn. That is a tick at both ends, the flat rectangle of a data bar around
    it, or letters of just its level beside it. A bar that its label parts in two is taken as one.
    """
    height, width = grey.shape
    darkest, brightest = float(grey.min()), float(grey.max())
    if min(height, width) < 32 or darkest == brightest:
        return None
    levels = cv2.convertScaleAbs(grey - grey.dtype.type(darkest), alpha=255 / (brightest - darkest))
    found: list[tuple[int, ScaleBar]] = []
    for bright in (levels, 255 - levels):
        lines = list(_lines(bright, CONTRAST * 255))
        for line in [*_joined(lines), *lines]:
            bar = _ends(bright, line)
            if bar is None or not SHORTEST * width <= bar.length <= LONGEST * width:
                continue
            proofs = _proofs(bright, line, bar)
            framed = _is_framed(line, lines) or _is_side_of_box(bright, line)
            if proofs and not framed and not _has_likes(line, lines):
                found.append((proofs, bar))
    return max(found, key=lambda one: (one[0], one[1].length))[1] if found else None


def _lines(bright: np.ndarray, contrast: float) -> Iterator[_Line]:
    """Straight, even, thin horizontal lines that are brighter than what is above and below."""
    height, width = bright.shape
    tall = max(3, round(height * THICKEST) | 1)
    thin = cv2.morphologyEx(bright, cv2.MORPH_TOPHAT, np.ones((tall, 1), np.uint8))
    drawn = (thin > contrast).view(np.uint8)
    runs = cv2.morphologyEx(drawn, cv2.MORPH_OPEN, np.ones((1, SHORTEST_PIECE), np.uint8))
    _, _, boxes, _ = cv2.connectedComponentsWithStats(runs, connectivity=4)
    for left, top, across, down, area in boxes[1:].tolist():
        if down > tall or area < 0.7 * across * down or left < 2 or left + across > width - 2:
            continue
        inner = slice(left + across // 8, left + across - across // 8)
        rows = np.median(bright[max(0, top - tall) : top + down + tall, inner], axis=1)
        middle = top + down // 2 - max(0, top - tall)
        level, ground = float(rows[middle]), float(max(rows[: middle + 1].min(), rows[middle:].min()))
        above = np.flatnonzero(rows > (level + ground) / 2)
        above = above[(above >= middle - down) & (above <= middle + down)]
        if level - ground < contrast or not len(above):
            continue
        first, last = int(above[0]) + max(0, top - tall), int(above[-1]) + 1 + max(0, top - tall)
        line = _Line(first, last, left, left + across, level, ground)
        if last - first <= tall and _is_even(bright, line):
            yield line


def _is_even(bright: np.ndarray, line: _Line) -> bool:
    margin = min(line.thickness + 2, (line.right - line.left) // 6)
    columns = slice(line.left + margin, line.right - margin)
    body = bright[line.top : line.bottom, columns]
    if body.size == 0 or float(body.mean(axis=0).std()) > UNEVEN * (line.level - line.ground):
        return False
    first = max(0, line.top - 2)
    around = bright[first : line.bottom + 2, columns].astype(np.float32)
    # The ground changes from grain to grain where a bar is drawn into the picture.
    grounds = [
        bright[max(0, line.top - 5) : max(1, line.top - 2), columns],
        bright[line.bottom + 2 : line.bottom + 5, columns],
    ]
    ground = np.max([side.mean(axis=0) for side in grounds if len(side)], axis=0)
    told = line.level - ground > 0.3 * (line.level - line.ground)
    if told.mean() < 0.6:
        return False
    cover = np.clip((around[:, told] - ground[told]) / (line.level - ground[told]), 0, 1)
    thick = cover.sum(axis=0)
    middle = (cover * np.arange(len(cover), dtype=np.float32)[:, None]).sum(axis=0) / np.maximum(thick, 1e-6)
    steady = (np.abs(thick - np.median(thick)) < WANDER) & (np.abs(middle - np.median(middle)) < WANDER)
    return bool(np.mean(steady) >= STRAIGHT)


def _joined(lines: list[_Line]) -> Iterator[_Line]:
    """Bars that a label parts in two: pieces as long, as thick and as bright as each other, side by side."""
    for one in lines:
        for other in lines:
            gap, short = other.left - one.right, min(one.right - one.left, other.right - other.left)
            as_long = abs((one.right - one.left) - (other.right - other.left)) <= max(3, 0.15 * short)
            level = abs(one.level - other.level) <= UNEVEN * (one.level - one.ground)
            if (
                0 < gap <= 4 * short
                and as_long
                and level
                and abs(one.top - other.top) + abs(one.bottom - other.bottom) < 2
            ):
                yield _Line(
                    one.top, one.bottom, one.left, other.right, one.level, one.ground, (one.right, other.left)
                )  # fmt: skip


def _ends(bright: np.ndarray, line: _Line) -> ScaleBar | None:
    """The bar between the half levels of its ends, which have to be sharp and inside the image."""
    profile = bright[line.top : line.bottom].mean(axis=0)
    level = float(np.median(np.r_[profile[line.left + 3 : line.left + 12], profile[line.right - 12 : line.right - 3]]))
    left = _edge(profile[::-1], len(profile) - 1 - (line.left + 3), level, line.ground)
    right = _edge(profile, line.right - 4, level, line.ground)
    if left is None or right is None:
        return None
    left = len(profile) - left
    if not line.gap[1] and not _is_even(bright, replace(line, left=round(left), right=round(right))):
        return None  # it goes on beyond what was looked at, and is no bar there
    one, other = _tick(bright, line, round(left), 1), _tick(bright, line, round(right) - 1, -1)
    # Ticks are drawn around the ends: of more than one pixel, half their width lies outside the bar.
    wide = max(one.width, other.width) if _are_ticks(one, other, line) else 0
    length = right - left - max(0, wide - 1)
    return ScaleBar(float(length), round(left), line.top + line.thickness // 2, float(np.hypot(0.4, 0.3 * wide)))


def _edge(profile: np.ndarray, start: int, level: float, ground: float) -> float | None:
    """Where a bar ends to the right of ``start``, in px from the left edge of the first pixel; None if not sharply."""
    contrast, at = level - ground, start
    while at < len(profile) - 1 and profile[at + 1] > level - 0.25 * contrast:
        at += 1
    beyond = profile[at + 1 : at + 1 + EDGE]
    if at >= len(profile) - 2 or beyond.min() > level - 0.55 * contrast:
        return None
    # The share of the last pixels that the bar covers.
    near = float(beyond.min())
    inside, outside = (float(np.clip((profile[i] - near) / (level - near), 0, 1)) for i in (at, at + 1))
    return at + (1.0 if inside > 0.9 else inside) + (outside if outside > 0.1 else 0.0)


class _Tick(NamedTuple):
    """What stands out of a bar at one end: px above, px below, width in px, and its whole area in px²."""

    up: int
    down: int
    width: int
    area: float


def _tick(bright: np.ndarray, line: _Line, column: int, inwards: int) -> _Tick:
    faint = line.ground + (line.level - line.ground) / 3  # thin ticks are blurred
    found = _Tick(0, 0, 0, _area_at_end(bright, line, column))
    for at in range(column - inwards, column + 3 * inwards, inwards):
        if not 0 <= at < bright.shape[1]:
            continue
        up, down = _run(bright[: line.top, at][::-1], faint), _run(bright[line.bottom :, at], faint)
        if max(up, down) >= TICK and max(up, down) > max(found.up, found.down):
            row = line.top - 2 if up >= down else line.bottom + 1
            across = _run(bright[row, at:] if inwards > 0 else bright[row, : at + 1][::-1], faint)
            found = _Tick(up, down, min(across, 3 * line.thickness + 1), found.area)
    return found


def _are_ticks(one: _Tick, other: _Tick, line: _Line) -> bool:
    """Whether what stands out at both ends is narrow and alike."""
    alike = abs(one.up - other.up) <= 1 and abs(one.down - other.down) <= 1 and abs(one.width - other.width) <= 1
    return alike and min(one.width, other.width) > 0 and max(one.width, other.width) <= max(3, line.thickness)


def _area_at_end(bright: np.ndarray, line: _Line, column: int) -> float:
    """What is bright above and below the end of a bar, more than along it, in px²."""
    reach = max(6, 3 * line.thickness)
    rows = slice(max(0, line.top - reach), line.bottom + reach)
    columns = slice(max(0, column - 2), column + 3)
    along = bright[rows, line.left + 4 : line.right - 4 : 3]
    cover = np.clip((bright[rows, columns].astype(float) - line.ground) / (line.level - line.ground), 0, 1)
    usual = np.clip((np.median(along, axis=1) - line.ground) / (line.level - line.ground), 0, 1)
    return float(np.maximum(cover - np.maximum(usual, 0.1)[:, None], 0).sum())


def _is_alone(bright: np.ndarray, line: _Line) -> bool:
    """Whether what hangs together with a bar and its ticks ends near it; the boundaries of grains go on."""
    tall, wide = max(TALLEST_TICK * line.thickness, 12), max(6, 3 * line.thickness)
    top, left = max(0, line.top - tall), max(0, line.left - wide)
    near = bright[top : line.bottom + tall, left : line.right + wide] > line.half
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(near.view(np.uint8), connectivity=8)
    middle = (line.left + min(line.left + wide, line.right)) // 2
    number = int(labels[line.top + line.thickness // 2 - top, middle - left])
    x, y, across, down, _ = boxes[number].tolist()
    return bool(number and x > 0 and y > 0 and x + across < near.shape[1] and y + down < near.shape[0])


def _is_quiet(bright: np.ndarray, line: _Line) -> bool:
    """Whether hardly anything is on the ground just around a bar."""
    reach = max(6, 3 * line.thickness)
    rows, columns = (
        slice(max(0, line.top - reach), line.bottom + reach),
        slice(max(0, line.left - reach), line.right + reach),
    )
    near = np.abs(bright[rows, columns].astype(float) - line.ground) < 0.1 * (line.level - line.ground)
    rest = near.size - (line.thickness + 2) * (line.right - line.left)
    return bool(near.sum() > 0.95 * rest)


def _run(values: np.ndarray, half: float) -> int:
    below = np.flatnonzero(values <= half)
    return int(below[0]) if len(below) else len(values)


def _proofs(bright: np.ndarray, line: _Line, bar: ScaleBar) -> int:
    """How many things tell that a line was drawn as a bar; 0 as well where its ends meet a frame."""
    one, other = _tick(bright, line, line.left, 1), _tick(bright, line, line.right - 1, -1)
    if max(one.up, one.down, other.up, other.down) > max(TALLEST_TICK * line.thickness, 12):
        return 0
    slight = min(one.area, other.area) > SLIGHT_TICK and abs(one.area - other.area) < 0.5 * max(one.area, other.area)
    ticks = (_are_ticks(one, other, line) or (slight and _is_quiet(bright, line))) and _is_alone(bright, line)
    letters = _has_letters(bright, line)
    if line.gap[1] and not (ticks or letters):
        return 0
    flat = _is_on_data_bar(bright, line)
    letters = letters and (flat or ticks or line.level > PURE * 255)
    return 2 * ticks + 2 * flat + letters if ticks or flat or letters else 0


def _is_on_data_bar(bright: np.ndarray, line: _Line) -> bool:
    """Whether the ground around is a flat rectangle at the border of the image, but for what is written on it."""
    height = bright.shape[0]
    tolerance = FLAT * 255
    ground = (np.abs(bright.astype(np.int16) - int(line.ground)) <= tolerance).view(np.uint8)
    near = cv2.morphologyEx(ground, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    above = min(height - 1, max(0, line.top - 3))
    below = min(height - 1, line.bottom + 2)
    strips = near[[above, below], line.left : line.right]
    if strips.mean() < 0.9:
        return False
    reach = round(height / 12) | 1
    whole = cv2.morphologyEx(
        cv2.copyMakeBorder(near, reach, reach, reach, reach, cv2.BORDER_REPLICATE),
        cv2.MORPH_CLOSE,
        np.ones((5, reach), np.uint8),
    )
    whole = whole[reach:-reach, reach:-reach]
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(whole, connectivity=4)
    number = int(labels[below, (line.left + line.right) // 2] or labels[above, (line.left + line.right) // 2])
    if not number:
        return False
    x, y, across, down, area = boxes[number].tolist()
    at_border = min(x, y) <= 2 or x + across >= bright.shape[1] - 2 or y + down >= height - 2
    return bool(at_border and area >= RECTANGLE * across * down and down < 0.5 * height)


def _has_letters(bright: np.ndarray, line: _Line) -> bool:
    """Whether two or more letters or digits of just the level of the bar stand beside it (or in its gap)."""
    height, width = bright.shape
    reach = max(5 * line.thickness, height // 14, 24)
    long = line.right - line.left
    rows = slice(max(0, line.top - reach), min(height, line.bottom + reach))
    columns = slice(max(0, line.left - long // 3), min(width, line.right + long // 3))
    part = bright[rows, columns]
    tolerance = UNEVEN * (line.level - line.ground)
    near = (part > line.half).view(np.uint8)
    near = near.copy()
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    bar = labels[line.top + line.thickness // 2 - rows.start, line.left + 3 - columns.start]
    letters: list[tuple[int, int]] = []
    for number, (_, up, across, down, area) in enumerate(boxes.tolist()):
        is_letter = 6 <= down <= reach and 2 <= across <= 1.5 * down and area < 0.85 * across * down
        if not number or number == bar or not is_letter:
            continue
        core = part[labels == number]
        if np.quantile(core, 0.8) >= line.level - tolerance and np.quantile(core, 0.95) <= line.level + tolerance:
            letters.append((up, up + down))
    # At least two with the same top and bottom, as the digits of a number are.
    return any(abs(a[0] - b[0]) <= 1 and abs(a[1] - b[1]) <= 1 for a, b in combinations(letters, 2))


def _is_framed(line: _Line, lines: list[_Line]) -> bool:
    """Whether another line has just its columns: two sides of a box."""
    return any(
        other is not line
        and abs(other.left - line.left) <= 2
        and abs(other.right - line.right) <= 2
        and abs(other.top - line.top) > line.thickness
        for other in lines
    )


def _is_side_of_box(bright: np.ndarray, line: _Line) -> bool:
    """Whether what lies above or below it is shut in under its length: a hollow rectangle of any height."""
    left, right = max(0, line.left - 3 * EDGE), min(bright.shape[1], line.right + 3 * EDGE)
    long = line.right - line.left
    beside = slice(line.left - left + long // 4, line.right - left - long // 4)
    # Thin sides are blurred to half the level; grains inside may be nearly as bright as thick ones.
    for highest in (line.half, line.level - OF_SIDES * (line.level - line.ground)):
        ground = (bright[:, left:right] <= highest).view(np.uint8)
        labels, boxes = cv2.connectedComponentsWithStats(ground, connectivity=4)[1:3]
        for row in (line.top - 2, line.bottom + 1):
            inside = labels[row, beside] if 0 <= row < len(labels) else np.zeros(0, np.int32)
            if not inside.any():
                continue
            x, _, across, _, _ = boxes[np.bincount(inside[inside > 0]).argmax()].tolist()
            if across > SHUT_IN * long and x > 0 and x + across < right - left:
                return True
    return False


def _has_likes(line: _Line, lines: list[_Line]) -> bool:
    """Whether three other lines are as bright, about as long and above or below it: lamellae, or rows of a table."""
    long = line.right - line.left
    likes = [
        other
        for other in lines
        if abs(other.top - line.top) > line.thickness
        and abs(other.level - line.level) <= UNEVEN * (line.level - line.ground)
        and 0.4 * long < other.right - other.left < 2.5 * long
        and min(other.right, line.right) - max(other.left, line.left) > 0.4 * long
    ]
    return len(likes) >= 3
