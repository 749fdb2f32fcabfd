"""A Dask cluster beside one process: what an image costs on top, whether memory stays, and what two workers save.

    python -m tests.benchmarks.cluster [SMALL] [LARGE]

SMALL pictures of 64 × 64 px go through one process, then through two workers of a cluster on this machine. After each
tenth stands what an image of that tenth took, and what all processes computed for it: equal from first to last where
nothing grows with the number of images; and the memory of all of them. LARGE pictures of 3000 × 2000 px go through one
worker, then two. The figures compare with each other; a machine that does other work spoils the times, less so what is
computed.
"""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import psutil

from graingraph.app.services import worker_imports  # noqa: F401  (so that neither way has to import)
from graingraph.app.services.batch_workers import cluster_at
from graingraph.engine.batch.image_job import BatchPaths
from graingraph.engine.batch.run import Progress, run_images
from graingraph.engine.batch.workers import Team
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe.recipe import Recipe
from tests.support.paths import ROOT
from tests.support.recipes import chain

RECIPE = chain(("Load", "Threshold", "LabelFeatures", "MeasureFeatures"))
LARGE_RECIPE = chain(("Load", "Filter", "Threshold", "FillHoles", "LabelFeatures", "MeasureFeatures"))


@contextmanager
def cluster(workers: int) -> Iterator[tuple[str, psutil.Process]]:
    """A scheduler with so many workers on this machine: its address, and its process."""
    command = [sys.executable, "-m", "graingraph", "cluster", "--workers", str(workers), "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    found = re.search(r"tcp://\S+", process.stdout.readline())
    assert found
    try:
        yield found[0], psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def pictures(folder: Path, count: int, shape: tuple[int, int], discs: int) -> ImageSet:
    """Pictures of bright discs, each with other ones."""
    folder.mkdir()
    for number in range(count):
        picture, rng = np.zeros(shape, np.uint8), np.random.default_rng(number)
        for x, y in zip(rng.integers(0, shape[1], discs), rng.integers(0, shape[0], discs), strict=True):
            cv2.circle(picture, (int(x), int(y)), max(3, shape[0] // 60), 200, -1)
        cv2.imwrite(str(folder / f"{number:06}.png"), picture)
    return ImageSet.of_files(sorted(folder.iterdir()))


@dataclass
class Figures:
    """Seconds that a run took from the first row to the last, and seconds that processors worked for it meanwhile."""

    took: float
    worked: float


def measure(
    recipe: Recipe, images: ImageSet, out: Path, team: Team | None, scheduler: psutil.Process | None, parts: int = 0
) -> Figures:
    """Run, and print after each of so many parts what it took and the memory of all processes."""
    everybody = [psutil.Process(), *_family(scheduler)]
    marks = sorted({1, len(images), *(len(images) * part // parts for part in range(1, parts + 1))})
    seen: list[tuple[int, float, float]] = []

    def note(progress: Progress) -> None:
        done = len(progress.rows)
        if done not in marks:
            return
        seen.append((done, time.perf_counter(), sum(_worked(process) for process in everybody)))
        if parts and len(seen) > 1:
            many, took, worked = (now - before for now, before in zip(seen[-1], seen[-2], strict=True))
            sizes = " ".join(f"{process.memory_info().rss / 1e6:.0f}" for process in everybody)
            each = f"{took / many * 1e3:.2f} ms each, of which worked {worked / many * 1e3:.2f} ms"
            print(f"  up to {done}: {each}; memory (MB) {sizes}", flush=True)

    run_images(recipe, images, BatchPaths(out), workers=team, on_row=note)
    return Figures(seen[-1][1] - seen[0][1], seen[-1][2] - seen[0][2])


def _family(scheduler: psutil.Process | None) -> list[psutil.Process]:
    return [scheduler, *scheduler.children(recursive=True)] if scheduler is not None else []


def _worked(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def small_images(folder: Path, count: int) -> None:
    """What an image costs on top of the same loop in one process."""
    images = pictures(folder / "small", count, (64, 64), 3)
    print(f"{count} small images in one process, which has its memory first:", flush=True)
    alone = measure(RECIPE, images, folder / "a", None, None, 10)
    with cluster(2) as (address, process):
        print("on two workers: memory of the caller, the scheduler, the workers and their helpers:", flush=True)
        shared = measure(RECIPE, images, folder / "b", cluster_at(address), process, 10)
    for words, found in (("in one process", alone), ("on two workers", shared)):
        print(f"{count} small images {words}: {found.took / count * 1e3:.2f} ms each, of which worked", end=" ")
        print(f"{found.worked / count * 1e3:.2f} ms")
    print(f"on top: {(shared.took - alone.took) / count * 1e3:.2f} ms an image", flush=True)


def large_images(folder: Path, count: int) -> None:
    """How much faster two workers are than one."""
    images = pictures(folder / "large", count, (2000, 3000), 400)
    took = {}
    for workers in (1, 2):
        with cluster(workers) as (address, _):
            took[workers] = measure(LARGE_RECIPE, images, folder / f"large {workers}", cluster_at(address), None).took
            print(f"{count} large images, {workers} at work: {took[workers] / count * 1e3:.0f} ms each", flush=True)
    print(f"{count} large images: two workers are {took[1] / took[2]:.2f} times as fast as one")


def main(small: int, large: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        if small:
            small_images(Path(name), small)
        if large:
            large_images(Path(name), large)


if __name__ == "__main__":
    asked = [int(text) for text in sys.argv[1:]]
    main(*(asked + [2000, 40][len(asked) :]))
