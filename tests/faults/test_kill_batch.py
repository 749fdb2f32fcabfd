"""A short version of ``kill_batch``."""

import sys
from pathlib import Path

import pytest

from tests.faults.kill_batch import kill_batches


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_whoever_is_killed_the_tables_are_those_of_an_undisturbed_run(tmp_path: Path) -> None:
    figures = kill_batches(3, tmp_path, count=12)
    assert figures.faults == []
