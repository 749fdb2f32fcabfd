"""What the network is punished for: chosen by what it does to grain count and size, not to pixel accuracy.

Cross-entropy (weighted against rare classes) + soft Dice per class + centre-line Dice for boundaries (Shit et al.,
clDice, CVPR 2021): a gap in a boundary costs few pixels but merges two grains; the centre-line term sees it. Particles
and other areas do without it: they become too large by it.
Unlabelled pixels (255) count nowhere. The comparison behind the choice is in ``docs/learning.md``.
"""

import torch
from torch.nn import functional

from graingraph.engine.values import UNLABELLED
from graingraph.nodes.learning.train.centre_lines import centre_line_loss
from graingraph.nodes.learning.train.pseudo_labels import GUESSED


def class_weights(frequencies: torch.Tensor) -> torch.Tensor:
    """Weights (C,) that grow with the inverse root of a class's share, averaging 1 over the labelled pixels.

    The rarest class weighs at most four times the commonest: more makes a thin crack a broad band.
    """
    weights = 1.0 / torch.sqrt(frequencies.clamp(min=1e-4))
    weights = weights.clamp(max=4.0 * float(weights.min()))
    weights = torch.where(frequencies > 0, weights, torch.zeros_like(weights))
    return weights / (weights * frequencies).sum().clamp(min=1e-9)


def leanings(weights: torch.Tensor) -> torch.Tensor:
    """What the scores (C,) of the classes are raised by in the loss, so that without it they say how probable each is.

    Weighted cross-entropy makes a class as many times too probable as it weighs, and rare particles too large. Taken
    up here, the network need not learn it (logit adjustment; Menon et al., Long-tail learning, ICLR 2021).
    """
    return torch.where(weights > 0, weights, torch.ones_like(weights)).log()


def segmentation_loss(
    scores: torch.Tensor,
    labels: torch.Tensor,
    weights: torch.Tensor,
    boundaries: tuple[int, ...],
    topology: float = 0.5,
) -> torch.Tensor:
    """Loss of scores (n, C, h, w) against labels int64 (n, h, w) with 255 = unlabelled; a scalar.

    Gaps count in the classes with the indices ``boundaries``, as much as ``topology`` says.
    """
    scores = scores.float().contiguous()  # plane by plane: a few planes are slow with their pixels interleaved
    counted = (labels != UNLABELLED).unsqueeze(1).float()
    every = torch.arange(scores.shape[1], device=labels.device).view(1, -1, 1, 1)
    wanted = (labels.unsqueeze(1) == every).float()
    log_shares = functional.log_softmax(scores, dim=1)
    weight = weights.view(1, -1, 1, 1)
    entropy = -(wanted * log_shares * weight).sum() / (wanted * weight).sum().clamp(min=1.0)
    shares = log_shares.exp() * counted
    loss = entropy + _dice(shares, wanted)
    for index in boundaries if topology else ():
        loss = loss + topology / len(boundaries) * centre_line_loss(
            shares[:, index : index + 1], wanted[:, index : index + 1]
        )
    return loss


def guess_loss(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of scores (n, C, h, w) where labels int64 (n, h, w) are guesses (128 + class); a scalar."""
    guessed = (labels >= GUESSED) & (labels != UNLABELLED)
    goal = torch.where(guessed, labels - GUESSED, UNLABELLED)
    total = functional.cross_entropy(scores.float().contiguous(), goal, ignore_index=UNLABELLED, reduction="sum")
    return total / guessed.sum().clamp(min=1)


def _dice(shares: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """1 - soft Dice, averaged over the classes that occur in the batch."""
    both = (shares * wanted).sum(dim=(0, 2, 3))
    size = shares.sum(dim=(0, 2, 3)) + wanted.sum(dim=(0, 2, 3))
    present = (wanted.sum(dim=(0, 2, 3)) > 0).float()
    return ((1 - (2 * both + 1) / (size + 1)) * present).sum() / present.sum().clamp(min=1.0)
