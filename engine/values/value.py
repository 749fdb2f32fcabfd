"""The base of what flows along the wires: small frozen records over read-only arrays.

Every raster value is indexed ``[row, column]`` with the origin in the top left corner. Pixel size travels in the
value (``scale``) so that a length can never lose its unit. ``notes`` tell a reader how far to trust the value; the
evaluation passes them on to everything computed from it.
"""

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from graingraph.engine.values.notes import Note
from graingraph.engine.values.registry import value_type


@value_type(pin="#9aa0a6", shape="square", small=True)
@dataclass(frozen=True, eq=False)
class Value:
    """Common base: notes about trust that travel with the value. Its arrays are made read-only."""

    notes: tuple[Note, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        for item in vars(self).values():
            if isinstance(item, np.ndarray):
                item.flags.writeable = False

    def with_note(self, *notes: Note | str) -> Self:
        """Return this value with more notes on how far it can be trusted, each once; a mere sentence is advice."""
        more = (Note("advice", note) if isinstance(note, str) else note for note in notes)
        merged = tuple(dict.fromkeys((*self.notes, *more)))
        return self if merged == self.notes else replace(self, notes=merged)

    @property
    def nbytes(self) -> int:
        """Memory held by the arrays of this value, in bytes; the cache budgets with it."""
        return 64 + sum(item.nbytes for item in vars(self).values() if isinstance(item, np.ndarray))
