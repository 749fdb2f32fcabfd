"""A short version of ``kill_batch``."""

import sys
from pathlib import Path

import pytest

from tests.faults import kill_batch


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_whoever_is_killed_the_tables_are_those_of_an_undisturbed_run(tmp_path: Path) -> None:
    figures = kill_batch.kill_batches(3, tmp_path, count=12)
    assert figures.faults == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_a_dask_worker_that_comes_for_one_that_died_goes_on_with_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(kill_batch, "VICTIMS_OF_DASK", ("Dask worker",))
    figures = kill_batch.kill_batches(1, tmp_path, seed=3, dask=True)
    assert figures.faults == []
    assert figures.killed == {"Dask worker": 1}
