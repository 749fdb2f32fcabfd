"""How many cores are free for one more computation."""

import os

import pytest

from graingraph.engine import cpu


@pytest.mark.parametrize(
    ("load", "own", "machine", "allowed", "free"),
    [
        (0.1, 0, 2, 2, 2),
        (1.1, 0, 2, 2, 1),
        (24.0, 0, 2, 2, 1),  # there is always one
        (2.0, 2, 2, 2, 2),  # all of the load is our own
        (20.0, 0, 64, 2, 2),  # a large machine of which we have two cores
        (3.0, 1, 8, 8, 6),
    ],
)
def test_what_others_leave(
    load: float, own: int, machine: int, allowed: int, free: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: machine)
    monkeypatch.setattr(cpu, "available", lambda: allowed)
    assert cpu.free(own) == free


def test_where_the_load_is_not_told_all_cores_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "getloadavg", raising=False)
    assert cpu.free() == cpu.available()
