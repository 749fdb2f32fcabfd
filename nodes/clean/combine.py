"""Combine: two masks, pixel by pixel."""

from typing import Literal

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.problem import Problem
from graingraph.engine.values import Mask

OPERATIONS = {"and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor, "subtract": np.greater}


@node("Combine", category="Clean", synonyms=("and", "or", "xor", "not", "invert", "subtract", "boolean", "logic"))
def combine(
    first: Mask, second: Mask | None = None, *, operation: Literal["and", "or", "subtract", "xor", "invert"] = "and"
) -> Mask:
    """Combine two masks of the same size, or invert one.

    "And" keeps what both select, "or" what either selects, "subtract" what only the first selects, "xor" what exactly
    one selects. "Invert" selects what the first mask does not and needs no second mask.

    Settings:
        operation: How the two masks are combined.
    """
    if operation == "invert":
        return Mask(~first.pixels, first.scale, notes=first.notes)
    if second is None:
        raise Problem(f"The operation '{operation}' needs two masks; connect the second one.")
    if first.shape != second.shape:
        raise Problem(
            f"The masks differ in size ({_size(first)} and {_size(second)} px); crop or load them so that they match."
        )
    selected = OPERATIONS[operation](first.pixels, second.pixels)
    return Mask(selected, first.scale or second.scale)


def _size(mask: Mask) -> str:
    return f"{mask.shape[1]} × {mask.shape[0]}"
