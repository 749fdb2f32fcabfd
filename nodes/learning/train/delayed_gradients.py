"""Gradients of one batch after another, of which two are computed at a time, each in a thread of its own.

Threads that share every operation of a small network wait for each other at every layer: a second one shortened a
training by a tenth. So each thread has a batch to itself. While a batch is learnt the step of the one before is still
to come: gradients are those of the weights one step earlier, which small steps forgive (Ho et al., More effective
distributed ML via a stale synchronous parallel parameter server, NIPS 2013). It is done so on a single core as well:
what is learnt must not depend on what else the machine had to do.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from copy import deepcopy
from typing import NamedTuple

import torch

from graingraph.nodes.learning.train.network import Segmenter

Batch = tuple[torch.Tensor, torch.Tensor]
"""Pixels (n, c, h, w) and labels (n, h, w)."""

Loss = Callable[[Segmenter, torch.Tensor, torch.Tensor], torch.Tensor]
"""The loss, a scalar, of a network on a batch; called from several threads at once, each with a network of its own."""


class _Learnt(NamedTuple):
    """What a batch says: its loss, how each weight is to change, and by how much the running statistics did."""

    loss: torch.Tensor
    gradients: list[torch.Tensor | None]
    drift: list[torch.Tensor]


class DelayedGradients:
    """A network in training, and two copies of it that learn a batch each at the same time.

    On a GPU, which computes each operation in threads of its own, one batch is learnt at a time, without delay.
    """

    def __init__(self, network: Segmenter) -> None:
        on_processor = next(network.parameters()).device.type == "cpu"
        self.network = network
        self.copies = [deepcopy(network).train() for _ in range(2 if on_processor else 1)]

    def of(self, batches: Iterable[Batch], loss: Loss, cores: int) -> Iterator[torch.Tensor]:
        """Leave the gradients of each batch in the network and yield its loss; a step is to follow each time."""
        learning: list[Future[_Learnt]] = []
        threads = min(cores, len(self.copies))
        each = max(1, cores // threads)
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(each,)) as pool:
            for number, batch in enumerate(batches):
                copy = self.copies[number % len(self.copies)]
                copy.load_state_dict(self.network.state_dict())
                learning.append(pool.submit(_learn, copy, batch, loss))
                if len(learning) == len(self.copies):
                    yield self._take(learning.pop(0).result())
            for last in learning:
                yield self._take(last.result())

    @torch.no_grad()
    def _take(self, learnt: _Learnt) -> torch.Tensor:
        for weight, gradient in zip(self.network.parameters(), learnt.gradients, strict=True):
            weight.grad = gradient
        for statistic, drift in zip(self.network.buffers(), learnt.drift, strict=True):
            statistic.add_(drift)
        return learnt.loss


def _learn(network: Segmenter, batch: Batch, loss: Loss) -> _Learnt:
    network.zero_grad(set_to_none=True)
    before = [statistic.clone() for statistic in network.buffers()]
    found = loss(network, *batch)
    found.backward()
    drift = [now - then for now, then in zip(network.buffers(), before, strict=True)]
    return _Learnt(found.detach(), [weight.grad for weight in network.parameters()], drift)
