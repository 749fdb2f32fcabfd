"""What is said about the pixel under the pointer, and lengths on the image."""

from math import atan2, degrees, hypot

from graingraph.app.document.content import Content
from graingraph.app.document.session import Session
from graingraph.app.rendering.appearance import appearance_of
from graingraph.engine.values import Labels
from graingraph.engine.values.notes import gravest_first, texts
from graingraph.engine.values.wording import cell
from graingraph.nodes.reporting.scale_mark import length_text, round_length

UNKNOWN = "Pixel size unknown"
BRIGHTENED = "Shown brighter than it is."


def pixel_words(content: Content, at: tuple[float, float]) -> str:
    """Position, grey level or colour, and the feature at an image point, in one line; empty outside the image."""
    shape = content.shape
    column, row = int(at[0] // 1), int(at[1] // 1)
    if shape is None or not (0 <= row < shape[0] and 0 <= column < shape[1]):
        return ""
    parts = [f"x {column}  y {row} px"]
    scale = content.scale
    if scale:
        parts.append(f"({at[0] * scale.x:.2f}, {at[1] * scale.y:.2f}) µm")
    if content.image:
        value = content.image.pixels[row, column]
        parts.append("RGB " + " ".join(f"{v:g}" for v in value) if value.ndim else f"grey {float(value):.6g}")
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
    pixels = f"{length:.1f} px"
    words = f"{pixels} (no pixel size)"
    if scale:
        micrometres = hypot((end[0] - start[0]) * scale.x, (end[1] - start[1]) * scale.y)
        words = f"{cell(micrometres)} µm ({pixels})"
    return f"{words}, {angle:.1f}°"


def length_words(content: Content, px: float) -> str:
    """A length on the image: ``41.3 µm (118.0 px)``; pixels that are not square have no unit but px."""
    scale = content.scale
    if scale is None or not scale.is_square:
        return f"{px:.1f} px"
    return f"{cell(px * scale.x)} µm ({px:.1f} px)"


def empty_words(session: Session) -> str:
    """What is said where there is no picture."""
    if not session.images:
        return "Add images to the tray, then click a node to see what it gives."
    if not session.recipe.steps:
        return "There is no node yet; with the pointer over the canvas, Tab adds one."
    if session.viewed is None:
        return "Click a node to see what it gives."
    status = session.statuses.get(session.viewed.node)
    return status.why if status and status.why else "Nothing to see here yet."


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
