"""Models that give several things: the map of classes is found among them, or a person is asked."""

from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from graingraph.engine.declare.injected import Context  # noqa: E402
from graingraph.engine.problem import Problem  # noqa: E402
from graingraph.engine.values import Image, Model  # noqa: E402
from graingraph.nodes.learn.deep_segment import Segmented, deep_segment  # noqa: E402
from graingraph.nodes.learning.model.file import load_model, read_card  # noqa: E402

NUMBERS = {
    "w": np.array([-40, 0, 40], np.float32).reshape(3, 1, 1, 1),
    "b": np.array([10, 0, -30], np.float32),
    "weak": np.array([-40, 30, 10], np.float32).reshape(3, 1, 1, 1),
    "rays": np.linspace(1, 9, 32, dtype=np.float32).reshape(32, 1, 1, 1),
    "top": np.array([255], np.int32),
    "axis": np.array([0]),
    "sides": np.array([1, 1, 128, 128], np.float32),
    "nothing": np.array(0, np.float32),
}
STEPS = {
    "scores": ("Conv", ["x", "w", "b"], {}),
    "aux_scores": ("Conv", ["x", "weak", "b"], {}),
    "classes": ("ArgMax", ["scores"], {"axis": 1, "keepdims": 0}),
    "shares": ("Softmax", ["scores"], {"axis": 1}),
    "surest": ("ReduceMax", ["shares"], {"axes": [1], "keepdims": 0}),
    "mean": ("GlobalAveragePool", ["x"], {}),
    "vector": ("Flatten", ["mean"], {}),
    "rays_of_stars": ("Conv", ["x", "rays"], {}),
    "bright": ("Greater", ["x", "half"], {}),
    "alone": ("Squeeze", ["scores", "axis"], {}),
    "coarse": ("AveragePool", ["x"], {"kernel_shape": [128, 128], "strides": [128, 128]}),
    "grown": ("Resize", ["coarse", "", "sides"], {"mode": "nearest"}),
    "gone": ("Mul", ["grown", "nothing"], {}),
    "same": ("Add", ["x", "gone"], {}),
    "of_multiples": ("Conv", ["same", "w", "b"], {}),
}
"""By its result each step that models here are made of: what it does, to what."""


def model(path: Path, *outputs: str, takes: int = TensorProto.FLOAT, made: str = "") -> Model:
    """A model of grey pictures that gives these results of ``STEPS``; the first of ``made`` as bytes of 0 and 255."""
    nodes, wanted = [], list(outputs)
    for name in reversed(STEPS):
        kind, given, how = STEPS[name]
        if name in wanted:
            nodes.insert(0, helper.make_node(kind, given, [name], **how))
            wanted += given
    if takes == TensorProto.UINT8:
        nodes.insert(0, helper.make_node("Div", ["levels", "white"], ["x"]))
        nodes.insert(0, helper.make_node("Cast", ["bytes"], ["levels"], to=TensorProto.FLOAT))
    given = helper.make_tensor_value_info("bytes" if takes == TensorProto.UINT8 else "x", takes, ["n", 1, "h", "w"])
    if made:
        nodes += [
            helper.make_node("Cast", [outputs[0]], ["whole"], to=TensorProto.INT32),
            helper.make_node("Mul", ["whole", "top"], ["wide"]),
            helper.make_node("Cast", ["wide"], [made], to=TensorProto.UINT8),
        ]
        outputs = (made,)
    kinds = {"classes": TensorProto.INT64, made: TensorProto.UINT8}
    results = [helper.make_tensor_value_info(name, kinds.get(name, TensorProto.FLOAT), None) for name in outputs]
    more = {"half": np.array(0.7, np.float32), "white": np.array(255, np.float32)}
    initial = [numpy_helper.from_array(value, name) for name, value in (NUMBERS | more).items()]
    graph = helper.make_graph(nodes, "foreign", [given], results, initial)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return load_model(path)


def found(chosen: Model, **settings: object) -> tuple[Segmented, list[int]]:
    """What a model makes of a dark, a grey and a bright part, and the class of each."""
    picture = Image(np.repeat(np.array([0, 128, 255], np.uint8), 30)[None].repeat(64, axis=0))
    result = deep_segment(picture, chosen, context=Context(), **{"processor": "CPU", **settings})
    parts = result.classes.pixels.reshape(64, 3, 30)
    assert (parts == parts[:1, :, :1]).all()
    return result, parts[0, :, 0].tolist()


@pytest.mark.parametrize(
    ("outputs", "read"),
    [
        (("vector", "scores"), "scores"),
        (("aux_scores", "scores"), "scores"),
        (("classes", "scores"), "scores"),
        (("scores", "shares"), "scores"),
        (("surest", "classes"), "classes"),
        (("alone",), "alone"),
        (("of_multiples",), "of_multiples"),
    ],
)
def test_the_map_of_classes_is_read(outputs: tuple[str, ...], read: str, tmp_path: Path) -> None:
    chosen = model(tmp_path / "m.onnx", *outputs)
    result, classes = found(chosen)
    assert classes == [0, 1, 2]
    assert read_card(chosen.path).settings["output name"] == read
    maps = len(set(outputs) - {"vector"})
    assert [note.text.endswith(f", {read} is read.") for note in result.classes.notes] == [True] * (maps > 1)


def test_which_of_several_maps_is_of_classes_is_asked(tmp_path: Path) -> None:
    chosen = model(tmp_path / "m.onnx", "rays_of_stars", "scores")
    with pytest.raises(Problem, match=r"several maps .* read: rays_of_stars \(32 planes\), scores \(3 planes\)\."):
        found(chosen)
    with pytest.raises(Problem, match="no map of a picture that is called 'mask'"):
        found(chosen, output_name="mask")
    assert found(chosen, output_name="scores")[1] == [0, 1, 2]
    assert found(chosen, output_name="scores", processor="automatic")[1] == [0, 1, 2]


def test_bytes_go_in_and_come_out(tmp_path: Path) -> None:
    assert found(model(tmp_path / "in.onnx", "scores", takes=TensorProto.UINT8))[1] == [0, 1, 2]
    result, classes = found(model(tmp_path / "out.onnx", "bright", made="mask"))
    assert classes == [0, 0, 1]
    assert len(result.classes.classes) == 2


def test_what_is_no_probability_on_a_picture_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(
        Problem, match=r"Read as sigmoids, the model gives numbers from -30 to 10 .*; set how its output"
    ):
        found(model(tmp_path / "m.onnx", "scores"), output="sigmoids")
