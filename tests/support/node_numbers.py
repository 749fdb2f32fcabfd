"""What every node gives on a tiny fixed input, in a few numbers: a change of them asks for a new version of the node.

    python -m tests.support.node_numbers

writes the numbers of nodes that are new, or have another version than is written down; those of earlier versions stay.
"""

import json
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from graingraph.engine.declare.injected import Context, Folder, Mark, Marks, RunInfo, Source
from graingraph.engine.declare.node import REGISTRY, NodeType, Pin
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.marks.store import make_marks
from graingraph.engine.problem import Problem
from graingraph.engine.values import (
    ClassMap,
    Image,
    Labels,
    Mask,
    PerImage,
    PixelClass,
    Probabilities,
    Scale,
    Table,
    Value,
)
from graingraph.engine.values.registry import codec_of

FILE = Path(__file__).parents[1] / "nodes" / "numbers.json"
SCALE = Scale(0.5)
CLASSES = (
    PixelClass("grain"),
    PixelClass("edge", "#00ff00", "boundary", "grain"),
    PixelClass("middle", "#0000ff", "core", "grain"),
)
SETTINGS: Mapping[str, dict[str, Any]] = {
    "CoresToFeatures": {"name": "grain"},
    "ImageMath": {"formula": "sqrt(a) - 0.3 * a"},
    "SetScale": {"pixel_size": 0.25, "length": 100.0, "length_px": 40.0},
    "Specimen": {"pattern": "{field}"},
}
"""Settings without which a node can do nothing on this."""
IN_COLOR = {"ColorThreshold"}
NEEDS_MORE = {"DeepSegment", "PaintSegment"}
"""Nodes that compute with a model, for which tests/corpus has their numbers, or learn one, whose last digits differ
between processors."""

Case = Mapping[type, Value]


def nodes() -> list[NodeType]:
    """The nodes that ship, which compute by themselves, by name."""
    load_plugins()
    ours = (one for one in REGISTRY.values() if one.function.__module__.startswith("graingraph.nodes."))
    return sorted((one for one in ours if not one.on_request), key=lambda one: one.name)


@cache
def _cases() -> Mapping[str, Case]:
    """Round features, two of which touch and one is cut by the frame, and grains that fill the image."""
    rng = np.random.default_rng(7)
    height, width = 64, 80
    rows, columns = np.mgrid[:height, :width]
    disks = np.zeros((height, width), np.uint8)
    for x, y, r in ((14, 16, 8), (29, 18, 8), (60, 20, 10), (30, 48, 9), (79, 50, 8), (60, 52, 5)):
        cv2.circle(disks, (x, y), r, 1, -1)
    seeds = rng.uniform(0, 1, (14, 2)) * (height, width)
    nearest = ((rows[..., None] - seeds[:, 0]) ** 2 + (columns[..., None] - seeds[:, 1]) ** 2).argmin(-1)
    edges = cv2.morphologyEx(nearest.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)) > 0
    noise = rng.integers(0, 20, (height, width))
    return {
        "disks": _case(disks > 0, 60 + columns // 4 + 120 * disks + noise),
        "grains": _case(~edges, 180 - 110 * edges + noise),
    }


def _case(mask: np.ndarray, grey: np.ndarray) -> Case:
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    depth = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    classes = np.where(~mask, 1, np.where(depth > 4, 2, 0)).astype(np.uint8)
    shares = np.eye(3, dtype=np.float32)[classes] * np.float32(0.85) + np.float32(0.05)
    return {
        Image: Image(grey.astype(np.uint8), SCALE, name="a.png"),
        Mask: Mask(mask, SCALE),
        Labels: Labels(labels.astype(np.int32), SCALE, count=count - 1),
        ClassMap: ClassMap(classes, SCALE, CLASSES),
        Probabilities: Probabilities(shares, SCALE, CLASSES),
    }


def numbers_of(declared: NodeType) -> dict[str, list[float] | str]:
    """What the node gives by case and settings (the defaults, and each other choice of each setting)."""
    found: dict[str, list[float] | str] = {}
    for name in _cases():
        for settings in _settings(declared):
            words = ", ".join(f"{key} {value}" for key, value in settings.items())
            found[f"{name}{': ' * bool(words)}{words}"] = _numbers(declared, name, settings)
    return found


def called(declared: NodeType, case: str, settings: Mapping[str, Any]) -> Mapping[str, Value]:
    """What the node gives on "disks" or "grains" with these settings; optional inputs are wired where it needs them.

    Raises ``Problem`` as the node does.
    """
    given = _case_for(declared, case)
    complete = {**declared.defaults(), **SETTINGS.get(declared.name, {}), **settings}
    try:
        return _call(declared, given, complete, optional=False)
    except Problem:
        return _call(declared, given, complete, optional=True)


def _case_for(declared: NodeType, name: str) -> Case:
    case = _cases()[name]
    if declared.name not in IN_COLOR:
        return case
    grey = case[Image]
    assert isinstance(grey, Image)
    return {**case, Image: grey.with_pixels(np.stack([grey.pixels, 255 - grey.pixels, grey.pixels // 2], -1))}


def _call(declared: NodeType, case: Case, settings: Mapping[str, Any], *, optional: bool) -> Mapping[str, Value]:
    inputs = {pin.name: _given(declared, pin, case) for pin in declared.inputs if optional or not pin.optional}
    outputs: Mapping[str, Value] = declared.call(inputs, settings, _injected(declared, case))
    return outputs


def _settings(declared: NodeType) -> Iterator[dict[str, Any]]:
    yield {}
    for setting in declared.settings:
        for choice in (False, True) if setting.kind is bool else setting.choices:
            if choice != setting.default:
                yield {setting.name: choice}


def _numbers(declared: NodeType, case: str, settings: Mapping[str, Any]) -> list[float] | str:
    """The numbers of all outputs, or what the node says where it cannot work on this."""
    try:
        outputs = called(declared, case, settings)
    except Problem as problem:
        return type(problem).__name__
    return [number for value in outputs.values() for number in _fingerprint(value)]


def _given(declared: NodeType, pin: Pin, case: Case) -> Value | PerImage[Any]:
    kind = next((kind for kind in pin.kinds if kind in case), None)
    value = case[kind] if kind is not None else _table(declared.name.removesuffix("OfFields"), case)
    return PerImage(("a.png", "b.png"), lambda name: value) if pin.gathers else value


def _table(node: str, case: Case) -> Table:
    """What the node gives that measures one field; diameters where there is none of that name."""
    declared = _measuring(node)
    inputs = {pin.name: _given(declared, pin, case) for pin in declared.inputs if not pin.optional}
    outputs = declared.call(inputs, declared.defaults(), _injected(declared, case))
    return next(value for value in outputs.values() if isinstance(value, Table))


def _measuring(node: str) -> NodeType:
    declared = REGISTRY.get(node)
    if declared is None or _takes_tables(declared):
        return REGISTRY["MeasureDiameter"]
    gives = any(issubclass(kind, Table) for pin in declared.outputs for kind in pin.kinds)
    return declared if gives else REGISTRY["MeasureDiameter"]


def _takes_tables(declared: NodeType) -> bool:
    return any(issubclass(kind, Table) for pin in declared.inputs for kind in pin.kinds)


def _injected(declared: NodeType, case: Case) -> dict[str, Any]:
    image = case[Image]
    assert isinstance(image, Image)
    stroke = Mark("1", "pen", np.array([[8, 40], [70, 12]], np.float32), 3.0, "grain")
    offered: dict[type, Any] = {
        Context: Context(),
        Source: Source("a.png", "0" * 32, pixels=image.pixels, um_per_px=0.5),
        Folder: Folder(),
        Marks: make_marks([stroke]) if declared.drawn_on and declared.drawn_on.layers else Marks(),
        RunInfo: RunInfo("r", b"{}", "0" * 32, {"a.png": "0", "b.png": "1"}),
    }
    return {name: offered[kind] for name, kind in declared.injected.items()}


def _fingerprint(item: Any) -> Iterator[float]:
    """A few numbers of a value: of arrays their size, their sum, and their sum with every place weighing another."""
    codec = codec_of(type(item))
    if codec is not None:
        for name, part in codec.encode(item).items():
            if name not in ("notes", "headline"):
                yield from _fingerprint(part)
    elif isinstance(item, np.ndarray) and item.dtype != object:
        flat = np.nan_to_num(item.astype(np.float64).ravel(), nan=-7, posinf=9e9, neginf=-9e9)
        weights = np.random.default_rng(0).random(flat.size)
        yield from (float(flat.size), float(flat.sum()), float(flat @ weights))
    elif isinstance(item, np.ndarray):
        yield from _fingerprint(item.tolist())
    elif isinstance(item, list | tuple):
        for part in item:
            yield from _fingerprint(part)
    elif hasattr(item, "items"):
        for key, part in item.items():
            yield from _fingerprint(key)
            yield from _fingerprint(part)
    elif isinstance(item, int | float | np.number):
        yield float(np.nan_to_num(float(item), nan=-7, posinf=9e9, neginf=-9e9))
    elif isinstance(item, str):
        yield float(zlib.crc32(item.encode()) % 9973)


def version_of(declared: NodeType) -> str:
    """The version of a node, with that of the node whose table it is given here, whose numbers it works on."""
    if not _takes_tables(declared) or not any(not pin.optional for pin in declared.inputs):
        return str(declared.version)
    source = _measuring(declared.name.removesuffix("OfFields"))
    return f"{declared.version} of {source.name} {source.version}"


def written() -> dict[str, dict[str, dict[str, Any]]]:
    """What is written down, by node and version."""
    return json.loads(FILE.read_text()) if FILE.exists() else {}


def write() -> list[str]:
    """Write down what is missing, and return the names of those nodes. Numbers of a version never change again."""
    known = written()
    added = []
    for declared in nodes():
        versions = known.setdefault(declared.name, {})
        if declared.name not in NEEDS_MORE and version_of(declared) not in versions:
            versions[version_of(declared)] = _short(numbers_of(declared))
            added.append(declared.name)
    lines = ",\n".join(
        f'"{name}": {{\n' + ",\n".join(f'  "{v}": {json.dumps(found)}' for v, found in versions.items()) + "\n}"
        for name, versions in sorted(known.items())
        if versions
    )
    FILE.write_text(f"{{\n{lines}\n}}\n")
    return added


def _short(found: dict[str, list[float] | str]) -> dict[str, list[float] | str]:
    return {k: v if isinstance(v, str) else [float(f"{number:.7g}") for number in v] for k, v in found.items()}


if __name__ == "__main__":
    print("Written down:", ", ".join(write()) or "nothing new")
