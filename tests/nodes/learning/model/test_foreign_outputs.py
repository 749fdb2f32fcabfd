"""Models that give several things: the map of classes is found among them, or a person is asked."""

from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from graingraph.engine.declare.injected import Context  # noqa: E402
from graingraph.engine.problem import Problem  # noqa: E402
from graingraph.engine.values import Image, Model, PixelClass  # noqa: E402
from graingraph.nodes.learn.deep_segment import deep_segment  # noqa: E402
from graingraph.nodes.learning.model.card import Card  # noqa: E402
from graingraph.nodes.learning.model.file import load_model  # noqa: E402
from graingraph.nodes.learning.model.foreign_outputs import PictureMap, map_of_classes, output_kind  # noqa: E402
from graingraph.nodes.learning.model.probabilities import to_probabilities  # noqa: E402

NUMBERS = {
    "w": np.array([-40, 0, 40], np.float32).reshape(3, 1, 1, 1),
    "b": np.array([10, 0, -30], np.float32),
    "weak": np.array([-40, 30, 10], np.float32).reshape(3, 1, 1, 1),
    "white": np.array(255, np.float32),
    "axis": np.array([0]),
    "sides": np.array([1, 1, 128, 128], np.float32),
    "nothing": np.array(0, np.float32),
}
STEPS = {
    "levels": ("Cast", ["bytes"], {"to": TensorProto.FLOAT}),
    "unit": ("Div", ["levels", "white"], {}),
    "coarse": ("AveragePool", ["unit"], {"kernel_shape": [128, 128], "strides": [128, 128]}),
    "grown": ("Resize", ["coarse", "", "sides"], {"mode": "nearest"}),
    "gone": ("Mul", ["grown", "nothing"], {}),
    "same": ("Add", ["unit", "gone"], {}),
    "of_multiples": ("Conv", ["same", "w", "b"], {}),
    "alone": ("Squeeze", ["of_multiples", "axis"], {}),
    "scores": ("Conv", ["x", "w", "b"], {}),
    "aux_scores": ("Conv", ["x", "weak", "b"], {}),
    "mean": ("GlobalAveragePool", ["x"], {}),
    "vector": ("Flatten", ["mean"], {}),
    "sequence": ("SequenceConstruct", ["scores"], {}),
}
"""By its result each step that models here are made of: what it does, to what."""


def model(path: Path, given: str, *outputs: str) -> Model:
    """A model of grey pictures, in floats ``x`` or in ``bytes``, that gives these results of ``STEPS``."""
    nodes, wanted = [], list(outputs)
    for name, (kind, inputs, how) in reversed(STEPS.items()):
        if name in wanted:
            nodes.insert(0, helper.make_node(kind, inputs, [name], **how))
            wanted += inputs
    picture = helper.make_tensor_value_info(
        given, TensorProto.UINT8 if given == "bytes" else TensorProto.FLOAT, ["n", 1, "h", "w"]
    )
    results = [
        helper.make_tensor_sequence_value_info(name, TensorProto.FLOAT, None)
        if name == "sequence"
        else helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
        for name in outputs
    ]
    initial = [numpy_helper.from_array(value, name) for name, value in NUMBERS.items() if name in wanted]
    graph = helper.make_graph(nodes, "foreign", [picture], results, initial)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return load_model(path)


def found(chosen: Model, **settings: object) -> tuple[list[int], list[str]]:
    """The class of a dark, a grey and a bright part, and what is remarked."""
    picture = Image(np.repeat(np.array([0, 128, 255], np.uint8), 30)[None].repeat(64, axis=0))
    result = deep_segment(picture, chosen, context=Context(), **settings)
    parts = result.classes.pixels.reshape(64, 3, 30)
    assert (parts == parts[:1, :, :1]).all()
    return parts[0, :, 0].tolist(), [note.text for note in result.classes.notes]


def test_of_several_outputs_the_map_of_classes_is_read_and_named(tmp_path: Path) -> None:
    chosen = model(tmp_path / "m.onnx", "x", "sequence", "vector", "aux_scores", "scores")
    told = "Of the maps of a picture that the model gives, aux_scores (3 planes), scores (3 planes), scores is read."
    assert found(chosen, output="scores") == (
        [0, 1, 2],
        [told],
    )  # OpenVINO, where it is, reads no sequences, and ONNX Runtime runs it
    assert found(chosen, output_name="aux_scores")[0] == [0, 1, 1]
    with pytest.raises(
        Problem, match="no map of a picture that is called 'mask'; set which output is read: aux_scores"
    ):
        found(chosen, output_name="mask")


def test_bytes_sides_of_multiples_and_an_axis_left_out(tmp_path: Path) -> None:
    chosen = model(tmp_path / "m.onnx", "bytes", "alone")
    assert found(chosen, processor="CPU", output="scores") == ([0, 1, 2], [])


SHARES = np.random.default_rng(0).dirichlet(np.ones(3), (1, 8, 8)).transpose(0, 3, 1, 2)
SCORES, ONE = 9 * np.log(SHARES), SHARES[:, :1]
CLASSES, MASK = SHARES.argmax(axis=1, keepdims=True).astype(float), (ONE > 0.5).astype(float)


@pytest.mark.parametrize(
    ("maps", "read"),
    [
        ({"aux_out": SCORES, "out": SCORES[:, ::-1]}, "out"),
        ({"aux": SCORES}, "aux"),
        ({"d0": SCORES, "d1": 2 * SCORES, "d2": SCORES[:, ::-1]}, "d0"),
        ({"classes": CLASSES, "scores": SCORES}, "scores"),
        ({"scores": SCORES, "shares": SHARES}, "scores"),
        ({"how sure": SHARES.max(axis=1, keepdims=True), "classes": CLASSES}, "classes"),
        ({"share": ONE, "mask": MASK}, "mask"),
        ({"distance": 9 * ONE, "share": ONE}, None),
        ({"rays": np.repeat(9 * ONE, 32, axis=1), "share": ONE}, None),
        ({"scores": SCORES, "outlines": ONE}, None),
        ({"objects": 40 * CLASSES, "scores": SCORES}, None),
        ({"flow": SCORES[:, ::-1], "shares": SHARES}, None),
        ({"half": SCORES[:, :, ::2, ::2], "quarter": SCORES[:, :, ::4, ::4]}, None),
    ],
)
def test_which_of_several_maps_is_of_classes(maps: dict[str, np.ndarray], read: str | None) -> None:
    assert map_of_classes({name: PictureMap(planes, output_kind(planes)) for name, planes in maps.items()}) == read


def test_rounded_probabilities_a_mask_to_255_and_what_is_no_probability() -> None:
    assert output_kind(np.round(SHARES * 256) / 256) == "probabilities"
    assert output_kind(255 * MASK) == "sigmoids to 255"
    assert np.array_equal(read(255 * MASK, "sigmoids to 255")[:, 1:], MASK)
    with pytest.raises(
        Problem, match=r"m\.onnx gives numbers from 0 to 255 .*, read as sigmoids, .*; set how its output"
    ):
        read(255 * MASK, "sigmoids")


def read(planes: np.ndarray, kind: str) -> np.ndarray:
    """Planes as probabilities of two classes, as a card of a foreign model says that they are read."""
    card = Card((PixelClass("a"), PixelClass("b")), settings={"output": kind}, ours=False)
    return to_probabilities(planes, card, (8, 8), "m.onnx")
