"""Training that survives a crash: everything needed to go on exactly, written after every epoch.

The file holds plain tensors, numbers and text and is read with ``weights_only``: loading one runs no code.
"""

import os
from pathlib import Path
from typing import Any

import torch


def save(path: Path, state: dict[str, Any]) -> None:
    """Write the state so that a crash leaves either the old file or the new one."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def load(path: Path) -> dict[str, Any] | None:
    """The state of an earlier, unfinished training; None when there is none or the file is damaged."""
    if not path.is_file():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # a damaged file can fail in any way; it only costs the progress it held
        return None
    return state if isinstance(state, dict) else None
