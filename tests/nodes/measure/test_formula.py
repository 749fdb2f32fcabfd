import numpy as np
import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.values import Table
from graingraph.nodes.measure.formula import formula

TABLE = Table(
    {
        "Label": np.arange(1, 4),
        "Feret max": np.array([4.0, 9.0, np.nan]),
        "Feret min": np.array([2.0, 0.0, 1.0]),
        "Form": np.array(["a", "b", "c"], object),
    },
    {"Feret max": "µm", "Feret min": "µm"},
)


def test_a_ratio_of_columns():
    found = formula(TABLE)
    np.testing.assert_array_equal(found.columns["Elongation"], [2.0, np.nan, np.nan])
    assert found.units["Elongation"] == ""
    assert set(TABLE.columns) < set(found.columns)


def test_constants_functions_and_a_unit():
    found = formula(
        TABLE, name="Volume", formula="3.14159265358979 / 6 * [Feret max]^3 + 0 * mean([Feret min])", unit="µm³"
    )
    assert found.columns["Volume"][0] == pytest.approx(np.pi / 6 * 64, rel=1e-12)
    assert found.heading("Volume") == "Volume (µm³)"
    assert formula(TABLE, name="One", formula="1").columns["One"].tolist() == [1.0, 1.0, 1.0]
    assert formula(TABLE, name="Feret max", formula="2 * [Feret max]").columns["Feret max"][0] == 8


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[Feret]", "named 'Feret'"),
        ("[Form]", "named 'Form'"),
        ("[Feret max", "not a formula"),
        ("Feret", "Feret is not known"),
        ("[Feret max].sum()", "not arithmetic"),
    ],
)
def test_what_cannot_be_computed_is_said(text: str, words: str):
    with pytest.raises(Problem, match=words):
        formula(TABLE, formula=text)
