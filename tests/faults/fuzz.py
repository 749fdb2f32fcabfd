"""Files that were damaged, cut, mixed up or made up: each is read, or refused with one sentence.

    python -m tests.faults.fuzz [MINUTES] [KIND ...]

Recipes, bundles, marks, model cards, annotations, images, reports, audit logs and policies are changed at random and
given to what reads them. Nothing but a ``Problem`` of one line may come out, within bounds of time and memory, and no
file may be written anywhere but where it belongs. The test suite runs a minute of it.
"""

import io
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import orjson
import tifffile
from fpdf import FPDF
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from graingraph.app.document.release import in_words
from graingraph.engine.batch.record import FORMAT
from graingraph.engine.batch.rerun import read_record
from graingraph.engine.declare.injected import RECORD, RunInfo
from graingraph.engine.declare.model_file import model_hash
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.files import hash_bytes
from graingraph.engine.marks.file import read_file
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import bundle
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.attachments import RECIPE_OF_REPORT, RUN_OF_REPORT, seal
from graingraph.engine.release.log import append, read_log
from graingraph.engine.release.policy import FILE as POLICY
from graingraph.engine.release.policy import Policy, policy_of
from graingraph.engine.release.stage import stage_of
from graingraph.engine.values import Image, PixelClass
from graingraph.nodes.formats.annotations import marks_for
from graingraph.nodes.learning.model.card import KEY, Card, card_from_json
from graingraph.nodes.learning.model.file import read_card
from graingraph.nodes.reading.read_image import read_pixels
from graingraph.nodes.reporting.findings import Content
from graingraph.nodes.reporting.report_pdf import build_report
from tests.support.czi_files import Block, metadata, write_czi
from tests.support.paths import GRAPHS

SLOWEST_S = 5.0
"""How much time of the processor (s) a file of a few kilobytes may take."""
MOST_MEMORY = 3 << 30
"""Bytes of address space that reading may take on top of what the program has (where the system can bound it)."""
WORDS = (None, True, -1, 0, 1e308, 2**70, float("inf"), "", "a\nb", "=1+1", "../x", [], {}, [[]], [1, "a"], {"a": {}})


MARKS = f"r.marks/{'ab' * 16}.trace.marks.jsonl"


LOG_WORDS = (None, 3, "run", "released", "changed", "x", [], ["a", 3], {}, {"strokes": 3}, {"strokes": "a"}, [{}], 1.5)


def _picture() -> np.ndarray:
    return (np.add.outer(np.arange(40), np.arange(50)) % 3 * 90).astype(np.uint8)


@cache
def samples() -> Mapping[str, tuple[tuple[str, bytes], ...]]:
    """Sound files by kind: name and content."""
    load_plugins()
    recipes = [path.read_bytes() for path in sorted(GRAPHS.glob("*.json"))]
    recipes.append(_grouped(recipes[0]))
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
        "model": (("m.onnx", _model()),),
        "bundle": (("b.ggz", _bundle(recipes[0], marks[0])),),
        "log": (("a.audit.jsonl", _log()),),
        "policy": ((POLICY, b'only_released = true\nsignatures = 1\nlogs = "x"\n[signers]\n"A" = "ed25519:AA=="\n'),),
    }


def _grouped(data: bytes) -> bytes:
    """A recipe some of whose nodes lie in a group, and that in another, with linked settings."""
    document = orjson.loads(data)
    one, two, three, *_ = sorted(document["nodes"])
    document["layout"]["groups"] = {
        "group-1": {"name": "Inner", "members": [one, two], "shown": two, "offered": []},
        "group-2": {"name": "Outer", "members": [three, "group-1"], "shown": one},
    }
    names = [f"{node}.{name}" for node in (one, two, three) for name in document["nodes"][node]["settings"]]
    document["links"] = [names[:2], names[2:5]]
    document["layout"]["frames"].append({"x": 0, "y": 0, "width": 9, "height": 9, "inside": "group-1"})
    return orjson.dumps(document)


def _model() -> bytes:
    """A network of one step with a card, as small as can be; without the onnx package, what is no model."""
    try:
        from onnx import TensorProto, helper, numpy_helper
    except ImportError:
        return b"\x08\x09"
    kind = TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node("Conv", ["picture", "w", "b"], ["scores"])],
        "g",
        [helper.make_tensor_value_info("picture", kind, ["n", 1, "h", "w"])],
        [helper.make_tensor_value_info("scores", kind, ["n", 2, "h", "w"])],
        [
            numpy_helper.from_array(np.ones((2, 1, 1, 1), np.float32), "w"),
            numpy_helper.from_array(np.zeros(2, np.float32), "b"),
        ],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(made, {KEY: Card((PixelClass("a"), PixelClass("b"))).to_json()})
    return made.SerializeToString()


def _bundle(recipe: bytes, marks: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "b.ggz"
        files = {"r.graingraph.json": recipe, "models/m.onnx": b"model", MARKS: marks[: marks.rfind(b"\n") + 1]}
        bundle.write(path, "r.graingraph.json", {**files, bundle.THUMBNAIL: b"png"}, {"Node": "the package p 1"})
        return path.read_bytes()


def _log() -> bytes:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "a.audit.jsonl"
        for what in ("begun", "changed", "run"):
            append(path, lambda entries, facts, what=what: {**facts, "what": what, "changes": ["a"]})
        return path.read_bytes()


def _read_annotation(path: Path) -> None:
    image = path.parent / "images" / "a.png"
    image.parent.mkdir(exist_ok=True)
    image.write_bytes(cv2.imencode(".png", _picture())[1].tobytes())
    marks_for(path.parent, [image])


def _read_report(path: Path) -> None:
    recipe_file.load(path)
    with suppress(Problem):
        read_record(path)


def _read_model(path: Path) -> None:
    model_hash(path)
    read_card(path)


def _read_log(path: Path) -> None:
    entries = read_log(path)
    stage_of("x", entries, Policy())
    for entry in entries:
        in_words(entry)


def _read_bundle(path: Path) -> None:
    """Unpack it; nothing may come to lie outside, and nothing but plain files inside."""
    out = path.parent / "out"
    before = set(path.parent.parent.rglob("*"))
    try:
        bundle.unpack(path, out)
    finally:
        made = set(path.parent.parent.rglob("*")) - before
        assert all(one.is_relative_to(out) and not one.is_symlink() for one in made), made
    recipe_file.load(path)


READERS: Mapping[str, Callable[[Path], object]] = {
    "recipe": recipe_file.load,
    "marks": read_file,
    "card": lambda path: card_from_json(path.read_text("utf-8", "replace")),
    "annotation": _read_annotation,
    "image": lambda path: read_pixels(path, 1),
    "report": _read_report,
    "model": _read_model,
    "bundle": _read_bundle,
    "log": _read_log,
    "policy": lambda path: policy_of(path.with_name("r.graingraph.json")),
}
KINDS = tuple(READERS)
SLOW = {"model": 20}
"""Kinds of which each takes a process of its own: by so many times fewer are tried."""


@st.composite
def damaged(draw: st.DrawFn, kind: str) -> tuple[str, bytes]:
    """The name and content of a file of this kind that something has happened to."""
    name, data = draw(st.sampled_from(samples()[kind]))
    if kind == "bundle" and draw(st.integers(0, 3)):
        return name, _made_up_bundle(draw)
    if kind == "log" and draw(st.booleans()):
        return name, _made_up_log(draw)
    if kind == "report" and draw(st.booleans()):
        record = draw(st.binary(min_size=1, max_size=99)) if draw(st.booleans()) else _changed_record(draw)
        return name, _report_with(record)
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


NAMES = (
    "r.graingraph.json", "R.graingraph.json", "../x.json", "../../x.json", "/tmp/x.json", "C:\\x.json", "a\\..\\b",
    "models/m.onnx", "models/../m.onnx", "models/a/b/c/d/e/f/g/h/i/j/k", "models/" + "d/" * 300 + "x", "models/NUL",
    "models/.hidden", "models/x ", "models/\u202ex.onnx", "models/e\u0301", "models/\u00e9", "thumbnail.png",
    "r.marks/" + "ab" * 16 + ".trace.marks.jsonl", "r.marks/../../x.marks.jsonl", "con.json", "a" * 300 + ".json", "",
    "bundle.json", "x.exe", "models", "models/", "\udcff.json", "models/m\0.onnx",
)  # fmt: skip


def _made_up_bundle(draw: st.DrawFn) -> bytes:
    """A zip with an index that fits it more or less: paths that lead elsewhere, links, bombs, the same file twice."""
    names = ["r.graingraph.json", *draw(st.lists(st.sampled_from(NAMES), max_size=4))]
    contents = {name: draw(st.sampled_from((b"{}", b"", bytes(3_000_000), b"x" * 99))) for name in names}
    contents["r.graingraph.json"] = dict(samples()["recipe"])["r.graingraph.json"]
    files: object = {name.encode("utf-8", "replace").decode(): hash_bytes(data) for name, data in contents.items()}
    index: object = {"format": bundle.FORMAT, "version": 1, "recipe": names[0], "packages": {}, "files": files}
    if draw(st.booleans()):
        index = _json_changed(draw, index)
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w") as archive:
        warnings.simplefilter("ignore")  # the same name twice is meant
        archive.writestr(bundle.INDEX, orjson.dumps(index))
        for name in (*names, *draw(st.lists(st.sampled_from(names), max_size=1))):
            entry = zipfile.ZipInfo("x")
            entry.filename = name.encode("utf-8", "replace").decode()
            entry.external_attr = draw(st.sampled_from((0, 0o120777, 0o010644, 0o040755, 0o100644))) << 16
            entry.compress_type = draw(st.sampled_from((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)))
            archive.writestr(entry, contents[name])
    data = bytearray(stream.getvalue())
    if draw(st.integers(0, 2)) == 0:  # a size in the list of content that is not the file's
        place = data.rfind(b"PK\x01\x02") + draw(st.integers(16, 45))
        data[place : place + 4] = draw(st.sampled_from((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f")))
    return bytes(data)


def _made_up_log(draw: st.DrawFn) -> bytes:
    """Entries that follow from each other and say what no program would."""
    data, before = b"", ""
    for _ in range(draw(st.integers(1, 3))):
        names = "at", "by", "what", "recipe", "why", "changes", "corrected", "signer", "key", "signature", "images"
        facts: dict[str, object] = {name: draw(st.sampled_from(LOG_WORDS)) for name in names}
        line = orjson.dumps({**facts, "previous": before}, option=orjson.OPT_APPEND_NEWLINE)
        data, before = data + line, hash_bytes(line)
    return data


def _changed_record(draw: st.DrawFn) -> bytes:
    parts = {name: {} for name in ("recipe", "settings", "code", "images", "models", "marks", "results", "drawn")}
    images = {"a.png": {"hash": "0", "picture": "0", "folder": ""}}
    record: object = {"format": FORMAT, "version": 1, **parts, "images": images}
    return orjson.dumps(_json_changed(draw, record) if draw(st.integers(0, 3)) else record)


def _report_with(record: bytes) -> bytes:
    pdf = FPDF()
    pdf.add_page()
    pdf.embed_file(bytes=record, basename=RECORD, desc=seal(RUN_OF_REPORT, record))
    recipe = dict(samples()["recipe"])["r.graingraph.json"]
    pdf.embed_file(bytes=recipe, basename="recipe.graingraph.json", desc=seal(RECIPE_OF_REPORT, recipe))
    return bytes(pdf.output())


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
        path = Path(folder) / "in" / name
        path.parent.mkdir()
        path.write_bytes(data)
        began = time.process_time()
        try:
            READERS[kind](path)
            said = ""
        except Problem as problem:
            said = str(problem)
        assert len(said.splitlines()) <= 1, said
        took = time.process_time() - began
        assert took < SLOWEST_S, f"{name} took {took:.0f} s"
        assert {one.name for one in Path(folder).iterdir()} == {"in"}, "something was written elsewhere"


def fuzz(kind: str, examples: int, number: int | None = None) -> None:
    """Try so many files of a kind; ``number`` makes it another choice every time."""

    examples = max(1, examples // SLOW.get(kind, 1))

    @settings(max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(file=damaged(kind))
    def attempt(file: tuple[str, bytes]) -> None:
        require_bounded(kind, *file)

    (seed(number)(attempt) if number is not None else attempt)()


def bound_memory() -> None:
    """Let whatever takes too much memory fail, where the system can bound it."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MOST_MEMORY, resource.RLIM_INFINITY))


if __name__ == "__main__":
    samples()
    bound_memory()
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    chosen, end, tried, found = sys.argv[2:] or KINDS, time.monotonic() + 60 * minutes, 0, 0
    while time.monotonic() < end:
        for one in chosen:
            try:
                fuzz(one, 200, time.time_ns())
            except Exception as error:
                found += 1
                print(f"{one}: {type(error).__name__}: {error}", *getattr(error, "__notes__", ()), sep="\n", flush=True)
            tried += 200 // SLOW.get(one, 1)
    print(f"about {tried} files, {found} faults")
    sys.exit(bool(found))
