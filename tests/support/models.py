"""Small models that tests make of a few operators, with weights that are known."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from graingraph.nodes.learning.model.card import KEY, Card

if TYPE_CHECKING:
    from onnx import NodeProto


def save_model(
    path: Path, nodes: Sequence["NodeProto"], weights: Mapping[str, np.ndarray], planes: int, card: Card | None = None
) -> Path:
    """Write a model of these nodes, one after the other, that makes so many planes of a grey picture of any size."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    places = [
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", count, "h", "w"])]
        for name, count in ((nodes[0].input[0], 1), (nodes[-1].output[0], planes))
    ]
    initial = [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in weights.items()]
    graph = helper.make_graph(nodes, path.stem, *places, initial)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    if card is not None:
        helper.set_model_props(made, {KEY: card.to_json()})
    onnx.save(made, path)
    return path
