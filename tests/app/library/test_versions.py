"""What was published is found again as it was, by everyone, wherever the library lies; nothing is lost."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from graingraph.app.library.drafts import draft_of
from graingraph.app.library.versions import Library, Newer
from graingraph.engine.files import hash_bytes
from graingraph.engine.place import place_at
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from tests.app.library.conftest import Publish
from tests.support.paths import GRAPHS, ROOT

PUBLISHERS = 8
PUBLISH_AT_ONCE = """
import os, sys, traceback
from pathlib import Path
from graingraph.app.library.drafts import draft_of
from graingraph.engine.place import place_at
from graingraph.app.library.versions import Library
from graingraph.engine.recipe import file as recipe_file
from tests.support.recipes import chain

def publish(where, number, folder, turns):
    library = Library(place_at(where), folder / "cached")
    folder.mkdir()
    for turn in range(turns):
        path = folder / f"{turn}.graingraph.json"
        recipe_file.save(chain().with_setting("threshold", "level", (number * turns + turn) / 100), path)
        library.publish(draft_of(path, folder)[0], author=f"person {number}")

where, folder, count, turns = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
children = []
for number in range(count):
    child = os.fork()
    if not child:
        try:
            publish(where, number, folder / f"person {number}", turns)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    children.append(child)
sys.exit(max(os.waitpid(child, 0)[1] != 0 for child in children))
"""


def published_by_many(where: str, folder: Path, turns: int) -> None:
    """Publish so many versions of one recipe in each of eight processes at once."""
    command = [sys.executable, "-c", PUBLISH_AT_ONCE, where, str(folder), str(PUBLISHERS), str(turns)]
    done = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, timeout=240)
    assert done.returncode == 0, done.stderr


def levels(library: Library) -> list[float]:
    return sorted(library.recipe(one).steps["threshold"].settings["level"] for one in library.history("Chain"))


def test_versions_are_told_in_order_and_each_comes_back(shelf: Library, publish: Publish, tmp_path: Path):
    first = publish(shelf, 0.3, note="the first", tags=("iron", "nodules"))
    second = publish(shelf, 0.4, "Bob")
    assert [one.id for one in shelf.history("Chain")] == [first.id, second.id]
    assert (second.after, second.tags, second.author) == (first.id, ("iron", "nodules"), "Bob")
    assert shelf.find("Chain").id == second.id
    assert shelf.find(f"Chain@{first.short}").id == first.id
    path = shelf.fetch(first, tmp_path / "mine")
    assert recipe_file.load(path) == shelf.recipe(first)
    assert recipe_file.load(path).steps["threshold"].settings["level"] == 0.3
    assert shelf.fetch(first, tmp_path / "mine") == path
    with pytest.raises(Problem, match="is there already and is another"):
        shelf.fetch(second, tmp_path / "mine")
    with pytest.raises(Problem, match=f"This is the version {second.short}"):
        publish(shelf, 0.4)
    with pytest.raises(Problem, match="There is no Chian"):
        shelf.find("Chian")


def test_a_newer_version_of_a_colleague_is_not_passed_over(shelf: Library, publish: Publish):
    first = publish(shelf, 0.3)
    second = publish(shelf, 0.4, "Bob", after=first.id)
    with pytest.raises(Newer, match=r"1 newer version.* by Bob") as caught:
        publish(shelf, 0.5, after=first.id)
    assert caught.value.since == (second,)
    assert publish(shelf, 0.5, after=second.id).after == second.id


def test_words_find_recipes_and_models(shelf: Library, publish: Publish, tmp_path: Path):
    publish(shelf, 0.3, tags=("iron",), note="for the Foundry")
    (path,) = GRAPHS.glob("models/melt_pool*.onnx")
    draft, _ = draft_of(path, tmp_path, name="Pools")
    model = shelf.publish(draft, author="Ada")
    assert model.kind == "model"
    assert [one.name for one in shelf.newest()] == ["Chain", "Pools"]
    assert [one.name for one in shelf.newest(["foundry", "IRON"])] == ["Chain"]
    assert shelf.newest(["foundry", "Pools"]) == []
    assert shelf.fetch(model, tmp_path / "got").read_bytes() == path.read_bytes()
    recipe, _ = draft_of(GRAPHS / "nodules.graingraph.json", tmp_path, name="Pools")
    with pytest.raises(Problem, match="choose another name"):
        shelf.publish(recipe, author="Ada")


def test_clocks_that_disagree_do_not_change_the_order(shelf: Library, publish: Publish):
    first = publish(shelf, 0.3, now=lambda: datetime(2026, 5, 1, 12, tzinfo=UTC))
    second = publish(shelf, 0.4, now=lambda: datetime(2026, 5, 1, 11, tzinfo=UTC))
    third = publish(shelf, 0.5, now=lambda: datetime(2026, 5, 1, 11, 30, tzinfo=UTC))
    assert [one.id for one in shelf.history("Chain")] == [first.id, second.id, third.id]


def test_eight_publish_into_a_folder_at_once_and_nothing_is_lost(shelf: Library, tmp_path: Path):
    published_by_many(str(tmp_path / "shelf"), tmp_path, 3)
    assert levels(shelf) == [number / 100 for number in range(PUBLISHERS * 3)]


@pytest.mark.parametrize("place", ["bucket", "dav"])
def test_eight_publish_into_a_place_elsewhere_at_once_and_nothing_is_lost(
    place: str, tmp_path: Path, request: pytest.FixtureRequest
):
    where = request.getfixturevalue(place)
    published_by_many(where, tmp_path, 1)
    library = Library(place_at(where), tmp_path / "cached")
    assert levels(library) == [number / 100 for number in range(PUBLISHERS)]
    version = library.find("Chain")
    assert recipe_file.load(library.fetch(version, tmp_path / "got")) == library.recipe(version)


def test_a_web_server_shows_a_library_for_reading(shelf: Library, publish: Publish, served: str, tmp_path: Path):
    publish(shelf, 0.3)
    version = publish(shelf, 0.4)
    library = Library(place_at(served), tmp_path / "cached elsewhere")
    assert library.versions() == shelf.versions()
    assert recipe_file.load(library.fetch(version, tmp_path / "got")) == shelf.recipe(version)
    with pytest.raises(Problem, match="can only be read"):
        publish(library, 0.5)


def test_what_is_damaged_or_strange_is_passed_over_or_refused(shelf: Library, publish: Publish, tmp_path: Path):
    first, second = publish(shelf, 0.3), publish(shelf, 0.4)
    records = tmp_path / "shelf" / "versions"
    (records / "note.txt").write_text("mine")
    (records / f"{'0' * 32}.json").write_bytes(b"{}")
    damaged = (records / f"{first.id}.json").read_bytes().replace(b"Ada", b"Eve")
    (records / f"{first.id}.json").write_bytes(damaged)
    fresh = Library(shelf.place, tmp_path / "another cache")
    assert [one.id for one in fresh.versions()] == [second.id]
    (stored,) = second.files.values()
    (tmp_path / "shelf" / "objects" / stored).write_bytes(b"harm")
    with pytest.raises(Problem, match="is damaged"):
        fresh.fetch(second, tmp_path / "got")
    assert not list((tmp_path / "got").glob("*"))
    (tmp_path / "shelf" / "objects" / stored).unlink()
    with pytest.raises(Problem, match="lacks a file"):
        fresh.fetch(second, tmp_path / "got")


def test_what_is_too_large_is_not_fetched(shelf: Library, publish: Publish, monkeypatch: pytest.MonkeyPatch):
    version = publish(shelf, 0.3)
    monkeypatch.setattr(recipe_file, "MAX_BYTES", 100)
    with pytest.raises(Problem, match="larger than any such file"):
        shelf.recipe(version)


@pytest.mark.parametrize(
    "change",
    [
        {"files": {"../out.ggz": "0" * 32}},
        {"files": {"/out.ggz": "0" * 32}},
        {"files": {"a.ggz": "../../secret"}},
        {"files": {}},
        {"files": ["a"]},
        {"name": "a/b"},
        {"name": ""},
        {"name": "a" * 200},
        {"kind": "program"},
        {"tags": "iron"},
        {"date": "yesterday"},
        {"after": "x"},
        {"version": 99},
        {"note": "n" * 5000},
        {"more": {"report": "a/b"}},
    ],
)
def test_a_record_that_would_do_harm_is_none(shelf: Library, publish: Publish, tmp_path: Path, change: dict):
    version = publish(shelf, 0.3)
    record = tmp_path / "shelf" / "versions" / f"{version.id}.json"
    data = orjson.dumps(orjson.loads(record.read_bytes()) | change)
    record.unlink()
    record.with_name(f"{hash_bytes(data)}.json").write_bytes(data)
    assert Library(shelf.place, tmp_path / "another cache").versions() == []


@pytest.mark.parametrize("where", ["ftp://host/x", "memory://x", "simplecache::s3://x", "s3:/x::y://z"])
def test_only_known_kinds_of_urls_are_opened(where: str):
    with pytest.raises(Problem, match="is no place that is known"):
        place_at(where)


def test_a_server_that_does_not_answer_is_named(tmp_path: Path):
    library = Library(place_at("http://me:secret@127.0.0.1:9/recipes"), tmp_path)
    with pytest.raises(Problem, match=r"http://127\.0\.0\.1:9/recipes cannot be reached") as caught:
        library.versions()
    assert "secret" not in caught.value.message
