"""The picture of a report: a typical image with what was measured in it outlined."""

from dataclasses import dataclass

import cv2
import numpy as np

from graingraph.engine.values import Image, Labels, Mask, Scale
from graingraph.nodes.imaging.picture.overlay import as_rgb8, draw_outlines

LONGEST = 1800
"""The longer side of the picture in pixels; larger ones are made smaller."""

SMALL = 200_000
"""Bytes up to which an encoded picture is left as it is."""


@dataclass(frozen=True)
class Picture:
    """An encoded picture, its size in pixels as encoded, the size of the pixels measured, and what it shows."""

    jpeg: bytes
    height: int
    width: int
    scale: Scale | None
    caption: str


def picture_of(image: Image, features: Labels | Mask | None, image_name: str) -> Picture:
    """An image with the outlines of its features, where there are any."""
    drawn: np.ndarray = as_rgb8(image.pixels, image.range)
    if features is not None:
        drawn = draw_outlines(drawn, features.pixels)
    longest = max(drawn.shape[:2])
    if longest > LONGEST:
        height, width = (max(1, round(side * LONGEST / longest)) for side in drawn.shape[:2])
        drawn = cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA)
    measured = features if features is not None else image
    scale = measured.scale  # of what was measured: SetScale may have corrected what the file of the image says
    caption = f"{image_name}: a typical image"
    caption += ", measured features outlined." if features is not None else "."
    caption += f" Pixel size {scale}." if scale is not None else " The pixel size is not known."
    encoded = cv2.imencode(".jpg", cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
    return Picture(encoded.tobytes(), drawn.shape[0], drawn.shape[1], scale, caption)


def image_of(jpeg: bytes, scale: Scale | None) -> Image | None:
    """An encoded picture as an image; None where it cannot be read."""
    bgr = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) if jpeg else None
    return None if bgr is None else Image(np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8), scale)


def smaller(jpeg: bytes, longest: int) -> bytes:
    """An encoded picture with its longer side no longer than that; as it is where it is small or cannot be read."""
    if len(jpeg) <= SMALL:
        return jpeg
    reading = cv2.IMREAD_REDUCED_COLOR_4 if len(jpeg) > 10 * SMALL else cv2.IMREAD_REDUCED_COLOR_2  # in half the time
    drawn = cv2.imdecode(np.frombuffer(jpeg, np.uint8), reading)
    if drawn is None:
        return jpeg
    share = min(1.0, longest / max(drawn.shape[:2]))
    height, width = (max(1, round(side * share)) for side in drawn.shape[:2])
    resized = cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", resized, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
