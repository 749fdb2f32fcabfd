"""What the engine costs beside the nodes: ``python -m tests.benchmarks.engine``.

Overhead per node, changing the last setting of a recipe, ``--help``, two workers against one, and import times, each
with its target. Everything is taken several times in turn and the median counts; on a busy machine believe the ratios
and the processor times.
"""

import argparse
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median

import numpy as np

from tests.benchmarks.grain_images import grain_image
from tests.benchmarks.grain_recipe import SIZES, grain_recipe

MODULES = (
    "graingraph.engine.evaluation.evaluation",
    "nodes",
    "graingraph.app.cli.main",
    "graingraph.app.cli.run",
    "numpy",
    "cv2",
    "numba",
    "pyarrow.csv",
    "graingraph.app.services.worker_imports",
)
COMMAND = (sys.executable, "-m", "graingraph.app.cli.main")


def clocks(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of processor time in this process, that an action takes."""
    start, start_cpu = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - start, time.process_time() - start_cpu


def process_clocks(*command: str) -> tuple[float, float]:
    """Seconds on the clock, and of processor time, of a whole process with all that it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    clock = time.perf_counter() - start
    with suppress(ChildProcessError):
        while True:
            os.wait()  # for the fork server, whose parent has gone
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def adopt_orphans() -> None:
    """Become the parent of processes that outlive their own, so that the processor time of workers is counted."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def busy_seconds() -> float:
    """Processor time that all programs of this machine took since it started; 0 where the system does not say."""
    try:
        counts = [int(word) for word in Path("/proc/stat").read_text().split()[1:9]]
    except (OSError, ValueError):
        return 0.0
    return (sum(counts) - counts[3] - counts[4]) / os.sysconf("SC_CLK_TCK")


def middle(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    """Median of the clock and of the processor time."""
    return median(clock for clock, _ in pairs), median(cpu for _, cpu in pairs)


def node_overhead(rounds: int, nodes: int = 200) -> None:
    """A chain of inverted tiny images through an empty store, then once more with every result in the store."""
    import graingraph.nodes as declared  # noqa: F401 - declares the nodes
    from graingraph.engine.evaluation.evaluation import Evaluation
    from graingraph.engine.evaluation.store import Listener, Store
    from graingraph.engine.images.image_set import ImageSet
    from graingraph.engine.recipe.parts import Wire
    from graingraph.engine.recipe.recipe import Recipe

    image_set = ImageSet.of_arrays({"tiny": np.zeros((2, 2), np.uint8)})
    recipe, last = Recipe("chain").add("Load")
    for _ in range(nodes):
        recipe, node = recipe.add("Invert")
        recipe = recipe.connect(Wire(last, "image", node, "image"))
        last = node
    inside: list[float] = []
    computed, stored = [], []
    for lap in range(rounds + 1):
        store = Store()
        listener = Listener(finished=lambda node, image, seconds: inside.append(seconds))
        fresh = clocks(lambda: Evaluation(recipe, image_set, store, listener=listener).value(last, image="tiny"))  # noqa: B023
        again = clocks(lambda: Evaluation(recipe, image_set, store).value(last, image="tiny"))  # noqa: B023
        if lap:
            computed.append(fresh)
            stored.append(again)
    assert len(inside) == (rounds + 1) * (nodes + 1)
    clock, cpu = middle(computed)
    print(f"overhead per node: {1e3 * clock / nodes:.2f} ms, processor {1e3 * cpu / nodes:.2f} ms (below 1 ms)")
    clock, cpu = middle(stored)
    print(f"  the same with all in the store: {1e3 * clock:.1f} ms, processor {1e3 * cpu:.1f} ms for {nodes} nodes")


def last_setting(rounds: int) -> None:
    """Change the last setting of the grain recipe at 3000 x 2000, all else being in the store."""
    from graingraph.engine.evaluation.evaluation import Evaluation
    from graingraph.engine.evaluation.store import Listener, Store
    from graingraph.engine.images.image_set import ImageSet

    recipe, last = grain_recipe()
    changed = recipe.with_setting(last, "bounding_box", True)
    inside: list[float] = []
    listener = Listener(finished=lambda node, image, seconds: inside.append(seconds))
    beside = []
    with tempfile.TemporaryDirectory() as folder:
        image_set = ImageSet.of_files(grain_files(Path(folder), 1))
        (image,) = image_set
        for _ in range(rounds + 1):
            store = Store()
            Evaluation(recipe, image_set, store).value(last, image=image)
            inside.clear()
            clock, _ = clocks(lambda: Evaluation(changed, image_set, store, listener=listener).value(last, image=image))  # noqa: B023
            (node,) = inside  # nothing else ran
            beside.append(clock - node)
    print(f"changing the last setting: its node and {1e3 * median(beside[1:]):.1f} ms (at most 50 ms)")


def command_line(rounds: int) -> None:
    """``graingraph --help``, whole processes."""
    runs = [process_clocks(*COMMAND, "--help") for _ in range(rounds + 1)][1:]
    clock, cpu = middle(runs)
    print(f"graingraph --help: {clock:.2f} s, processor {cpu:.2f} s (within 0.3 s)")


def imports(rounds: int) -> None:
    """Importing one module in a fresh interpreter, less the interpreter itself."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ("sys", *MODULES)}
    for _ in range(rounds):
        for name in times:
            times[name].append(process_clocks(sys.executable, "-c", f"import {name}"))
    bare = middle(times.pop("sys"))
    for name, runs in times.items():
        clock, cpu = middle(runs)
        print(f"import {name:16}{clock - bare[0]:6.2f} s, processor {cpu - bare[1]:5.2f} s")


def two_workers(images: int, rounds: int) -> None:
    """A whole batch with tables and overlays through the command line, on one core and on two, turn about."""
    from graingraph.engine.recipe import file as recipe_file

    runs: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
    adopt_orphans()
    busy = busy_seconds()
    with tempfile.TemporaryDirectory() as folder:
        grain_files(Path(folder) / "images", images)
        recipe = Path(folder) / f"grains{recipe_file.SUFFIX}"
        recipe_file.save(grain_recipe()[0], recipe)
        for lap in range(rounds):
            for workers in runs:
                out = Path(folder) / f"out {lap} {workers}"
                command = ("run", str(recipe), str(Path(folder) / "images"), "-o", str(out))
                runs[workers].append(process_clocks(*COMMAND, *command, "--workers", str(workers)))
    one, two = middle(runs[1]), middle(runs[2])
    print(f"{images} images: one worker {one[0]:.1f} s (processor {one[1]:.1f}), two {two[0]:.1f} s ({two[1]:.1f})")
    ratio = median(a[0] / b[0] for a, b in zip(runs[1], runs[2], strict=True))
    others = busy_seconds() - busy - sum(cpu for pairs in runs.values() for _, cpu in pairs)
    print(f"  two workers are {ratio:.2f} times faster (at least 1.8), on {os.cpu_count()} cores", end="; ")
    print(f"other programs took {max(others, 0):.1f} s of their time, which should be next to none")
    print(f"  two bare loops at once are {two_loops(rounds):.2f} times faster here than one after the other")


def two_loops(rounds: int) -> float:
    """What two workers could gain at best: a machine's second core is seldom worth a whole one."""
    command = (sys.executable, "-c", "x = 0.0\nfor i in range(40_000_000): x += i")

    def run(count: int) -> float:
        start = time.perf_counter()
        for process in [subprocess.Popen(command) for _ in range(count)]:
            process.wait()
        return time.perf_counter() - start

    return median(2 * run(1) / run(2) for _ in range(rounds))


def grain_files(folder: Path, count: int) -> list[Path]:
    """So many TIFF files of 3000 x 2000 grain images, no two the same."""
    import tifffile

    folder.mkdir(exist_ok=True)
    pixels = grain_image(*SIZES["3000x2000"])
    paths = [folder / f"grains_{i:02}.tif" for i in range(count)]
    for i, path in enumerate(paths):
        tifffile.imwrite(path, np.roll(pixels, 37 * i, axis=1))
    return paths


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="of which the median counts")
    parser.add_argument("--images", type=int, default=40, help="how many images the workers share; 0 leaves them out")
    parser.add_argument("--batches", type=int, default=1, help="how often the workers take turns")
    arguments = parser.parse_args()
    node_overhead(arguments.rounds)
    last_setting(arguments.rounds)
    command_line(arguments.rounds)
    imports(arguments.rounds)
    if arguments.images:
        two_workers(arguments.images, arguments.batches)


if __name__ == "__main__":
    main()
