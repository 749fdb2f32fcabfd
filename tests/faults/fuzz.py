"""Files that were damaged, cut, mixed up or made up: each is read, or refused with one sentence.

    python -m tests.faults.fuzz [MINUTES] [KIND ...]

Recipes, marks, model cards, annotations, images and reports are changed at random and given to what reads them. Nothing
but a ``Problem`` of one line may come out, within bounds of time and memory. The test suite runs a minute of it.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import orjson
import tifffile
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from graingraph.engine.declare.injected import RunInfo
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.marks.file import read_file
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.values import Image
from graingraph.nodes.formats.annotations import marks_for
from graingraph.nodes.learning.model.card import card_from_json
from graingraph.nodes.reading.read_image import read_pixels
from graingraph.nodes.reporting.findings import Content
from graingraph.nodes.reporting.report_pdf import build_report
from tests.support.czi_files import Block, metadata, write_czi
from tests.support.paths import GRAPHS

SLOWEST_S = 20.0
"""How long (s) a file of a few kilobytes may take."""
WORDS = (None, True, -1, 0, 1e308, 2**70, float("inf"), "", "a\nb", "=1+1", "../x", [], {}, [[]], [1, "a"], {"a": {}})


def _picture() -> np.ndarray:
    return (np.add.outer(np.arange(40), np.arange(50)) % 3 * 90).astype(np.uint8)


@cache
def _samples() -> Mapping[str, tuple[tuple[str, bytes], ...]]:
    """Sound files by kind: name and content."""
    load_plugins()
    recipes = [path.read_bytes() for path in sorted(GRAPHS.glob("*.json"))]
    marks = [path.read_bytes()[:60_000] for path in sorted(GRAPHS.glob("*.marks/*"))[:4]]
    images = []
    for suffix in (".png", ".jpg", ".bmp", ".tif"):
        images.append((f"a{suffix}", cv2.imencode(suffix, _picture())[1].tobytes()))
    with tempfile.TemporaryDirectory() as name:
        for number, more in enumerate(({"tile": (16, 16)}, {"compression": "lzw"}, {"photometric": "minisblack"})):
            tifffile.imwrite(Path(name) / "b.tif", _picture().astype(np.uint16), **more)
            images.append((f"{number}.tif", (Path(name) / "b.tif").read_bytes()))
        for compression in (0, 4, 5):
            blocks = [Block(_picture(), {"C": channel}, compression) for channel in (0, 1)]
            czi = write_czi(Path(name) / "b.czi", blocks, metadata(channels=("A", "B"), bits=8))
            images.append((f"{compression}.czi", czi.read_bytes()))
    run = RunInfo("x", recipes[0], "0" * 32)
    report = build_report(Content("x", "", "a", Image(_picture()), None, None, None, None, None, (), run))
    coco = {
        "images": [{"id": 1, "file_name": "a.png", "width": 50, "height": 40}],
        "categories": [{"id": 1, "name": "grain"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[1, 1, 20, 1, 20, 20]], "bbox": [1, 1, 19, 19]},
            {"id": 2, "image_id": 1, "category_id": 1, "segmentation": {"size": [40, 50], "counts": [10, 20, 1970]}},
        ],
    }
    labelme = {
        "imagePath": "a.png", "imageHeight": 40, "imageWidth": 50,
        "shapes": [{"label": "grain", "points": [[1, 1], [20, 1], [20, 20]], "shape_type": "polygon"}],
    }  # fmt: skip
    card = {
        "classes": [{"name": "a", "color": "#102030"}, {"name": "b", "color": "#ffffff"}],
        "scores": [],
        "thin": [0],
    }
    return {
        "recipe": tuple(("r.graingraph.json", data) for data in recipes),
        "marks": tuple(("m.marks.jsonl", data) for data in marks),
        "card": (("card.json", orjson.dumps(card)),),
        "annotation": (
            ("a.json", orjson.dumps(labelme)),
            ("coco.json", orjson.dumps(coco)),
            ("a_mask.png", cv2.imencode(".png", _picture())[1].tobytes()),
            ("classes.json", b'{"0": "matrix", "90": "grain"}'),
        ),
        "image": tuple(images),
        "report": (("report.pdf", report),),
    }


def _read_annotation(path: Path) -> None:
    image = path.parent / "images" / "a.png"
    image.parent.mkdir(exist_ok=True)
    image.write_bytes(cv2.imencode(".png", _picture())[1].tobytes())
    marks_for(path.parent, [image])


READERS: Mapping[str, Callable[[Path], object]] = {
    "recipe": recipe_file.load,
    "marks": read_file,
    "card": lambda path: card_from_json(path.read_text("utf-8", "replace")),
    "annotation": _read_annotation,
    "image": lambda path: read_pixels(path, 1),
    "report": recipe_file.load,
}
KINDS = tuple(READERS)


@st.composite
def damaged(draw: st.DrawFn, kind: str) -> tuple[str, bytes]:
    """The name and content of a file of this kind that something has happened to."""
    name, data = draw(st.sampled_from(_samples()[kind]))
    if name.endswith(".json") and draw(st.booleans()):
        return name, orjson.dumps(_json_changed(draw, orjson.loads(data)))
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(changed) - 1, 0)))
        how = draw(st.sampled_from(("flip", "cut", "insert", "repeat", "drop")))
        if how == "flip" and changed:
            changed[at] ^= draw(st.integers(1, 255))
        elif how == "cut":
            del changed[at:]
        elif how == "insert":
            changed[at:at] = draw(st.binary(max_size=8))
        else:
            part = changed[at : at + draw(st.integers(1, 64))]
            changed[at : at + len(part)] = part * (2 if how == "repeat" else 0)
    return name, bytes(changed)


def _json_changed(draw: st.DrawFn, document: object) -> object:
    """A document in which one value, anywhere, is another or gone."""
    place, holder = document, None
    key: object = None
    while isinstance(place, dict | list) and place and (holder is None or draw(st.integers(0, 4))):
        holder, key = place, draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        place = holder[key]
    if holder is None:
        return draw(st.sampled_from(WORDS))
    if draw(st.integers(0, 3)):
        word = draw(st.sampled_from(WORDS))
        holder[key] = float(word) if isinstance(word, int) and abs(word) > 2**63 else word
    else:
        del holder[key]
    return document


def require_bounded(kind: str, name: str, data: bytes) -> None:
    """Give a file to what reads its kind; anything but a result or a ``Problem`` of one line is an error."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        began = time.monotonic()
        try:
            READERS[kind](path)
            said = ""
        except Problem as problem:
            said = str(problem)
        assert len(said.splitlines()) <= 1, said
        assert time.monotonic() - began < SLOWEST_S, f"{name} took {time.monotonic() - began:.0f} s"


def fuzz(kind: str, examples: int, number: int | None = None) -> None:
    """Try so many files of a kind; ``number`` makes it another choice every time."""

    @settings(max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(file=damaged(kind))
    def attempt(file: tuple[str, bytes]) -> None:
        require_bounded(kind, *file)

    (seed(number)(attempt) if number is not None else attempt)()


if __name__ == "__main__":
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    chosen, end, tried, found = sys.argv[2:] or KINDS, time.monotonic() + 60 * minutes, 0, 0
    while time.monotonic() < end:
        for one in chosen:
            try:
                fuzz(one, 200, time.time_ns())
            except Exception as error:
                found += 1
                print(f"{one}: {type(error).__name__}: {error}", *getattr(error, "__notes__", ()), sep="\n", flush=True)
            tried += 200
    print(f"about {tried} files, {found} faults")
    sys.exit(bool(found))
