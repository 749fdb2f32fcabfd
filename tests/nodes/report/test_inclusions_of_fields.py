import numpy as np
import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.values import MeasuredField, PerImage, Scale, Table
from graingraph.nodes.report.inclusions_of_fields import RATED, inclusions_of_fields


def ratings(*worst: dict[str, float], side: int = 800) -> PerImage[Table]:
    """Ratings of images of this many µm on a side; an index that is not given is 0."""
    tables = {
        f"{k}.tif": Table(
            {name: np.array([one.get(name, 0.0)]) for name in RATED},
            dict.fromkeys(RATED, ""),
            rows="fields",
            fields=(MeasuredField(side, side, Scale(1.0)),),
        )
        for k, one in enumerate(worst)
    }
    return PerImage(list(tables), tables.__getitem__)


def test_the_worst_field_rates_the_specimen():
    found = inclusions_of_fields(ratings({"A thin": 1.5, "DS": 0.5}, {"A thin": 2.0}, {"B thick": 1.0}))
    values = {one.quantity: one.value for one in found.table.results}
    assert values["Worst field, A thin"] == 2.0
    assert values["Worst field, B thick"] == 1.0
    assert values["Worst field, DS"] == 0.5
    assert values["Worst field, C thin"] == 0.0
    (note,) = found.table.notes
    assert note.kind == "not reportable"
    assert "1.92 mm² of at least 160 mm²" in note.text


def test_enough_area_is_reportable():
    found = inclusions_of_fields(ratings(*[{"A thin": 0.5}] * 7, side=5000))
    assert not [note for note in found.table.notes if note.kind == "not reportable"]


def test_other_tables_are_refused():
    table = Table({"Length": np.array([1.0])}, {"Length": "µm"}, rows="fields")
    with pytest.raises(Problem, match="Wire the table of Inclusions"):
        inclusions_of_fields(PerImage(["a"], lambda name: table))
