"""How often images of other sets are noticed, and images of the same set taken for others:
``python -m tests.benchmarks.familiarity``.

Each set, generated or real (``../shared/data``, if there), is known by three of its images, at full and half size, as
a network would have learnt them.
"""

from collections import Counter
from pathlib import Path

import numpy as np

from graingraph.app.samples import brass, etched, melt_pools, nodules, titanium
from graingraph.nodes.learning.apply.familiarity import statistics, unlike_training
from graingraph.nodes.learning.model.network_input import network_size, resize, to_channels
from tests.benchmarks.learning_sets import DATA, read

DRAWS, OWN, OTHERS = 4, 3, 2
COLOURED = ("brass",)
ALIKE = ({"melt pools", "generated melt pools"},)
"""Sets that are meant to look the same."""


def sets() -> dict[str, list[np.ndarray]]:
    """Pictures uint8 of each set; those cut out of one micrograph, where there is no more, are quarters of it."""
    kinds = {
        "brass": brass,
        "titanium": titanium,
        "nodules": nodules,
        "etched": etched,
        "generated melt pools": melt_pools,
    }
    found = {name: [kind.make(seed).pixels for seed in range(1, 7)] for name, kind in kinds.items()}
    for folder in ("superalloy_1", "superalloy_3", "coating", "carbon_steel", "melt_pools"):
        paths = [path for path in sorted((DATA / folder).rglob("*.png")) if _is_picture(path)]
        if paths:
            spread = np.unique(np.linspace(0, len(paths) - 1, 9).round().astype(int))
            found[folder.replace("_", " ")] = [read(paths[k]) for k in spread]
    for name, pattern in (
        ("pure iron", "pure_iron/00?.png"),
        ("etched steel", "etched_steel/steel.tif"),
        ("titanium laths", "etched_steel/ti_6al_4v.tif"),
    ):
        quarters = [quarter for path in sorted(DATA.glob(pattern)) for quarter in _quarters(read(path))]
        found |= {name: quarters} if quarters else {}
    return found


def _is_picture(path: Path) -> bool:
    return not path.stem.endswith(("_classes", "_mask")) and "annot" not in path.parent.name


def _quarters(pixels: np.ndarray) -> list[np.ndarray]:
    height, width = (side // 2 for side in pixels.shape[:2])
    return [pixels[r : r + height, c : c + width] for r in (0, height) for c in (0, width)]


def seen(pixels: np.ndarray, channels: int, size: float) -> np.ndarray:
    whole = to_channels(pixels.astype(np.float32) / 255, channels)
    return resize(np.ascontiguousarray(whole), network_size(pixels.shape[:2], size))


def main() -> None:
    rng, pictures = np.random.default_rng(5), sets()
    noticed: Counter[bool] = Counter()
    own: Counter[bool] = Counter()
    missed: Counter[str] = Counter()
    for size in (1.0, 0.5):
        for name, mine in pictures.items():
            channels = 3 if name in COLOURED else 1
            for _ in range(DRAWS):
                order = [mine[k] for k in rng.permutation(len(mine))]
                known = statistics([seen(one, channels, size) for one in order[:3]])
                own.update(bool(unlike_training(seen(one, channels, size), known)) for one in order[3 : 3 + OWN])
                for other, theirs in pictures.items():
                    if other == name or {other, name} in ALIKE:
                        continue
                    for k in rng.permutation(len(theirs))[:OTHERS]:
                        found = bool(unlike_training(seen(theirs[k], channels, size), known))
                        noticed[found] += 1
                        missed[f"{other} by {name}"] += not found
    print(f"noticed of other sets: {noticed[True] / noticed.total():.1%} of {noticed.total()}")
    print(f"same set taken for another: {own[True] / own.total():.1%} of {own.total()}")
    print("missed most:", ", ".join(f"{pair} ({count})" for pair, count in missed.most_common(8)))


if __name__ == "__main__":
    main()
