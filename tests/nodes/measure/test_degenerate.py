"""Inputs that show nothing to measure: every number is right, or a word says why there is none; never a bare NaN."""

import re
from collections.abc import Mapping

import cv2
import numpy as np
import pytest

import graingraph.nodes  # noqa: F401  (declares the nodes)
from graingraph.engine.declare.node import REGISTRY, NodeType
from graingraph.engine.problem import Problem
from graingraph.engine.values import Labels, Mask, PerImage, Scale, Table


def square(rows: slice, columns: slice, shape: tuple[int, int] = (64, 64)) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[rows, columns] = True
    return mask


MASKS = {
    "empty": square(slice(0), slice(0)),
    "full": square(slice(None), slice(None)),
    "one feature": square(slice(20, 40), slice(22, 42)),
    "one pixel": square(slice(30, 31), slice(30, 31)),
    "only at the edge": square(slice(0, 5), slice(10, 20)) | square(slice(50, 64), slice(60, 64)),
    "from side to side": square(slice(30, 31), slice(None)),
    "one row": square(slice(None), slice(5, 9), (1, 40)),
    "a pixel": square(slice(None), slice(None), (1, 1)),
}
SCALES = {"µm": Scale(0.5), "no pixel size": None, "not square": Scale(0.5, y=0.6)}
MEASURES = [
    kind
    for kind in REGISTRY.values()
    if kind.category == "Measure"
    and kind.inputs
    and not kind.injected
    and {Labels, Mask} & set(kind.inputs[0].kinds)
    and all(pin.optional for pin in kind.inputs[1:])
]
OF_FIELDS = {
    "NumberPerAreaOfFields": "NumberPerArea",
    "AreaFractionOfFields": "AreaFraction",
    "BandingOfFields": "Banding",
    "NeighboursOfFields": "Neighbours",
    "PorosityOfFields": "Porosity",
    "GrainAreasOfFields": "GrainAreas",
    "ChordsOfFields": "Chords",
    "NodularityOfFields": "Nodularity",
    "LayerThicknessOfFields": "LayerThickness",
    "GrainSizeOfFields": "GrainSize",
}


def as_input(kind: NodeType, mask: np.ndarray, scale: Scale | None) -> Labels | Mask:
    """The mask, or its pieces numbered 3, 6, 9 … with gaps, where a node takes nothing else."""
    if Mask in kind.inputs[0].kinds:
        return Mask(mask, scale)
    labels = 3 * cv2.connectedComponents(mask.astype(np.uint8))[1].astype(np.int32)
    return Labels(labels, scale, count=int(labels.max()))


def tables(result: object) -> list[Table]:
    every = result if isinstance(result, tuple) and hasattr(result, "_fields") else (result,)
    return [one for one in every if isinstance(one, Table)]


@pytest.mark.parametrize("kind", MEASURES, ids=lambda kind: kind.name)
def test_a_field_that_shows_nothing_says_so(kind: NodeType) -> None:
    for case, mask in MASKS.items():
        for scaled, scale in SCALES.items():
            try:
                found = tables(kind.function(as_input(kind, mask, scale)))
            except Problem:
                continue
            for table in found:
                told = f"{kind.name}, {case}, {scaled}: {table.headline}"
                assert not re.search(r"\b(nan|inf)\b", table.headline), told
                numbers = [np.asarray(table.columns[name], float) for name in table.quantities]
                known = all(np.isfinite(column).all() for column in numbers)
                assert table.notes or known or table.rows != "fields", told


def fields(number: int, density: int) -> list[np.ndarray]:
    """Discs thrown at random, in so many fields."""
    made = []
    for seed in range(number):
        rng, mask = np.random.default_rng(seed), np.zeros((200, 200), np.uint8)
        for x, y, radius in zip(*rng.integers(0, 200, (2, density)), rng.integers(3, 9, density), strict=True):
            cv2.circle(mask, (int(x), int(y)), int(radius), 1, -1)
        made.append(mask.astype(bool))
    return made


def of_few_or_none() -> Mapping[str, list[np.ndarray]]:
    """Sets of fields that hold nothing, one thing, too little, or the same."""
    empty, full = (np.full((200, 200), value) for value in (False, True))
    return {
        "all empty": 5 * [empty],
        "all full": 5 * [full],
        "one field": fields(1, 20),
        "two fields": fields(2, 20),
        "one image five times": 5 * fields(1, 20),
        "all but one empty": [*4 * [empty], *fields(1, 20)],
    }


def per_image(measured: NodeType, output: int, masks: list[np.ndarray]) -> PerImage[Table]:
    once: dict[bytes, Table] = {}
    for mask in masks:
        if mask.tobytes() not in once:
            once[mask.tobytes()] = tables(measured.function(as_input(measured, mask, Scale(0.5))))[output]
    each = {f"{place}.png": once[mask.tobytes()] for place, mask in enumerate(masks)}
    return PerImage(list(each), each.__getitem__)


def nothing_is_said_without_a_word(case: str, stated: list[Table]) -> None:
    for table in stated:
        said = " ".join(note.text for note in table.notes)
        told = f"{case}: {table.headline} {said}"
        assert not re.search(r"\b(nan|inf)\b", told), told
        for one in table.results:
            if "argest" in one.quantity or "mallest" in one.quantity or one.quantity == "Worst window":
                continue  # the most extreme of all fields has no interval
            sure = one.low <= one.value <= one.high and one.low < one.high
            assert one.reasons or sure or one.quantity in said, (told, one)
        if case in ("one field", "two fields", "one image five times"):
            assert any(one.reasons for one in table.results) or not table.results, told


@pytest.mark.parametrize("name", OF_FIELDS)
def test_fields_that_show_nothing_alike_or_too_little_say_so(name: str) -> None:
    for case, masks in of_few_or_none().items():
        found = REGISTRY[name].function(per_image(REGISTRY[OF_FIELDS[name]], 0, masks))
        nothing_is_said_without_a_word(case, tables(found)[:1])


@pytest.mark.parametrize(
    ("name", "measure", "output"),
    [
        ("Distribution", "MeasureFeatures", 0),
        ("ParticleSize", "MeasureFeatures", 0),
        ("Orientations", "MeasureFeatures", 0),
        ("SizeInSpace", "MeasureFeatures", 0),
        ("LargestExpected", "MeasureFeatures", 0),
        ("DuplexGrains", "GrainAreas", 1),
    ],
)
def test_features_of_such_fields_together_say_so(name: str, measure: str, output: int) -> None:
    stated, pool = REGISTRY[name], REGISTRY["Pool"]
    for case, masks in of_few_or_none().items():
        each = per_image(REGISTRY[measure], output, masks)
        gathered = each if stated.gathers else pool.function(each)
        nothing_is_said_without_a_word(case, tables(stated.function(gathered)))


def test_a_field_without_a_feature_counts_with_its_area() -> None:
    def number_per_volume(masks: list[np.ndarray]) -> float:
        found = REGISTRY["SizeInSpace"].function(per_image(REGISTRY["MeasureFeatures"], 0, masks)).statistics
        return next(one.value for one in found.results if one.quantity == "Number per volume")

    full, empty = fields(1, 20)[0], np.zeros((200, 200), bool)
    assert number_per_volume([full, empty, empty, empty]) == pytest.approx(number_per_volume([full]) / 4)
