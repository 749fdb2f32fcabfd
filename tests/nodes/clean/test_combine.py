import numpy as np
import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.values import Mask, Scale
from graingraph.nodes.clean.combine import combine

A = Mask(np.array([[0, 0, 1, 1]], bool), Scale(0.5))
B = Mask(np.array([[0, 1, 0, 1]], bool))


@pytest.mark.parametrize(("operation", "expected"), [
    ("and", [0, 0, 0, 1]), ("or", [0, 1, 1, 1]), ("xor", [0, 1, 1, 0]), ("subtract", [0, 0, 1, 0]),
    ("invert", [1, 1, 0, 0]),
])  # fmt: skip
def test_truth_tables(operation, expected):
    result = combine(A, B, operation=operation)
    np.testing.assert_array_equal(result.pixels, [np.array(expected, bool)])
    assert result.pixels.dtype == bool
    assert result.scale == Scale(0.5)


def test_scale_of_whichever_mask_has_one():
    assert combine(B, A).scale == Scale(0.5)
    assert combine(B, operation="invert").scale is None


def test_sizes_must_match_and_two_masks_are_needed():
    with pytest.raises(Problem, match=r"4 × 1 and 3 × 1 px"):
        combine(A, Mask(B.pixels[:, :3]))
    with pytest.raises(Problem, match="connect the second"):
        combine(A, operation="or")
