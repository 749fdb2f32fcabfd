"""The manifest of a run: everything that went in and came out by hash, in a chain that shows where it was changed."""

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson

from graingraph.engine.account import account
from graingraph.engine.batch.image_job import NOT_REPORTABLE, BatchPaths
from graingraph.engine.batch.output import MANIFEST, MANIFEST_FORMAT
from graingraph.engine.batch.run import Progress
from graingraph.engine.code import code_of
from graingraph.engine.declare.model_file import model_hash
from graingraph.engine.declare.node import NodeType
from graingraph.engine.files import hash_bytes, hash_file
from graingraph.engine.images.files import content_hash
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.images.pages import split_page
from graingraph.engine.images.remote import Listings, find_anywhere
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.place import is_remote
from graingraph.engine.problem import Problem
from graingraph.engine.release.log import read_log
from graingraph.engine.versions import versions

CHAIN = ("recipe", "settings", "code", "images", "models", "marks", "results", "outputs", "run")
"""The parts of a manifest in the order in which their hashes are chained: each hash holds the one before it."""
SEAL = "hash of this manifest"
"""What a manifest calls its own hash. It tells that nobody has changed a line; who wrote it, only a signature could."""


def about_run(progress: Progress, not_reportable: Mapping[str, list[str]], header: Mapping[str, str]) -> dict[str, Any]:
    """What there is to say of the run itself: who, when, with what, and what must not be reported.

    ``not_reportable`` says by node why what it gives of the whole batch must not be; an image says so itself.
    """
    return {
        "by": account(),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "seconds": round(time.monotonic() - progress.started, 2),
        "interrupted": progress.interrupted,
        "header": dict(header),
        NOT_REPORTABLE.lower(): dict(not_reportable),
        "versions": dict(versions()),
    }


def provenance(said: Mapping[str, Any]) -> tuple[str, ...]:
    """What of a run's release, and of the library that its recipe is from, a report states: a line each."""
    lines = []
    if "library" in said:
        one = said["library"]
        what = f"Version {one['version']} of {one['name']} in {one['library']}"
        lines.append(f"{what}, published by {one['author']} on {one['date']}.")
    if "stage" in said:
        lines.append(f"This version of the recipe is {'a ' if said['stage'] == 'draft' else ''}{said['stage']}.")
    for one in said.get("signatures", ()):
        why = f": {one['why']}" if one["why"] else ""
        lines.append(f"{one['act'].capitalize()} by {one['name']} ({one['key']}) at {one['at']}{why}")
    return tuple(lines)


def write_manifest(
    found: Mapping[str, Mapping[str, Any]],
    image_set: ImageSet,
    place: BatchPaths,
    progress: Progress,
    files: Mapping[str, str],
    run: Mapping[str, Any],
) -> None:
    """Write what a run is known by (``record.facts``), where that lies, what came out (hash by name) and its chain."""
    document: dict[str, Any] = {"format": MANIFEST_FORMAT, "version": 2, **found, "outputs": dict(files), "run": run}
    per_image = ("Status", "Seconds", NOT_REPORTABLE)
    document["images"] = {
        image: {
            **found["images"][image],
            "path": source.origin.url if source.origin else _path_text(source.path) if source.path else None,
            **{k: progress.rows[image].get(k) for k in per_image if image in progress.rows},
        }
        for image, source in image_set.items()
    }
    document["models"] = {
        reference: {"hash": digest, "path": _model_path(place, reference)}
        for reference, digest in found["models"].items()
    }
    drawn = {"folder": _path_text(place.marks) if place.marks else None, "images": found["marks"]}
    document["marks"] = drawn
    document["chain"] = dict(_links(document))
    document[SEAL] = _seal(document)
    place.output.write(MANIFEST, orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))


def _links(document: Mapping[str, Any], known: Mapping[str, str] | None = None) -> Iterator[tuple[str, str]]:
    """The hash of each part and of the hash before it: that of ``known`` where given, so that each is judged alone."""
    before = ""
    for part in CHAIN:
        link = hash_bytes(before.encode(), orjson.dumps(document.get(part), option=orjson.OPT_SORT_KEYS))
        yield part, link
        before = str(known.get(part, "")) if known is not None else link


def _seal(document: Mapping[str, Any]) -> str:
    """The hash over everything that a manifest says but itself, however its text is laid out."""
    content = {name: value for name, value in document.items() if name != SEAL}
    return hash_bytes(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))


def _model_path(place: BatchPaths, reference: str) -> str | None:
    try:
        return _path_text(place.models.resolve(reference).path)
    except Problem:
        return None


def _path_text(path: Path) -> str:
    """A path as JSON can have it: as it is, or as a URI where its bytes are no text (a name from another system)."""
    text = path.absolute().as_posix()
    try:
        text.encode()
    except UnicodeEncodeError:
        return path.absolute().as_uri()
    return text


def _path(text: str) -> Path:
    return Path(os.fsdecode(unquote_to_bytes(text.removeprefix("file://"))) if text.startswith("file://") else text)


def read_manifest(place: BatchPaths) -> dict[str, Any]:
    """The manifest in an output folder. ``Problem`` where there is none, or an earlier program has written it."""
    try:
        document = orjson.loads((place.out / MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise Problem(f"{place.out} holds no {MANIFEST}; name the folder that a run has left its results in.") from None
    except OSError as error:
        raise _unreadable(place, str(error.strerror)) from None
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict) or document.get("format") != MANIFEST_FORMAT:
        raise _unreadable(place, "it is no manifest")
    if document.get("version") != 2:
        raise Problem(f"{place.out / MANIFEST} was written by another version of Graingraph; run the batch again.")
    return document


def paths_of_images(place: BatchPaths) -> list[str]:
    """Where the images lay that were measured, as a manifest says; empty where there is none to ask."""
    try:
        images = read_manifest(place)["images"].values()
        paths = [item["path"] for item in images if item["path"]]
        places = [one if is_remote(one) else str(_path(one)) for one in paths]
        return [one for one in places if is_remote(one) or _is_there(Path(one))]
    except (Problem, KeyError, TypeError, AttributeError):
        return []


def _is_there(image: Path) -> bool:
    return split_page(image)[0].exists()


def verify(place: BatchPaths) -> list[str]:
    """Check the manifest itself, and all that it names against it; a sentence for all that differs.

    Outputs, input images, models with the weights beside them, and what was drawn.
    """
    document = read_manifest(place)
    try:
        wrong = _wrong_with_itself(document) + [
            f"{name} was changed." if (place.out / name).is_file() else f"{name} is missing."
            for name, digest in document["outputs"].items()
            if not (place.out / name).is_file() or hash_file(place.out / name) != digest
        ]
        listings = Listings()
        for name, item in document["images"].items():
            wrong += _wrong_with_image(name, item, listings)
        for reference, item in document["models"].items():
            wrong += _wrong_with_model(reference.rpartition("@")[0], item)
        folder = document["marks"]["folder"]
        marks = MarkStore(_path(folder) if folder else None)
        for name, by_node in document["marks"]["images"].items():
            for node, digest in by_node.items():
                wrong += _wrong_with_marks(marks, name, document["images"][name]["picture"], node, digest)
        if "audit" in document["run"]:
            wrong += _wrong_with_log(document["run"]["audit"])
    except (OSError, KeyError, TypeError, AttributeError, ValueError):
        raise _unreadable(place, "it is damaged") from None
    return wrong


def _wrong_with_itself(document: Mapping[str, Any]) -> list[str]:
    if SEAL not in document:
        return [f"{MANIFEST} does not tell its own hash, so changes of it go unnoticed; run the batch again."]
    if document[SEAL] == _seal(document):
        return []
    chain = document.get("chain")
    known = chain if isinstance(chain, dict) else {}
    parts = [part for part, link in _links(document, known) if link != known.get(part)]
    where = f", in what it says of: {', '.join(parts)}" if known and parts else ""
    return [f"{MANIFEST} itself was changed after the run{where}."]


def _wrong_with_image(name: str, item: Mapping[str, Any], listings: Listings) -> list[str]:
    if not item.get("path"):
        return []
    if is_remote(item["path"]):
        return _wrong_with_remote(name, item, listings)
    path = _path(item["path"])
    if _is_there(path):
        same = content_hash(path) == item["hash"]
        return [] if same else [f"The image {name} is no longer the one that was measured."]
    return [f"The image {name} is no longer at {path}."] if item.get("Status") == "ok" else []


def _wrong_with_remote(name: str, item: Mapping[str, Any], listings: Listings) -> list[str]:
    try:
        (source,) = ImageSet.of_files(find_anywhere([item["path"]], listings)).values()
        source.here()
    except Problem as problem:
        return [f"The image {name} cannot be compared: {problem.message}"] if item.get("Status") == "ok" else []
    return [] if source.hash == item["hash"] else [f"The image {name} is no longer the one that was measured."]


def _wrong_with_model(name: str, item: Mapping[str, Any]) -> list[str]:
    if not item.get("path"):
        return []
    path = _path(item["path"])
    if not path.is_file():
        return [f"The model {name} is no longer at {path}."]
    try:
        same = model_hash(path) == item["hash"]
    except Problem as problem:
        return [problem.message]
    return [] if same else [f"The model {name} is no longer the one that was applied."]


def _wrong_with_marks(marks: MarkStore, image: str, picture: str, node: str, digest: str) -> list[str]:
    try:
        now = marks.load(picture, node).hash
    except Problem as problem:
        return [problem.message]
    if now == digest:
        return []
    what = "was changed" if now and digest else "is gone" if digest else "was drawn"
    return [f"What is drawn on {image} for {node} {what} since the run."]


def _wrong_with_log(noted: Mapping[str, Any]) -> list[str]:
    """Whether the audit log still begins as it did when the run was made: then nothing was cut off either."""
    path, count = Path(noted["file"]), int(noted["entries"])
    try:
        entries = read_log(path)
    except Problem as problem:
        return [problem.message]
    if count and (len(entries) < count or entries[count - 1].hash != noted["head"]):
        return [f"The audit log {path} is no longer the one that the run was recorded in: entries are gone or others."]
    return []


def with_other_code(place: BatchPaths, node_types: Mapping[str, NodeType]) -> list[str]:
    """The nodes whose code is another now than when they computed what lies in the folder. Raises ``Problem``.

    The results are no less what they were; a new run may give others.
    """
    document = read_manifest(place)
    try:
        return [
            node
            for node, made in document["code"]["nodes"].items()
            if made["type"] not in node_types or code_of(node_types[made["type"]].function) != made["digest"]
        ]
    except (KeyError, TypeError, AttributeError):
        raise _unreadable(place, "it is damaged") from None


def _unreadable(place: BatchPaths, reason: str) -> Problem:
    return Problem(f"{place.out / MANIFEST} cannot be read ({reason}); run the batch again.")
