"""Results: how much a quantity changes with the pixel size."""

import pytest

from graingraph.engine.values.results import per_scale


@pytest.mark.parametrize(
    ("unit", "power"), [("µm", 1), ("mm²", 2), ("1/mm", -1), ("1/mm²", -2), ("1/mm³", -3), ("HV", -2), ("%", 0)]
)
def test_a_quantity_changes_with_the_pixel_size_by_the_power_of_its_unit(unit: str, power: int) -> None:
    assert per_scale(500.0, unit) == power * 500.0
