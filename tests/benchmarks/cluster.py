"""A Dask cluster beside one process: what an image costs on top, whether memory stays, and what two workers save.

    python -m tests.benchmarks.cluster [SMALL] [LARGE]

SMALL pictures of 64 × 64 px go through one process, then through two workers of a cluster on this machine; memory of
the scheduler and the workers is read as it goes. LARGE pictures of 3000 × 2000 px go through one worker, then two. The
figures compare with each other; a machine that does other work spoils them.
"""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
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


def measure(
    images: ImageSet, out: Path, team: Team | None, large: bool, memory: list[str], of: psutil.Process | None
) -> float:
    """Seconds that a run takes from the first row to the last; says the memory at every tenth part."""
    at: list[float] = []

    def note(progress: Progress) -> None:
        at.append(time.perf_counter())
        if of is not None and len(progress.rows) % max(1, len(images) // 5) == 0:
            rss = [process.memory_info().rss / 1e6 for process in (of, *of.children(recursive=True))]
            memory.append(f"{len(progress.rows)}: " + " ".join(f"{value:.0f}" for value in sorted(rss)))

    run_images(LARGE_RECIPE if large else RECIPE, images, BatchPaths(out), workers=team, on_row=note)
    return at[-1] - at[0]


def main(small: int, large: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder, memory = Path(name), list[str]()
        images = pictures(folder / "small", small, (64, 64), 3)
        alone = measure(images, folder / "a", None, False, memory, None) / small * 1e3
        with cluster(2) as (address, process):
            cluster_ms = measure(images, folder / "b", cluster_at(address), False, memory, process) / small * 1e3
        print(f"{small} small images: {alone:.1f} ms each in one process, {cluster_ms:.1f} ms each on two workers")
        print("memory (MB) of scheduler, workers and their helpers after so many images:", *memory, sep="\n  ")
        images = pictures(folder / "large", large, (2000, 3000), 400)
        took = {}
        for workers in (1, 2):
            with cluster(workers) as (address, _):
                took[workers] = measure(images, folder / f"large {workers}", cluster_at(address), True, memory, None)
        print(f"{large} large images: two workers are {took[1] / took[2]:.2f} times as fast as one")


if __name__ == "__main__":
    asked = [int(text) for text in sys.argv[1:]]
    main(*(asked + [2000, 40][len(asked) :]))
