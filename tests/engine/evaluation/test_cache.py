"""Caches: least recently used out by bytes, a disk that fails or is damaged, and one computation for many."""

import errno
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graingraph.engine.evaluation.cache import DiskCache, InFlight, MemoryCache, Outputs
from graingraph.engine.problem import Cancelled
from graingraph.engine.values import Mask, Plot, Series


def mask(size: int) -> Outputs:
    return {"mask": Mask(np.zeros((1, size), bool))}


BYTES = sum(value.nbytes for value in mask(1000).values())


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.integers(1, 3000)), max_size=40))
def test_memory_behaves_as_a_list_in_order_of_use(steps: list[tuple[bool, int, int]]) -> None:
    cache, model = MemoryCache(4 * BYTES), dict[str, int]()
    for putting, number, size in steps:
        key = str(number)
        if putting:
            model.pop(key, None)
            cache.put(key, mask(size))
            if mask(size)["mask"].nbytes <= cache.budget:
                model[key] = mask(size)["mask"].nbytes
            while sum(model.values()) > cache.budget:
                del model[next(iter(model))]
        elif (cache.get(key) is not None) == (key in model) and key in model:
            model[key] = model.pop(key)
        assert {key for key in map(str, range(7)) if key in cache} == set(model)
        assert cache.used == sum(model.values()) <= cache.budget


def test_memory_counts_the_curves_of_a_plot() -> None:
    curve = np.zeros(10_000)
    cache = MemoryCache(100_000)
    cache.put("plot", {"plot": Plot("", "", "", (Series("s", curve, curve),))})
    assert cache.used == 0


def test_clearing_forgets_everything() -> None:
    cache = MemoryCache()
    cache.put("a", mask(9))
    cache.clear()
    assert (cache.used, cache.get("a")) == (0, None)


def test_memory_stays_whole_when_many_threads_use_it() -> None:
    cache = MemoryCache(3 * BYTES)

    def use(seed: int) -> None:
        for number in np.random.default_rng(seed).integers(0, 8, 300):
            if cache.get(str(number)) is None:
                cache.put(str(number), mask(1000))

    threads = [threading.Thread(target=use, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = [key for key in map(str, range(8)) if key in cache]
    assert cache.used == BYTES * len(kept) <= cache.budget


def test_disk_keeps_within_its_budget_and_drops_the_oldest(tmp_path: Path) -> None:
    size = len(stored(tmp_path / "one", mask(1000)))
    cache = DiskCache(tmp_path / "many", budget=5 * size)
    for number in range(30):
        cache.put(f"{number:032x}", mask(1000))
    kept = list((tmp_path / "many").rglob("*.npz"))
    assert 4 <= len(kept) <= 6
    assert cache.get(f"{29:032x}") is not None
    assert cache.get(f"{0:032x}") is None


def stored(folder: Path, outputs: Outputs) -> bytes:
    DiskCache(folder).put("k" * 32, outputs)
    return next(folder.rglob("*.npz")).read_bytes()


def test_disk_looks_at_its_files_seldom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    really = DiskCache._prune
    monkeypatch.setattr(DiskCache, "_prune", lambda self: (looks.append(1), really(self)))
    cache = DiskCache(tmp_path)
    for number in range(40):
        cache.put(f"{number:032x}", mask(10))
    assert len(looks) == 1


def test_a_full_disk_only_means_that_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    cache = DiskCache(tmp_path)
    monkeypatch.setattr("pathlib.Path.replace", full)
    cache.put("a" * 32, mask(9))
    assert cache.get("a" * 32) is None
    assert "a" * 32 not in cache
    assert not list(tmp_path.rglob("*.*"))


def test_what_is_not_there_is_read_from_the_cache_behind_and_nothing_is_written_there(tmp_path: Path) -> None:
    behind = DiskCache(tmp_path / "behind")
    behind.put("a" * 32, mask(5))
    before = sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "behind").rglob("*"))
    cache = DiskCache(tmp_path / "own", behind=DiskCache(tmp_path / "behind"))
    assert "a" * 32 in cache
    assert cache.get("a" * 32) is not None
    cache.put("b" * 32, mask(5))
    assert sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "behind").rglob("*")) == before
    assert "b" * 32 not in behind
    assert "c" * 32 not in cache
    assert cache.get("c" * 32) is None


def test_a_folder_that_cannot_be_made_keeps_nothing_quietly(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    cache = DiskCache(tmp_path / "file" / "results")
    cache.put("a" * 32, mask(5))
    assert "a" * 32 not in cache
    assert cache.get("a" * 32) is None


def test_what_a_killed_writer_left_counts_and_goes_first(tmp_path: Path) -> None:
    left = tmp_path / "aa" / ".half.graingraph.tmp"
    left.parent.mkdir()
    left.write_bytes(bytes(10_000))
    os.utime(left, (0, 0))
    DiskCache(tmp_path, budget=9_000).put("b" * 32, mask(100))
    assert not left.exists()
    assert DiskCache(tmp_path).get("b" * 32) is not None


def test_files_that_vanish_while_pruning_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "aa" / "gone.npz"
    monkeypatch.setattr("pathlib.Path.glob", lambda self, pattern: iter([gone]))
    DiskCache(tmp_path, budget=10).put("b" * 32, mask(100))


def test_whoever_comes_second_waits_for_the_first() -> None:
    shared, made, found = InFlight(), list[int](), dict[str, Outputs]()
    begun, go = threading.Event(), threading.Event()

    def compute() -> Outputs:
        made.append(1)
        begun.set()
        go.wait(5)
        found["k"] = mask(3)
        return found["k"]

    results: list[Outputs] = []
    threads = [
        threading.Thread(
            target=lambda: results.append(shared.share("k", lambda: found.get("k"), compute, lambda: False))
        )
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    begun.wait(5)
    go.set()
    for thread in threads:
        thread.join(5)
    assert made == [1]
    assert len(results) == 5
    assert all(result is results[0] for result in results)


def test_another_key_does_not_wait_and_a_cancelled_waiter_leaves_at_once() -> None:
    shared, begun, go = InFlight(), threading.Event(), threading.Event()

    def slow() -> Outputs:
        begun.set()
        go.wait(5)
        return mask(1)

    thread = threading.Thread(target=shared.share, args=("slow", lambda: None, slow, lambda: False))
    thread.start()
    begun.wait(5)
    assert shared.share("other", lambda: None, lambda: mask(2), lambda: False)["mask"].nbytes
    start = time.monotonic()
    with pytest.raises(Cancelled):
        shared.share("slow", lambda: None, slow, lambda: True)
    assert time.monotonic() - start < 2
    go.set()
    thread.join(5)


def test_a_computation_that_failed_is_tried_again_by_the_next() -> None:
    shared = InFlight()

    def fail() -> Outputs:
        raise ValueError

    with pytest.raises(ValueError):
        shared.share("k", lambda: None, fail, lambda: False)
    assert shared.share("k", lambda: None, lambda: mask(1), lambda: False)
