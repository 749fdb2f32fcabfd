"""The sizes and shapes of features by their names, each worked out only when it is asked for."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
import numpy.typing as npt

from graingraph.nodes.imaging.features.feret import feret
from graingraph.nodes.imaging.features.regions import Regions, areas, circularity_of, filled, measure
from graingraph.nodes.imaging.features.runs import Runs


class Shape:
    """Sizes and shapes of the features of ``runs``; every array is float64 (features,), lengths in px, areas in px².

    Of a number without pixels they mean nothing.
    """

    def __init__(self, runs: Runs) -> None:
        self.runs = runs

    def of(self, quantity: str) -> npt.NDArray[np.float64]:
        """The values of the quantity of that name: "Area", "Feret max" and so on; ``KeyError`` of others."""
        return _QUANTITIES[quantity](self)

    @cached_property
    def regions(self) -> Regions:
        """What is counted in one pass over the runs."""
        return measure(self.runs)

    @cached_property
    def area(self) -> npt.NDArray[np.float64]:
        """The number of pixels, which takes less than the regions do."""
        return areas(self.runs)

    @cached_property
    def feret(self) -> tuple[np.ndarray, np.ndarray]:
        """The largest and the smallest calliper width."""
        return feret(self.runs, self.regions)

    @cached_property
    def whole(self) -> tuple[np.ndarray, np.ndarray]:
        """Area and perimeter with the holes filled."""
        return filled(self.runs, self.regions)

    @cached_property
    def ellipse(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Major and minor axis, and orientation in °."""
        return self.regions.ellipse()

    @property
    def roundness(self) -> npt.NDArray[np.float64]:
        """4 · area / (π · Feret max²), 1 for a disc (ISO 9276-6)."""
        longest = self.feret[0]
        return np.divide(self.area, np.pi / 4 * longest**2, where=longest > 0, out=np.zeros(len(longest)))


_QUANTITIES: dict[str, Callable[[Shape], npt.NDArray[np.float64]]] = {
    "Area": lambda shape: shape.area,
    "Perimeter": lambda shape: shape.regions.perimeter,
    "Outer perimeter": lambda shape: shape.whole[1],
    "Equivalent diameter": lambda shape: 2 * np.sqrt(shape.area / np.pi),
    "Feret max": lambda shape: shape.feret[0],
    "Feret min": lambda shape: shape.feret[1],
    "Major axis": lambda shape: shape.ellipse[0],
    "Minor axis": lambda shape: shape.ellipse[1],
    "Aspect ratio": lambda shape: shape.regions.aspect_ratio,
    "Orientation": lambda shape: shape.ellipse[2],
    "Circularity": lambda shape: shape.regions.circularity,
    "Outer circularity": lambda shape: circularity_of(*shape.whole),
    "Roundness": lambda shape: shape.roundness,
    "Centroid X": lambda shape: shape.regions.x,
    "Centroid Y": lambda shape: shape.regions.y,
}
QUANTITIES = tuple(_QUANTITIES)
"""The names, in the order of the columns of a table."""
