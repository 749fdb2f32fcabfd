"""The network of an ONNX file, changed or looked into where another program wants it otherwise."""

from typing import Any

from graingraph.engine.problem import Problem
from graingraph.nodes.learning.model.card import KEY

TO_LAST, TO_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)
"""How axes (batch, channel, y, x) become (batch, y, x, channel), and back."""


def opset(data: bytes) -> int:
    """The version of ONNX's own operators that a model is written in."""
    return next((int(one.version) for one in _parsed(data).opset_import if one.domain in ("", "ai.onnx")), 1)


def with_metadata(data: bytes, key: str, value: str) -> bytes:
    """The model with an entry among what it says of itself."""
    from onnx import helper

    model = _parsed(data)
    helper.set_model_props(model, {**{one.key: one.value for one in model.metadata_props}, key: value})
    return bytes(model.SerializeToString())


def channels_last(data: bytes, size: tuple[int, int]) -> bytes:
    """The model with its channels as the last axis, in and out, for pictures of this height and width alone."""
    return _transposed(data, TO_FIRST, TO_LAST, size)


def channels_first(data: bytes) -> bytes:
    """The model with its channels before height and width, in and out, where they are the last axis.

    A network of this program takes pictures of any size again.
    """
    return _transposed(data, TO_LAST, TO_FIRST, None)


def _parsed(data: bytes) -> Any:
    try:
        import onnx
    except ImportError:
        raise Problem("Models of other programs need the package onnx; install it with: pip install onnx") from None
    try:
        return onnx.load_from_string(data)
    except Exception as error:  # protobuf has an exception of its own
        raise Problem(f"The network in it is no ONNX model ({error!s:.100}); ask for another copy.") from None


def _transposed(data: bytes, before: tuple[int, ...], after: tuple[int, ...], size: tuple[int, int] | None) -> bytes:
    """The model between two transpositions. ``Problem`` where it has not one input and output of four axes."""
    from onnx import helper

    model = _parsed(data)
    graph = model.graph
    inside = {item.name for item in graph.initializer}
    ours = any(entry.key == KEY for entry in model.metadata_props)
    inputs = [item for item in graph.input if item.name not in inside]
    if len(inputs) != 1 or not graph.output or any(_axes(item) != 4 for item in (inputs[0], graph.output[0])):
        raise Problem("The network in it has not one picture as input and one as output; it cannot be used.")
    for item, name, is_input in ((inputs[0], "picture", True), (graph.output[0], "classes", False)):
        own, outer = item.name, f"{item.name} {name}"
        dims = list(item.type.tensor_type.shape.dim)
        shape: list[Any] = [dims[axis].dim_value or dims[axis].dim_param or None for axis in after]
        shape[0] = "batch"
        if size is not None:
            shape[1:3] = size
        elif ours:
            shape[2:] = "height", "width"
        element = item.type.tensor_type.elem_type
        ends = (outer, own) if is_input else (own, outer)
        node = helper.make_node("Transpose", [ends[0]], [ends[1]], perm=before if is_input else after)
        graph.node.insert(0, node) if is_input else graph.node.append(node)
        item.CopyFrom(helper.make_tensor_value_info(outer, element, shape))
    del graph.output[1:]
    return bytes(model.SerializeToString())


def _axes(item: Any) -> int:
    return len(item.type.tensor_type.shape.dim)
