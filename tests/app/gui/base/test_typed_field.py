"""A typed number is exactly what was typed, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graingraph.app.gui.base.typed_field import number_text, parse_number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_that_is_shown_and_left_is_the_same_to_the_last_digit(value: float):
    assert parse_number(number_text(value), whole=False) == value


@given(st.integers(-(10**12), 10**12))
def test_a_whole_number_too(value: int):
    found = parse_number(number_text(value), whole=True)
    assert found == value
    assert isinstance(found, int)


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.35", 0.35), (" 0,35 ", 0.35), (".5", 0.5), ("1e-3", 0.001), ("-2", -2.0), ("0.12345679", 0.12345679)],
)
def test_points_commas_and_powers_are_read(text: str, value: float):
    assert parse_number(text, whole=False) == value


@pytest.mark.parametrize(
    "text", ["0.0.36", "", " ", "abc", "1,000", "1 000", "nan", "inf", "1e999", "--1", "1_0", "0x10", "٣"]
)
@pytest.mark.parametrize("whole", [True, False])
def test_what_is_no_number_is_refused(text: str, whole: bool):
    with pytest.raises(ValueError, match=r"no number|two ways|too large|Nothing"):
        parse_number(text, whole=whole)


@pytest.mark.parametrize("text", ["1.5", "2,5", "1e-3"])
def test_a_fraction_is_no_whole_number(text: str):
    with pytest.raises(ValueError, match="no whole number"):
        parse_number(text, whole=True)
