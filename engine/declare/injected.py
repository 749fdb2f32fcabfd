"""What a node function may ask the evaluation for, by annotating a keyword-only parameter with one of these types.

``Context``  progress, cancel, and where new models go        (never part of a result's identity)
``Source``   the file or array behind the image of the tray    (identity: its content hash)
``Folder``   the folder in which the image lies                (identity: its name and that of the one above)
``Marks``    what a person drew on this image for this node    (identity: the hash of the marks)
``RunInfo``  the recipe and the tray, for provenance           (identity: the recipe and image hashes)
``EveryImage``  what arrives at its inputs for any image       (identity: that of all of it, while it gathers)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.problem import Cancelled, Problem
from graingraph.engine.values import Raster, Value


@dataclass(frozen=True)
class Context:
    """Progress, cancel and live reports of one running node.

    ``report(fraction, message)`` tells how far it is (0 to 1); ``publish(name, value)`` shows something while it runs
    (a learning curve, a preview, the ``Part`` of its outputs that is looked at); ``models`` is the folder where a
    training writes its new model file; ``model_folders`` find the file that a setting refers to; ``in_view`` tells
    which rows and columns of the image somebody looks at, None where nobody does.
    """

    report: Callable[[float, str], None] = lambda fraction, message: None
    cancelled: Callable[[], bool] = lambda: False
    publish: Callable[[str, Any], None] = lambda name, value: None
    models: Path | None = None
    model_folders: ModelFolders = field(default_factory=ModelFolders)
    in_view: "Callable[[], PixelBox | None]" = lambda: None

    def check(self, fraction: float | None = None, message: str = "") -> None:
        """Raise ``Cancelled`` if the person asked to stop; report progress otherwise. Call it at tile granularity."""
        if self.cancelled():
            raise Cancelled
        if fraction is not None:
            self.report(fraction, message)

    def part(self, number: int, count: int) -> "Context":
        """What a step of ``count`` equal ones, numbered from 0, is given: it reports how far it is from 0 to 1."""
        return replace(self, report=lambda fraction, message: self.report((number + fraction) / count, message))


class PixelBox(NamedTuple):
    """Rows and columns of an image, from the first to before the last."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Part:
    """What outputs, by name, will be in a ``box`` of the image, to be looked at while the rest is computed.

    A node publishes it as "part".
    """

    outputs: Mapping[str, Raster]
    box: PixelBox


class FolderElsewhere(Protocol):
    """A folder that is not on this machine."""

    def find(self, name: str) -> Path | None:
        """The file of that name in it or in the folder above, fetched. ``Problem`` where it cannot be."""


class ImageElsewhere(Protocol):
    """An image that is not on this machine."""

    @property
    def url(self) -> str:
        """Its address."""

    @property
    def file_url(self) -> str:
        """The address of its file, of whatever page."""

    @property
    def folder(self) -> FolderElsewhere:
        """The folder that it is in."""

    def fetch(self) -> Path:
        """The image on this machine. ``Problem`` where it cannot be fetched, or is another by now."""


@dataclass(frozen=True)
class Source:
    """One image of the tray: its unique ``name``, its content ``hash``, and a ``path`` or ready ``pixels``.

    Where both are given, the pixels are in place of what the file holds.
    ``picture`` is the hash that its marks are kept under: that of the image file without the text file beside it.
    ``stamps`` are those of the files when they were hashed, empty where they are not to be trusted. ``origin`` is where
    it comes from if that is elsewhere; ``path`` is then where it will lie once it was fetched.
    """

    name: str
    hash: str
    path: Path | None = None
    pixels: np.ndarray | None = None
    um_per_px: float | None = None
    picture: str = ""
    stamps: tuple[tuple[int, ...], ...] = ()
    origin: ImageElsewhere | None = None

    @property
    def folder(self) -> "Folder":
        """Where its file lies."""
        if self.path is None:
            return Folder()
        return Folder(self.path.parent, self.path.stem, self.origin.folder if self.origin is not None else None)

    def here(self) -> "Source":
        """The same with its file on this machine. ``Problem`` where it cannot be fetched."""
        return self if self.origin is None else replace(self, path=self.origin.fetch())

    @property
    def drawn_as(self) -> str:
        """The image hash by which a ``MarkStore`` knows this image."""
        return self.picture or self.hash


@dataclass(frozen=True)
class Folder:
    """The folder in which the image file lies: its ``name`` and that of the one ``above``; empty for an array.

    What lies in it is found by ``find`` and read by ``read``, for a setting that is a ``FileBeside``. In the name of a
    file, {name} stands for that of the ``image`` without its ending. ``origin`` is the folder that it is elsewhere.
    """

    path: Path | None = None
    image: str = ""
    origin: FolderElsewhere | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.path.absolute().name if self.path else ""

    @property
    def above(self) -> str:
        """The name of the folder that it is in."""
        return self.path.absolute().parent.name if self.path else ""

    def find(self, name: str) -> Path | None:
        """The file of that name here or in the folder above; None if there is none, or it is no name of a file."""
        name = name.replace("{name}", self.image)
        if self.path is None or not name or Path(name).name != name:
            return None
        if self.origin is not None:
            return self.origin.find(name)
        folder = self.path.absolute()
        return next((path for path in (folder / name, folder.parent / name) if path.is_file()), None)

    def read(self, name: str, most: int = 4_000_000) -> bytes:
        """The bytes of the file of that name here or in the folder above. Raises ``Problem``."""
        path = self.find(name)
        if path is None:
            raise Problem(f"There is no file {name} beside the image or in the folder above; put it there.")
        try:
            with path.open("rb") as file:
                data = file.read(most + 1)
        except OSError as error:
            raise Problem(f"{name} cannot be read ({error.strerror}); check the file.") from None
        if len(data) > most:
            raise Problem(f"{name} is larger than {most // 1_000_000} MB, which no such table is; name another file.")
        return data


RECORD = "run.json"
"""What ``RunInfo.record`` is called where a report carries it along."""


@dataclass(frozen=True)
class MovedSettings:
    """What moving the exposed settings has shown.

    ``standard`` is what they add to the standard uncertainty of a result, by its quantity; ``beyond`` a sentence for
    each that moves a result by more than its interval. ``disturbed`` is what images taken otherwise add, by the line of
    the uncertainty budget that they enter and the quantity.
    """

    standard: Mapping[str, float] = field(default_factory=dict)
    beyond: tuple[str, ...] = ()
    disturbed: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


NOT_MOVED = MovedSettings()
"""Of settings that nobody has moved."""


@dataclass(frozen=True)
class RunInfo:
    """The recipe being run (``recipe_json`` as it would be saved, ``recipe_id``) and its images (name to hash).

    ``header`` is what a laboratory fills in for this run, by the names of the report's settings; ``moved`` what moving
    the exposed settings has shown, where somebody has moved them. ``corrections`` tells what was drawn by hand to
    correct an image, by its name, without those on which nothing was. ``overlay`` gives the JPEG of what was measured
    in an image, by its name, where a batch has drawn it. ``record`` is what a batch can be run again and compared by
    (JSON); empty where there is no batch. ``release`` says of the version of the recipe where it is from, how far it is
    from draft to released, and who signed for that; empty where nobody asks. ``touched`` gives how many features of an
    image its corrections have touched, as a batch has noted it; 0 where none has.
    """

    recipe_name: str
    recipe_json: bytes
    recipe_id: str
    images: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    header: Mapping[str, str] = field(default_factory=dict)
    moved: MovedSettings = NOT_MOVED
    corrections: "Callable[[], Mapping[str, Sequence[Mark]]]" = field(default=lambda: {}, compare=False)
    overlay: Callable[[str], bytes | None] = field(default=lambda image: None, compare=False)
    record: Callable[[], bytes] = field(default=lambda: b"", compare=False)
    release: tuple[str, ...] = ()
    touched: Callable[[str], int] = field(default=lambda image: 0, compare=False)


@dataclass(frozen=True)
class EveryImage:
    """The other images, for a node that exists once per image although it gathers: what it learns from some of them it
    applies to each.

    ``here`` is the name of the image that it runs for. ``kept(name, input, function, *settings)`` is what a function of
    a module makes of the value that arrives at an input for the image of that name; it is computed once and kept
    like the result of a node of its own, whatever becomes of the other inputs; the window keeps it on disk as well.
    """

    here: str
    kept: Callable[..., Value]


@dataclass(frozen=True, eq=False)
class Mark:
    """One thing a person drew: vector geometry in image pixels, x to the right, y down, pixel centres at integers + ½.

    ``tool`` is "pen", "polygon", "brush", "eraser", "fill", "rectangle", "ellipse", "livewire", "pick", "region" (an
    exact run-length region, as imported annotations are), an edit of its own ("cut", "merge", "delete"), says of a line
    that it is a boundary or none ("accept", "reject"), of a rectangle that nothing is missing there ("complete"),
    measures ("length", "edges", "angle", "radius"), or tells how large a pixel is ("scale bar", "pixel size"; ``layer``
    is then the length in µm).
    ``points`` is float32 (n, 2) as (x, y). ``width`` is in pixels. ``layer`` names the class it belongs to.
    ``runs`` is int32 (n,) run lengths of a region, row by row over its box, starting with an outside run; of a
    rectangle in which nothing is missing those of what was there when it was said, where that is to stay.
    """

    id: str
    tool: str
    points: np.ndarray
    width: float = 0.0
    layer: str = ""
    runs: np.ndarray | None = None
    author: str = ""


@dataclass(frozen=True, eq=False)
class Marks:
    """Everything drawn on one image for one node, oldest first, and the hash of what it was drawn on.

    ``hash`` is that of what is drawn and of what it was drawn on; two with one hash are equal.
    """

    marks: tuple[Mark, ...] = ()
    drawn_on: str = ""
    hash: str = ""

    def __bool__(self) -> bool:
        return bool(self.marks)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Marks) and self.hash == other.hash

    def __hash__(self) -> int:
        return hash(self.hash)


NOTHING_DRAWN = Marks()
INJECTED: tuple[type, ...] = (Context, Source, Folder, RunInfo, Marks, EveryImage)
