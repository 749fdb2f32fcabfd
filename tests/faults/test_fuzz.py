"""A minute of ``fuzz``."""

import pytest

from tests.faults.fuzz import KINDS, fuzz


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_read_or_refused_with_one_sentence(kind: str) -> None:
    fuzz(kind, 300)
