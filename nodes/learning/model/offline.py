"""Importing the libraries that run models so that they stay silent: no host is looked up, and nothing is sent."""

import os
import sys
from typing import Any


def onnxruntime() -> Any:
    """ONNX Runtime, without the telemetry that it would otherwise queue when a model is opened."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # it is read when the library is loaded
    import onnxruntime as library

    library.disable_telemetry_events()
    return library


def openvino() -> Any:
    """OpenVINO, which is told that its telemetry package is not installed: it would look up a host at every import."""
    kept = sys.modules.get("openvino_telemetry")
    if kept is None:
        sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    try:
        import openvino as library
    finally:
        if kept is None:
            sys.modules.pop("openvino_telemetry", None)
    return library
