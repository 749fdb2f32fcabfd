"""How long a person takes to trace three images completely, with the pen and by correcting what a network proposes:
``python -m tests.benchmarks.annotator [SET ...]``.

A scripted annotator who knows the truth is charged for what he does: a second a click, a second for 150 px of pen, two
seconds to look at an image. By correcting he begins with what the general model proposes of the first image, which he
has it see at the size that suits (two clicks, and back). He rejects false boundaries, takes faint ones or draws what is
missing, what gains most for its time first, until an image has F1 0.98; then he says that it is complete, and the
network learns from what he said, not from the truth, and proposes the next. Waiting is not charged, as the training
runs in the background, but printed.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from graingraph.engine.declare.injected import Context, Mark
from graingraph.engine.declare.models import ModelFolders, reference
from graingraph.engine.values import UNLABELLED, ClassMap, Image, Model, PerImage
from graingraph.nodes.imaging.boundaries.boundary_edits import edit_boundaries, settled
from graingraph.nodes.imaging.boundaries.branch_paths import BranchPaths, ProposedBranches
from graingraph.nodes.imaging.boundaries.skeleton_branches import skeleton
from graingraph.nodes.learn.deep_segment import deep_segment
from graingraph.nodes.learn.train import train
from graingraph.nodes.learning.model.general import GENERAL_MODEL
from graingraph.nodes.learning.train.scores import boundary_hits, f1
from graingraph.nodes.segment.boundaries import boundaries_to_grains, grains_to_boundaries
from tests.benchmarks.learning_sets import DATA, GRAINS, pure_iron

CLICK_S, PEN_PX_S, LOOK_S = 1.0, 150.0, 2.0
WANTED = 0.98
TOLERANCE = 3.0
SHOWN, FAINT = 0.7, 0.15
"""The share of a boundary that must show for it to be proposed, and to be offered. A false boundary costs a click, as
much as 150 px of a missing one: only what is rather sure is proposed."""


@dataclass
class Annotator:
    """One image, its true boundaries bool (h, w) one pixel wide, and what has been said of it."""

    image: Image
    truth: np.ndarray
    marks: list[Mark] = field(default_factory=list)
    traced: np.ndarray = field(init=False)
    seconds: float = 0.0
    clicks: int = 0
    drawn_px: float = 0.0

    def __post_init__(self) -> None:
        self.traced = np.full(self.truth.shape, UNLABELLED, np.uint8)
        self.network = np.zeros_like(self.truth)

    def pay(self, *, clicks: int = 0, drawn: float = 0.0, looks: int = 0) -> None:
        self.clicks, self.drawn_px = self.clicks + clicks, self.drawn_px + drawn
        self.seconds += CLICK_S * clicks + drawn / PEN_PX_S + LOOK_S * looks

    def score(self, network: np.ndarray) -> float:
        return f1(*boundary_hits(network, self.truth, np.ones_like(network), TOLERANCE))

    def correct(self, proposed: np.ndarray, faint: np.ndarray) -> tuple[float, float]:
        """Correct a proposal until it is good enough; F1 before and after."""
        self.pay(looks=1)
        self.network, before = proposed, self.score(proposed)
        fixes = sorted(self._fixes(proposed, faint), key=lambda fix: fix[0] / fix[1], reverse=True)
        for _, seconds, tool, path in fixes:
            if self.score(self.network) >= WANTED:
                break
            self.marks.append(Mark(f"{len(self.marks)}", tool, path, 1.0))
            self.network = edit_boundaries(self.network, self.marks[-1:])
            self.pay(drawn=PEN_PX_S * seconds) if tool == "pen" else self.pay(clicks=1)
        corners = np.array([(0, 0), self.truth.shape[::-1]], np.float32)
        self.marks.append(Mark("complete", "complete", corners))
        self.pay(clicks=1)
        known = settled(proposed, self.network, self.marks)
        self.traced[known] = self.network[known]
        return before, self.score(self.network)

    def _fixes(self, proposed: np.ndarray, faint: np.ndarray) -> Iterator[tuple[float, float, str, np.ndarray]]:
        """What would help: pixels gained, seconds, tool and line."""
        true = _near(self.truth)
        shown = BranchPaths(proposed)
        for path in map(shown.path, range(1, len(shown) + 1)):
            wrong = np.count_nonzero(~_at(true, path))
            if wrong > 0.5 * len(path):
                yield 2.0 * wrong - len(path), CLICK_S, "reject", path
        missing = self.truth & ~_near(proposed)
        offered = [p for p in ProposedBranches(proposed, faint).faint if np.mean(_at(true, p)) > 0.8]
        taken = np.zeros_like(missing)
        for path in offered:
            length = len(path)
            if length / PEN_PX_S > CLICK_S:  # else the pen is quicker
                yield float(length), CLICK_S, "accept", path
                taken |= _near(_drawn(path, missing.shape))
        gaps = BranchPaths(missing & ~taken)
        for path in map(gaps.path, range(1, len(gaps) + 1)):
            if len(path) > TOLERANCE:
                yield float(len(path)), len(path) / PEN_PX_S, "pen", path


def _near(lines: np.ndarray) -> np.ndarray:
    return cv2.distanceTransform((~lines).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) <= TOLERANCE


def _at(mask: np.ndarray, path: np.ndarray) -> np.ndarray:
    columns, rows = np.floor(path).astype(int).T
    return mask[rows, columns]


def _drawn(path: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    lines = np.zeros(shape, bool)
    columns, rows = np.floor(path).astype(int).T
    lines[rows, columns] = True
    return lines


def proposals(image: Image, model: Model, magnification: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """The boundaries that the recipe grains_by_correcting shows, and those with faint ones."""
    made = deep_segment(image, model, magnification=magnification, context=Context()).probabilities
    shown, faint = (
        grains_to_boundaries(boundaries_to_grains(made, visible=visible, smallest_grain=150), width=1).pixels
        for visible in (SHOWN, FAINT)
    )
    return shown, faint


def learn(told: list[Annotator], start: str, folder: Path, size_factor: float, epochs: int) -> Model:
    """Learn what the annotators have said so far, from the model that proposed it."""
    known = {one.image.name: one for one in told}
    images = PerImage(tuple(known), lambda name: known[name].image)
    truths = PerImage(tuple(known), lambda name: ClassMap(known[name].traced.copy(), classes=GRAINS))
    context = Context(models=folder, model_folders=ModelFolders((folder,)))
    settings = {"size_factor": size_factor, "epochs": epochs, "held_out": 0.0, "start_from": start}
    return train(images, truths, **settings, context=context)


def brass_images() -> Iterator[tuple[Image, np.ndarray]]:
    from graingraph.app.samples.brass import make

    for seed in (301, 302, 303):
        sample = make(seed)
        yield Image(sample.pixels, name=f"brass {seed}"), sample.truth["boundaries"]


def iron_images() -> Iterator[tuple[Image, np.ndarray]]:
    """The three sections. They show the same grains: only what is proposed of the first says how it is for others."""
    found = pure_iron(3)
    for number, ((above, upper), (below, lower)) in enumerate(zip(found.learn, found.judge, strict=True), 1):
        pixels, lines = np.concatenate([above.pixels, below.pixels]), np.concatenate([upper.pixels, lower.pixels])
        yield Image(pixels, name=f"iron {number}"), lines == 1


SETS: dict[str, tuple[Callable[[], Iterator[tuple[Image, np.ndarray]]], float]] = {
    "generated brass": (brass_images, 0.5),
    "pure iron": (iron_images, 1.0),
}


def run(name: str, epochs: int) -> str:
    images, size_factor = SETS[name]
    annotators = [Annotator(image, skeleton(truth)) for image, truth in images()]
    pen = sum(LOOK_S + WANTED_RECALL * np.count_nonzero(one.truth) / PEN_PX_S for one in annotators)
    waited: list[float] = []
    reached = []
    with tempfile.TemporaryDirectory() as temporary:
        folder, start = Path(temporary), GENERAL_MODEL
        for number, one in enumerate(annotators):
            began, magnification = time.monotonic(), 1.0
            if number:
                model = learn(annotators[:number], start, folder, size_factor, epochs)
                start = reference(model.path)
            else:
                model, magnification = ModelFolders().resolve(GENERAL_MODEL), size_factor
                one.pay(clicks=0 if magnification == 1 else 2)
            waited.append(time.monotonic() - began)
            before, after = one.correct(*proposals(one.image, model, magnification))
            reached.append((before, after))
            print(
                f"  {one.image.name}: proposed F1 {before:.3f}, after {one.clicks} clicks and {one.drawn_px:.0f} px of "
                f"pen {after:.3f}, {one.seconds:.1f} s; learnt in {waited[-1]:.0f} s",
                flush=True,
            )
    spent = sum(one.seconds for one in annotators)
    proposed = ", ".join(f"{before:.3f}" for before, _ in reached)
    least = min(after for _, after in reached)
    clicks, drawn = sum(one.clicks for one in annotators), sum(one.drawn_px for one in annotators)
    return (
        f"| {name} | {pen:.0f} s | {spent:.0f} s | {spent / pen:.2f} | {clicks} | {drawn:.0f} px | {proposed} | "
        f"{least:.3f} | {max(waited):.0f} s |"
    )


WANTED_RECALL = WANTED / (2 - WANTED)
"""The part of the boundaries that the pen alone has to draw, without an error, for the F1 that is wanted."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sets", nargs="*", default=list(SETS), help=", ".join(SETS))
    parser.add_argument("--epochs", type=int, default=12)
    asked = parser.parse_args()
    names = [name for name in asked.sets if name != "pure iron" or (DATA / "pure_iron").is_dir()]
    rows = [run(name, asked.epochs) for name in names]
    print("| set | pen alone | by correcting | share | clicks | drawn | F1 proposed | F1 reached | longest training |")
    print("|---|---|---|---|---|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
