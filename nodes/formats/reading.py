"""How annotations are read: what is asked of them, and which classes are known."""

from dataclasses import dataclass

from graingraph.engine.values import PixelClass
from graingraph.nodes.formats.instances import Instances


@dataclass(frozen=True)
class Reading:
    """How annotations are read.

    What no polygon or paint covers is of the class ``rest``; "" leaves it unlabelled. ``instances`` says whether
    outlines or numbers that are objects of their own keep touching objects apart, by a class of boundaries with
    lines ``line_width`` px wide; "auto" does so where objects of one class touch, and for pictures that number
    objects. ``feature`` is the class of objects that are only numbered, ``selected`` that of a black and white mask.
    ``classes`` are those of the values 0, 1, 2 ... of label pictures that have just as many values and no table, or of
    1, 2, 3 ... where none is of the rest and there is one value more: 0 is then what was not traced. ``known`` are
    classes whose roles are known, such as those of the Trace node that is read for.
    """

    rest: str = "background"
    instances: Instances = "auto"
    feature: str = "feature"
    selected: str = "feature"
    line_width: float = 4.0
    classes: tuple[str, ...] = ()
    known: tuple[PixelClass, ...] = ()

    @property
    def has_several_areas(self) -> bool:
        """Whether what has no class, or is only numbered, could be of more than one."""
        return sum(item.role == "area" and item.name != self.rest for item in self.known) > 1

    @property
    def boundaries(self) -> dict[str, str]:
        """The name of the boundary class of each class that is known to have one."""
        return {item.of: item.name for item in self.known if item.role == "boundary" and item.of}
