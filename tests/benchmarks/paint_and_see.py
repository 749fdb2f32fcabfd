"""Learning while painting: ``python -m tests.benchmarks.paint_and_see textures | accuracy | latency | features``.

textures   the same as accuracy, on drawn textures and particles: what features and classifier were chosen on
accuracy   strokes of a scripted person on a few images, judged on others, over several draws (needs ``../shared/data``
           for the superalloy; colonies and basketweave are generated)
latency    from a stroke to the map in memory, through live evaluation, over 200 strokes on 6 megapixels (or as many as
           --megapixels says), and to what is in view of a panel of 1200 × 800 px at full size
features   the features of 6 megapixels beside a script that takes the same number of planes with OpenCV by hand
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from graingraph.engine.declare.injected import Mark, PixelBox
from graingraph.engine.marks.store import new_mark_id
from graingraph.engine.values import UNLABELLED, ClassMap, Image
from graingraph.nodes.learning.model.network_input import at_size
from graingraph.nodes.learning.paint.classifier import PixelClassifier, learn, shrunk_strokes, stroke_pixels
from graingraph.nodes.learning.paint.features import FINE_COUNT, TEXTURE_COUNT, reaches
from graingraph.nodes.learning.paint.live_map import FeatureStack, feature_stack, probability_planes
from tests.benchmarks.learning_sets import Pair, superalloy, titanium
from tests.benchmarks.texture_sets import TEXTURES, particles, textures

if TYPE_CHECKING:
    from graingraph.app.gui.base.context import AppContext

Draw = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]


def dabs(truth: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """So many dabs of 9 px, of each class in turn around a pixel of it; nobody paints across a border."""
    return _strokes(truth, count, rng, length=0, width=9)


def lines(truth: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """So many straight strokes of 120 px, 9 px wide, of each class in turn."""
    return _strokes(truth, count, rng, length=120, width=9)


def _strokes(truth: np.ndarray, count: int, rng: np.random.Generator, length: int, width: int) -> np.ndarray:
    drawn = np.full(truth.shape, UNLABELLED, np.uint8)
    for number in range(count):
        index = number % (int(truth.max()) + 1)
        row, column = divmod(int(rng.choice(np.flatnonzero(truth == index))), truth.shape[1])
        angle = rng.random() * np.pi
        across, down = length / 2 * np.cos(angle), length / 2 * np.sin(angle)
        ends = [(round(column + s * across), round(row + s * down)) for s in (-1, 1)]
        stroke = cv2.line(np.zeros(truth.shape, np.uint8), *ends, 1, width)
        drawn[(stroke > 0) & (truth == index)] = index
    return drawn


def taught(
    pairs: list[Pair], stacks: list[FeatureStack], draw: Draw, count: int, seed: int
) -> tuple[PixelClassifier, float]:
    rng = np.random.default_rng(seed)
    kinds = pairs[0][1].classes
    samples = []
    for (_, truth), stack in zip(pairs, stacks, strict=True):
        drawn = shrunk_strokes(draw(truth.pixels, count // len(pairs), rng), stack.size)
        samples.append(stroke_pixels(drawn, stack.fine, stack.texture, stack.spread, len(kinds)))
    learnt = learn(samples, len(kinds), reaches())
    assert learnt is not None
    held_back = float(np.nanmean(learnt.held_back))
    return PixelClassifier(learnt.weights, learnt.bias, kinds, stacks[0].size_factor), held_back


def judged(found: np.ndarray, truth: ClassMap) -> tuple[float, float]:
    """Mean IoU over the classes, and the share of pixels that are right."""
    shares = []
    for index in range(len(truth.classes)):
        mine, true = found == index, truth.pixels == index
        if (mine | true).any():
            shares.append(float((mine & true).sum() / (mine | true).sum()))
    return float(np.mean(shares)), float(np.mean(found == truth.pixels))


def accuracy(
    name: str, learnt: list[Pair], judge: list[Pair], factor: float, draw: Draw, count: int, draws: int
) -> None:
    stacks = [feature_stack(image, factor) for image, _ in learnt]
    others = [(feature_stack(image, factor), truth) for image, truth in judge]
    rows = []
    for seed in range(draws):
        classifier, held_back = taught(learnt, stacks, draw, count, seed)
        scores = [
            judged(at_size(probability_planes(stack, classifier), truth.shape).argmax(axis=2), truth)
            for stack, truth in others
        ]
        rows.append((*np.mean(scores, axis=0), held_back))
    mean, spread = np.mean(rows, axis=0), np.std(rows, axis=0)
    words = ("mean IoU", "pixels right", "right on held-back strokes")
    found = ", ".join(f"{word} {m:.3f} ± {s:.3f}" for word, m, s in zip(words, mean, spread, strict=True))
    print(f"{name}, {count} strokes on {len(learnt)} image(s), {draws} draws: {found}", flush=True)


def on_textures(draws: int) -> None:
    for kind in TEXTURES:
        learnt, judge = ([textures(kind, seed) for seed in seeds] for seeds in ((1, 2, 3), (11, 12, 13)))
        accuracy(kind, learnt, judge, 1.0, lines, 36, draws)
    wide = ([textures("lamellar, crossed", seed, width=2.0) for seed in seeds] for seeds in ((1, 2, 3), (11, 12, 13)))
    accuracy("lamellar, crossed, twice as wide", *wide, 1.0, lines, 36, draws)
    accuracy("particles", [particles(1)], [particles(seed) for seed in (11, 12, 13)], 1.0, dabs, 36, draws)


def grey_field(shape: tuple[int, int], seed: int = 0) -> Image:
    """Two textures in islands, of any size."""
    rng = np.random.default_rng(seed)
    islands = cv2.resize(rng.random((12, 18), dtype=np.float32), shape[::-1], interpolation=cv2.INTER_CUBIC) > 0.5
    noise = [cv2.GaussianBlur(rng.normal(0, 1, shape).astype(np.float32), (0, 0), sigma) for sigma in (1.0, 3.0)]
    grey = 0.5 + 0.08 * np.where(islands, noise[0] / noise[0].std(), noise[1] / noise[1].std())
    return Image((np.clip(grey, 0, 1) * 255).astype(np.uint8), name="field.png")


def latency(strokes: int = 200, megapixels: float = 6) -> None:
    """Strokes in turn left and right; each waits until live evaluation has the map of all of them."""
    from graingraph.app.document.mark_edits import Draw as DrawEdit
    from graingraph.app.document.session import OutputRef, Session
    from graingraph.app.gui.base.context import AppContext
    from graingraph.app.services.live_evaluation import LiveEvaluation
    from tests.nodes.learn.test_paint_segment import painting_recipe

    rng = np.random.default_rng(0)
    height, width = (2 * round(side * np.sqrt(megapixels / 6) / 2) for side in (2000, 3000))
    top, left = (height - 800) // 2, (width - 1200) // 2
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "field.png"
        cv2.imwrite(str(path), grey_field((height, width)).pixels)
        session = Session(painting_recipe())
        session.add_images([path])
        session.viewed = OutputRef("paint_segment", "classes")
        app = AppContext(session)
        live = app.live = LiveEvaluation(session, app.post)
        live.look_at(PixelBox(top, left, top + 800, left + 1200))
        took, seen, shown = [], [], None
        for number in range(strokes + 2):
            source = live.source()
            while source is None:
                live.follow()
                _turn(app)
                source = live.source()
            x, y = rng.uniform(left, left + 1100), rng.uniform(top, top + 700)
            points = np.array([[x, y], [x + 60, y + 20]], np.float32)
            mark = Mark(new_mark_id(), "brush", points, 15, ("feature", "matrix")[number % 2])
            while number > 2 and live.busy:  # nobody draws so fast that pictures of the last map are still made
                _turn(app)
                time.sleep(0.001)
            start = time.perf_counter()
            session.do(DrawEdit(source.drawn_as, "trace", mark, "", session.image))
            first = 0.0
            while number and live.value("paint_segment") in (None, shown):
                live.follow()
                _turn(app)
                if not first and live.part("paint_segment", "classes"):
                    first = time.perf_counter()
                time.sleep(0.001)
            shown = live.value("paint_segment")
            took.append(1000 * (time.perf_counter() - start))
            seen.append(1000 * ((first or time.perf_counter()) - start))
        live.close(1)
    for what, times in (("what is in view", seen[2:]), ("the whole map", took[2:])):
        median, most = np.quantile(times, [0.5, 0.9])
        print(f"{len(times)} strokes, {megapixels:g} MP, {what}: median {median:.0f} ms, nine in ten < {most:.0f} ms")


def _turn(app: "AppContext") -> None:
    """What the window does between two pictures."""
    while not app.events.empty():
        app.events.get()()


def by_hand(grey: np.ndarray) -> list[np.ndarray]:
    """As many planes as the features have, as a script would take them with OpenCV: each scale from the picture."""
    found = []
    for scale in (0.7, 1.5, 3.0, 6.0):
        smooth = cv2.GaussianBlur(grey, (0, 0), scale)
        x, y = cv2.Sobel(smooth, -1, 1, 0), cv2.Sobel(smooth, -1, 0, 1)
        xx, yy, xy = cv2.Sobel(smooth, -1, 2, 0), cv2.Sobel(smooth, -1, 0, 2), cv2.Sobel(smooth, -1, 1, 1)
        spread = np.hypot((xx - yy) / 2, xy)
        found += [smooth, np.hypot(x, y), (xx + yy) / 2 - spread, (xx + yy) / 2 + spread]
    for window in (4.0, 12.0, 36.0):
        found += [cv2.GaussianBlur(plane, (0, 0), window) for plane in found[:10]]
    return found


def features() -> None:
    image = grey_field((2000, 3000))
    half = cv2.resize(image.pixels, (1500, 1000), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    times = []
    for work in (lambda: feature_stack(image, 0.5), lambda: by_hand(half)):
        work()
        runs = []
        for _ in range(3):
            start = time.perf_counter()
            work()
            runs.append(time.perf_counter() - start)
        times.append(min(runs))
    print(f"{FINE_COUNT + TEXTURE_COUNT} features of 6 megapixels: {times[0]:.2f} s, by hand {times[1]:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("textures", "accuracy", "latency", "features"))
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--strokes", type=int, default=200)
    parser.add_argument("--megapixels", type=float, default=6)
    given = parser.parse_args()
    if given.what == "latency":
        latency(given.strokes, given.megapixels)
    elif given.what == "features":
        features()
    elif given.what == "textures":
        on_textures(given.draws)
    else:
        try:
            found = superalloy(3)
            accuracy("superalloy 3", found.learn, found.judge, 1.0, dabs, 36, given.draws)
        except (OSError, IndexError, AttributeError) as error:
            print(f"no superalloy here ({type(error).__name__})")
        made = titanium(3)
        full = [(image, titanium_truth) for image, titanium_truth in _whole(3)]
        accuracy("colony and basketweave", full, made.judge[:4], 0.5, lines, 36, given.draws)


def _whole(count: int) -> list[Pair]:
    """The images that the titanium set is learnt from, with their whole truth, for strokes to be drawn by."""
    from graingraph.app.samples import titanium as sample
    from tests.benchmarks.learning_sets import pair

    made = [sample.make(seed) for seed in range(1, count + 1)]
    kinds = ("colony", "basketweave")
    return [
        pair(
            f"titanium {i}",
            one.pixels,
            one.truth["classes"] if "classes" in one.truth else one.truth["basketweave"],
            kinds,
        )
        for i, one in enumerate(made)
    ]


if __name__ == "__main__":
    main()
