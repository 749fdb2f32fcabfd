"""Nothing is looked up on the network, and nothing is sent, by a run with a model."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from socket import create_server

import cv2
import numpy as np
import pytest

from tests.support.paths import GRAPHS, ROOT

WATCHED = """
import builtins, os, socket, sys
def never(*where, **how):
    print("LOOKED UP", where, file=sys.stderr)
    raise OSError("no network here")
socket.getaddrinfo = socket.gethostbyname = socket.create_connection = never
really = builtins.__import__
def watched(name, *rest, **more):
    if name.split(".")[0] == "onnxruntime" and "onnxruntime" not in sys.modules:
        assert os.environ.get("ORT_DISABLE_TELEMETRY") == "1"
    return really(name, *rest, **more)
builtins.__import__ = watched
from graingraph.app.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print("loaded", [name for name in ("onnxruntime", "openvino", "openvino_telemetry") if sys.modules.get(name)])
"""


@pytest.mark.parametrize("processor", ["automatic", "CPU"])
def test_a_run_with_a_model_looks_nothing_up(tmp_path: Path, processor: str) -> None:
    """Python's look-ups raise; libraries in C would go through the proxy, which counts who asks for anything."""
    image = np.random.default_rng(0).integers(0, 255, (300, 300), np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), cv2.GaussianBlur(image, None, 3))
    asked: list[bytes] = []
    server = create_server(("127.0.0.1", 0))

    def proxy() -> None:
        while True:
            try:
                caller, _ = server.accept()
            except OSError:
                return
            asked.append(caller.recv(200))
            caller.close()

    threading.Thread(target=proxy, daemon=True).start()
    address = f"http://127.0.0.1:{server.getsockname()[1]}"
    names = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
    quiet = {name: value for name, value in os.environ.items() if name not in ("CI", "TF_BUILD", "JENKINS_URL")}
    environment = {**quiet, **dict.fromkeys(names, address), "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    recipe = GRAPHS / "twinned_brass.graingraph.json"
    command = ["run", recipe, tmp_path / "a.png", "-o", tmp_path / "out", "--set", f"segment.processor={processor}"]
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *map(str, command)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        timeout=200,
    )
    server.close()
    assert "onnxruntime" in done.stdout, done.stderr
    assert "openvino_telemetry" not in done.stdout
    assert "LOOKED UP" not in done.stderr
    assert asked == []
    assert not (tmp_path / "intel").exists()
