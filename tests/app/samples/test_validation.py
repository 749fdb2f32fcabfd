"""The built-in validation of the measurements; what it finds of grains is tested with the intervals (test_coverage)."""

import math
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import pypdf
import pytest

from graingraph.app.cli import validate as command
from graingraph.app.samples import validation
from graingraph.app.samples.validation import Checked, checks
from graingraph.engine.problem import Problem

ONE = Checked("Area", "disc", 100.0, "px²", 101.0, 0.5, 100, 2.0)


def test_shapes_and_area_fractions_keep_their_limits() -> None:
    found = list(takewhile(lambda one: "Voronoi" not in one.phantom, _without_grains()))
    assert len(found) > 20
    assert [one for one in found if not one.kept] == []
    assert {"Area", "Feret max", "Circularity", "Orientation error", "Area fraction"} <= {o.measurement for o in found}


def _without_grains() -> list[Checked]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "_grains", lambda progress: iter(()))
        return list(checks())


def test_a_bias_or_a_coverage_outside_is_not_kept() -> None:
    assert ONE.bias == pytest.approx(1.0)
    assert ONE.kept
    assert not replace(ONE, mean=105.0).kept
    assert not replace(ONE, coverage=80.0).kept
    assert math.isnan(ONE.coverage)


def test_the_record_says_what_is_outside_and_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "checks", lambda tell: iter([ONE, replace(ONE, mean=120.0, measurement="Feret max")]))
        assert command.validate(tmp_path / "v.pdf", overwrite=False, as_json=False) == 2
        text = " ".join(pypdf.PdfReader(tmp_path / "v.pdf").pages[0].extract_text().split())
        assert "1 of 2 measurements do not keep their limits." in text
        assert "+20.00 ± 0.10 %" in text
        with pytest.raises(Problem, match="--overwrite"):
            command.validate(tmp_path / "v.pdf", overwrite=False, as_json=False)
