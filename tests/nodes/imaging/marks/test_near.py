from collections.abc import Sequence

import numpy as np
import pytest

from graingraph.engine.declare.injected import Mark
from graingraph.nodes.imaging.marks.near import nearest_mark

SHAPE = (100, 200)
BLOCK = [(10, 10), (190, 90)]


def mark(tool: str, points: Sequence[tuple[float, float]], width: float = 0.0) -> Mark:
    return Mark(tool, tool, np.array(points, np.float32), width)


REGION = Mark("region", "region", np.array([(100, 40), (104, 44)], np.float32), 0.0, "", np.array([0, 16], np.uint32))
MARKS = (
    mark("complete", BLOCK),
    mark("brush", [(20, 20), (60, 20)], 10.0),
    mark("polygon", [(120, 20), (160, 20), (140, 60)]),
    mark("length", [(120, 30), (160, 30)]),
    mark("rectangle", [(20, 60), (40, 80)]),
    mark("pick", [(80, 80)]),
    REGION,
)


@pytest.mark.parametrize(
    ("at", "tool"),
    [
        ((40, 24), "brush"),
        ((40, 40), None),
        ((12, 50), "complete"),  # of a block the outline, as all that is in it lies below the pointer
        ((140, 50), "polygon"),
        ((140, 30), "length"),  # the last of those that lie there
        ((30, 70), "rectangle"),
        ((82, 79), "pick"),
        ((102, 41), "region"),
        ((98, 41), None),
    ],
)
def test_the_mark_that_is_pointed_at_is_found(at: tuple[float, float], tool: str | None):
    found = nearest_mark(MARKS, at, 4.0, SHAPE)
    assert (found.tool if found else None) == tool


def test_nothing_is_found_where_nothing_is_drawn():
    assert nearest_mark((), (5, 5), 100.0, SHAPE) is None
