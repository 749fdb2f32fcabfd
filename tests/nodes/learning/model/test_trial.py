"""Models from anywhere: one that never ends, crashes or gives no probabilities is refused with the reason."""

from pathlib import Path

import numpy as np
import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.values import PixelClass
from graingraph.nodes.learning.model.card import KEY, Card
from graingraph.nodes.learning.model.file import read_card
from graingraph.nodes.learning.model.probabilities import to_probabilities
from graingraph.nodes.learning.model.trial import require_it_ends

onnx = pytest.importorskip("onnx")


def endless(path: Path, card: str = "", brighter_than: float = -1.0) -> Path:
    """A model whose loop is told to go on for ever where a picture has a brighter pixel than this, with a card as our
    models have one."""
    helper, kind = onnx.helper, onnx.TensorProto
    shape = ["n", 1, "h", "w"]
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["again"]), helper.make_node("Identity", ["a"], ["b"])],
        "body",
        [
            helper.make_tensor_value_info("i", kind.INT64, []),
            helper.make_tensor_value_info("go", kind.BOOL, []),
            helper.make_tensor_value_info("a", kind.FLOAT, shape),
        ],
        [helper.make_tensor_value_info("again", kind.BOOL, []), helper.make_tensor_value_info("b", kind.FLOAT, shape)],
    )
    numbers = {"limit": brighter_than, "half": 0.5}
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMax", ["x"], ["brightest"], keepdims=0),
            helper.make_node("Greater", ["brightest", "limit"], ["yes"]),
            helper.make_node("Sub", ["x", "half"], ["score"]),
            helper.make_node("Loop", ["", "yes", "score"], ["y"], body=body),
        ],
        "g",
        [helper.make_tensor_value_info("x", kind.FLOAT, shape)],
        [helper.make_tensor_value_info("y", kind.FLOAT, shape)],
        [helper.make_tensor(name, kind.FLOAT, [], [number]) for name, number in numbers.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    if card:
        helper.set_model_props(model, {KEY: card})
    onnx.save(model, path)
    return path


def test_a_model_that_never_ends_is_refused_in_time(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"endless\.onnx cannot be used: on a small picture it did not end within 4 s"):
        require_it_ends(endless(tmp_path / "endless.onnx"), seconds=4)


def test_a_model_that_ends_on_dark_pictures_only_is_refused_in_time(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="did not end within 6 s"):
        require_it_ends(endless(tmp_path / "m.onnx", brighter_than=100.0), seconds=6)


def test_a_model_that_takes_its_process_down_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m.onnx").write_bytes(b"no model")
    require_it_ends(tmp_path / "m.onnx")  # whoever opens it says what is wrong with it
    monkeypatch.setattr("graingraph.nodes.learning.model.trial._TRY", "import os, signal; os.kill(os.getpid(), 9)")
    (tmp_path / "n.onnx").write_bytes(b"no model")
    with pytest.raises(Problem, match=r"n\.onnx cannot be used: it crashed"):
        require_it_ends(tmp_path / "n.onnx")


def test_a_model_from_elsewhere_is_tried_before_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graingraph.nodes.learning.model.file.require_it_ends", lambda path: require_it_ends(path, 4))
    with pytest.raises(Problem, match="did not end"):
        read_card(endless(tmp_path / "endless.onnx"))


def test_a_model_that_never_ends_is_tried_whatever_its_card_says_and_once_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graingraph.nodes.learning.model.file.require_it_ends", lambda path: require_it_ends(path, 3))
    path = endless(tmp_path / "ours.onnx", card=Card(classes=(PixelClass("grain"),), channels=1).to_json())
    with pytest.raises(Problem, match="did not end"):
        read_card(path)
    monkeypatch.setattr("graingraph.nodes.learning.model.trial.subprocess.run", None)
    with pytest.raises(Problem, match="did not end"):
        read_card(path)


@pytest.mark.parametrize("wrong", [np.nan, 1.5, -0.5, np.inf])
def test_what_is_no_probability_is_an_error_that_names_the_model(wrong: float) -> None:
    planes = np.full((1, 2, 4, 4), 0.5, np.float32)
    card = Card((PixelClass("a"), PixelClass("b")))
    assert to_probabilities(planes, card, (4, 4), "m.onnx") is planes
    planes[0, 1, 2, 2] = wrong
    with pytest.raises(Problem, match=r"The model m\.onnx gives numbers .* no probabilities; .*choose another"):
        to_probabilities(planes, card, (4, 4), "m.onnx")


def test_a_model_with_an_operator_of_its_own_is_refused_with_its_name(tmp_path: Path):
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    x, y = (helper.make_tensor_value_info(name, kind, ["n", 1, "h", "w"]) for name in ("x", "y"))
    graph = helper.make_graph([helper.make_node("Own", ["x"], ["y"], domain="of.mine")], "g", [x], [y])
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("of.mine", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), tmp_path / "m.onnx")
    with pytest.raises(Problem, match=r"of\.mine:Own.* is not a registered"):
        read_card(tmp_path / "m.onnx")
