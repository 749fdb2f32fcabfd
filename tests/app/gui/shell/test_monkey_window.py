"""Eighty steps of a monkey at the window; an hour of it by ``python -m tests.support.monkey --minutes 60``."""

import shutil
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.support.monkey import Monkey


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("xclip") is None, reason="needs xclip")
def test_a_monkey_breaks_nothing(display: str, tmp_path: Path):
    saw = Monkey(display, tmp_path / "monkey", seed=13).run(steps=80)
    assert not saw.bad, asdict(saw)
