"""What is known of the field that a measurement was made in: the size of its pixels, its area, what its frame cuts."""

from dataclasses import dataclass
from typing import Any

from graingraph.engine.values.raster import Scale
from graingraph.engine.values.registry import record


@record
@dataclass(frozen=True)
class MeasuredField:
    """A field ``height`` and ``width`` px large, the ``scale`` of its pixels, and the features in it.

    ``whole`` lie inside, ``cut`` are cut by the frame, measured or not (None where features are not told apart);
    ``image`` names the field where there are several.
    """

    height: int
    width: int
    scale: Scale | None
    whole: int | None = None
    cut: int | None = None
    image: str = ""

    @property
    def area(self) -> float:
        """The area in mm²; in px² without a scale."""
        pixels = self.height * self.width
        return pixels * self.scale.pixel_area / 1e6 if self.scale else float(pixels)

    def told(self) -> dict[str, Any]:
        """The facts by the headings under which they stand in a table of fields."""
        found: dict[str, Any] = {}
        if self.scale:
            found["Pixel size (µm/px)"] = self.scale.x
            if not self.scale.is_square:
                found["Pixel height (µm/px)"] = self.scale.y
            known = self.scale.uncertainty
            found["Pixel size uncertainty (%)"] = None if known is None else 100 * known
            found["Pixel size from"] = self.scale.origin
        found[f"Field area ({'mm²' if self.scale else 'px²'})"] = self.area
        if self.whole is not None:
            found |= {"Whole features": self.whole, "Cut features": self.cut}
        return found
