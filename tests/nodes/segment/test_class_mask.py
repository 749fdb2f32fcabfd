import numpy as np
import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, ClassMap, PixelClass, Probabilities, Scale
from graingraph.nodes.segment.class_mask import class_mask

CLASSES = (PixelClass("matrix"), PixelClass("carbide"), PixelClass("0"))
MAP = np.array([[0, 1, 2], [1, UNLABELLED, 0]], np.uint8)


@pytest.mark.parametrize(("name", "index"), [("carbide", 1), ("matrix", 0), ("1", 1), ("0", 2)])
def test_class_by_name_or_number_a_name_goes_first(name, index):
    mask = class_mask(ClassMap(MAP, Scale(2.0), classes=CLASSES), name=name)
    np.testing.assert_array_equal(mask.pixels, index == MAP)
    assert mask.scale == Scale(2.0)


def test_probabilities_from_a_level_on():
    planes = np.random.default_rng(0).dirichlet((1, 1, 1), (20, 30)).astype(np.float32)
    mask = class_mask(Probabilities(planes, classes=CLASSES), name="carbide", level=0.4)
    np.testing.assert_array_equal(mask.pixels, planes[..., 1] >= np.float32(0.4))
    assert class_mask(Probabilities(planes, classes=CLASSES), level=0).pixels.all()


def test_unknown_class_names_those_there_are():
    for name in ("ferrite", "7", "-1", ""):
        with pytest.raises(Problem, match="matrix, carbide, 0"):
            class_mask(ClassMap(MAP, classes=CLASSES), name=name)
