"""What belongs to a model: the weights that lie beside it count as much as those in it."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graingraph.engine.declare.model_file import files_of, metadata_keys, model_hash, weights_beside
from graingraph.engine.declare.models import ModelFolders, reference
from graingraph.engine.files import hash_file
from graingraph.engine.problem import Problem
from tests.support.paths import GRAPHS

onnx = pytest.importorskip("onnx")


def model(path: Path, location: str | None, *, nested: bool = False) -> Path:
    """A model that adds a constant, which lies beside it or, ``nested``, in the branch of an If."""
    helper, numpy_helper = onnx.helper, onnx.numpy_helper
    kind = onnx.TensorProto.FLOAT
    tensor = numpy_helper.from_array(np.arange(4, dtype=np.float32), "w")
    output = helper.make_tensor_value_info("y", kind, [4])
    add = helper.make_node("Add", ["x", "w"], ["y"])
    branch = helper.make_graph([add], "branch", [], [output], [tensor])
    inputs = [helper.make_tensor_value_info("x", kind, [4])]
    nodes, weights = [add], [tensor]
    if nested:
        inputs.append(helper.make_tensor_value_info("b", onnx.TensorProto.BOOL, []))
        nodes, weights = [helper.make_node("If", ["b"], ["y"], then_branch=branch, else_branch=branch)], []
    made = helper.make_model(helper.make_graph(nodes, "g", inputs, [output], weights))
    helper.set_model_props(made, {"author": "me"})
    if location is not None:
        held = [t.g.initializer[0] for t in made.graph.node[0].attribute] if nested else [made.graph.initializer[0]]
        for tensor in held:
            data = tensor.raw_data
            tensor.ClearField("raw_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
            for key, value in {"location": location, "offset": "0", "length": str(len(data))}.items():
                entry = tensor.external_data.add()
                entry.key, entry.value = key, value
    path.write_bytes(made.SerializeToString())
    return path


@pytest.mark.parametrize("nested", [False, True])
def test_weights_beside_a_model_are_part_of_its_hash(tmp_path: Path, nested: bool) -> None:
    (tmp_path / "sub").mkdir()
    weights = tmp_path / "sub" / "w.bin"
    weights.write_bytes(bytes(16))
    path = model(tmp_path / "m.onnx", "sub/w.bin", nested=nested)
    assert weights_beside(path) == (weights,)
    assert files_of(path) == {"m.onnx": path, "sub/w.bin": weights}
    before = model_hash(path)
    weights.write_bytes(bytes(15) + b"\1")
    assert model_hash(path) != before
    weights.write_bytes(bytes(16))
    assert model_hash(path) == before
    weights.unlink()
    with pytest.raises(Problem, match=r"m\.onnx keeps its weights in w\.bin"):
        model_hash(path)


def test_a_model_in_one_file_has_the_hash_of_that_file(tmp_path: Path) -> None:
    path = model(tmp_path / "m.onnx", None)
    assert weights_beside(path) == ()
    assert model_hash(path) == hash_file(path)
    assert metadata_keys(path) == {"author"}
    for shipped in (GRAPHS / "models").glob("*.onnx"):
        assert weights_beside(shipped) == ()
        assert metadata_keys(shipped) == {"graingraph"}


@pytest.mark.parametrize("place", ["../w.bin", "/etc/passwd", "C:\\w.bin", "a/../../w.bin", "\\\\host\\w.bin"])
def test_weights_that_would_lie_elsewhere_are_refused(tmp_path: Path, place: str) -> None:
    with pytest.raises(Problem, match="save it as one file"):
        model_hash(model(tmp_path / "m.onnx", place))


@given(st.binary(max_size=200))
def test_whatever_is_no_model_has_no_weights_beside_it(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "m.onnx"
    path.write_bytes(data)
    with suppress(Problem):
        assert model_hash(path) == hash_file(path) or weights_beside(path)
    assert isinstance(metadata_keys(path), frozenset)


def test_a_reference_holds_the_weights_beside_the_model_too(tmp_path: Path) -> None:
    weights = tmp_path / "w.bin"
    weights.write_bytes(bytes(16))
    path = model(tmp_path / "m.onnx", "w.bin")
    named, folders = reference(path), ModelFolders().and_in(tmp_path)
    assert named == f"m.onnx@{model_hash(path)}"
    assert folders.resolve(named).path == path
    weights.write_bytes(bytes(15) + b"\1")
    with pytest.raises(Problem, match=r"m\.onnx is not the one that was chosen"):
        folders.resolve(named)
    weights.unlink()
    with pytest.raises(Problem, match=r"keeps its weights in w\.bin, which is not there; put it back"):
        folders.resolve(named)
