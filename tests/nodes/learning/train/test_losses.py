"""The loss sees gaps in lines and sees nothing where nobody traced."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from graingraph.nodes.learning.train.losses import class_weights, guess_loss, leanings, segmentation_loss  # noqa: E402
from graingraph.nodes.learning.train.pseudo_labels import GUESSED  # noqa: E402

EVEN = torch.ones(2)


def scores_for(labels: np.ndarray, sure: float = 6.0) -> torch.Tensor:
    wanted = torch.from_numpy(np.stack([labels == 0, labels == 1]).astype(np.float32))[None]
    return (2 * wanted - 1) * sure / 2


def line(gap: int = 0) -> np.ndarray:
    labels = np.zeros((48, 48), np.uint8)
    labels[:, 20:23] = 1
    labels[20 : 20 + gap] = 0
    return labels


def loss(drawn: np.ndarray, truth: np.ndarray, **options: float) -> float:
    target = torch.from_numpy(truth.astype(np.int64))[None]
    return float(segmentation_loss(scores_for(drawn), target, EVEN, (1,), **options))


def test_the_right_answer_costs_least() -> None:
    assert loss(line(), line()) < 0.2 < loss(1 - line(), line())


def test_a_gap_in_a_line_costs_more_with_the_topology_term() -> None:
    without = loss(line(6), line(), topology=0) - loss(line(), line(), topology=0)
    with_term = loss(line(6), line(), topology=1) - loss(line(), line(), topology=1)
    assert with_term > 1.2 * without > 0


def test_unlabelled_pixels_have_no_gradient() -> None:
    truth = line()
    truth[:, 24:] = 255
    scores = scores_for(1 - line(), 1.0).requires_grad_()
    segmentation_loss(scores, torch.from_numpy(truth.astype(np.int64))[None], EVEN, (1,)).backward()
    assert (scores.grad[..., 24:] == 0).all()
    assert scores.grad[..., :24].abs().sum() > 0


def test_only_guesses_count_where_guesses_are_learnt() -> None:
    labels = line().astype(np.int64)
    labels[:, 24:] += GUESSED
    labels[40:] = 255
    scores = scores_for(1 - line(), 1.0).requires_grad_()
    guess_loss(scores, torch.from_numpy(labels)[None]).backward()
    assert (scores.grad[..., :24] == 0).all()
    assert (scores.grad[..., 40:, :] == 0).all()
    assert scores.grad[..., :40, 24:].abs().sum() > 0
    assert float(guess_loss(scores.detach(), torch.from_numpy(line().astype(np.int64))[None])) == 0


def test_rare_classes_weigh_more_but_not_without_limit() -> None:
    shares = torch.tensor([0.9, 0.0999, 0.0001, 0.0])
    weights = class_weights(shares)
    assert weights[0] < weights[1] < weights[2] <= 4 * weights[0] * 1.001
    assert weights[3] == 0
    assert float((weights * shares).sum()) == pytest.approx(1)


def test_scores_that_give_the_true_shares_are_the_best_where_the_weights_are_taken_up() -> None:
    shares = torch.tensor([0.9, 0.08, 0.02, 0.0])
    weights = class_weights(shares)
    labels = torch.arange(3).repeat_interleave((100 * shares[:3]).round().int())
    scores = torch.log(shares + 1e-9).requires_grad_()
    taken_up = (scores + leanings(weights)).expand(100, 4)
    torch.nn.functional.cross_entropy(taken_up, labels, weight=weights).backward()
    assert torch.allclose(scores.grad, torch.zeros(4), atol=1e-5)
