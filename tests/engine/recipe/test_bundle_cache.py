"""The folder of unpacked bundles stays within its bound: what was not used for longest goes, what is used stays."""

import os
import time
from pathlib import Path

from graingraph.engine.recipe.bundle_cache import used


def unpacked(caches: Path, name: str, size: int, days_ago: float) -> Path:
    folder = caches / name
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "m.onnx").write_bytes(bytes(size))
    at = time.time() - days_ago * 24 * 3600
    os.utime(folder, (at, at))
    return folder


def test_the_oldest_go_until_the_rest_fits(tmp_path: Path) -> None:
    folders = [unpacked(tmp_path, f"{age}", 100_000, age) for age in (9, 7, 5, 3)]
    used(folders[1], most=220_000)
    assert [folder.exists() for folder in folders] == [False, True, False, True]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["3", "7"]
    assert time.time() - folders[1].stat().st_mtime < 60


def test_what_may_be_at_work_stays_however_large(tmp_path: Path) -> None:
    young, old = unpacked(tmp_path, "young", 100_000, 0.5), unpacked(tmp_path, "old", 100_000, 2)
    here = unpacked(tmp_path, "here", 100_000, 0)
    used(here, most=0)
    assert (young.exists(), old.exists(), here.exists()) == (True, False, True)


def test_what_a_program_that_was_killed_left_goes_too(tmp_path: Path) -> None:
    left = unpacked(tmp_path, ".0123.gone", 100_000, 3)
    used(unpacked(tmp_path, "here", 10, 0), most=1000)
    assert not left.exists()


def test_a_folder_that_is_not_there_is_no_reason_to_fail(tmp_path: Path) -> None:
    used(tmp_path / "none" / "x")
