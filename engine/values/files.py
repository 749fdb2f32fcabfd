"""Values that are files: a trained model, a finished document."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
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


@value_type(
    export=Export("", lambda held: held.packed, named=lambda held: f"{held.name}.zip", parts=lambda held: held.files)
)
@dataclass(frozen=True, eq=False)
class Dataset(Document):
    """A folder of files that are one thing: ``files`` are their bytes by name, which begins with the folder's.

    A batch writes the folder; the window saves it as one zip file.
    """

    data: bytes = b""
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """Size of all files, in bytes."""
        return sum(map(len, self.files.values()))

    @property
    def packed(self) -> bytes:
        """All files in one zip file."""
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            for name, data in self.files.items():
                archive.writestr(zipfile.ZipInfo(name), data)
        return held.getvalue()
