"""Writing a file: whatever goes wrong, the old one or the new one is there, whole."""

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graingraph.engine.files import hash_bytes, hash_file, remove_leftovers, why_impossible, write_atomically
from graingraph.engine.problem import Problem
from tests.support.paths import ROOT


def fail(*args: Any, **kwargs: Any) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(b"old")
    return path


def test_the_new_file_takes_the_place_of_the_old_one(old: Path) -> None:
    write_atomically(old, b"new")
    write_atomically(old.parent / "a" / "b.csv", [b"in ", b"parts"], durable=False)
    assert old.read_bytes() == b"new"
    assert (old.parent / "a" / "b.csv").read_bytes() == b"in parts"


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace", "tempfile.mkstemp", "os.fdopen"])
def test_a_full_disk_at_any_step_keeps_the_old_file(old: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step, fail)
    with pytest.raises(Problem, match=r"table.csv cannot be written \(No space left on device\); free some space"):
        write_atomically(old, b"new")
    monkeypatch.undo()
    assert old.read_bytes() == b"old"
    assert [path.name for path in old.parent.iterdir()] == ["table.csv"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), ValueError()])
def test_parts_that_stop_midway_keep_the_old_file(old: Path, error: BaseException) -> None:
    def parts() -> Iterator[bytes]:
        yield b"half"
        raise error

    with pytest.raises((Problem, KeyboardInterrupt, ValueError)):
        write_atomically(old, parts())
    assert old.read_bytes() == b"old"
    assert [path.name for path in old.parent.iterdir()] == ["table.csv"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_device_that_is_really_full(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really: Callable[..., int] = os.open

    def full(**kwargs: Any) -> tuple[int, str]:
        spare = old.parent / "spare.tmp"
        spare.touch()
        return really("/dev/full", os.O_WRONLY), str(spare)

    monkeypatch.setattr("tempfile.mkstemp", full)
    with pytest.raises(Problem, match="No space left"):
        write_atomically(old, b"x" * 100_000)
    assert [path.name for path in old.parent.iterdir()] == ["table.csv"]


def test_what_a_killed_writer_left_goes_and_what_is_being_written_stays(old: Path) -> None:
    def killed() -> Iterator[bytes]:
        yield b"half"
        os._exit(9)

    for _ in range(2):
        child = os.fork()
        if not child:
            write_atomically(old, killed())
        os.waitpid(child, 0)
    first, second = sorted(path for path in old.parent.iterdir() if path != old)
    os.utime(first, (0, 0))
    remove_leftovers(old.parent, old.parent / "nowhere")
    assert sorted(old.parent.iterdir()) == sorted((old, second))
    assert old.read_bytes() == b"old"


def test_a_folder_that_is_a_file_is_a_problem(old: Path) -> None:
    with pytest.raises(Problem, match="cannot be written"):
        write_atomically(old / "inside.csv", b"new")
    with pytest.raises(Problem, match="cannot be written"):
        write_atomically(old.parent, b"new")


def test_the_longest_name_a_file_may_have_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 251 + ".csv")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"


def test_the_hash_is_of_the_content_however_it_is_cut(old: Path) -> None:
    assert hash_file(old) == hash_bytes(b"old") == hash_bytes(b"o", memoryview(b"ld"))
    assert hash_bytes(b"old") != hash_bytes(b"new")
    assert len(hash_bytes(b"")) == 32


@pytest.mark.skipif(os.name == "nt", reason="has no umask")
def test_a_new_file_has_the_permissions_that_the_person_gives_and_a_replaced_one_keeps_its_own(tmp_path: Path) -> None:
    script = (
        "import os, sys; os.umask(0o027); from pathlib import Path\n"
        "from graingraph.engine.files import write_atomically\n"
        "for name in sys.argv[1:]: write_atomically(Path(name), b'x')"
    )
    new, old = tmp_path / "new", tmp_path / "old"
    old.write_bytes(b"")
    old.chmod(0o600)
    subprocess.run([sys.executable, "-c", script, new, old], check=True, cwd=ROOT)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (new, old)] == [0o640, 0o600]


def test_names_that_some_system_cannot_have_are_known() -> None:
    for name in (
        "CON",
        "con.json",
        "Lpt1.tif",
        "a:b",
        "who?",
        "a*b",
        "<a>",
        'a"b',
        "a|b",
        "a\\b",
        "end.",
        "end ",
        "a\tb",
    ):
        assert why_impossible(name), name
    for name in ("console", "a.b", ".hidden", "Gefüge №5", "黄铜", "com", "lpt10x", "a b"):
        assert not why_impossible(name), name
