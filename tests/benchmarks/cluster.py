"""A Dask cluster beside one process: what an image costs on top, whether memory stays, and what two workers save.

    python -m tests.benchmarks.cluster [SMALL] [LARGE]

SMALL pictures of 64 × 64 px go through one process, then through two workers of a cluster on this machine; memory of
the scheduler and the workers is read as it goes, and what all of them compute for an image, besides the time that it
takes. LARGE pictures of 3000 × 2000 px go through one worker, then two. The figures compare with each other; a machine
that does other work spoils the times, less so what is computed.
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
    memory: list[str]


def measure(
    recipe: Recipe, images: ImageSet, out: Path, team: Team | None, scheduler: psutil.Process | None
) -> Figures:
    """Run, and note the memory of all processes of the scheduler at every fifth part."""
    at, worked, memory = list[float](), list[float](), list[str]()

    def note(progress: Progress) -> None:
        done = len(progress.rows)
        if done in (1, len(images)):
            at.append(time.perf_counter())
            worked.append(sum(_worked(process) for process in (psutil.Process(), *_family(scheduler))))
        if scheduler is not None and done % max(1, len(images) // 5) == 0:
            sizes = sorted(process.memory_info().rss / 1e6 for process in _family(scheduler))
            memory.append(f"{done}: " + " ".join(f"{size:.0f}" for size in sizes))

    run_images(recipe, images, BatchPaths(out), workers=team, on_row=note)
    return Figures(at[-1] - at[0], worked[-1] - worked[0], memory)


def _family(scheduler: psutil.Process | None) -> list[psutil.Process]:
    return [scheduler, *scheduler.children(recursive=True)] if scheduler is not None else []


def _worked(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def main(small: int, large: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        images = pictures(folder / "small", small, (64, 64), 3)
        alone = measure(RECIPE, images, folder / "a", None, None)
        with cluster(2) as (address, process):
            shared = measure(RECIPE, images, folder / "b", cluster_at(address), process)
        for words, found in (("in one process", alone), ("on two workers", shared)):
            print(f"{small} small images {words}: {found.took / small * 1e3:.1f} ms each, of which worked", end=" ")
            print(f"{found.worked / small * 1e3:.1f} ms")
        print("memory (MB) of scheduler, workers and their helpers after so many images:", *shared.memory, sep="\n  ")
        images = pictures(folder / "large", large, (2000, 3000), 400)
        took = {}
        for workers in (1, 2):
            with cluster(workers) as (address, _):
                out = folder / f"large {workers}"
                took[workers] = measure(LARGE_RECIPE, images, out, cluster_at(address), None).took
        print(f"{large} large images: two workers are {took[1] / took[2]:.2f} times as fast as one")


if __name__ == "__main__":
    asked = [int(text) for text in sys.argv[1:]]
    main(*(asked + [2000, 40][len(asked) :]))
