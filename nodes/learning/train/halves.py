"""The gradients of a batch from two halves, each learnt in a thread of its own.

Threads that share every operation of a small network wait for each other at every layer: a second one shortened a
training by a tenth. Two that learn half a batch each meet once a step. A batch is halved however many cores are free,
for normalisation sees one half at a time: what is learnt must not depend on what else the machine had to do.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy

import torch

from graingraph.nodes.learning.train.network import Segmenter

Loss = Callable[[Segmenter, torch.Tensor, torch.Tensor], torch.Tensor]
"""The loss, a scalar, of a network on pixels (n, c, h, w) and labels (n, h, w)."""


class Halves:
    """A network in training and its twin: the same weights, but gradients and running statistics of its own.

    Elsewhere than on the processor there is no twin, and a batch is learnt whole.
    """

    def __init__(self, network: Segmenter) -> None:
        self.network = network
        self.networks = [network]
        if next(network.parameters()).device.type == "cpu":
            twin = deepcopy(network)
            for own, shared in zip(twin.parameters(), network.parameters(), strict=True):
                own.data = shared.data
            self.networks.append(twin)
        self._beside: ThreadPoolExecutor | None = None

    @contextmanager
    def on(self, cores: int) -> Iterator[None]:
        """Learn on so many cores: both halves at the same time where there are two or more."""
        before, own = torch.get_num_threads(), max(1, cores // len(self.networks))
        torch.set_num_threads(own)
        try:
            if cores < 2 or len(self.networks) < 2:
                yield
                return
            with ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(own,)) as self._beside:
                yield
        finally:
            self._beside = None
            torch.set_num_threads(before)

    def learn(self, pixels: torch.Tensor, labels: torch.Tensor, loss: Loss) -> torch.Tensor:
        """Leave the gradients of the batch in the network, and return its loss: the mean over its tiles.

        ``loss`` may be called from two threads at once, with the network and with its twin.
        """
        shares = torch.tensor_split(torch.arange(len(labels)), len(self.networks))
        halves = [(pixels[share], labels[share]) for share in shares]

        def of(network: Segmenter, half: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
            network.train().zero_grad(set_to_none=True)
            part = loss(network, *half) * (len(half[1]) / len(labels))
            part.backward()
            return part.detach()

        self._copy_statistics()
        if self._beside:
            *others, last = zip(self.networks, halves, strict=True)
            beside = self._beside.submit(of, *last)
            parts = [of(*other) for other in others] + [beside.result()]
        else:
            parts = [of(*pair) for pair in zip(self.networks, halves, strict=True)]
        self._add_up()
        return torch.stack(parts).sum()

    @torch.no_grad()
    def _copy_statistics(self) -> None:
        for twin in self.networks[1:]:
            for own, known in zip(twin.buffers(), self.network.buffers(), strict=True):
                own.copy_(known)

    @torch.no_grad()
    def _add_up(self) -> None:
        """Give the network what its twin has found: the gradients of its half and its share of the statistics."""
        for twin in self.networks[1:]:
            for weight, other in zip(self.network.parameters(), twin.parameters(), strict=True):
                if weight.grad is not None and other.grad is not None:
                    weight.grad.add_(other.grad)
            for mean, found in zip(self.network.buffers(), twin.buffers(), strict=True):
                if mean.dtype.is_floating_point:
                    mean.lerp_(found, 0.5)
