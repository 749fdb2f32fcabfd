"""Changing a model file that is there: what its card says, and how sure it is. Its weights stay as they are."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from graingraph.engine.declare.model_file import model_hash
from graingraph.engine.files import write_atomically
from graingraph.engine.problem import Problem
from graingraph.nodes.learning.model.card import KEY, Card
from graingraph.nodes.learning.model.graph import with_metadata

if TYPE_CHECKING:
    import onnx

NAMED_BY = 8
"""How many digits of the hash of its content are in the name of a model file."""

TEMPERATURE = "graingraph temperature"
"""The number in the graph that scores are divided by, beside what the training divided them by."""


def write_card(path: Path, card: Card, name: str = "") -> Path:
    """Put another card into a model file; its network stays as it is. Returns where the file is then.

    A file that is named after its content, NAME-HASH.onnx, is named anew, by another ``name`` where one is given.
    """
    put_card(path, card)
    own, dash, digest = path.stem.rpartition("-")
    if not (dash and re.fullmatch(rf"[0-9a-f]{{{NAMED_BY}}}", digest)):
        return path
    return path.replace(path.with_name(f"{name or own}-{model_hash(path)[:NAMED_BY]}.onnx"))


def put_card(path: Path, card: Card) -> None:
    """Put another card into a model file, which keeps its name and whatever else it says of itself."""
    write_atomically(path, with_metadata(path.read_bytes(), KEY, card.to_json()))


def divide_scores(path: Path, temperature: float) -> None:
    """Divide the scores of a network by a temperature, and those of one that was divided so before by both.

    It changes how sure the network is and no class of a pixel. ``Problem`` where the last step is no softmax.
    """
    import numpy as np
    import onnx
    from onnx import numpy_helper

    file = onnx.load(str(path))
    graph = file.graph
    known = next((item for item in graph.initializer if item.name == TEMPERATURE), None)
    if known is not None:
        temperature *= float(numpy_helper.to_array(known))
        known.CopyFrom(numpy_helper.from_array(np.array(temperature, np.float32), TEMPERATURE))
    else:
        last = _softmax(file, path.name)
        node = graph.node[last]
        graph.initializer.append(numpy_helper.from_array(np.array(temperature, np.float32), TEMPERATURE))
        divided = f"{node.input[0]} / temperature"
        division = onnx.helper.make_node("Div", [node.input[0], TEMPERATURE], [divided])
        node.input[0] = divided
        graph.node.insert(last, division)
    write_atomically(path, file.SerializeToString())


def _softmax(file: "onnx.ModelProto", name: str) -> int:
    """Where the step that gives the probabilities stands."""
    wanted = file.graph.output[0].name
    for place, node in enumerate(file.graph.node):
        if node.op_type == "Softmax" and wanted in node.output:
            return place
    raise Problem(f"{name} does not end in probabilities by softmax, so that its sureness cannot be changed.")
