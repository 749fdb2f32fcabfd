"""A batch: one image never stops the others, nothing is done twice, nothing is torn."""

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graingraph.engine.batch import image_job
from graingraph.engine.batch.image_job import BatchPaths, Pictures
from graingraph.engine.batch.results import write_results
from graingraph.engine.batch.run import Progress, run_images
from graingraph.engine.batch.workers import Workers
from graingraph.engine.declare import node as node_module
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Listener
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.support.paths import ROOT

NODES = ROOT / "tests" / "support" / "batch_nodes.py"


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nodes of ``batch_nodes`` beside those of the program, here and (by the registry's entry) in workers."""
    load_plugins()
    kept = dict(node_module.REGISTRY)
    monkeypatch.setattr(node_module, "REGISTRY", kept)
    exec(compile(NODES.read_text(), str(NODES), "exec"), {"__name__": "batch_nodes"})


@pytest.fixture
def in_workers(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of its own, joined through an entry point as any plug-in is, so that workers know the nodes too."""
    site = tmp_path_factory.mktemp("site")
    (site / "batch_nodes.py").write_text(NODES.read_text())
    info = site / "batch_nodes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: batch-nodes\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[graingraph.nodes]\nbatch = batch_nodes\n")
    monkeypatch.syspath_prepend(site)
    return site


def measuring(**settings: Any) -> Recipe:
    recipe, load = Recipe().add("BatchLoad")
    recipe, measure = recipe.add("BatchMeasure", **settings)
    return recipe.connect(Wire(load, "image", measure, "image"))


def image_set(*names: str) -> ImageSet:
    return ImageSet.of_arrays({name: np.full((4, 4), i + 1, np.uint8) for i, name in enumerate(names)})


def status(progress: Progress) -> dict[str, str]:
    return {name: row["Status"] for name, row in progress.rows.items()}


def test_one_image_that_fails_is_a_row(tmp_path: Path) -> None:
    progress = run_images(measuring(), image_set("a", "bad", "c"), BatchPaths(tmp_path))
    assert status(progress) == {"a": "ok", "bad": "failed", "c": "ok"}
    row = progress.rows["bad"]
    assert (row["Node"], row["Message"]) == ("batch_load", "It is bad; use a good one.")
    assert [row["Image"] for row in progress.failed] == ["bad"]
    assert progress.rows["c"]["mean Area (px²)"] == (16 * 3 + 1) / 2
    assert not progress.interrupted


def test_a_second_run_does_only_what_failed_or_changed(tmp_path: Path) -> None:
    ran: list[str | None] = []
    listener = Listener(started=lambda node, image: ran.append(image))
    first = run_images(measuring(), image_set("a", "bad", "c"), BatchPaths(tmp_path), listener=listener)
    assert set(ran) == {"a", "bad", "c"}
    ran.clear()
    again = run_images(measuring(), image_set("a", "bad", "c"), BatchPaths(tmp_path), listener=listener)
    assert set(ran) == {"bad"}
    assert again.resumed == 2
    assert list(again.rows) == ["a", "bad", "c"]
    assert again.rows["c"] == first.rows["c"]
    ran.clear()
    changed = run_images(measuring(times=2), image_set("a", "c"), BatchPaths(tmp_path), listener=listener)
    assert set(ran) == {"a", "c"}
    assert changed.rows["c"]["mean Area (px²)"] == ((16 * 2 * 2) + 1) / 2


def test_an_image_whose_picture_was_deleted_is_done_again(tmp_path: Path) -> None:
    def draw(evaluation: Evaluation, image: str) -> Pictures:
        return Pictures({f"overlays/{image}.txt": image.encode()})

    run_images(measuring(), image_set("a", "b"), BatchPaths(tmp_path), draw=draw)
    (tmp_path / "overlays" / "a.txt").unlink()
    assert run_images(measuring(), image_set("a", "b"), BatchPaths(tmp_path), draw=draw).resumed == 1
    assert (tmp_path / "overlays" / "a.txt").read_bytes() == b"a"


@pytest.mark.parametrize("left", [None, b""])
def test_an_image_whose_rows_of_the_table_are_gone_is_done_again(tmp_path: Path, left: bytes | None) -> None:
    run_images(measuring(), image_set("a", "b"), BatchPaths(tmp_path))
    part = next((tmp_path / ".graingraph" / "tables").iterdir())
    part.unlink() if left is None else part.write_bytes(left)
    assert run_images(measuring(), image_set("a", "b"), BatchPaths(tmp_path)).resumed == 1
    assert len(list((tmp_path / ".graingraph" / "tables").iterdir())) == 2


@pytest.mark.parametrize("folder", ["rows", "tables"])
def test_a_byte_that_changed_on_the_disk_is_never_passed_on(tmp_path: Path, folder: str) -> None:
    whole = run_images(measuring(), image_set("a", "b"), BatchPaths(tmp_path))
    for path in (tmp_path / ".graingraph" / folder).iterdir():
        data = path.read_bytes()
        place = data.index(b"2.5" if b"2.5" in data else b"1")
        path.write_bytes(data[:place] + b"7" + data[place + 1 :])
    again = run_images(measuring(), image_set("a", "b"), BatchPaths(tmp_path))
    assert again.resumed == 0
    assert [row["mean Area (px²)"] for row in again.rows.values()] == [8.5, 16.5]
    assert len(whole.rows) == 2


@pytest.mark.parametrize(
    "damage", [b"", b"{}", b"[1]", b'{"Status": "ok"}', b'{"Status": "ok", "Files": [3]}', b"\xff"]
)
def test_a_damaged_row_is_done_again(tmp_path: Path, damage: bytes) -> None:
    run_images(measuring(), image_set("a", "b"), BatchPaths(tmp_path))
    next((tmp_path / ".graingraph" / "rows").iterdir()).write_bytes(damage)
    again = run_images(measuring(), image_set("a", "b"), BatchPaths(tmp_path))
    assert again.resumed == 1
    assert set(status(again).values()) == {"ok"}


def test_a_worker_that_dies_is_a_row_and_the_others_finish(tmp_path: Path, in_workers: None) -> None:
    images = image_set("a", "deadly", "c", "bad")
    progress = run_images(measuring(), images, BatchPaths(tmp_path), workers=Workers(2))
    assert status(progress) == {**dict.fromkeys(images, "ok"), "deadly": "failed", "bad": "failed"}
    assert list(progress.rows) == list(images)
    assert "process that worked on it died" in progress.rows["deadly"]["Message"]


SCRIPT = """
import sys
from pathlib import Path
import numpy as np
import graingraph.app.services.worker_imports
from graingraph.engine.batch.run import run_images
from graingraph.engine.batch.image_job import BatchPaths
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.batch.workers import Workers
print("run")
images = ImageSet.of_arrays({name: np.zeros((4, 4), np.uint8) for name in "ab"})
rows = run_images(Recipe().add("Load")[0], images, BatchPaths(Path(sys.argv[1])), workers=Workers(2)).rows
print([row["Status"] for row in rows.values()])
"""


def test_workers_do_not_run_the_script_again_that_made_them(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "out")]
    said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert said.stdout.split("\n")[:2] == ["run", "['ok', 'ok']"], said.stderr


def test_workers_share_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[BatchPaths] = []

    class StopHereError(Exception):
        pass

    def hire(self: Workers, start: tuple[Any, ...], cancelled: object) -> None:
        given.append(start[2])
        raise StopHereError

    monkeypatch.setattr(Workers, "_hire", hire)
    with pytest.raises(StopHereError):
        run_images(measuring(), image_set("a", "b"), BatchPaths(tmp_path, memory=800), workers=Workers(4))
    assert given[0].memory == 200


def test_an_image_that_kills_its_worker_is_never_evaluated_in_the_main_process(
    tmp_path: Path, in_workers: None
) -> None:
    recipe, pool = measuring().add("BatchPool")
    recipe = recipe.connect(Wire("batch_measure", "table", pool, "tables"))
    for _ in range(2):  # the second run has only the deadly image to do
        progress = run_images(recipe, images := image_set("a", "deadly"), BatchPaths(tmp_path), workers=Workers(2))
        assert status(progress) == {"a": "ok", "deadly": "failed"}
        assert write_results(recipe, images, BatchPaths(tmp_path), progress) == []  # and we are still alive
        assert (tmp_path / "batch_pool.csv").read_text("utf-8-sig").split() == ['"n"', "1"]


DIES = """
import sys
from pathlib import Path
import numpy as np
from graingraph.engine.batch.image_job import BatchPaths
from graingraph.engine.batch.run import run_images
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe.recipe import Recipe
load_plugins()
images = ImageSet.of_arrays({name: np.full((4, 4), i + 1, np.uint8) for i, name in enumerate(("a", "deadly", "c"))})
run_images(Recipe().add("BatchLoad")[0], images, BatchPaths(Path(sys.argv[1])))
"""


def test_an_image_that_killed_the_run_is_a_row_of_the_next_one(tmp_path: Path, in_workers: Path) -> None:
    """In one process too: what the earlier run died of is tried in a process of its own, after all others."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(in_workers), str(ROOT.parent)))}
    command = [sys.executable, "-c", DIES, str(tmp_path / "out")]
    assert subprocess.run(command, env=environment, check=False).returncode == 9
    recipe, images = Recipe().add("BatchLoad")[0], image_set("a", "deadly", "c")
    for _ in range(2):  # the image stays suspect
        order: list[str] = []
        progress = run_images(
            recipe,
            images,
            BatchPaths(tmp_path / "out"),
            on_row=lambda done, order=order: order.append(list(done.rows)[-1]),
        )
        assert status(progress) == {"a": "ok", "deadly": "failed", "c": "ok"}
        assert order[-1] == "deadly"
        assert "process that worked on it died" in progress.rows["deadly"]["Message"]


def test_a_worker_that_is_killed_takes_only_time(tmp_path: Path, in_workers: None) -> None:
    killed: list[int] = []

    def kill(progress: Progress) -> None:
        if len(progress.rows) in (2, 5):
            victim = multiprocessing.active_children()[-1]
            killed.append(victim.pid or 0)
            os.kill(victim.pid or 0, signal.SIGKILL)

    images = image_set(*"abcdefgh")
    progress = run_images(measuring(), images, BatchPaths(tmp_path), workers=Workers(2), on_row=kill)
    assert len(killed) == 2
    assert status(progress) == dict.fromkeys(images, "ok")


def test_stopping_ends_the_workers_at_once(tmp_path: Path, in_workers: None) -> None:
    began = time.monotonic()
    asleep = image_set("a", *(f"slow {i}" for i in range(8)))
    progress = run_images(
        measuring(),
        asleep,
        BatchPaths(tmp_path),
        workers=Workers(2),
        cancelled=lambda: (tmp_path / ".graingraph" / "rows").is_dir() or time.monotonic() > began + 60,
    )
    assert progress.interrupted
    assert len(progress.rows) <= 1
    assert time.monotonic() < began + 60
    assert not multiprocessing.active_children()


INTERRUPTED_EARLY = """
import os, signal, sys, threading, time
from pathlib import Path
from graingraph.engine.batch.image_job import BatchPaths
from graingraph.engine.batch.run import run_images
from graingraph.engine.batch.workers import Workers
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe.recipe import Recipe

load_plugins()
begun = Path(sys.argv[1]) / "begun"
def interrupt():
    while not begun.exists():
        time.sleep(0.01)
    time.sleep(0.2)
    os.kill(os.getpid(), signal.SIGINT)

class Hiring(Workers):
    def _hire(self, *given):
        threading.Thread(target=interrupt, daemon=True).start()
        return super()._hire(*given)

images = ImageSet.of_files([Path(sys.argv[2])])
workers = Hiring(2, ["takes_long"])
progress = run_images(Recipe().add("Load")[0], images, BatchPaths(Path(sys.argv[1])), workers=workers)
print(progress.interrupted, len(progress.rows))
"""


def test_ctrl_c_does_not_wait_for_a_worker_that_is_being_started(tmp_path: Path) -> None:
    """The process that workers are forked from answers only when all is imported: here not before the run has ended."""
    (tmp_path / "takes_long.py").write_text(
        f"import pathlib, time\nhere = pathlib.Path({str(tmp_path)!r})\n(here / 'begun').touch()\n"
        "end = time.monotonic() + 100\nwhile not (here / 'ended').exists() and time.monotonic() < end:\n"
        "    time.sleep(0.05)\n"
    )
    image, script, said = tmp_path / "a.png", tmp_path / "script.py", tmp_path / "said"
    image.write_bytes(b"")
    script.write_text(INTERRUPTED_EARLY)
    try:
        with said.open("wb") as file:  # not a pipe, which the process that imports would hold open
            subprocess.run(
                [sys.executable, script, tmp_path, image],
                stdout=file,
                stderr=file,
                timeout=60,
                env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # background jobs ignore Ctrl-C
            )
    finally:
        (tmp_path / "ended").touch()
    assert said.read_text() == "True 0\n"


def test_a_disk_that_is_full_while_a_row_is_written_is_a_failed_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.parent.name == "rows":
            raise OSError(errno.ENOSPC, "No space left on device")
        return really(self, target)

    monkeypatch.setattr(Path, "replace", full)
    progress = run_images(measuring(), image_set("a", "b"), BatchPaths(tmp_path))
    assert set(status(progress).values()) == {"failed"}
    assert "No space left on device" in progress.rows["a"]["Message"]
    monkeypatch.setattr(Path, "replace", really)
    again = run_images(measuring(), image_set("a", "b"), BatchPaths(tmp_path))
    assert again.resumed == 0
    assert set(status(again).values()) == {"ok"}


@pytest.mark.parametrize("error", [ValueError("odd"), MemoryError(), OSError(5, "Input/output error")])
def test_a_fault_while_drawing_is_a_row(tmp_path: Path, error: Exception) -> None:
    def draw(evaluation: Evaluation, image: str) -> Pictures:
        if image == "b":
            raise error
        return Pictures()

    progress = run_images(measuring(), image_set("a", "b", "c"), BatchPaths(tmp_path), draw=draw)
    assert status(progress) == {"a": "ok", "b": "failed", "c": "ok"}
    assert type(error).__name__ in progress.rows["b"]["Message"]


def test_fail_fast_stops_at_the_first_failure(tmp_path: Path) -> None:
    progress = run_images(measuring(), image_set("a", "bad", "c"), BatchPaths(tmp_path), fail_fast=True)
    assert status(progress) == {"a": "ok", "bad": "failed"}
    assert not progress.interrupted


@pytest.mark.parametrize("how", ["cancel", "interrupt"])
def test_stopping_keeps_what_is_finished(tmp_path: Path, how: str) -> None:
    seen: list[str] = []

    def on_row(progress: Progress) -> None:
        seen[:] = progress.rows
        if how == "interrupt" and len(seen) == 2:
            raise KeyboardInterrupt

    stopped = run_images(
        measuring(),
        image_set("a", "b", "c"),
        BatchPaths(tmp_path),
        on_row=on_row,
        cancelled=lambda: how == "cancel" and len(seen) == 2,
    )
    assert stopped.interrupted
    assert list(stopped.rows) == ["a", "b"]
    assert run_images(measuring(), image_set("a", "b", "c"), BatchPaths(tmp_path)).resumed == 2


def test_the_time_still_to_go_comes_from_the_images_done_now() -> None:
    progress = Progress(10, resumed=2, rows={name: {"Status": "ok"} for name in "ab"})
    assert progress.eta is None
    progress.rows |= {name: {"Status": "ok"} for name in "cd"}
    progress.started -= 10
    assert progress.eta == pytest.approx(30, abs=1)


def test_rows_are_named_by_everything_they_depend_on(tmp_path: Path) -> None:
    place = BatchPaths(tmp_path)
    paths = {
        image_job.row_path(Evaluation(recipe, images), place, "a")
        for recipe in (measuring(), measuring(times=2))
        for images in (image_set("a"), image_set("b", "a"))
    }
    assert len(paths) == 4
