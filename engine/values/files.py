"""Values that are files: a trained model, a finished document."""

from dataclasses import dataclass
from pathlib import Path

from graingraph.engine.values.registry import Export, value_type
from graingraph.engine.values.value import Value


@value_type(pin="#c58af9", shape="triangle", small=False)
@dataclass(frozen=True, eq=False)
class Model(Value):
    """A trained network: one ONNX file, known by the blake2b hash of its bytes."""

    path: Path
    hash: str


@value_type(pin="#e6c9a8", shape="triangle", export=Export("", lambda file: file.data, named=lambda file: file.name))
@dataclass(frozen=True, eq=False)
class Document(Value):
    """A finished file: its name (no folder) and its bytes. A batch writes it; the window offers to save or open it."""

    name: str
    data: bytes

    @property
    def nbytes(self) -> int:
        """Size of the file, in bytes."""
        return len(self.data)
