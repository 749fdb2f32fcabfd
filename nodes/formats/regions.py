"""What every annotation format is turned into: marks, one layer a class, on an image of known size."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from graingraph.engine.declare.injected import Mark
from graingraph.engine.marks import drawing
from graingraph.engine.marks.run_lengths import run_lengths
from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, ClassMap, PixelClass, Scale
from graingraph.engine.values.classes import color_of, with_roles_of_names
from graingraph.engine.values.wording import counted
from graingraph.nodes.reading.untrusted_xml import decode_text

MAX_FILE_BYTES = 500_000_000
MAX_PIXELS = 1_000_000_000
HIDDEN = "{shapes} of '{layer}' not seen: under later ones of other classes."


@dataclass(frozen=True)
class Annotation:
    """Marks drawn on one image: its file ``name``, its ``shape`` (H, W; (0, 0) where the file does not say).

    ``crowds`` are the ids of the marks that are known to be no single objects, ``remarks`` what was decided in reading.
    ``unread`` lie around what was drawn and cannot be taken: nothing is known of what is there, not even that it is the
    rest.
    """

    name: str
    shape: tuple[int, int]
    marks: tuple[Mark, ...]
    crowds: frozenset[str] = frozenset()
    remarks: tuple[str, ...] = ()
    unread: tuple[Mark, ...] = ()

    @property
    def layers(self) -> tuple[str, ...]:
        """The class names in the order of their first mark."""
        return tuple(dict.fromkeys(mark.layer for mark in self.marks))


class LeftOut:
    """What a file of annotations has and cannot be taken, while the rest of it is: how many shapes, and why."""

    def __init__(self) -> None:
        self._reasons: Counter[str] = Counter()
        self.around: list[Mark] = []

    def add(self, reason: str, points: np.ndarray | None = None, marks: Iterable[Mark] = ()) -> None:
        """One more shape. ``marks`` are what it covers, ``points`` (n, 2) what else is known of where it is; without
        either it covers nothing."""
        self._reasons[reason] += 1
        self.around += marks
        if points is not None and len(points):
            box = np.array([points.min(0), points.max(0)])
            self.around.append(checked(Mark(f"unread {len(self.around)}", "rectangle", box, 0.0, "")))

    @property
    def remarks(self) -> tuple[str, ...]:
        """A sentence a reason."""
        return tuple(f"{counted(number, 'shape')} left out: {reason}." for reason, number in self._reasons.items())


def without_points(annotation: Annotation) -> Annotation:
    """The annotation without its points, which say what lies there and not how far, and a remark if it had some."""
    kept = tuple(mark for mark in annotation.marks if mark.tool != "pick")
    number = sum(len(mark.points) for mark in annotation.marks if mark.tool == "pick")
    if not number:
        return annotation
    remark = f"{counted(number, 'point')} left out: a point covers no area."
    return replace(annotation, marks=kept, remarks=(*annotation.remarks, remark))


def with_hidden_said(annotation: Annotation) -> Annotation:
    """The annotation with a remark on the areas of which nothing is seen, as later ones of other classes cover them."""
    from graingraph.nodes.imaging.marks.strokes import footprint

    numbers = {layer: number for number, layer in enumerate(annotation.layers, 1)}
    above = np.zeros(annotation.shape, np.uint32)
    hidden: Counter[str] = Counter()
    for mark in reversed(annotation.marks):
        if mark.tool in drawing.AREA_TOOLS:
            patch, number = footprint(mark, annotation.shape), numbers[mark.layer]
            there = above[patch.box][patch.inside]
            hidden[mark.layer] += bool(there.size and there.all() and (there != number).all())
            above[patch.box][patch.inside] = number
    said = tuple(HIDDEN.format(shapes=counted(count, "shape"), layer=layer) for layer, count in hidden.items() if count)
    return replace(annotation, remarks=(*annotation.remarks, *said)) if said else annotation


def palette(names: Iterable[str], known: Iterable[PixelClass] = ()) -> tuple[PixelClass, ...]:
    """Classes of these names in colours of their own: with the roles of the ``known`` classes of these names.

    The other names come from annotation files, where names are all that says what a class is.
    """
    told = {item.name: item for item in known}
    found = with_roles_of_names([PixelClass(name, color_of(i)) for i, name in enumerate(names)])
    return tuple(replace(told[item.name], color=item.color) if item.name in told else item for item in found)


def class_map(
    annotation: Annotation, classes: Sequence[PixelClass], rest: str = "", scale: Scale | None = None
) -> ClassMap:
    """The annotation as pixels: later marks over earlier ones, what nobody drew unlabelled or the class ``rest``.

    What could not be read stays unlabelled, and the class map has the annotation's remarks.
    """
    from graingraph.nodes.imaging.marks.paint import paint
    from graingraph.nodes.imaging.marks.strokes import footprint

    pixels = np.full(annotation.shape, UNLABELLED, np.uint8)
    index = {c.name: i for i, c in enumerate(classes)}
    paint(pixels, annotation.marks, {name: (i, 0.0) for name, i in index.items()})
    if rest:
        undrawn = pixels == UNLABELLED
        for mark in annotation.unread:
            patch = footprint(mark, annotation.shape)
            undrawn[patch.box][patch.inside] = False
        pixels[undrawn] = index[rest]
    return ClassMap(pixels, scale, classes=tuple(classes)).with_note(*annotation.remarks)


def from_class_map(value: ClassMap, name: str) -> Annotation:
    """One exact region a class; classes that occur nowhere are left out."""
    found = [(i, c.name) for i, c in enumerate(value.classes) if (value.pixels == i).any()]
    marks = (region_mark(value.pixels == i, layer, f"{layer}-{i}") for i, layer in found)
    return Annotation(name, value.shape, tuple(marks))


def region_mark(mask: np.ndarray, layer: str, mark_id: str, at: tuple[int, int] = (0, 0)) -> Mark:
    """The pixels of a mask bool (h, w), whose corner lies at column and row ``at``, as a run-length region."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 0)
    left, right = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 0)
    box = np.array([(left, top), (right, bottom)], np.float32) + np.array(at, np.float32)
    return checked(Mark(mark_id, "region", box, 0.0, layer, runs=run_lengths(mask[top:bottom, left:right].reshape(-1))))


def rings_mark(rings: Sequence[np.ndarray], layer: str, mark_id: str, shape: tuple[int, int]) -> Mark:
    """A shape of several rings, each (n, 2), as a region: its pixels by the even-odd rule."""
    if not rings:
        raise Malformed("a shape has no outline")
    corners = np.concatenate(rings)
    if not (np.abs(corners) <= drawing.MAX_COORDINATE).all():
        raise Malformed("a shape has a coordinate that is not in an image")
    low, high = np.floor(corners.min(0)).astype(int), np.ceil(corners.max(0)).astype(int)
    width, height = (high - low).tolist()
    if width * height > (4 * shape[0] * shape[1] or MAX_PIXELS):
        raise Malformed("a shape is larger than its image")
    mask = np.zeros((height, width), bool)
    for ring in rings:
        mask ^= pixels_of(Mark("", "polygon", ring - low), (height, width))
    return region_mark(mask, layer, mark_id, at=(int(low[0]), int(low[1])))


def checked(mark: Mark) -> Mark:
    """A mark fit to be kept, or ``Malformed``."""
    try:
        return drawing.checked(mark)
    except ValueError as error:
        raise Malformed(str(error)) from None


def pixels_of(mark: Mark, shape: tuple[int, int]) -> np.ndarray:
    """The pixels of any mark in an image of this shape, bool (H, W)."""
    from graingraph.nodes.imaging.marks.strokes import footprint

    full = np.zeros(shape, bool)
    patch = footprint(mark, shape)
    full[patch.box] = patch.inside
    return full


def outlines(mask: np.ndarray) -> list[list[tuple[int, int]]]:
    """The closed lines (x, y) along the edges of the pixels of a mask bool (H, W), corners only."""
    padded = np.pad(mask, 1)
    # Edges run with the inside to their right: right along tops, down right sides, left along bottoms, up left sides.
    steps: dict[tuple[int, int], list[tuple[int, int]]] = {}
    inside = padded[1:-1, 1:-1]
    sides = ((0, -1, 0, 0, 1, 0), (1, 0, 1, 0, 0, 1), (0, 1, 1, 1, -1, 0), (-1, 0, 0, 1, 0, -1))
    for dx, dy, x0, y0, sx, sy in sides:
        other = padded[1 + dy : padded.shape[0] - 1 + dy, 1 + dx : padded.shape[1] - 1 + dx]
        for y, x in np.argwhere(inside & ~other).tolist():
            steps.setdefault((x + x0, y + y0), []).append((sx, sy))
    rings = []
    while steps:
        start = point = next(iter(steps))
        ring, last = [], (0, 0)
        while point in steps:
            ways = steps[point]
            step = ways.pop(0)
            if not ways:
                del steps[point]
            if step != last:
                ring.append(point)
            last, point = step, (point[0] + step[0], point[1] + step[1])
            if point == start:
                break
        rings.append(ring)
    return rings


def ring_area(ring: np.ndarray) -> float:
    """The area within a ring float64 (n, 2), in px²; negative for one that runs the other way, as around a hole."""
    x, y = ring.T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def read_bytes(path: Path) -> bytes:
    """The content of a file of reasonable size."""
    if not path.is_file():
        raise Problem(f"There is no annotation file {path}.")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise Problem(f"The annotation file {path} is larger than {MAX_FILE_BYTES // 10**6} MB; it is not read.")
    return path.read_bytes()


def read_any_json(path: Path) -> Any:
    """What a JSON file holds, whatever Unicode encoding its byte order mark tells."""
    try:
        return orjson.loads(decode_text(read_bytes(path)))
    except orjson.JSONDecodeError:
        raise Problem(f"The annotation file {path} is not JSON, or only a part of it; export it again.") from None


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file."""
    found = read_any_json(path)
    if not isinstance(found, dict):
        raise Problem(f"The annotation file {path} does not hold an annotation; export it again as COCO or LabelMe.")
    return found


def checked_shape(height: Any, width: Any) -> tuple[int, int]:
    """An image size of whole, reasonable numbers; ``Malformed`` otherwise."""
    if type(height) is not int or type(width) is not int or min(height, width) < 1 or height * width > MAX_PIXELS:
        raise Malformed(f"it is for an image of {str(width)[:20]} × {str(height)[:20]} pixels")
    return height, width


def class_name(found: Any) -> str:
    """The name of a class without blanks around it; ``Malformed`` where it is none."""
    name = "" if found is None else str(found).strip()
    if not name:
        raise Malformed("a class or a shape has no name")
    return name


def file_name(text: str) -> str:
    """The last part of a path written on any system; annotations never choose folders."""
    return text.replace("\\", "/").rsplit("/", 1)[-1]


class Malformed(ValueError):
    """What is wrong with an annotation, in words that go on after "cannot be used:"."""


MALFORMED = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)
"""What reading a malformed file may raise."""


def damaged(path: Path, error: Exception) -> Problem:
    """What to say of an annotation file that cannot be used; nothing of it is."""
    if isinstance(error, KeyError):
        reason = f"it lacks the entry {error.args[0]!r}"
    elif isinstance(error, Malformed):
        reason = str(error)
    else:
        reason = "an entry is not of the kind that it should be"
    return Problem(
        f"The annotation file {path} cannot be used: {reason}; mend or export it again. Nothing was imported."
    )
