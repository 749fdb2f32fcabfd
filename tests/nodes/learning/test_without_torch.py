"""Without torch everything but Train works, and Train says what to install."""

import subprocess
import sys

PROGRAM = """
import sys
sys.modules["torch"] = sys.modules["onnx"] = None
import graingraph.nodes
from graingraph.engine.declare.injected import Context
from graingraph.engine.problem import Problem
from graingraph.engine.values import PerImage
from graingraph.nodes.learn.train import train
import graingraph.nodes.learning.apply.segment, graingraph.nodes.learning.model.file
assert "onnxruntime" not in sys.modules
empty = PerImage([], lambda name: None)
try:
    train(empty, empty, context=Context())
except Problem as problem:
    print(problem)
"""


def test_train_says_what_to_install() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert "pip install 'graingraph[train]'" in done.stdout
    assert not done.stderr
