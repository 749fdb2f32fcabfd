"""Running a model file: on CUDA when it can really be loaded, else on the CPU with the fastest trustworthy library.

``environment_tag`` names what was chosen; it belongs to the cache key, because the last digits depend on it.
"""

import logging
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from queue import SimpleQueue
from textwrap import shorten
from threading import Lock
from typing import Any, Literal

import numpy as np

from graingraph.engine import cpu
from graingraph.engine.problem import Problem
from graingraph.nodes.learning.model import offline

Processor = Literal["automatic", "CPU", "CUDA 0", "CUDA 1", "CUDA 2", "CUDA 3"]
Runner = Callable[[np.ndarray], np.ndarray]
"""Applies a model to a batch float32 (n, c, h, w) and returns one output; several threads may call it at once."""

log = logging.getLogger(__name__)


_one_at_a_time = Lock()
"""Held while OpenVINO touches an array: its first two arrays, in two threads at once, make it wait for ever."""


def open_session(path: Path, processor: str = "CPU", callers: int = 1) -> Any:
    """An ONNX Runtime session of a model file; ``Problem`` when it is no usable ONNX file.

    ``callers`` is how many threads will use it at once; each computes with its share of the processors.
    """
    onnxruntime = offline.onnxruntime()

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = cpu.threads() // callers
    providers: list[Any] = ["CPUExecutionProvider"]
    if processor.startswith("CUDA"):
        providers.insert(0, ("CUDAExecutionProvider", {"device_id": int(processor.split()[1])}))
    try:
        fall_back = len(providers) > 1  # else it would try the same again, and print that it does
        session = onnxruntime.InferenceSession(str(path), options, providers=providers, enable_fallback=fall_back)
        session.get_modelmeta().custom_metadata_map.items()  # what is no text in it is refused here
        return session
    except Exception as error:  # ONNX Runtime raises types of its own, one for each kind of failure
        reason = plain_reason(error, path)
        sentence = f"{path.name} is not a usable ONNX model: {reason}; export it again as ONNX, or choose another file."
        raise Problem(sentence) from None


def plain_reason(error: Exception, path: Path | None = None) -> str:
    """What ONNX Runtime or OpenVINO says, without codes, places in their own source and the path in front."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    said = lines[-1] if re.match(r"(Check|Exception from) ", lines[0]) else lines[0]  # OpenVINO gives the reason last
    said = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", said)
    said = said.removeprefix(f"Load model from {path} failed:").strip()
    said = re.sub(r"^Non-zero status code returned while running \w+ node\. Name:'.*?' Status Message: ", "", said)
    said = re.sub(r"^\S+\.(cc|h|cpp):\d+ .*?\)( const)?\s+(?=\S)", "", said)
    return shorten(said, 200, placeholder=" ...").rstrip(".")


@lru_cache(maxsize=1)
def cuda_devices() -> int:
    """How many CUDA devices ONNX Runtime can really use; 0, with one quiet line in the log, where there are none."""
    onnxruntime = offline.onnxruntime()

    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        return 0
    count = _driver_devices()
    if not count:
        log.info("No CUDA device: models run on the CPU.")
        return 0
    if hasattr(onnxruntime, "preload_dlls"):
        onnxruntime.preload_dlls()
    return count


def _driver_devices() -> int:
    """Devices that the NVIDIA driver reports; 0 without a driver. Asking it directly keeps ONNX Runtime silent."""
    import ctypes

    for library in ("libcuda.so.1", "nvcuda.dll"):
        try:
            driver = ctypes.CDLL(library)
        except OSError:
            continue
        count = ctypes.c_int(0)
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0:
            return count.value
    return 0


@lru_cache(maxsize=1)
def openvino_version() -> str:
    """The version of OpenVINO, or "" where it is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("openvino")
    except PackageNotFoundError:
        return ""


@lru_cache(maxsize=1)
def has_bf16() -> bool:
    """Whether this processor computes in bf16 natively (Linux; elsewhere full precision is used)."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="ignore")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def chosen(processor: str = "automatic") -> str:
    """What will run a model: "CUDA n", "OpenVINO bf16", "OpenVINO f32" or "CPU"."""
    if processor.startswith("CUDA"):
        if int(processor.split()[1]) >= cuda_devices():
            raise Problem(f"{processor} is not available here; choose automatic or CPU.")
        return processor
    if processor == "automatic" and cuda_devices():
        return "CUDA 0"
    if processor == "automatic" and openvino_version():
        return "OpenVINO bf16" if has_bf16() else "OpenVINO f32"
    return "CPU"


def environment_tag() -> str:
    """Library, version and precision that decide the last digits of a segmentation."""
    onnxruntime = offline.onnxruntime()

    kind = chosen()
    return f"{kind} {openvino_version()}" if kind.startswith("OpenVINO") else f"{kind} {onnxruntime.__version__}"


@lru_cache(maxsize=4)
def open_runner(path: Path, model_hash: str, kind: str, callers: int = 1, *, output: str = "") -> Runner:
    """A function that applies the model for so many callers at once; kept for the last few, known by their hash.

    ``output`` names the one that is wanted, "" the first.
    """
    if kind.startswith("OpenVINO"):
        try:
            return _openvino_runner(path, kind.split()[1], callers, output)
        except RuntimeError as error:  # it knows fewer operators
            log.info("OpenVINO does not read %s, ONNX Runtime does: %s", path.name, plain_reason(error))
            kind = "CPU"
    session = open_session(path, kind, callers)
    name, wanted = session.get_inputs()[0].name, output or session.get_outputs()[0].name
    return lambda batch: session.run([wanted], {name: batch})[0]


def _openvino_runner(path: Path, precision: str, callers: int, output: str) -> Runner:
    openvino = offline.openvino()

    core = openvino.Core()
    network = core.read_model(str(path))
    settings = {"INFERENCE_PRECISION_HINT": precision, "NUM_STREAMS": str(callers)}
    settings["INFERENCE_NUM_THREADS"] = str(cpu.threads())

    @lru_cache(maxsize=2)
    def requests(shape: tuple[int, ...]) -> SimpleQueue[Any]:
        """Idle requests for batches of one shape: knowing it takes a twentieth off the time."""
        fitted = network.clone()
        fitted.reshape(list(shape))
        compiled = core.compile_model(fitted, "CPU", settings)
        idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(callers):
            idle.put(compiled.create_infer_request())
        return idle

    def run(batch: np.ndarray) -> np.ndarray:
        with _one_at_a_time:
            idle = requests(batch.shape)
        request = idle.get()
        try:
            with _one_at_a_time:
                request.start_async(batch, share_inputs=True)
            request.wait()
            with _one_at_a_time:
                found = request.get_tensor(output) if output else request.get_output_tensor(0)
                return np.array(found.data)
        finally:
            idle.put(request)

    return run
