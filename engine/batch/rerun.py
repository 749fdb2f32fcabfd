"""Running again what a report tells of, and comparing every number with those of that day.

What is compared are the digests that the report carries along (``record``): a number counts as the same when every bit
of it is. Where one is not, the first step that gives something else is named, and what is different about it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from graingraph.engine.batch.record import FORMAT, VERSION
from graingraph.engine.declare.injected import RECORD, Source
from graingraph.engine.files import write_atomically
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.images.pages import split_page
from graingraph.engine.images.remote import find_anywhere, with_page
from graingraph.engine.marks.store import SUFFIX as MARKS_SUFFIX
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.attachments import RUN_OF_REPORT, attached
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Table

_MARKS = re.compile(rf"[0-9a-f]{{8,128}}\.[a-z0-9_]{{1,100}}{re.escape(MARKS_SUFFIX)}")
_PARTS = {"recipe", "settings", "code", "images", "models", "marks", "results", "drawn"}
_IMAGE = {"hash", "picture", "folder"}

Record = Mapping[str, Any]
"""What a run is known by, as ``record.facts`` gives it, with what was ``drawn``."""


@dataclass(frozen=True)
class Difference:
    """A step that gives something else than on the day of the report, for an image or for all of them together.

    ``reasons`` are what is known to be different about it; none where nothing is but the machine itself.
    """

    node: str
    image: str | None
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        where = f" for {self.image}" if self.image else " for all images together"
        why = (
            "; ".join(self.reasons) or "its code, libraries and inputs are the same, so the machine computes otherwise"
        )
        return f"{self.node} is the first step that gives something else{where}: {why}."


@dataclass(frozen=True)
class Comparison:
    """How a run agrees with the record of another: ``first`` is what differs first, and ``only_pixels`` says whether no
    number does, but pixels between; ``images`` are those on which anything differs, of so ``many``.
    """

    first: Difference | None = None
    only_pixels: bool = False
    images: tuple[str, ...] = ()
    many: int = 0

    @property
    def same(self) -> bool:
        """Whether every number came back."""
        return self.first is None or self.only_pixels


def read_record(report: Path) -> Record:
    """What the run of a report is known by. ``Problem`` where the report holds no such thing, or is damaged."""
    try:
        record = orjson.loads(attached(report, RECORD, RUN_OF_REPORT))
    except OSError as error:
        raise Problem(f"{report} cannot be read ({error.strerror}); check the name and the folder.") from None
    except orjson.JSONDecodeError:
        record = None
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise Problem(f"{report.name} holds no record of its run; run its recipe again for a report that does.")
    if record.get("version") != VERSION:
        raise Problem(f"{report.name} was made by a newer Graingraph; update the program to run it again.")
    images = record.get("images")
    known = isinstance(images, dict) and all(
        isinstance(item, dict) and item.keys() >= _IMAGE for item in images.values()
    )
    if not known or not all(isinstance(record.get(part), dict) for part in _PARTS):
        raise Problem(f"{report.name} is damaged and its record cannot be trusted; use another copy.")
    return record


def images_of(record: Record, named: Sequence[str]) -> tuple[ImageSet, list[str]]:
    """The images of a record among those named (files, folders, globs), by the names they had; what is wrong, in words.

    An image is known by its content, whatever its file is called now; of a file the pages are found that were measured.
    What is wrong: an image that is not among those
    named, or one of that name whose content, or the text file beside it, is another (that is taken nevertheless).
    """
    files = find_anywhere(named)
    pages = {number for _, number in (split_page(Path(name)) for name in record["images"]) if number}
    files += [with_page(file, number) for file in tuple(files) for number in sorted(pages)]
    there = list(ImageSet.of_files(files).values())
    by_hash = {source.hash: source for source in reversed(there)}
    by_picture = {source.drawn_as: source for source in reversed(there)}
    by_name = {source.path.name: source for source in reversed(there) if source.path}
    found: dict[str, Source] = {}
    wrong = []
    for name, item in record["images"].items():
        source = by_hash.get(item["hash"])
        if source is None and item["picture"] in by_picture:
            source = by_picture[item["picture"]]
            wrong.append(f"The text file beside {name}, from which its pixel size may come, is another or missing.")
        elif source is None and Path(name).name in by_name:
            source = by_name[Path(name).name]
            wrong.append(f"The image {name} is another than the one that was measured.")
        if source is None:
            wrong.append(f"The image {name} is not among those named.")
        else:
            found[name] = replace(source, name=name)
    return ImageSet(found), wrong


def restore_marks(record: Record, folder: Path) -> None:
    """Write what was drawn, as far as the report carries it, into a folder of marks."""
    for name, text in record["drawn"].items():
        if _MARKS.fullmatch(name) and isinstance(text, str):
            write_atomically(folder / name, text.encode("utf-8", "replace"))


def compare(recipe: Recipe, record: Record, again: Record) -> Comparison:
    """Compare the record of a run with that of the run ``again`` of the same recipe. ``Problem`` for a damaged one."""
    try:
        differing = list(_differing(recipe, record["results"], again["results"]))
        numbers = [(node, image) for node, image in differing if _gives_numbers(recipe, node)]
        first = next(iter(differing), None)
        return Comparison(
            Difference(*first, tuple(_reasons(*first, record, again))) if first else None,
            bool(differing) and not numbers,
            tuple(dict.fromkeys(image for _, image in differing if image)),
            len(record["images"]),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Problem(f"The record in the report is damaged ({error}); use another copy.") from None


def _differing(recipe: Recipe, then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Steps and images whose digests differ, or that one of the runs has not got to, in the order of the graph."""
    complete = then["images"].keys() <= now["images"].keys()
    for node in recipe.order:
        for image, digests in then["images"].items():
            here = now["images"].get(image, {}).get(node)
            if digests.get(node) != here and _was_to_be(node, image, digests, here, then, now):
                yield node, image
        digest = then["batch"].get(node)
        if complete and digest is not None and digest != now["batch"].get(node):
            yield node, None
    for image in then["images"]:
        failed = [run["failed"].get(image) for run in (then, now)]
        if image in now["images"] and bool(failed[0]) != bool(failed[1]) and not any(one and one[0] for one in failed):
            yield recipe.order[-1], image  # what failed was no step: its files could not be written


def _was_to_be(
    node: str, image: str, digests: Mapping[str, str], here: str | None, then: Mapping[str, Any], now: Mapping[str, Any]
) -> bool:
    """Whether a missing digest is a difference: not where what comes later was found ready, or both runs failed."""
    if node in digests and here is not None:
        return True
    failed = [run["failed"].get(image) for run in (then, now)]
    return bool(failed[0]) != bool(failed[1]) and any(one and one[0] == node for one in failed)


def _gives_numbers(recipe: Recipe, node: str) -> bool:
    declared = recipe.steps[node].declared
    return declared is None or declared.gives(Table)


def _reasons(node: str, image: str | None, record: Record, again: Record) -> Iterator[str]:
    """What is known to be different for a step and an image, the nearest first."""
    then, now = record["code"], again["code"]
    for run, other, what in ((again, record, "it fails here ({})"), (record, again, "it failed then ({})")):
        failed = run["results"]["failed"].get(image)
        if failed and not other["results"]["failed"].get(image):
            yield what.format(str(failed[1]).rstrip("."))
    if image is not None:
        if record["images"][image]["hash"] != again["images"].get(image, {}).get("hash"):
            yield "the image is another"
        if record["marks"].get(image, {}).get(node) != again["marks"].get(image, {}).get(node):
            yield "what is drawn on it is another"
        if record["images"][image]["folder"] != again["images"].get(image, {}).get("folder"):
            yield f"the image lies in another folder ({record['images'][image]['folder']} then)"
    if record["settings"].get(node) != again["settings"].get(node):
        yield "its settings are others"
    code, code_now = then["nodes"].get(node), now["nodes"].get(node)
    if code is None or code_now is None:
        yield "this program does not have the node" if code_now is None else "the program then did not have the node"
    elif code["version"] != code_now["version"]:
        yield f"it has version {code_now['version']} here and had {code['version']} then"
    elif code["digest"] != code_now["digest"]:
        yield "its code is another (of the same version)"
    yield from _libraries(str(then["libraries"]), str(now["libraries"]))
    if then["machine"] != now["machine"]:
        yield f"the machine is another ({now['machine']} here, {then['machine']} then)"


def _libraries(then: str, now: str) -> Iterable[str]:
    """The libraries that have another version, of two lists as ``versions.libraries`` gives them."""
    old, new = (dict(part.rpartition(" ")[::2] for part in text.split("; ") if part) for text in (then, now))
    return [
        f"{name} {new.get(name, 'is missing')} here, {old.get(name, 'none')} then"
        for name in {**old, **new}
        if old.get(name) != new.get(name)
    ]
