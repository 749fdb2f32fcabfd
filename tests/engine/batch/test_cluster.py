"""A real Dask cluster gives what one process gives, survives its workers, and refuses those with other code."""

import csv
import io
import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile

from graingraph.app.rendering.overlays import draw_overlays
from graingraph.engine.batch import cluster as cluster_module
from graingraph.engine.batch.cluster import Cluster
from graingraph.engine.batch.image_job import BatchPaths
from graingraph.engine.batch.results import write_results
from graingraph.engine.batch.run import Progress, run_images
from graingraph.engine.declare import node as node_module
from graingraph.engine.declare.models import ModelFolders, reference
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.support.paths import GRAPHS, ROOT
from tests.support.recipes import chain

pytest.importorskip("distributed")
NODES = ROOT / "tests" / "support" / "batch_nodes.py"
Start = Callable[[], tuple[str, "subprocess.Popen[str]"]]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts a scheduler with two workers, which know the nodes of ``batch_nodes`` as a plug-in."""
    site = tmp_path_factory.mktemp("site")
    (site / "batch_nodes.py").write_text(NODES.read_text())
    info = site / "batch_nodes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: batch-nodes\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[graingraph.nodes]\nbatch = batch_nodes\n")
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)]),
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
    }
    running: list[subprocess.Popen[str]] = []

    def begin() -> tuple[str, subprocess.Popen[str]]:
        command = [sys.executable, "-m", "graingraph", "cluster", "--workers", "2", "--port", "0"]
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        said = process.stdout.readline()
        return re.search(r"tcp://\S+", said)[0], process

    yield begin
    for process in running:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def address(start: Start) -> str:
    return start()[0]


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nodes of ``batch_nodes`` beside those of the program, in this process."""
    load_plugins()
    monkeypatch.setattr(node_module, "REGISTRY", dict(node_module.REGISTRY))
    module = type(sys)("batch_nodes")
    module.__file__ = str(NODES)
    monkeypatch.setitem(sys.modules, "batch_nodes", module)
    exec(compile(NODES.read_text(), str(NODES), "exec"), module.__dict__)


def nodules(folder: Path, count: int) -> ImageSet:
    """Pictures of dark discs, each with other ones."""
    folder.mkdir(exist_ok=True)
    rows, columns = np.mgrid[:300, :300]
    for number in range(count):
        picture, rng = np.full((300, 300), 200, np.uint8), np.random.default_rng(number)
        for row, column, radius in rng.integers((20, 20, 6), (280, 280, 16), (12, 3)):
            picture[(rows - row) ** 2 + (columns - column) ** 2 < radius**2] = 40
        tifffile.imwrite(folder / f"{number:03}.tif", picture)
    return ImageSet.of_files(sorted(folder.glob("*.tif")))


def results(recipe: Recipe, images: ImageSet, out: Path, team: Cluster | None, **options: object) -> Progress:
    place = BatchPaths(out)
    place.state.mkdir(parents=True)
    progress = run_images(recipe, images, place, workers=team, draw=draw_overlays if recipe.name else None, **options)
    assert write_results(recipe, images, place, progress) == []
    return progress


def outputs(out: Path) -> dict[str, bytes]:
    """Every file of a run that does not tell times, and the table of the images without the time that each took."""
    found = {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file() and path.suffix in (".csv", ".png", ".jpg") and ".graingraph" not in path.parts
    }
    lines = list(csv.reader(io.StringIO(found.pop("fields.csv").decode("utf-8-sig"))))
    at = lines[0].index("Seconds")
    return found | {"fields.csv": repr([line[:at] + line[at + 1 :] for line in lines]).encode()}


def test_the_files_are_those_of_one_process_byte_for_byte(address: str, tmp_path: Path):
    recipe, images = recipe_file.load(GRAPHS / "nodules.graingraph.json"), nodules(tmp_path / "images", 6)
    results(recipe, images, tmp_path / "here", None)
    seen: list[int] = []
    results(
        recipe, images, tmp_path / "there", Cluster(address), on_row=lambda progress: seen.append(len(progress.rows))
    )
    assert outputs(tmp_path / "there") == outputs(tmp_path / "here")
    assert len(outputs(tmp_path / "here")) > 6
    assert seen == list(range(1, 7))


def test_models_are_sent_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (model,) = GRAPHS.glob("models/grain_boundary-*.onnx")
    mine = tmp_path / "mine" / "boundaries.onnx"
    mine.parent.mkdir()
    mine.write_bytes(model.read_bytes())
    recipe = chain(("Load", "DeepSegment", "ClassMask", "LabelFeatures", "MeasureFeatures"))
    recipe = recipe.with_setting("deep_segment", "model", reference(mine))
    place = BatchPaths(tmp_path / "out", models=ModelFolders().and_in(mine.parent))
    job = cluster_module._job(recipe, nodules(tmp_path / "images", 1), place, None, 1, ())
    assert job.models == {"boundaries.onnx": model.read_bytes()}
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache of the worker"))
    packed = pickle.dumps(job)
    mine.unlink()
    (row,) = cluster_module.work(job.token, packed, ["000.tif"])
    assert (row["Status"], row["Message"]) == ("ok", "")


def test_a_worker_with_other_code_is_refused(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    recipe, images = recipe_file.load(GRAPHS / "nodules.graingraph.json"), nodules(tmp_path / "images", 2)
    known = cluster_module._code
    monkeypatch.setattr(cluster_module, "_code", lambda *of: known(*of) | {"Threshold": "another"})
    with pytest.raises(Problem, match=r"The worker tcp://\S+ computes with other code \(Threshold\)"):
        results(recipe, images, tmp_path / "out", Cluster(address))
    assert not list((tmp_path / "out").glob("*.csv"))


def test_what_a_worker_cannot_see_is_named(tmp_path: Path):
    recipe, images = recipe_file.load(GRAPHS / "nodules.graingraph.json"), nodules(tmp_path / "images", 1)
    job = cluster_module._job(recipe, images, BatchPaths(tmp_path / "out"), None, 1, ())
    assert cluster_module.objection_to(job) == ""
    assert "does not see the folder" in cluster_module.objection_to(replace(job, token="another"))
    gone = replace(job, place=replace(job.place, marks=tmp_path / "marks"))
    assert "does not see what was drawn" in cluster_module.objection_to(gone)
    (tmp_path / "images" / "000.tif").unlink()
    (tmp_path / "images").rmdir()
    assert "does not see the images" in cluster_module.objection_to(job)


@pytest.mark.parametrize(
    ("seconds", "waiting", "slots", "together"),
    [
        ([], 1000, 2, 1),  # nothing is known yet
        ([1.0, 2.0], 1000, 2, 1),
        ([0.01], 1000, 2, 20),
        ([0.0001], 100_000, 2, cluster_module.MOST_TOGETHER),
        ([0.01], 30, 2, 5),  # towards the end each worker gets its part
        ([0.01], 1, 2, 1),
        ([0.0], 1000, 0, cluster_module.MOST_TOGETHER),
    ],
)
def test_small_images_go_together(seconds: list[float], waiting: int, slots: int, together: int):
    assert cluster_module._together(seconds, waiting, slots) == together


def test_no_scheduler_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cluster_module, "CONNECTING", 1.0)
    recipe, images = recipe_file.load(GRAPHS / "nodules.graingraph.json"), nodules(tmp_path / "images", 1)
    with pytest.raises(Problem, match="No scheduler answers at tcp://127"):
        results(recipe, images, tmp_path / "out", Cluster("tcp://127.0.0.1:9"))


def measuring() -> Recipe:
    recipe, load = Recipe().add("BatchLoad")
    recipe, measure = recipe.add("BatchMeasure")
    return recipe.connect(Wire(load, "image", measure, "image"))


def tiny(*names: str) -> ImageSet:
    return ImageSet.of_arrays(
        {name: np.arange(16, dtype=np.uint8).reshape(4, 4) + number for number, name in enumerate(names)}
    )


@pytest.mark.usefixtures("declared")
def test_an_image_that_kills_its_workers_is_a_failed_row_and_the_others_are_measured(address: str, tmp_path: Path):
    images = tiny(*(f"good {number}" for number in range(10)), "deadly", "bad")
    progress = run_images(measuring(), images, BatchPaths(tmp_path / "out"), workers=Cluster(address))
    failed = {row["Image"]: row["Message"] for row in progress.failed}
    assert failed.keys() == {"deadly", "bad"}
    assert "died" in failed["deadly"]
    assert failed["bad"].startswith("It is bad")


@pytest.mark.slow
@pytest.mark.usefixtures("declared")
def test_kills_of_a_worker_and_of_the_scheduler_change_no_table(start: Start, tmp_path: Path):
    recipe, images = measuring(), tiny(*(f"image {number}" for number in range(150)))
    results(recipe, images, tmp_path / "here", None)
    address, process = start()
    place = BatchPaths(tmp_path / "there")
    place.state.mkdir(parents=True)

    def kill(progress: Progress) -> None:
        if len(progress.rows) == 20:
            os.kill(_workers_of(process.pid)[0], signal.SIGKILL)
        if len(progress.rows) == 60:
            process.kill()

    with pytest.raises(Problem, match=r"scheduler .* is gone"):
        run_images(recipe, images, place, workers=Cluster(address), on_row=kill)
    assert 60 <= len(list((place.state / "rows").glob("*.json"))) < 150
    address, _ = start()
    place = BatchPaths(tmp_path / "there")
    progress = run_images(recipe, images, place, workers=Cluster(address))
    assert progress.resumed >= 60
    assert write_results(recipe, images, place, progress) == []
    assert outputs(tmp_path / "there") == outputs(tmp_path / "here")


@pytest.mark.usefixtures("declared")
def test_stopping_ends_soon_and_keeps_what_is_done(address: str, tmp_path: Path):
    recipe, images = measuring(), tiny(*(f"image {number}" for number in range(150)))
    stop = threading.Event()
    place = BatchPaths(tmp_path / "out")
    progress = run_images(
        recipe,
        images,
        place,
        workers=Cluster(address),
        on_row=lambda progress: stop.set() if len(progress.rows) == 5 else None,
        cancelled=stop.is_set,
    )
    assert progress.interrupted
    assert 5 <= len(progress.rows) < 150
    rows = len(list((place.state / "rows").glob("*.json")))
    time.sleep(1.0)
    assert len(list((place.state / "rows").glob("*.json"))) == rows  # nobody works on
    again = run_images(recipe, images, BatchPaths(tmp_path / "out"), workers=Cluster(address))
    assert again.resumed >= 5
    assert len(again.rows) == 150


def _workers_of(parent: int) -> list[int]:
    """The worker processes that a cluster's process has started: those that are no tracker of resources."""
    children = Path(f"/proc/{parent}/task").glob("*/children")
    pids = [int(pid) for path in children for pid in path.read_text().split()]
    return [pid for pid in pids if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")]
