"""Speed of applying a model, as ratios in one run: ``python -m tests.benchmarks.deep_segment_speed MODEL.onnx``.

``OMP_NUM_THREADS=1`` before it measures what one worker of a batch does. Processor time adds up all threads and says
more than the clock where other programs run.

Compares the DeepSegment node with a bare ONNX Runtime loop over the same tiles, and OpenVINO with ONNX Runtime, on
one 3000 × 2000 picture (at the network's size). Prints the share of pixels whose class OpenVINO leaves unchanged.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from graingraph.engine import cpu
from graingraph.engine.declare.injected import Context
from graingraph.engine.values import Image
from graingraph.nodes.imaging.features.class_indices import class_indices
from graingraph.nodes.learn.deep_segment import deep_segment
from graingraph.nodes.learning.apply import segment as inference
from graingraph.nodes.learning.model import backends
from graingraph.nodes.learning.model.file import load_model


def picture(shape: tuple[int, int], color: bool) -> np.ndarray:
    from graingraph.app.samples.brass import make

    tile = make(5, color=color).pixels
    repeats = [-(-want // have) for want, have in zip(shape, tile.shape, strict=False)]
    tiled = np.tile(tile, (*repeats, 1) if tile.ndim == 3 else tuple(repeats))
    return np.ascontiguousarray(tiled[: shape[0], : shape[1]])


def fastest(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, tuple[float, float]]:
    """Least processor time and least time on the clock, in seconds, over several interleaved rounds of each."""
    best = dict.fromkeys(runs, (float("inf"), float("inf")))
    for _ in range(rounds):
        for name, run in runs.items():
            began = time.process_time(), time.perf_counter()
            run()
            processor, clock = best[name]
            best[name] = min(processor, time.process_time() - began[0]), min(clock, time.perf_counter() - began[1])
    return best


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", default="3000x2000", help="at the network's size")
    asked = parser.parse_args()
    model = load_model(asked.model)
    loaded = inference.load(model, "CPU")
    factor = loaded.card.size_factor
    width, height = (round(int(side) / factor) for side in asked.size.split("x"))
    image = Image(picture((height, width), loaded.card.channels == 3))
    pixels = inference.network_pixels(image, loaded.card)
    tiles = inference.plan_for(loaded, pixels.shape[:2])
    planes = inference.padded(pixels, tiles.padded)
    session = backends.open_session(model.path)

    def bare() -> None:
        for place in tiles.places():
            session.run(None, {"image": np.ascontiguousarray(tiles.cut(planes, place)[None])})

    runs: dict[str, Callable[[], object]] = {
        "bare ONNX Runtime loop": bare,
        "tiles joined": lambda: inference.probability_planes(loaded, pixels, Context()),
        "DeepSegment node": lambda: deep_segment(image, model, processor="CPU", context=Context()),
    }
    if backends.openvino_version():
        fast = inference.load(model, "automatic")
        runs["OpenVINO, tiles joined"] = lambda: inference.probability_planes(fast, pixels, Context())
        runs["OpenVINO, DeepSegment node"] = lambda: deep_segment(image, model, context=Context())
    for run in runs.values():
        run()  # the libraries' own buffers are then at hand
    seconds = fastest(runs, asked.rounds)
    bare_processor, bare_clock = seconds["bare ONNX Runtime loop"]
    print(f"{cpu.threads()} threads; in brackets, as a share of the bare loop")
    for name, (processor, clock) in seconds.items():
        ratios = processor / bare_processor, clock / bare_clock
        print(f"{name:26s} processor {processor:6.2f} s ({ratios[0]:.3f})   clock {clock:6.2f} s ({ratios[1]:.3f})")
    if backends.openvino_version():
        kinds = [class_indices(inference.probability_planes(e, pixels, Context())) for e in (loaded, fast)]
        print(f"{backends.chosen()}: class unchanged at {np.mean(kinds[0] == kinds[1]):.4%} of the pixels")


if __name__ == "__main__":
    main()
