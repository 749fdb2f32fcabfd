"""What a node function may ask the evaluation for, by annotating a keyword-only parameter with one of these types.

``Context``  progress, cancel, and where new models go        (never part of a result's identity)
``Source``   the file or array behind the image of the tray    (identity: its content hash)
``Marks``    what a person drew on this image for this node    (identity: the hash of the marks)
``RunInfo``  the recipe and the tray, for provenance           (identity: the recipe and image hashes)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.problem import Cancelled


@dataclass(frozen=True)
class Context:
    """Progress, cancel and live reports of one running node.

    ``report(fraction, message)`` tells how far it is (0 to 1); ``publish(name, value)`` shows something while it runs
    (a learning curve, a preview); ``models`` is the folder where a training writes its new model file;
    ``model_folders`` find the file that a setting refers to.
    """

    report: Callable[[float, str], None] = lambda fraction, message: None
    cancelled: Callable[[], bool] = lambda: False
    publish: Callable[[str, Any], None] = lambda name, value: None
    models: Path | None = None
    model_folders: ModelFolders = field(default_factory=ModelFolders)

    def check(self, fraction: float | None = None, message: str = "") -> None:
        """Raise ``Cancelled`` if the person asked to stop; report progress otherwise. Call it at tile granularity."""
        if self.cancelled():
            raise Cancelled
        if fraction is not None:
            self.report(fraction, message)


@dataclass(frozen=True)
class Source:
    """One image of the tray: its unique ``name``, its content ``hash``, and a ``path`` or ready ``pixels``.

    ``picture`` is the hash that its marks are kept under: that of the image file without the text file beside it.
    ``stamps`` are those of the files when they were hashed, empty where they are not to be trusted.
    """

    name: str
    hash: str
    path: Path | None = None
    pixels: np.ndarray | None = None
    um_per_px: float | None = None
    picture: str = ""
    stamps: tuple[tuple[int, ...], ...] = ()

    @property
    def drawn_as(self) -> str:
        """The image hash by which a ``MarkStore`` knows this image."""
        return self.picture or self.hash


@dataclass(frozen=True)
class RunInfo:
    """The recipe being run (``recipe_json`` as it would be saved, ``recipe_id``) and its images (name to hash)."""

    recipe_name: str
    recipe_json: bytes
    recipe_id: str
    images: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Mark:
    """One thing a person drew: vector geometry in image pixels, x to the right, y down, pixel centres at integers + ½.

    ``tool`` is "pen", "polygon", "brush", "eraser", "fill", "rectangle", "ellipse", "livewire", "pick", "region" (an
    exact run-length region, as imported annotations are) or an edit of its own ("cut", "merge", "delete").
    ``points`` is float32 (n, 2) as (x, y). ``width`` is in pixels. ``layer`` names the class it belongs to.
    ``runs`` is int32 (n,) run lengths of a region, row by row over its box, starting with an outside run.
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


INJECTED: tuple[type, ...] = (Context, Source, RunInfo, Marks)
