"""What a node is to whoever works with it, where its inputs and settings do not tell: drawn on, calibrated, trained.

A declaration names inputs and settings of its node; that they exist is checked when the node is declared.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from graingraph.engine.values import Model, PixelClass, Value

Settings = Mapping[str, Any]
FREEHAND = ("pen", "polygon", "brush", "eraser", "rectangle", "ellipse")


@dataclass(frozen=True)
class TracedLayers:
    """The classes that are drawn in: ``classes`` is the setting with a row for each (``name``, ``color``, ``width``).

    ``width`` is that of its lines in pixels, 0 for areas. ``rest`` is the setting that names the class of what is in no
    layer; there is such a class where that setting applies. ``gives`` are the classes that come out, by the settings.
    """

    classes: str
    rest: str = ""
    gives: Callable[[Settings], tuple[PixelClass, ...]] = lambda settings: ()


@dataclass(frozen=True)
class DrawnOn:
    """A node that a person draws on (it takes ``Marks``).

    ``tools`` are the tools that mean something to it, by its settings. ``over`` is the input that the strokes lie on.
    ``corrects`` says that what comes out is that input, put right by hand. ``lines`` says, by the settings, whether
    what is corrected are the lines between features. ``faint`` is the input with lines that are not in what is
    corrected but may be taken into it. ``settled`` says, by the settings, what is known to be right of a result on
    which somebody drew. ``layers`` are what is drawn in.

    ``nothing_undrawn`` says, likewise, whether what comes out says nothing of an image on which nothing is drawn.

    ``pauses`` says whether an attended run waits here for a person, by the settings and the names of the inputs that
    are wired; with ``pauses_for_results`` only where results are computed from it.
    """

    tools: Callable[[Settings], tuple[str, ...]] = lambda settings: FREEHAND
    over: str = ""
    layers: TracedLayers | None = None
    corrects: bool = False
    lines: Callable[[Settings], bool] = lambda settings: False
    faint: str = ""
    settled: Callable[[Settings], Literal["everything", "what was touched"]] = lambda settings: "everything"
    pauses: Callable[[Settings, Collection[str]], bool] = lambda settings, wired: False
    pauses_for_results: bool = False
    nothing_undrawn: Callable[[Settings, Collection[str]], bool] = lambda settings, wired: False


@dataclass(frozen=True)
class Calibrated:
    """A node that says how large a pixel is.

    ``settings`` are those that say it of every image, from a length in µm and the same length in px; where the size of
    a pixel itself was given, that is a length of 1 px. It takes ``Marks``: one of the tools ``CALIBRATING`` on an image
    says it of that image alone.
    """

    settings: Callable[[float, float], Settings]


SCALE_BAR, PIXEL_SIZE = "scale bar", "pixel size"
MEASURING = ("length", "edges", "angle", "radius", "pick")
"""Tools that measure what is drawn: a line, a line across two edges, three points, an arc, and one more of a count."""
CALIBRATING = (SCALE_BAR, PIXEL_SIZE)
"""Tools of marks whose ``layer`` is a number: the length in µm of the line drawn, or the side of a pixel in µm."""


@dataclass(frozen=True)
class Trained:
    """A node that learns when it is asked to: ``product`` is the setting that records the model it made last.

    ``truth`` is the input that it learns from, ``start_from`` the setting with the model it goes on from; a node
    without them cannot learn from corrections. ``learnt_with`` tells with which settings the model in a file was made,
    as far as the file says: those of the node may have been changed since.
    """

    product: str
    truth: str = ""
    start_from: str = ""
    learnt_with: Callable[[Path], Settings] = lambda path: {}


@dataclass(frozen=True)
class LearntLive:
    """A node that learns anew from every stroke, as long as its setting ``live`` is on.

    ``strokes`` is the input where what is drawn arrives: while the node is viewed, a person draws on the step that is
    wired there. ``record`` writes what was learnt last, given the node's outputs and a folder, as a model file; the
    setting ``product`` then refers to it, and it is what the node applies while ``live`` is off. ``next_place`` finds
    in the outputs where (x, y in px) a stroke would teach most.
    """

    strokes: str
    live: str
    product: str
    record: Callable[[Mapping[str, Value], Path], Model]
    next_place: Callable[[Mapping[str, Value]], tuple[float, float]]
