"""How a printed table shows a number."""

import pytest

from graingraph.nodes.reporting.pages import shown


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (11820.0, "11820"),
        (-11820.0, "-11820"),
        (11820.37, "11820"),
        (9999.7, "10000"),
        (99999.0, "99999"),
        (1234567.0, "1234567"),
        (9999.0, "9999"),
        (12.3456, "12.35"),
        (0.0, "0"),
        (float("nan"), "–"),
        (None, "–"),
        (11820, "11820"),
        ("a.tif", "a.tif"),
    ],
)
def test_a_number_is_written_out(value: object, said: str) -> None:
    assert shown(value) == said
