"""A bundle gives back what was packed, byte for byte, and one that would do harm is refused with the reason."""

import os
import stat
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graingraph.engine.files import hash_bytes
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import bundle
from graingraph.engine.recipe import file as recipe_file
from tests.support.recipes import chain

RECIPE = f"chain{recipe_file.SUFFIX}"
MARKS = f"chain.marks/{'ab' * 16}.trace.marks.jsonl"


def contents() -> dict[str, bytes]:
    return {
        RECIPE: recipe_file.dump(chain()),
        "models/a.onnx": b"model",
        "models/deep/a.data": b"w" * 99,
        MARKS: b"{}\n",
    }


def packed(path: Path) -> Path:
    bundle.write(path, RECIPE, {**contents(), bundle.THUMBNAIL: b"png"})
    return path


def zipped(path: Path, files: dict[str, bytes], change: Callable[[zipfile.ZipInfo], None] = lambda entry: None) -> Path:
    """A zip made by another program, whose index fits its files."""
    index = {
        "format": bundle.FORMAT,
        "version": 1,
        "recipe": RECIPE,
        "files": {n: hash_bytes(d) for n, d in files.items()},
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {bundle.INDEX: orjson.dumps(index), **files}.items():
            entry = zipfile.ZipInfo(name)
            if name != bundle.INDEX:
                change(entry)
            archive.writestr(entry, data)
    return path


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_was_packed_comes_back_and_the_same_gives_the_same_bundle(tmp_path: Path):
    path = packed(tmp_path / "a.ggz")
    assert packed(tmp_path / "b.ggz").read_bytes() == path.read_bytes()
    assert bundle.unpack(path, tmp_path / "mine") == tmp_path / "mine" / RECIPE
    assert files_in(tmp_path / "mine") == contents()
    assert recipe_file.load(path) == chain()
    with pytest.raises(Problem, match="is there already"):
        packed(path)


def test_nothing_is_overwritten(tmp_path: Path):
    path = packed(tmp_path / "a.ggz")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.onnx").write_bytes(b"another")
    with pytest.raises(Problem, match=r"a\.onnx is there already"):
        bundle.unpack(path, tmp_path)
    assert files_in(tmp_path).keys() == {"a.ggz", "models/a.onnx"}


def test_a_cache_that_was_tampered_with_is_mended(tmp_path: Path):
    path = packed(tmp_path / "a.ggz")
    recipe = bundle.unpacked(path, tmp_path / "caches")
    (recipe.parent / "models" / "a.onnx").write_bytes(b"harm")
    (recipe.parent / MARKS).unlink()
    assert bundle.unpacked(path, tmp_path / "caches") == recipe
    assert {name: data for name, data in files_in(recipe.parent).items() if name != bundle.THUMBNAIL} == contents()


def test_a_look_at_what_is_unpacked_notes_that_it_is_used(tmp_path: Path):
    path = packed(tmp_path / "a.ggz")
    folder = bundle.unpacked(path, tmp_path / "caches").parent
    os.utime(folder, (0, 0))
    bundle.unpacked(path, tmp_path / "caches")
    assert time.time() - folder.stat().st_mtime < 60


@pytest.mark.parametrize(
    "name",
    [
        "../evil.json",
        "/etc/evil.json",
        "models/../../evil",
        "models/a\\..\\..\\evil",
        "models/c:evil",
        "models/.hidden",
        "models//evil",
        "models/nul.onnx",
        "models/a.onnx.",
        "models/a\n",
        "evil.sh",
        "MODELS/A.onnx",
        "models/A.ONNX",
        "other.marks/evil.trace.marks.jsonl",
        "models/" + "a" * 1000,
    ],
)
def test_names_that_lead_elsewhere_or_come_twice_are_refused(tmp_path: Path, name: str):
    path = zipped(tmp_path / "a.ggz", {**contents(), name: b"harm"})
    for opened in (lambda: bundle.unpack(path, tmp_path / "in" / "out"), lambda: recipe_file.load(path)):
        with pytest.raises(Problem, match=r"^a\.ggz: it holds .*nothing was unpacked\.$"):
            opened()
    assert files_in(tmp_path).keys() == {"a.ggz"}


def test_links_and_devices_are_refused(tmp_path: Path):
    for kind in (stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO):
        path = zipped(
            tmp_path / "a.ggz", contents(), lambda entry, kind=kind: setattr(entry, "external_attr", kind << 16)
        )
        with pytest.raises(Problem, match="is a link or no plain file"):
            bundle.unpack(path, tmp_path / "out")


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bundle, "MAX_COMPRESSED_BYTES", 100_000)
    deflated = {**contents(), "models/zeros.onnx": bytes(1_000_000)}
    path = zipped(tmp_path / "a.ggz", deflated, lambda entry: setattr(entry, "compress_type", zipfile.ZIP_DEFLATED))
    with pytest.raises(Problem, match="far more than a bundle holds"):
        bundle.unpack(path, tmp_path / "out")
    # One that lies about its size gives no more than it said, and fails.
    data = path.read_bytes().replace((1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(data)
    with pytest.raises(Problem):
        bundle.unpack(path, tmp_path / "out")
    assert sum(map(len, files_in(tmp_path).values())) < 50_000


def test_files_that_are_not_listed_or_not_there_are_refused(tmp_path: Path):
    path = packed(tmp_path / "a.ggz")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("models/more.onnx", b"more")
    with pytest.raises(Problem, match="not hold exactly what its list"):
        bundle.unpack(path, tmp_path / "out")


def test_every_changed_byte_is_noticed_or_makes_no_difference(tmp_path: Path):
    whole = packed(tmp_path / "a.ggz").read_bytes()
    damaged = tmp_path / "b.ggz"

    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(1, 255)), min_size=1, max_size=4))
    def attempt(changes: list[tuple[int, int]]) -> None:
        data = bytearray(whole)
        for at, by in changes:
            data[at] ^= by
        damaged.write_bytes(data)
        out = tmp_path / "out"
        try:
            bundle.unpack(damaged, out)
        except Problem:
            return
        found = files_in(out)
        for path in out.rglob("*"):
            if path.is_file():
                path.unlink()
        assert {name: found[name] for name in contents()} == contents()

    attempt()


@pytest.mark.parametrize("data", [b"", b"PK", b"{}", b"PK\5\6" + bytes(18)])
def test_what_is_no_bundle_is_said_so(tmp_path: Path, data: bytes):
    (tmp_path / "a.ggz").write_bytes(data)
    with pytest.raises(Problem, match=r"^a\.ggz"):
        recipe_file.load(tmp_path / "a.ggz")
