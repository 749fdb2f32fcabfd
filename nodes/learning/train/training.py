"""The training loop: epochs of random tiles, a running average of the weights, a checkpoint after every epoch.

Whatever an epoch draws depends on (seed, epoch, tile) alone, so a stopped and resumed training gives the model of an
uninterrupted one. The model that counts is the running average of the weights, which is steadier than the last step.
"""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import numpy as np
import torch

from graingraph.engine.values import UNLABELLED
from graingraph.nodes.learning.train.augment import draw_mixed_tile, draw_tile
from graingraph.nodes.learning.train.delayed_gradients import Batch, DelayedGradients
from graingraph.nodes.learning.train.losses import class_weights, guess_loss, leanings, segmentation_loss
from graingraph.nodes.learning.train.network import Segmenter
from graingraph.nodes.learning.train.pseudo_labels import GUESSED
from graingraph.nodes.learning.train.sample import Sample
from graingraph.nodes.learning.train.settings import TrainSettings
from graingraph.nodes.learning.train.tile_grid import Cell, grid_cells, tile_shape
from graingraph.nodes.learning.train.tile_mixing import TileMixer

EPOCH_STEPS = 8
"""Batches of an epoch at least: a grid with few cells is gone through several times. Twice as many where patches are
continued: borders are learnt more slowly than textures."""

MOST_STEPS = 64
"""Batches of an epoch at most: of many tiles an epoch shows a part, and the next one goes on where it ended."""

BUDGET = 320e6
"""Pixels that a training shows whose number of epochs is left to it: about five minutes on two cores."""

BATCH_PIXELS = 160_000
"""Pixels of a batch, roughly; small batches give more steps for the same time."""

RATE = 3e-3

DECAY, DECAY_UNLIKE = 1e-2, 0.3
"""Weight decay of AdamW, as usual and where images are unlike each other. Weights that are held small fit fewer of the
chance traits of a few images, and the outlines of particles less exactly."""

BETAS = 0.8, 0.999
"""How much of the steps before goes into a step of AdamW (mean, square). Gradients that come a step late act as
momentum does, so there is less of it than the usual 0.9 (Mitliagkas et al., Asynchrony begets momentum, Allerton 2016).
"""

GOING_ON = 0.5
"""Learning rate of a network that goes on with what a model has learnt, as a share of any other's: at the full rate it
forgets what it knew before it has learnt from a few images (``docs/learning.md``)."""

SHARE_ELSEWHERE = 0.1
"""Learning rate of weights that were learnt elsewhere, as a share of the others'."""


class Trainer:
    """One training: network, running average and optimiser, advanced an epoch at a time.

    ``boundaries`` are the indices of the classes whose gaps count. ``goes_on`` says that the network goes on with what
    it has learnt before, ``whole_areas`` that areas are traced whole and none is a boundary: it then finds each class
    as often as it is traced, in place of rare ones more often, and where images are unlike each other it learns from
    tiles that show two places.
    """

    def __init__(
        self,
        network: Segmenter,
        samples: list[Sample],
        settings: TrainSettings,
        frequencies: np.ndarray,
        boundaries: tuple[int, ...],
        device: str = "cpu",
        *,
        goes_on: bool = False,
        whole_areas: bool = False,
    ) -> None:
        self.settings, self.boundaries, self.device = settings, boundaries, torch.device(device)
        self.cells = [cell for sample in samples for cell in grid_cells(sample, settings.tile_grid)]
        self.shape = tile_shape(samples, settings.tile_grid)
        self.guesses = any(sample.guessed is not None for sample in samples)
        self.joins = TileMixer(self.cells) if self.guesses else None
        self.mixed = settings.unlike_images and whole_areas
        finer = 2 if self.guesses else 1  # guesses make every pixel of a tile count
        self.batch = int(np.clip(BATCH_PIXELS // finer // (self.shape[0] * self.shape[1]), 2, 16))
        self.least_steps = finer * EPOCH_STEPS
        # torch's own types leave memory_format out
        self.network = network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.gradients = DelayedGradients(self.network)
        self.average = deepcopy(self.network).eval()
        decay = DECAY_UNLIKE if settings.unlike_images else DECAY
        self.optimiser = torch.optim.AdamW(_groups(self.network), lr=RATE, betas=BETAS, weight_decay=decay, fused=True)
        self.weights = class_weights(torch.from_numpy(np.asarray(frequencies, np.float32))).to(self.device)
        self.leaning = leanings(self.weights).view(1, -1, 1, 1) if whole_areas else 0.0
        self.half_precision = half_precision(self.device)
        self.rate = RATE * (GOING_ON if goes_on else 1)
        self.epochs = settings.epochs or self._suited_epochs()
        self.epoch = 0

    def _suited_epochs(self) -> int:
        """As many as show ``BUDGET`` pixels, however many tiles there are."""
        return max(1, round(BUDGET / (self.steps_per_epoch * self.batch * math.prod(self.shape))))

    @property
    def steps_per_epoch(self) -> int:
        """Batches in one epoch."""
        return max(1, len(self.order(0)) // self.batch)

    def order(self, epoch: int) -> list[Cell]:
        """The cells of one epoch in the order they are shown."""
        most, count = MOST_STEPS * self.batch, len(self.cells)
        if count > most:
            shown = range(epoch * most, (epoch + 1) * most)
            shuffled = {r: self._shuffled(r) for r in range(shown[0] // count, shown[-1] // count + 1)}
            return [self.cells[shuffled[place // count][place % count]] for place in shown]
        rng = np.random.default_rng((self.settings.seed, epoch))
        rounds = max(1, math.ceil(self.least_steps * self.batch / len(self.cells)))
        return [self.cells[i] for _ in range(rounds) for i in rng.permutation(len(self.cells))]

    def _shuffled(self, number: int) -> np.ndarray:
        """Indices of all cells in the order in which they are gone through for the ``number``-th time."""
        return np.random.default_rng((self.settings.seed, number)).permutation(len(self.cells))

    def batches(self, epoch: int) -> Iterator[Batch]:
        """Pixels (n, c, h, w) and labels (n, h, w) of each batch; the next is prepared while one is learnt."""
        cells = self.order(epoch)
        starts = [step * self.batch for step in range(self.steps_per_epoch)]

        def make(start: int) -> Batch:
            tiles = [
                self._tile(cell, np.random.default_rng((self.settings.seed, epoch, start + i)))
                for i, cell in enumerate(cells[start : start + self.batch])
            ]
            pixels = torch.from_numpy(np.stack([tile[0] for tile in tiles]))
            labels = torch.from_numpy(np.stack([tile[1] for tile in tiles])).long()
            return pixels.contiguous(memory_format=torch.channels_last), labels

        with ThreadPoolExecutor(1) as ahead:
            coming = ahead.submit(make, starts[0])
            for following in [*starts[1:], None]:
                ready = coming.result()
                if following is not None:
                    coming = ahead.submit(make, following)
                yield ready

    def _tile(self, cell: Cell, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        if self.mixed:
            return draw_mixed_tile(cell, self.cells, self.shape, self.settings.augmentations, rng)
        return draw_tile(cell, self.shape, self.settings.augmentations, rng, self.joins)

    def run_epoch(self, check: Callable[[float], None] = lambda fraction: None, cores: int = 1) -> float:
        """Learn one epoch and return its mean loss; ``check`` is called with the epoch's progress at every step."""
        losses: list[torch.Tensor] = []
        for loss in self.gradients.of(self._on_device(check), self._loss, cores):
            self._step(self.epoch * self.steps_per_epoch + len(losses))
            losses.append(loss)
        self.epoch += 1
        return float(torch.stack(losses).mean())

    def _on_device(self, check: Callable[[float], None]) -> Iterator[Batch]:
        for step, (pixels, labels) in enumerate(self.batches(self.epoch)):
            check(step / self.steps_per_epoch)
            yield pixels.to(self.device), labels.to(self.device)

    def _step(self, done: int) -> None:
        """Change the weights by their gradients, after so many steps."""
        for group in self.optimiser.param_groups:
            group["lr"] = group["share"] * self.rate * rate_at(done, self.epochs * self.steps_per_epoch)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimiser.step()
        self._follow(done)

    def _loss(self, network: Segmenter, pixels: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        standard = network.standardise(pixels)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half_precision):
            scores = network.head(network.features(standard))
        traced = torch.where(labels < GUESSED, labels, UNLABELLED) if self.guesses else labels
        loss = segmentation_loss(scores + self.leaning, traced, self.weights, self.boundaries)
        return loss + guess_loss(scores, labels) if self.guesses else loss

    @torch.no_grad()
    def _follow(self, done: int) -> None:
        """Move the running average towards the network, quickly at first."""
        keep = min(0.98, (1 + done) / (10 + done))
        pairs = zip(self.average.state_dict().values(), self.network.state_dict().values(), strict=True)
        for mean, now in pairs:
            if mean.dtype.is_floating_point:
                mean.lerp_(now, 1 - keep)
            else:
                mean.copy_(now)

    def state(self) -> dict[str, Any]:
        """Everything the next epoch depends on, as tensors and numbers."""
        return {
            "epoch": self.epoch,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from ``state()`` of an earlier run of the same training."""
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.epoch = int(state["epoch"])

    @torch.no_grad()
    def predict(self, pixels: np.ndarray) -> np.ndarray:
        """Class probabilities float32 (h, w, C) of pixels float32 (h, w, c) by the running average, in one piece."""
        height, width = pixels.shape[:2]
        pad = ((0, -height % 16), (0, -width % 16), (0, 0))
        batch = torch.from_numpy(np.pad(pixels, pad, mode="symmetric")).permute(2, 0, 1)[None].to(self.device)
        standard = self.average.standardise(batch.float())
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half_precision):
            scores = self.average.head(self.average.features(standard.contiguous(memory_format=torch.channels_last)))
        return scores.float().softmax(1)[0, :, :height, :width].permute(1, 2, 0).cpu().numpy()


def _groups(network: Segmenter) -> list[dict[str, Any]]:
    """The weights by the share of the learning rate they get: what was learnt elsewhere is changed more slowly."""
    elsewhere = {id(weight): weight for weight in network.learnt_elsewhere()}
    own = [weight for weight in network.parameters() if id(weight) not in elsewhere]
    groups = [{"params": own, "share": 1.0}, {"params": list(elsewhere.values()), "share": SHARE_ELSEWHERE}]
    return [group for group in groups if group["params"]]


def rate_at(step: int, steps: int) -> float:
    """Learning rate as a fraction of its peak: a short rise, then half a cosine down to nothing."""
    rise = max(1, round(0.05 * steps))
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - rise) / max(1, steps - rise))))


def half_precision(device: torch.device) -> bool:
    """Whether the processor computes in bf16 natively, which learns the same several times faster."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def fit_standardisation(network: Segmenter, samples: list[Sample]) -> None:
    """Give the network the mean and spread of the training images' grey levels."""
    pixels = np.concatenate([sample.pixels.reshape(-1, sample.pixels.shape[2]) for sample in samples])
    network.standardise.mean.copy_(torch.from_numpy(pixels.mean(axis=0)).view(1, -1, 1, 1))
    network.standardise.spread.copy_(torch.from_numpy(pixels.std(axis=0) + 1e-3).view(1, -1, 1, 1))
