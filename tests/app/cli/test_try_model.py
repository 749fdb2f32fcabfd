"""What a model makes of an image, seen at once."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from graingraph.app.cli.try_model import try_model
from graingraph.app.document.model_trial import GAP
from graingraph.engine.problem import Problem
from tests.support.paths import GRAPHS
from tests.support.pictures import discs


def test_the_classes_lie_beside_the_image_and_nothing_is_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image, _ = discs(1)
    cv2.imwrite(str(tmp_path / "a.png"), image.pixels)
    (model,) = (GRAPHS / "models").glob("colony*")
    try_model(model, tmp_path / "a.png", tmp_path / "out.png", ["match_scale=no"], False)
    said = capsys.readouterr().out
    assert "colony" in said
    assert "basketweave" in said
    picture = cv2.imread(str(tmp_path / "out.png"))
    height, width = image.shape
    assert picture.shape == (height, 2 * width + GAP, 3)
    assert np.array_equal(picture[:, :width, 0], image.pixels)
    assert {tuple(color[::-1]) for color in picture[:, width + GAP :].reshape(-1, 3)} <= {
        (74, 144, 217),
        (255, 159, 10),
    }
    with pytest.raises(Problem, match="already there"):
        try_model(model, tmp_path / "a.png", tmp_path / "out.png", [], False)
    with pytest.raises(Problem, match="takes SETTING=VALUE here, not 'match_scale'"):
        try_model(model, tmp_path / "a.png", None, ["match_scale"], False)
    with pytest.raises(Problem, match="has no setting"):
        try_model(model, tmp_path / "a.png", None, ["nonsense=1"], False)
