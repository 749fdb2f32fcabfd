"""A model takes the place of another only where its held-out scores are no worse, or a person says so."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from graingraph.app.document.model_choice import doubts_about
from graingraph.engine.declare.models import ModelFolders, reference
from graingraph.nodes.learning.model.card import KEY
from tests.support.paths import GRAPHS

onnx = pytest.importorskip("onnx")


def scored(folder: Path, name: str, scores: list[tuple[float | None, float | None]], held_out: str = "a") -> str:
    """The reference of a model whose card has these scores (IoU, boundary F1) by class."""
    model = onnx.load(next((GRAPHS / "models").glob("*.onnx")))
    entry = next(one for one in model.metadata_props if one.key == KEY)
    card: dict[str, Any] = orjson.loads(entry.value)
    card["scores"] = [{"name": f"class {n}", "iou": iou, "boundary_f1": f1} for n, (iou, f1) in enumerate(scores)]
    card["held_out"] = {held_out: held_out}
    entry.value = orjson.dumps(card).decode()
    path = folder / f"{name}.onnx"
    onnx.save(model, path)
    return reference(path)


GOOD, BAD, NONE = [(0.9, 0.8), (0.8, None)], [(0.3, 0.2), (0.4, None)], []


@pytest.mark.parametrize(
    ("before", "after", "stopped", "doubted"),
    [
        (GOOD, BAD, True, True),
        (GOOD, BAD, False, True),
        (BAD, GOOD, True, False),
        (GOOD, GOOD, True, False),
        (GOOD, NONE, True, True),
        (GOOD, NONE, False, False),
        (NONE, NONE, True, True),
        (NONE, GOOD, False, False),
        (GOOD, [(float("nan"), 0.1)], False, True),
    ],
)
def test_a_worse_model_is_doubted(tmp_path: Path, before: list, after: list, stopped: bool, doubted: bool):
    old, new = scored(tmp_path, "old", before), scored(tmp_path, "new", after)
    assert bool(doubts_about(old, new, ModelFolders((tmp_path,)), stopped=stopped)) == doubted


def test_the_scores_and_other_images_are_said(tmp_path: Path):
    old, new = scored(tmp_path, "old", GOOD), scored(tmp_path, "new", BAD, held_out="b")
    said = doubts_about(old, new, ModelFolders((tmp_path,)), stopped=True)
    assert "The model before: overlap with what was traced 85.0 %, boundaries found 80.0 % on held-out images." in said
    worse = "overlap with what was traced 35.0 %, boundaries found 20.0 % on held-out images"
    assert f"The new model, stopped early: {worse}." in said
    assert "They were scored on different images." in said


def test_without_a_model_before_there_is_nothing_to_lose(tmp_path: Path):
    new = scored(tmp_path, "new", BAD)
    assert doubts_about("", new, ModelFolders((tmp_path,)), stopped=True) == ()
    assert doubts_about("gone.onnx@" + "0" * 32, new, ModelFolders((tmp_path,)), stopped=True) == ()
