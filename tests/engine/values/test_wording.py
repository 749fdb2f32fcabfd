"""How numbers are written for people."""

import numpy as np
import pytest

from graingraph.engine.values.wording import (
    amount,
    between,
    cell,
    counted,
    ranged,
    short,
    to_digits_of,
    with_uncertainty,
    within,
    without_numbers,
)


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
        (2.5912e8, 1.6e7, "(2.59 ± 0.16)·10⁸"),
        (3.14159e-5, 4e-6, "(3.14 ± 0.40)·10⁻⁵"),
        (2.5912e8, float("nan"), "2.59·10⁸"),
        (7.110182629, 1.8e-15, "7.11018 ± 0"),
        (3e-5, 0.25, "0.00 ± 0.25"),
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
    assert counted(1234567, "feature") == "1234567 features"


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
    assert between(2.4312e8, 2.7512e8, "1/mm³") == "(2.43 to 2.75)·10⁸ 1/mm³"
    assert between(28.2500000000000036, 28.2500000000000107) == "28.250 to 28.250"
    assert to_digits_of(2.5912e8, 1.6e7) == "2.59·10⁸"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        *((2.5912e8, "2.59·10⁸"), (-1.2e7, "-1.2·10⁷"), (9.9999996e6, "1·10⁷"), (9.994e6, "9994000"), (1e30, "1·10³⁰")),
        *((1.2e-5, "1.2·10⁻⁵"), (9.9999e-5, "0.0001"), (0.000123, "0.000123"), (float("inf"), "inf")),
    ],
)
def test_very_large_and_very_small_numbers_have_a_power_of_ten(value: float, said: str) -> None:
    assert short(value, 3) == said


def test_sentences_that_differ_in_numbers_only_are_one_whatever_form_the_numbers_have() -> None:
    said = ["N_V is 2.59·10⁸ 1/mm³", "N_V is 9500000 1/mm³", "N_V is 1.2·10⁹ 1/mm³"]
    assert len({without_numbers(one) for one in said}) == 1
    assert ranged(said) == "N_V is 9500000 to 1.2·10⁹ 1/mm³"


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


def test_the_name_of_a_quantity_within_a_sentence() -> None:
    names = ("Mean diameter", "Feret max", "D50 by volume", "HV", "G")
    assert [within(name) for name in names] == ["mean diameter", "Feret max", "D50 by volume", "HV", "G"]
