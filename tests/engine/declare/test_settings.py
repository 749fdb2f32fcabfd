"""Settings: what an annotation says, what is accepted, and how it is written."""

from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graingraph.engine.declare.settings import Label, ModelFile, Range, Setting, Unit, When, setting_from


class Row(NamedTuple):
    name: str
    weight: float = 1.0


def made(hint: Any, default: Any) -> Setting:
    return setting_from("size", hint, default, "help")


NUMBER = made(Annotated[float, Range(0, 10), Unit("px"), Label("how large")], 1)
WHOLE = made(Annotated[int, Range(-5, 5)], 0)
CHOICE = made(Literal["otsu", "manual"], "otsu")
ROWS = made(tuple[Row, ...], ())


def test_an_annotation_is_read() -> None:
    assert (NUMBER.unit, NUMBER.label, NUMBER.range, NUMBER.default) == ("px", "how large", Range(0, 10), 1.0)
    assert CHOICE.choices == ("otsu", "manual")
    assert (made(bool, True).label, ROWS.default) == ("size", [])


@pytest.mark.parametrize(
    ("hint", "default", "said"),
    [
        (list[int], [], "is not a type that a setting can have"),
        (Annotated[float, "px"], 1.0, "is not understood"),
        (Annotated[str, Range(0, 1)], "", "only a number has a Range"),
        (Annotated[float, Range(0, 1)], 2.0, "the default of size is from 0 to 1, not 2"),
        (Literal["a", "b"], "c", "the default of size is one of a, b"),
        (Literal[1, 2], 1, "choices of a Literal are texts"),
        (bool, 1, "the default of size is yes or no"),
    ],
)
def test_a_wrong_declaration_says_why(hint: Any, default: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        made(hint, default)


@given(st.floats(allow_nan=True, allow_infinity=True) | st.integers() | st.booleans() | st.text() | st.none())
def test_a_number_is_in_range_and_canonical_or_refused(value: Any) -> None:
    for setting, kind in ((NUMBER, float), (WHOLE, int)):
        try:
            canonical = setting.normalise(value)
        except ValueError:
            continue
        assert setting.range
        assert setting.range.low <= canonical <= setting.range.high
        assert type(canonical) is kind
        assert canonical == value
        assert setting.normalise(canonical) == canonical


@given(st.integers() | st.floats())
def test_a_whole_number_without_range_can_always_be_written(value: float) -> None:
    import orjson

    try:
        canonical = made(int, 0).normalise(value)
    except ValueError:
        return
    assert orjson.loads(orjson.dumps(canonical)) == canonical == value


@pytest.mark.parametrize(
    ("setting", "text", "value"),
    [
        (NUMBER, "2.5", 2.5),
        (WHOLE, "3", 3),
        (WHOLE, "3.0", 3),
        (made(bool, True), "Off", False),
        (made(bool, True), "yes", True),
        (CHOICE, "manual", "manual"),
        (made(str, ""), "1", "1"),
        (ROWS, '[{"name": "twin"}]', [{"name": "twin", "weight": 1.0}]),
    ],
)
def test_a_command_line_word_is_read(setting: Setting, text: str, value: Any) -> None:
    assert setting.parse(text) == value
    assert type(setting.parse(text)) is type(value)


@pytest.mark.parametrize(
    ("setting", "text", "said"),
    [
        (NUMBER, "wide", "how large is a number, not 'wide'"),
        (NUMBER, "nan", "how large is a number"),
        (NUMBER, "1e400", "how large is a number"),
        (NUMBER, "11", "how large is from 0 to 10 px, not 11"),
        (WHOLE, "2.5", "size is a whole number, not 2.5"),
        (made(int, 0), "1e30", "size is a whole number"),
        (made(bool, True), "maybe", "size is yes or no, not 'maybe'"),
        (CHOICE, "magic", "size is one of otsu, manual, not 'magic'"),
        (ROWS, "twin", "size is a JSON list"),
        (ROWS, "{}", "size is a list of at most 1000 rows"),
        (ROWS, '[{"nom": "twin"}]', "each row of size has the fields name, weight"),
        (ROWS, '[{"weight": 1}]', "each row of size has the fields name, weight"),
        (ROWS, '[{"name": "a", "weight": "b"}]', "size.weight is a number"),
        (made(str, ""), "x" * 10_001, "longer than 10 000"),
    ],
)
def test_a_wrong_word_says_what_is_allowed(setting: Setting, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        setting.parse(text)


@given(st.lists(st.tuples(st.text(max_size=9), st.floats(-1e9, 1e9)), max_size=5))
def test_rows_reach_the_function_as_they_were_declared(items: list[tuple[str, float]]) -> None:
    rows = tuple(Row(*item) for item in items)
    assert ROWS.to_python(ROWS.normalise(rows)) == rows


def test_a_setting_applies_where_all_its_conditions_hold() -> None:
    level = made(Annotated[float, When(method=("manual", "range"), inverted=False)], 0.5)
    assert level.applies({"method": "range", "inverted": False})
    assert not level.applies({"method": "otsu", "inverted": False})
    assert not level.applies({"method": "manual", "inverted": True})
    assert NUMBER.applies({})


def test_a_setting_describes_itself() -> None:
    assert NUMBER.describe() == "number from 0 to 10"
    assert CHOICE.describe() == "one of otsu, manual"
    assert ROWS.describe() == "a list of name / weight"
    assert made(ModelFile, "").describe() == "model file"


@pytest.mark.parametrize(
    ("setting", "value", "canonical"),
    [
        (NUMBER, np.float32(2.5), 2.5),
        (NUMBER, np.int64(3), 3.0),
        (WHOLE, np.int64(3), 3),
        (made(bool, True), np.bool_(False), False),
        (CHOICE, np.str_("manual"), "manual"),
        (ROWS, [{"name": "a", "weight": np.float32(0.5)}], [{"name": "a", "weight": 0.5}]),
    ],
)
def test_a_scalar_of_numpy_is_its_python_value(setting: Setting, value: Any, canonical: Any) -> None:
    found = setting.normalise(value)
    assert found == canonical
    assert type(found) is type(canonical)
    with pytest.raises(ValueError, match="how large is a number"):
        NUMBER.normalise(np.bool_(True))
