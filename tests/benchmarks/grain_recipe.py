"""How fast the grain recipe runs here, by hand and in scikit-image: ``python -m tests.benchmarks.grain_recipe``.

Flatten (σ 50), median 5, Otsu, fill, drop small, distance watershed, edge reject, label, measure, CSV: from an
uncompressed TIFF file to a CSV file. The contestants take turns in one process, and each is run once in a fresh one.
Only the ratios within one sitting mean anything.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from graingraph.engine.recipe.recipe import Recipe

SIZES = {"3000x2000": (2000, 3000, 2900), "6000x4000": (4000, 6000, 12_000)}
LIMITS = {"3000x2000": 12.0, "6000x4000": 30.0}
"""How many times faster than scikit-image the program has to be."""
NODE_SECONDS: dict[str, list[float]] = {}
"""What each node took, in every run."""
NODES = (
    ("Load", {}),
    ("FlattenBackground", {"sigma": 50.0}),
    ("Filter", {"method": "median", "size": 5}),
    ("Threshold", {"method": "otsu"}),
    ("FillHoles", {}),
    ("RejectFeatures", {"by": "area", "minimum": 50.0}),
    ("SeparateFeatures", {"depth": 1.0}),
    ("EdgeReject", {}),
    ("MeasureFeatures", {"inscribed_circle": False}),  # which the script does not have
)


def grain_recipe() -> tuple["Recipe", str]:
    """The recipe, and its last node."""
    import graingraph.nodes  # noqa: F401 - declares the nodes
    from graingraph.engine.recipe.parts import Wire
    from graingraph.engine.recipe.recipe import Recipe

    recipe, first, before = Recipe("grain benchmark"), "", ""
    for type_name, settings in NODES:
        recipe, node = recipe.add(type_name, **settings)
        if before:
            output = recipe.steps[before].declared.outputs[0].name
            recipe = recipe.connect(Wire(before, output, node, recipe.steps[node].declared.inputs[0].name))
        first, before = first or node, node
    return recipe.connect(Wire(first, "image", before, "image")), before


def run_graingraph(image: Path, csv: Path) -> None:
    """The recipe through the engine, nothing cached from before, its table written as a batch writes it."""
    from graingraph.engine.evaluation.evaluation import Evaluation
    from graingraph.engine.evaluation.store import Listener
    from graingraph.engine.images.image_set import ImageSet
    from graingraph.engine.values.csv import csv_bytes
    from graingraph.engine.values.table import with_units

    recipe, last = grain_recipe()

    def finished(node: str, _: str | None, seconds: float) -> None:
        NODE_SECONDS.setdefault(node, []).append(seconds)

    image_set = ImageSet.of_files([image])
    table = Evaluation(recipe, image_set, listener=Listener(finished=finished)).value(last, image=image.name)
    csv.write_bytes(csv_bytes(with_units(table)))


def run_by_hand(image: Path, csv: Path) -> None:
    """The best script; imported when it runs, so that a cold run pays for its imports."""
    from tests.benchmarks import recipe_by_hand

    recipe_by_hand.run_by_hand(image, csv)


def run_scikit_image(image: Path, csv: Path) -> None:
    """The recipe in scikit-image."""
    from tests.benchmarks import recipe_in_scikit_image

    recipe_in_scikit_image.run_scikit_image(image, csv)


CONTESTANTS = {"graingraph": run_graingraph, "by hand": run_by_hand, "scikit-image": run_scikit_image}


def timed(name: str, image: Path) -> tuple[float, float]:
    """Seconds on the clock, and of processor time, of one run; its table is written beside the image."""
    start, start_cpu = time.perf_counter(), time.process_time()
    CONTESTANTS[name](image, image.with_name(f"{name}.csv"))
    return time.perf_counter() - start, time.process_time() - start_cpu


def cold(name: str, image: Path) -> float:
    """Seconds of the same in a fresh process, interpreter and imports included."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "tests.benchmarks.grain_recipe", "--one", name, str(image)], check=True)
    return time.perf_counter() - start


def summarise(csv: Path) -> tuple[int, float]:
    """Number of grains and mean equivalent diameter in a contestant's table."""
    import pandas as pd

    frame = pd.read_csv(csv)
    column = next(name for name in frame.columns if name.startswith("Equivalent diameter"))
    return len(frame), float(frame[column].mean())


def compare(size: str, rounds: int, contestants: list[str]) -> None:
    """Run every contestant on one image and print times, ratios and whether they agree."""
    import tifffile

    from tests.benchmarks.grain_images import grain_image

    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "grains.tif"
        tifffile.imwrite(image, grain_image(*SIZES[size]))
        fresh = {name: cold(name, image) for name in contestants if name != "scikit-image"}
        for lap in range(rounds + 1):  # turn about, so that a busy machine slows all alike; the first lap warms up
            for name in contestants:
                if name != "scikit-image" or lap == rounds:
                    seconds[name].append(timed(name, image))
        tables = {name: summarise(image.with_name(f"{name}.csv")) for name in contestants}
    best = {name: np.median(np.array(runs)[1 if len(runs) > 1 else 0 :], axis=0) for name, runs in seconds.items()}
    print(size)
    for name, (clock, cpu) in best.items():
        start = f"fresh process {fresh[name]:5.2f} s" if name in fresh else ""
        count, mean = tables[name]
        print(f"  {name:13}{clock:8.3f} s, processor {cpu:7.3f} s   n = {count}, mean {mean:.2f} px   {start}")
    for name, target in (("by hand", "at least 0.91"), ("scikit-image", f"at least {LIMITS[size]:g}")):
        if name in best:
            clock, cpu = best[name] / best["graingraph"]
            print(f"  {clock:.2f} times faster than {name} ({target}); by processor time {cpu:.2f}")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, help="only this size")
    parser.add_argument("--rounds", type=int, default=7, help="warm runs, of which the median counts")
    parser.add_argument("--skip-scikit-image", action="store_true", help="leave out the slow contestant")
    parser.add_argument("--nodes", action="store_true", help="also print what each node takes")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        timed(arguments.one[0], Path(arguments.one[1]))
        return
    contestants = [name for name in CONTESTANTS if not (name == "scikit-image" and arguments.skip_scikit_image)]
    for size in [arguments.size] if arguments.size else SIZES:
        compare(size, arguments.rounds, contestants)
        if arguments.nodes:
            print("\n".join(f"  {node:20}{np.median(found) * 1e3:8.1f} ms" for node, found in NODE_SECONDS.items()))
            NODE_SECONDS.clear()


if __name__ == "__main__":
    main()
