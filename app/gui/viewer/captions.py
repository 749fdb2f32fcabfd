"""What is said about the pixel under the pointer, and lengths on the image."""

from math import atan2, degrees, hypot

from graingraph.app.document.content import Content
from graingraph.app.document.session import Session
from graingraph.app.rendering.appearance import appearance_of
from graingraph.engine.values import Labels
from graingraph.engine.values.notes import gravest_first, texts
from graingraph.engine.values.wording import cell
from graingraph.nodes.reporting.scale_mark import length_text, round_length

AT = "x {column}  y {row} px"
AT_UM = "({x:.2f}, {y:.2f}) µm"
COLOR = "RGB {values}"
GREY = "grey {value:.6g}"
LENGTH_PX = "{px:.1f} px"
LENGTH_UM = "{um} µm ({px:.1f} px)"
DISTANCE_PX = "{px:.1f} px (no pixel size), {angle:.1f}°"
DISTANCE_UM = "{um} µm ({px:.1f} px), {angle:.1f}°"
NO_IMAGE = "Add images to the tray, then click a node to see what it gives."
NO_NODE = "There is no node yet; with the pointer over the canvas, Tab adds one."
NOTHING_VIEWED = "Click a node to see what it gives."
NOTHING_TO_SEE = "Nothing to see here yet."
UNKNOWN = "Pixel size unknown"
BRIGHTENED = "Shown brighter than it is."


def pixel_words(content: Content, at: tuple[float, float]) -> str:
    """Position, grey level or colour, and the feature at an image point, in one line; empty outside the image."""
    shape = content.shape
    column, row = int(at[0] // 1), int(at[1] // 1)
    if shape is None or not (0 <= row < shape[0] and 0 <= column < shape[1]):
        return ""
    parts = [AT.format(column=column, row=row)]
    scale = content.scale
    if scale:
        parts.append(AT_UM.format(x=at[0] * scale.x, y=at[1] * scale.y))
    if content.image:
        value = content.image.pixels[row, column]
        if value.ndim:
            parts.append(COLOR.format(values=" ".join(f"{v:g}" for v in value)))
        else:
            parts.append(GREY.format(value=float(value)))
    if content.features is not None and content.features.shape == shape:
        parts.append(appearance_of(type(content.features)).words(content.features, row, column))
    return "   ".join(part for part in parts if part)


def label_at(content: Content, at: tuple[float, float]) -> int:
    """The label under an image point; 0 for background, outside, or no labels."""
    features = content.features
    column, row = int(at[0] // 1), int(at[1] // 1)
    if not isinstance(features, Labels) or not (0 <= row < features.shape[0] and 0 <= column < features.shape[1]):
        return 0
    return int(features.pixels[row, column])


def distance_words(content: Content, start: tuple[float, float], end: tuple[float, float]) -> str:
    """Length and direction of a line on the image: ``41.3 µm (118.0 px), 32.1°``."""
    length = hypot(end[0] - start[0], end[1] - start[1])
    angle = degrees(atan2(start[1] - end[1], end[0] - start[0]))
    scale = content.scale
    if scale is None:
        return DISTANCE_PX.format(px=length, angle=angle)
    micrometres = hypot((end[0] - start[0]) * scale.x, (end[1] - start[1]) * scale.y)
    return DISTANCE_UM.format(um=cell(micrometres), px=length, angle=angle)


def length_words(content: Content, px: float) -> str:
    """A length on the image: ``41.3 µm (118.0 px)``; pixels that are not square have no unit but px."""
    scale = content.scale
    if scale is None or not scale.is_square:
        return LENGTH_PX.format(px=px)
    return LENGTH_UM.format(um=cell(px * scale.x), px=px)


def empty_words(session: Session) -> str:
    """What is said where there is no picture."""
    if not session.images:
        return NO_IMAGE
    if not session.recipe.steps:
        return NO_NODE
    if session.viewed is None:
        return NOTHING_VIEWED
    return session.status(session.viewed.node).why or NOTHING_TO_SEE


def remarks(content: Content, *, loaded: bool, brightened: bool) -> str:
    """What is to be known of a picture: of one that was just ``loaded`` what was noted, and whether it is darker."""
    said = list(texts(gravest_first(content.image.notes))) if loaded and content.image else []
    return " ".join([*said, BRIGHTENED] if brightened else said)


def scale_bar(content: Content, zoom: float, width: float) -> tuple[float, str] | None:
    """Length in panel pixels and words of a scale bar of a round length, about a fifth of a panel of this width.

    Without a pixel size there is no length to show.
    """
    if content.shape is None:
        return None
    if content.scale is None:
        return 0.0, UNKNOWN
    unit = content.scale.x
    length = round_length(max(0.18 * width * unit / zoom, 1e-6))
    return length / unit * zoom, length_text(length)
