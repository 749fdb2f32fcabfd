"""Writing a trained network as one ONNX file and checking it against torch."""

import logging
import os
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

from graingraph.engine.declare.model_file import model_hash
from graingraph.engine.problem import Problem
from graingraph.nodes.learning.model.backends import open_session
from graingraph.nodes.learning.model.card import Card
from graingraph.nodes.learning.model.rewriting import NAMED_BY, put_card

OPSET = 17
AGREE = 1e-3
"""How far the exported model's probabilities may be from torch's."""


class Applied(nn.Module):
    """The network as it is applied: grey levels 0 to 1 in, class probabilities out, calibrated by its temperature."""

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Class probabilities (n, classes, h, w)."""
        return (self.network(image) / self.temperature).softmax(dim=1)


def export(network: nn.Module, channels: int, card: Card, folder: Path, name: str) -> Path:
    """Write the model file: normalisation inside, weights inside, any size, with its card in the metadata.

    It is written into ``folder``, checked, and then named after its content, NAME-HASH.onnx. ``Problem`` if ONNX
    Runtime and torch disagree.
    """
    model = Applied(network, card.calibration.get("temperature") or 1.0).eval().cpu().float()
    example = torch.rand(1, channels, 64, 64)
    temporary = folder / f"{name}.{os.getpid()}.part.onnx"
    axes = {0: "batch", 2: "height", 3: "width"}
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            logging.getLogger("torch.onnx").setLevel(logging.ERROR)
            torch.onnx.export(
                model,
                (example,),
                str(temporary),
                dynamo=False,
                opset_version=OPSET,
                input_names=["image"],
                output_names=["probabilities"],
                dynamic_axes={"image": axes, "probabilities": axes},
                training=torch.onnx.TrainingMode.PRESERVE,  # keeps weights by name for read_weights
                do_constant_folding=False,
            )
        put_card(temporary, card)
        _check(model, channels, temporary)
        return temporary.replace(folder / f"{name}-{model_hash(temporary)[:NAMED_BY]}.onnx")
    finally:
        temporary.unlink(missing_ok=True)


def _check(model: nn.Module, channels: int, path: Path) -> None:
    """Compare with torch on random pictures of two sizes."""
    session = open_session(path)
    rng = np.random.default_rng(0)
    for shape in ((1, channels, 96, 64), (2, channels, 48, 112)):
        picture = rng.random(shape, dtype=np.float32)
        with torch.no_grad():
            wanted = model(torch.from_numpy(picture)).numpy()
        found = session.run(None, {"image": picture})[0]
        if found.shape != wanted.shape or np.abs(found - wanted).max() > AGREE:
            raise Problem("The exported model does not compute what was trained; update torch and onnxruntime.")


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """The weights of a model file by their torch names, to start another training from; ``Problem`` if foreign."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    weights = {item.name: numpy_helper.to_array(item).copy() for item in graph.initializer}
    for copy in (n for n in graph.node if n.op_type == "Identity" and n.input[0] in weights):
        weights[copy.output[0]] = weights[copy.input[0]]  # the exporter keeps equal tensors once
    prefix = "network."
    found = {name[len(prefix) :]: value for name, value in weights.items() if name.startswith(prefix)}
    if "head.weight" not in found:
        raise Problem(f"{path.name} was not trained here, so no training can start from it.")
    return found
