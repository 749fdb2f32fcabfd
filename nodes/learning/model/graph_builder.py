"""Writing a computation as an ONNX graph: planes that add, multiply and are filtered as arrays are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from graingraph.engine.files import write_atomically
from graingraph.nodes.learning.model.card import KEY, Card

OPSET = 17
IR = 8
"""The ONNX file version that belongs to the opset: older ONNX Runtimes read it."""


class Plane:
    """A result within a graph: float32 (n, channels, h, w)."""

    def __init__(self, graph: "Graph", name: str) -> None:
        self.graph, self.name = graph, name

    def _with(self, operator: str, other: "Plane | float") -> "Plane":
        right = other.name if isinstance(other, Plane) else self.graph.constant(np.float32(other))
        return self.graph.node(operator, [self.name, right])

    def __add__(self, other: "Plane | float") -> "Plane":
        return self._with("Add", other)

    def __sub__(self, other: "Plane | float") -> "Plane":
        return self._with("Sub", other)

    def __mul__(self, other: "Plane | float") -> "Plane":
        return self._with("Mul", other)

    def __truediv__(self, other: "Plane | float") -> "Plane":
        return self._with("Div", other)


class Graph:
    """A graph under construction, with one input of one channel; its methods are those of ``paint.Operations``."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}
        self.image = Plane(self, "image")

    def node(self, operator: str, inputs: Sequence[str], **attributes: Any) -> Plane:
        """The result of an operator on named results."""
        name = f"{operator.lower()}{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return Plane(self, name)

    def constant(self, values: Any) -> str:
        """The name of an array that the graph holds."""
        array = np.asarray(values)
        name = f"constant{len(self._constants)}"
        self._constants[name] = numpy_helper.from_array(array, name)
        return name

    def filtered(self, plane: Plane, across: np.ndarray, down: np.ndarray) -> Plane:
        """Correlation with a row and a column, the border repeated."""
        right, below = len(across) // 2, len(down) // 2
        if right or below:
            pads = self.constant(np.array([0, 0, below, right, 0, 0, below, right], np.int64))
            plane = self.node("Pad", [plane.name, pads], mode="edge")
        if right:
            plane = self.node("Conv", [plane.name, self.constant(across.reshape(1, 1, 1, -1))])
        if below:
            plane = self.node("Conv", [plane.name, self.constant(down.reshape(1, 1, -1, 1))])
        return plane

    def pooled(self, plane: Plane, side: int) -> Plane:
        """Means of squares."""
        return self.node("AveragePool", [plane.name], kernel_shape=[side, side], strides=[side, side])

    def grown(self, plane: Plane, side: int) -> Plane:
        """Larger by this factor."""
        scales = self.constant(np.array([1, 1, side, side], np.float32))
        return self.node("Resize", [plane.name, "", scales], mode="linear", coordinate_transformation_mode="half_pixel")

    def root(self, plane: Plane) -> Plane:
        """The square root."""
        return self.node("Sqrt", [plane.name])

    def positive(self, plane: Plane) -> Plane:
        """What is above 0."""
        return self.node("Relu", [plane.name])

    def joined(self, planes: Sequence[Plane]) -> Plane:
        """Planes as the channels of one."""
        return self.node("Concat", [plane.name for plane in planes], axis=1)

    def channels(self, plane: Plane, count: int) -> list[Plane]:
        """Each channel as a plane of its own."""
        return [self.node("Gather", [plane.name, self.constant(np.array([k]))], axis=1) for k in range(count)]

    def mixed(self, planes: Sequence[Plane], weights: np.ndarray, bias: np.ndarray | None = None) -> Plane:
        """Sums of planes, as many channels as there are rows of ``weights`` float32 (C, planes)."""
        together = self.joined(planes)
        more = [] if bias is None else [self.constant(np.asarray(bias, np.float32))]
        kernel = np.asarray(weights, np.float32)[:, :, None, None]
        return self.node("Conv", [together.name, self.constant(kernel), *more])

    def softmax(self, plane: Plane) -> Plane:
        """Probabilities of the channels."""
        return self.node("Softmax", [plane.name], axis=1)

    def write(self, probabilities: Plane, card: Card, path: Path) -> None:
        """Write the model file with its card; the picture may have any size that the graph takes."""
        sides: list[Any] = ["batch", 1, "height", "width"]
        self._nodes.append(helper.make_node("Identity", [probabilities.name], ["probabilities"]))
        graph = helper.make_graph(
            self._nodes,
            "graingraph",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, sides)],
            [
                helper.make_tensor_value_info(
                    "probabilities", TensorProto.FLOAT, ["batch", len(card.classes), *sides[2:]]
                )
            ],
            list(self._constants.values()),
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
        helper.set_model_props(model, {KEY: card.to_json()})
        write_atomically(path, model.SerializeToString())
