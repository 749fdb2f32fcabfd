"""Speed of applying a model, as ratios in one run: ``python -m tests.benchmarks.deep_segment_speed MODEL.onnx``.

Compares the DeepSegment node with a bare ONNX Runtime loop over the same tiles, and OpenVINO with ONNX Runtime, on
one 3000 × 2000 picture (at the network's size). Prints the share of pixels whose class OpenVINO leaves unchanged.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.context import Context
from engine.values import Image
from nodes.learn.deep_segment import deep_segment
from nodes.learning import backends, inference
from nodes.learning.model_file import load_model


def picture(shape: tuple[int, int], color: bool) -> np.ndarray:
    from app.samples.brass import make

    tile = make(5, color=color).pixels
    repeats = [-(-want // have) for want, have in zip(shape, tile.shape, strict=False)]
    tiled = np.tile(tile, (*repeats, 1) if tile.ndim == 3 else tuple(repeats))
    return np.ascontiguousarray(tiled[: shape[0], : shape[1]])


def fastest(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Seconds of the fastest of several interleaved rounds of each."""
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for name, run in runs.items():
            began = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - began)
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
    planes = inference.padded_planes(pixels, tiles.padded)
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
    seconds = fastest(runs, asked.rounds)
    for name, value in seconds.items():
        print(f"{name:26s} {value:7.2f} s   {value / seconds['bare ONNX Runtime loop']:.3f} of the bare loop")
    if backends.openvino_version():
        kinds = [inference.class_indices(inference.probability_planes(e, pixels, Context())) for e in (loaded, fast)]
        print(f"{backends.chosen()}: class unchanged at {np.mean(kinds[0] == kinds[1]):.4%} of the pixels")


if __name__ == "__main__":
    main()
