"""How numbers are written for people."""

import numpy as np
import pytest

from graingraph.engine.values.wording import amount, between, cell, counted, short, with_uncertainty


@pytest.mark.parametrize(
    ("value", "half", "written"),
    [
        (8.718, 1.6, "8.7 ± 1.6"),
        (11820, 1634, "11800 ± 1600"),
        (0.012347, 0.00098, "0.01235 ± 0.00098"),
        (9.96, 0.996, "10.0 ± 1.0"),
        (100.4, 99.6, "100 ± 100"),
        (3.14159, float("nan"), "3.14"),
        (41.27, 0.0, "41.27 ± 0"),
    ],
)
def test_digits_follow_the_uncertainty(value, half, written):
    assert with_uncertainty(value, half) == written
    assert with_uncertainty(value, half, "µm") == f"{written} µm"


def test_counts_agree_with_their_noun():
    assert counted(1, "field") == "1 field"
    assert counted(3, "field") == "3 fields"
    assert counted(0, "crossing") == "0 crossings"
    assert counted(2, "field has", "fields have") == "2 fields have"


def test_an_amount_has_its_unit_or_is_missing():
    assert amount(0.012347, "µm") == "0.01235 µm"
    assert amount(11820.4, digits=2) == "11820"
    assert amount(float("nan"), "µm") == "–"
    assert amount(float("inf"), "µm", 2, missing="not known") == "not known"


def test_intervals_and_plain_numbers():
    assert between(0.2312, 1.8741, "%") == "0.23 to 1.87 %"
    assert between(93.1, 98.9, "%") == "93.1 to 98.9 %"
    assert short(11820.4, 3) == "11820"
    assert short(0.0012345, 3) == "0.00123"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        *((11820.0, "11820"), (-11820.0, "-11820"), (11820.37, "11820"), (9999.7, "10000"), (1234567.0, "1234567")),
        *((9999.0, "9999"), (12.3456, "12.35"), (0.0, "0"), (float("nan"), "–"), (None, "–"), (11820, "11820")),
        *(("a.tif", "a.tif"), (True, "yes"), (np.bool_(False), "no"), (np.int64(3), "3")),
    ],
)
def test_a_cell_is_written_out_to_four_digits(value: object, said: str) -> None:
    assert cell(value) == said
    assert cell(None, missing="") == ""
