"""What the texture of traced patches says about the rest of their image.

A few patches teach a network little about texture: it learns them by heart. Statistics of edges and ridges over windows
of several sizes, and ridge regression on them, learn from so little (as in trainable pixel classifiers: Sommer et al.,
ilastik, 2011). What they are sure of is then shown to the network as a guess, so that it learns from whole images.
"""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from graingraph.engine.values import UNLABELLED
from graingraph.nodes.learning.apply.contrast import blur, local_contrast
from graingraph.nodes.learning.model.network_input import resize
from graingraph.nodes.learning.train.sample import Sample, traced_in_patches

GUESSED = 128
"""A label of this much plus a class is a guess of that class."""

GRID = 4
"""Statistics are taken on a grid this many pixels wide; all windows are larger."""

SCALES = (0.7, 1.2, 2.0, 3.5)
"""Sigma in px of what edges and ridges are looked for at."""

WINDOWS = (4.0, 8.0, 16.0, 24.0)
"""Sigma in px of the windows that statistics are taken over."""

OPEN = 0.2
"""Fraction of the pixels, the least sure ones, that is never guessed: mostly the borders between regions."""

RIGHT = 0.97
"""What is guessed must be as sure as guesses that were right this often in patches held back."""

STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""How strongly the regression is held back; the best for held-back patches is taken."""

FOLDS = 5


def texture(pixels: np.ndarray) -> np.ndarray:
    """Texture statistics float32 (h / 4, w / 4, 144) of pixels float32 (h, w, c); turning the picture turns them."""
    grey = np.ascontiguousarray(pixels.mean(axis=2, dtype=np.float32))
    grey = local_contrast(grey, 20, 1e-4)
    shape = max(1, round(grey.shape[0] / GRID)), max(1, round(grey.shape[1] / GRID))
    planes = np.stack([resize(plane, shape) for scale in SCALES for plane in _responses(grey, scale)], axis=2)
    found = []
    for window in WINDOWS:
        means = np.moveaxis(blur(planes, window / GRID).reshape(*shape, len(SCALES), -1), 3, 0)
        edge, ridge, valley, saddle, squared, *tensors = means
        found += [edge, ridge, valley, saddle, np.sqrt(np.maximum(squared - ridge**2, 1e-9)) / (ridge + 1e-3)]
        for cosine, sine, size, local in (tensors[:4], tensors[4:]):
            found += [np.hypot(cosine, sine) / (size + 1e-6), local / (size + 1e-6)]
    return np.concatenate(found, axis=2)


def _responses(grey: np.ndarray, scale: float) -> Iterator[np.ndarray]:
    """At each pixel: strength of edge, ridge, valley and saddle, the ridge's square, and what directions edge and ridge
    have (as cosine and sine of the doubled angle, size, and how far directions agree within a few px)."""
    smooth = blur(grey, scale)
    x, y = (cv2.Sobel(smooth, -1, *order, scale=0.125) for order in ((1, 0), (0, 1)))
    xx, xy, yy = (cv2.Sobel(a, -1, *order, scale=0.125) for a, order in ((x, (1, 0)), (x, (0, 1)), (y, (0, 1))))
    mean, spread = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    ridge, valley = np.maximum(spread - mean, 0), np.maximum(mean + spread, 0)
    product = mean**2 - spread**2
    yield from (np.hypot(x, y), ridge, valley, np.sign(product) * np.sqrt(np.abs(product)), ridge**2)
    share = ridge / (spread + 1e-6)
    for tensor in ((x * x - y * y, 2 * x * y, x * x + y * y), (share * (xx - yy) / 2, share * xy, ridge)):
        yield from tensor
        yield np.hypot(blur(tensor[0], 2), blur(tensor[1], 2))


def pseudo_labels(samples: list[Sample], count: int, lines: tuple[int, ...]) -> list[Sample]:
    """The samples with ``guessed`` labels where the texture of the patches is clear about one of ``count`` classes.

    The samples come back as they are when more than a fifth is traced, when a class is a line (which has no texture),
    or when texture does not tell held-back patches apart.
    """
    if lines or count > UNLABELLED - GUESSED or not traced_in_patches(samples):
        return samples
    regression = _Regression(samples, count)
    if regression.margin is None:
        return samples
    scores = [regression.scores(texture(sample.pixels)) for sample in samples]
    sure = [_margin(found) for found in scores]
    least = max(regression.margin, float(np.quantile(np.concatenate([s.ravel() for s in sure]), OPEN)))
    return [replace(s, guessed=_guess(s.labels, found, least)) for s, found in zip(samples, scores, strict=True)]


def _guess(labels: np.ndarray, scores: np.ndarray, least: float) -> np.ndarray:
    """Labels, with guesses where nothing is traced and the margin of the scores (h / 4, w / 4, C) is large enough."""
    fine = resize(scores, labels.shape)
    guessed = labels.copy()
    place = (labels == UNLABELLED) & (_margin(fine) >= least)
    guessed[place] = GUESSED + fine.argmax(axis=2)[place]
    return guessed


def _margin(scores: np.ndarray) -> np.ndarray:
    """By how much the best of the scores (..., C) beats the second."""
    ordered = np.sort(scores, axis=-1)
    return ordered[..., -1] - ordered[..., -2]


class _Regression:
    """Ridge regression of the classes on texture, as strong as suits held-back patches best.

    ``margin`` is the least margin at which guesses of held-back patches are right often enough, or None.
    """

    def __init__(self, samples: list[Sample], count: int) -> None:
        x, y, fold = _traced_points(samples)
        self.margin: float | None = None
        if len(np.unique(fold)) < FOLDS:
            return
        self.mean, self.spread = x.mean(axis=0), x.std(axis=0) + 1e-9
        x = self._standard(x)
        goal = np.where(y[:, None] == np.arange(count), 1.0, -1.0)
        weight = 1.0 / np.maximum(1, np.bincount(y, minlength=count))[y]
        parts = [
            ((x[at].T * weight[at]) @ x[at], (x[at].T * weight[at]) @ goal[at])
            for at in (fold == k for k in range(FOLDS))
        ]
        total = [sum(part[i] for part in parts) for i in (0, 1)]
        best = -1.0
        for strength in STRENGTHS:
            held = np.empty(goal.shape)
            for k, part in enumerate(parts):
                held[fold == k] = x[fold == k] @ _solve(total[0] - part[0], total[1] - part[1], strength)
            right = held.argmax(axis=1) == y
            if right.mean() > best:
                best, self.margin = float(right.mean()), _least_margin(_margin(held), right)
                self.slope = _solve(total[0], total[1], strength)

    def _standard(self, x: np.ndarray) -> np.ndarray:
        """Statistics in units of their spread, without extremes, and a constant."""
        standard = np.clip((x - self.mean) / self.spread, -3, 3)
        return np.concatenate([standard, np.ones((*x.shape[:-1], 1), x.dtype)], axis=-1)

    def scores(self, features: np.ndarray) -> np.ndarray:
        """Score of each class, float32 (h, w, C), from texture statistics (h, w, n)."""
        return np.asarray(self._standard(features) @ self.slope, np.float32)


def _traced_points(samples: list[Sample]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Statistics (n, 144), class (n,) and fold (n,) of the traced grid points; a patch lies in one fold."""
    points, classes, folds, before = [], [], [], 0
    for sample in samples:
        found = texture(sample.pixels)
        labels = cv2.resize(sample.labels, found.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        traced = labels != UNLABELLED
        number, patches = cv2.connectedComponents(traced.astype(np.uint8))
        points.append(found[traced])
        classes.append(labels[traced])
        folds.append((patches[traced] + before) % FOLDS)
        before += number - 1
    return np.concatenate(points), np.concatenate(classes).astype(np.int64), np.concatenate(folds)


def _solve(gram: np.ndarray, goal: np.ndarray, strength: float) -> np.ndarray:
    scale = strength * gram[-1, -1]  # the constant's own entry: the total weight
    return np.linalg.solve(gram + scale * np.eye(len(gram)), goal)


def _least_margin(margin: np.ndarray, right: np.ndarray) -> float | None:
    """The least margin above which ``RIGHT`` of the guesses are right; None when that leaves less than half."""
    order = np.argsort(-margin)
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(share >= RIGHT)
    return float(margin[order[good[-1]]]) if len(good) and good[-1] >= len(order) / 2 else None
