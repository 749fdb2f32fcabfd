"""Compiled kernels find a place, also where neither the program nor a home can be written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from graingraph.nodes.imaging import kernel_cache
from tests.support.paths import ROOT


def test_a_program_that_can_be_written_needs_no_other_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(kernel_cache.VARIABLE, raising=False)
    monkeypatch.setattr(kernel_cache, "_writable", lambda folder: folder == Path(kernel_cache.__file__).parent)
    kernel_cache.find_a_place()
    assert kernel_cache.VARIABLE not in os.environ


def test_without_any_place_there_is_a_folder_of_this_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(kernel_cache.VARIABLE, "")
    monkeypatch.setattr(kernel_cache, "_writable", lambda folder: False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    kernel_cache.find_a_place()
    folder = Path(os.environ[kernel_cache.VARIABLE])
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o077 == 0
    folder.chmod(0o777)  # which somebody else could have put code into
    monkeypatch.setenv(kernel_cache.VARIABLE, "")
    kernel_cache.find_a_place()
    assert Path(os.environ[kernel_cache.VARIABLE]) not in (folder, Path())


def test_it_is_known_whether_kernels_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kernel_cache.VARIABLE, str(tmp_path))
    assert kernel_cache.is_empty()
    (tmp_path / "of_others").mkdir()
    (tmp_path / "of_others" / "another_program.f-1.py311.nbi").touch()
    assert kernel_cache.is_empty()
    (tmp_path / "of_others" / "regions.f-1.py311.nbi").touch()
    assert not kernel_cache.is_empty()


def test_a_user_without_a_home_has_no_folder_of_his_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert not kernel_cache._writable(kernel_cache._own_folder())


READ_ONLY = """
import os
really = os.access
os.access = lambda path, mode: str(path).startswith(os.environ["TMPDIR"]) and really(path, mode)
import graingraph.nodes.imaging
import numpy as np
from numba.core import caching
def denied(self):
    raise OSError(30, "Read-only file system")
caching.InTreeCacheLocator.ensure_cache_path = caching.UserWideCacheLocator.ensure_cache_path = denied
from graingraph.nodes.imaging.features.class_indices import class_indices
print(class_indices(np.ones((2, 3, 3), np.float32)).shape)
"""


def test_a_kernel_runs_in_a_program_that_is_read_only_without_a_home(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", READ_ONLY], capture_output=True, text=True, env=environment, cwd=ROOT, timeout=200
    )
    assert done.stdout == "(3, 3)\n", done.stderr
    assert list(tmp_path.glob("graingraph-kernels-*/**/*.nbi"))


def test_a_kernel_that_is_being_compiled_is_known_of() -> None:
    from numba.core import event

    assert not kernel_cache.is_compiling()
    with event.trigger_event("numba:compile", data={}), event.trigger_event("numba:compile", data={}):
        assert kernel_cache.is_compiling()
    assert not kernel_cache.is_compiling()
