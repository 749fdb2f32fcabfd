"""Which class a pixel belongs to, learnt from strokes in closed form: linear discriminant analysis.

Each class is a Gaussian in the features, all with one spread (Fisher 1936; Hastie et al., The Elements of Statistical
Learning, 4.3), held back by a ridge. A class whose grey level lies between those of two others is no harder for it than
any other. Strokes that are held back in turn choose the ridge, say how sure the probabilities may be, and give the
score.

Nobody paints across a border, so that strokes do not show how features change there: wide ones see much of the other
side. A third of each class is therefore taken to lie near a border with another, where every feature is mixed with that
of the other class by as much as it sees of it. That needs no more pixels: means and spreads of mixtures follow from
those of the classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erf, sqrt
from typing import NamedTuple

import cv2
import numpy as np

from graingraph.engine.values import PixelClass, record
from graingraph.nodes.learning.paint.features import FINE_COUNT, GRID

RIDGES = (0.03, 0.3, 1.0, 3.0)
"""How strongly the classifier is held back, in spreads of the features; the best for held-back strokes is taken."""

USUAL_RIDGE, USUAL_SURENESS = 1.0, 0.25
"""Where no stroke can be held back."""

SURENESSES = (0.03, 0.06, 0.12, 0.25, 0.5, 1.0)
"""By how much scores may be shrunk before they become probabilities: pixels of one stroke are alike, so that a score
that takes each for evidence of its own is far too sure."""

FOLDS = 5

TEXTURE_DOUBTS = (8.0, 2.0)
"""By how much texture is held back more than fine features: all pixels of a stroke see nearly the same of it, so that a
few strokes differ in it by chance. Where grey levels and edges tell held-back strokes as well, it hardly counts."""

NEAR_BORDERS = 1 / 3
"""The share of each class that is taken to lie near a border with another."""

BORDER_DISTANCES = (2.0, 4.0, 8.0, 16.0, 32.0)
"""How far from the border that is, in px, each as likely."""

CLEARLY = 0.1
"""So much of a stroke more must be told right of those held back for texture to count."""

MOST_PIXELS = 2000
"""Pixels of a class that are learnt from in one image, evenly spaced over its strokes; more teach nothing new."""


@record
@dataclass(frozen=True, eq=False)
class PixelClassifier:
    """What was learnt: the score of class k at a pixel is ``weights[k]`` times the features of the pixel plus ``bias``.

    ``weights`` float32 (C, fine + texture features), ``bias`` float32 (C,); ``size_factor`` is how much smaller the
    pictures were made first; ``images`` are the names of those that were drawn on, ``um_per_px`` their pixel size.
    """

    weights: np.ndarray
    bias: np.ndarray
    classes: tuple[PixelClass, ...]
    size_factor: float
    images: tuple[str, ...] = ()
    um_per_px: float | None = None


class StrokePixels(NamedTuple):
    """Features float32 (n, F), class uint8 (n,) and stroke (n,) of the pixels that strokes cover in one image, and the
    spread (F,) of each feature over the whole image: strokes that lie in one spot know little of it."""

    features: np.ndarray
    classes: np.ndarray
    strokes: np.ndarray
    spread: np.ndarray


class Learnt(NamedTuple):
    """``weights`` (C, F) and ``bias`` (C,), NaN-free; ``held_back`` is the share of each class that was told right on
    strokes held back, NaN for a class with one stroke only."""

    weights: np.ndarray
    bias: np.ndarray
    held_back: np.ndarray


def stroke_pixels(
    labels: np.ndarray, fine: np.ndarray, texture: np.ndarray, spread: np.ndarray, count: int
) -> StrokePixels:
    """The pixels of a class map uint8 (h, w) at the size of the fine features (F, H, W), which may be padded.

    Pixels of one class that touch are one stroke.
    """
    drawn = np.flatnonzero(labels < count)
    kinds = labels.ravel()[drawn]
    chosen, strokes, before = [drawn[:0]], [drawn[:0]], 0
    for index in np.unique(kinds):
        own = drawn[kinds == index]
        top, bottom = own[0] // labels.shape[1], own[-1] // labels.shape[1] + 1
        patches, numbers = cv2.connectedComponents((labels[top:bottom] == index).view(np.uint8))
        own = own[:: -(-len(own) // MOST_PIXELS)]
        chosen.append(own)
        strokes.append(numbers.ravel()[own - top * labels.shape[1]] + before)
        before += patches - 1
    places = np.concatenate(chosen)
    y, x = np.divmod(places, labels.shape[1])
    coarse = interpolated(texture, (y + 0.5) / GRID - 0.5, (x + 0.5) / GRID - 0.5)
    found = np.concatenate([fine[:, y, x], coarse]).T
    return StrokePixels(found, labels.ravel()[places], np.concatenate(strokes), spread)


def interpolated(planes: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Planes (n, h, w) at the places (y, x) between pixels, float32 (n, places), the border repeated."""
    height, width = planes.shape[1:]
    y, x = np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)
    top, left = np.floor(y).astype(int), np.floor(x).astype(int)
    below, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    down, across = (y - top).astype(np.float32), (x - left).astype(np.float32)
    upper = planes[:, top, left] * (1 - across) + planes[:, top, right] * across
    lower = planes[:, below, left] * (1 - across) + planes[:, below, right] * across
    return upper * (1 - down) + lower * down


def learn(images: Sequence[StrokePixels], count: int, reaches: np.ndarray | None = None) -> Learnt | None:
    """Learn to tell ``count`` classes; None where fewer than two have strokes. A class without any is never found.

    ``reaches`` (F,) is how far each feature looks, as a Gaussian's sigma in px; without it none looks across borders.
    """
    x = np.concatenate([one.features for one in images])
    y = np.concatenate([one.classes for one in images])
    strokes = _numbered([one.strokes for one in images])
    present = np.unique(y)
    if len(present) < 2:
        return None
    mean = x.mean(axis=0, dtype=np.float64)
    spread = np.sqrt(np.mean([np.square(one.spread) for one in images], axis=0)) + 1e-6
    x = ((x - mean) / spread).astype(np.float32)
    y = np.searchsorted(present, y)
    fold = _folds(y, strokes, len(present))
    parts = [_Sums.of(x[fold == k], y[fold == k], len(present)) for k in range(FOLDS + 1)]
    mixture = _Mixture.of(reaches) if reaches is not None else None
    learnt = [_Sums.added(parts[:k] + parts[k + 1 :]).with_borders(mixture) for k in range(FOLDS)]
    held_in, sureness, held_back = _chosen(x, y, fold, len(np.unique(strokes)), learnt)
    weights, bias = _Sums.added(parts).with_borders(mixture).discriminant(held_in)
    weights, bias = weights * sureness / spread, bias * sureness
    bias = bias - weights @ mean
    all_weights = np.zeros((count, len(mean)), np.float32)
    all_bias = np.full(count, -1e4, np.float32)
    shares = np.full(count, np.nan)
    all_weights[present], all_bias[present], shares[present] = weights, bias, held_back
    return Learnt(all_weights, all_bias, shares)


class _Mixture(NamedTuple):
    """How much of each feature (F,) comes from this side of a border and how much from the other, and the products of
    the two for each pair of features (F, F); means over the distances from the border."""

    own: np.ndarray
    other: np.ndarray
    own_own: np.ndarray
    other_other: np.ndarray
    own_other: np.ndarray

    @classmethod
    def of(cls, reaches: np.ndarray) -> "_Mixture":
        """A feature is taken for a mean over a Gaussian window, of which a straight border cuts a part off."""
        other = np.array([[0.5 - 0.5 * erf(d / (sqrt(2) * reach)) for reach in reaches] for d in BORDER_DISTANCES])
        own, number = 1 - other, len(other)
        products = ((own.T @ own) / number, (other.T @ other) / number, (own.T @ other) / number)
        return cls(own.mean(axis=0), other.mean(axis=0), *products)


class _Sums(NamedTuple):
    """Number, sum and sum of squares of the features of each class."""

    numbers: np.ndarray
    sums: np.ndarray
    squares: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray, count: int) -> "_Sums":
        parts = [x[y == index] for index in range(count)]
        return cls(
            np.array([len(part) for part in parts], float),
            np.stack([part.sum(axis=0, dtype=np.float64) for part in parts]),
            np.stack([part.T @ part for part in parts]).astype(np.float64),
        )

    @classmethod
    def added(cls, parts: "Sequence[_Sums]") -> "_Sums":
        return cls(*(np.sum([part[i] for part in parts], axis=0) for i in range(3)))

    def with_borders(self, mixture: _Mixture | None) -> "_Sums":
        """The same with a share of each class near a border with each of the others, independent of what lies there."""
        there = self.numbers > 0
        if mixture is None or np.count_nonzero(there) < 2:
            return self
        number = np.maximum(self.numbers, 1)[:, None]
        means, squares = self.sums / number, self.squares / number[:, :, None]
        others = np.where(np.eye(len(there), dtype=bool), 0.0, there) / (np.count_nonzero(there) - 1)
        mean, square = others @ means, np.tensordot(others, squares, 1)
        both = mixture.own_other * (means[:, :, None] * mean[:, None, :])
        near = mixture.own_own * squares + mixture.other_other * square + both + both.transpose(0, 2, 1)
        share = np.where(there, NEAR_BORDERS, 0.0)[:, None]
        means = (1 - share) * means + share * (mixture.own * means + mixture.other * mean)
        squares = (1 - share[:, :, None]) * squares + share[:, :, None] * near
        return _Sums(self.numbers, means * number, squares * number[:, :, None])

    def discriminant(self, ridge: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weights (C, F) and bias (C,), every class equally likely beforehand and equally heavy in the spread.

        ``ridge`` (F,) is how strongly each feature is held back.
        """
        number = np.maximum(self.numbers, 1)[:, None]
        means = self.sums / number
        within = np.mean(self.squares / number[:, :, None] - means[:, :, None] * means[:, None, :], axis=0)
        weights = np.linalg.solve(within + np.diag(ridge), means.T).T
        return weights, -0.5 * (weights * means).sum(axis=1)


def _numbered(strokes: Sequence[np.ndarray]) -> np.ndarray:
    """Strokes of several images, each with a number of its own."""
    found, before = [], 0
    for one in strokes:
        found.append(one + before)
        before += int(one.max(initial=0)) + 1
    return np.concatenate(found)


def _folds(y: np.ndarray, strokes: np.ndarray, count: int) -> np.ndarray:
    """The part (n,) in which each pixel is held back: strokes stay whole and are dealt out in turn, class by class.

    The stroke of a class that has one only is always learnt from: it lies in a part of its own, which is never held
    back.
    """
    fold = np.full(len(y), FOLDS, np.int64)
    for index in range(count):
        own = y == index
        numbers = np.unique(strokes[own])
        if len(numbers) > 1:
            fold[own] = np.searchsorted(numbers, strokes[own]) % FOLDS
    return fold


def _ridge(strength: float, doubt: float, count: int) -> np.ndarray:
    """How strongly each of the features (F,) is held back."""
    ridge = np.full(count, strength)
    ridge[FINE_COUNT:] *= doubt**2
    return ridge


def _chosen(
    x: np.ndarray, y: np.ndarray, fold: np.ndarray, strokes: int, learnt: "Sequence[_Sums]"
) -> tuple[np.ndarray, float, np.ndarray]:
    """The ridge (F,) that is right most often on held-back strokes, the sureness that suits them, and the share of each
    class that was told right there. ``learnt`` is what there is to learn from while each part is held back."""
    count = len(learnt[0].numbers)
    usual = _ridge(USUAL_RIDGE, TEXTURE_DOUBTS[0], x.shape[1])
    best, found = -1.0, (usual, USUAL_SURENESS, np.full(count, np.nan))
    held = fold < FOLDS
    for doubt in TEXTURE_DOUBTS if held.any() else ():
        least = best + CLEARLY / strokes  # of one doubt, the best ridge; another doubt must be clearly better
        for strength in RIDGES:
            ridge = _ridge(strength, doubt, x.shape[1])
            scores = np.zeros((len(y), count))
            for k, rest in enumerate(learnt):
                own = fold == k
                if own.any():
                    weights, bias = rest.discriminant(ridge)
                    scores[own] = x[own] @ weights.T + bias
            right = scores[held].argmax(axis=1) == y[held]
            shares = np.array([right[y[held] == c].mean() if (y[held] == c).any() else np.nan for c in range(count)])
            if np.nanmean(shares) > max(best + 1e-3, least):
                best = float(np.nanmean(shares))
                found = ridge, _sureness(scores[held], y[held], count), shares
    return found


def _sureness(scores: np.ndarray, y: np.ndarray, count: int) -> float:
    """By how much to shrink scores (n, C) so that their softmax is as likely as can be for the classes y."""
    weight = 1.0 / np.maximum(1, np.bincount(y, minlength=count))[y]

    def loss(sureness: float) -> float:
        shrunk = scores * sureness
        shrunk -= shrunk.max(axis=1, keepdims=True)
        own = shrunk[np.arange(len(y)), y]
        return float(np.sum(weight * (np.log(np.exp(shrunk).sum(axis=1)) - own)))

    return min(SURENESSES, key=loss)


def shrunk_strokes(labels: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A class map uint8 (H, W) at the size of the features (h, w): the class at the middle of each pixel."""
    if labels.shape == shape:
        return labels
    step = labels.shape[0] // shape[0]
    if labels.shape == (step * shape[0], step * shape[1]):
        return np.ascontiguousarray(labels[step // 2 :: step, step // 2 :: step])  # the same, several times faster
    rows = ((np.arange(shape[0]) + 0.5) * labels.shape[0] / shape[0]).astype(int)
    columns = ((np.arange(shape[1]) + 0.5) * labels.shape[1] / shape[1]).astype(int)
    return np.ascontiguousarray(labels[rows[:, None], columns])
