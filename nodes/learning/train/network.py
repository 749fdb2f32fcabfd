"""The network: a compact U-Net of our own (after Ronneberger et al. 2015), written so that it exports to plain ONNX.

Measured against larger libraries in ``docs/learning.md``.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from graingraph.engine.values import PixelClass
from graingraph.engine.values.classes import without_cores

WIDTHS = {"small": (16, 32, 64, 128, 256), "large": (32, 64, 128, 256, 512)}
"""Channels of each level; every level is half the size of the one before."""


class Block(nn.Sequential):
    """Two 3 × 3 convolutions, each with batch normalisation and rectifier."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__(
            nn.Conv2d(before, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(inplace=True),
            nn.Conv2d(after, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(inplace=True),
        )


class Standardise(nn.Module):
    """Grey levels as the network likes them: (n, c, h, w) from 0 to 1 → (n, c + 1, h, w).

    The given channels are standardised with the training images' mean and spread. One more channel holds the local
    contrast, (grey - local mean) / local spread over about 70 px, which uneven light and another exposure leave alone.
    """

    mean: torch.Tensor
    spread: torch.Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(1, channels, 1, 1))
        self.register_buffer("spread", torch.ones(1, channels, 1, 1))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Standardise a batch; height and width are multiples of 16."""
        standard = (pixels - self.mean) / self.spread
        grey = standard.mean(dim=1, keepdim=True)
        centred = grey - _local(grey)
        # Squares of what is centred, not squares less a square: the difference of two large numbers is lost in bf16.
        spread = torch.sqrt(_local(centred * centred) + 0.04)
        return torch.cat([standard, centred / spread], dim=1)


def _local(plane: torch.Tensor) -> torch.Tensor:
    """Mean of a plane (n, 1, h, w) over a window of about 70 px around each pixel."""
    coarse = functional.avg_pool2d(plane, 8)
    coarse = functional.avg_pool2d(coarse, 9, stride=1, padding=4, count_include_pad=False)
    return functional.interpolate(coarse, scale_factor=8.0, mode="bilinear", align_corners=False)


class Segmenter(nn.Module):
    """What is trained: (n, c, h, w) from 0 to 1 → class scores (n, classes, h, w).

    ``of_picture`` are the names of the weights that the standardised picture goes through first.
    """

    of_picture: tuple[str, ...]

    def __init__(self, standardise: Standardise, head: nn.Conv2d) -> None:
        super().__init__()
        self.standardise = standardise
        self.head = head

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Class scores (logits) of a batch; height and width are multiples of 16."""
        return self.head(self.features(self.standardise(pixels)))

    def features(self, standard: torch.Tensor) -> torch.Tensor:
        """Features (n, width, h, w) of a standardised batch, from which the head makes its scores."""
        raise NotImplementedError

    def learnt_elsewhere(self) -> list[nn.Parameter]:
        """The weights that were learnt on other images and are changed with care; none as a rule."""
        return []


class UNet(Segmenter):
    """Encoder and decoder joined by skips, all learnt from nothing."""

    of_picture = ("down.0.0.weight",)

    def __init__(self, channels: int, classes: int, size: str = "small") -> None:
        widths = WIDTHS[size]
        super().__init__(Standardise(channels), nn.Conv2d(widths[0], classes, 1))
        self.down = nn.ModuleList(
            Block(before, after) for before, after in zip((channels + 1, *widths), widths, strict=False)
        )
        steps = list(zip(widths[::-1], widths[-2::-1], strict=False))
        self.up = nn.ModuleList(nn.ConvTranspose2d(before, after, 2, stride=2) for before, after in steps)
        self.join = nn.ModuleList(Block(2 * after, after) for _, after in steps)

    def features(self, standard: torch.Tensor) -> torch.Tensor:
        """Features (n, width, h, w) of a standardised batch."""
        skips = []
        x = standard
        for level, block in enumerate(self.down):
            x = block(functional.max_pool2d(x, 2) if level else x)
            skips.append(x)
        for up, join, skip in zip(self.up, self.join, skips[-2::-1], strict=True):
            x = join(torch.cat([up(x), skip], dim=1))
        return x


def new_network(channels: int, classes: int, size: str, seed: int) -> UNet:
    """A network with random weights that depend on the seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return UNet(channels, classes, size)


def matching_classes(known: Sequence[PixelClass], classes: Sequence[PixelClass]) -> tuple[int | None, ...]:
    """For each class, the index of the one that a model knows it as; None for one that is new to it.

    It is the class of its name. Where both sides have the same roles, it is else the only one of its role on either
    side that no name settles: a model of grains and their boundaries knows no particles in a matrix.
    """
    names = [item.name for item in known]
    found = [names.index(item.name) if item.name in names else None for item in classes]
    roles, known_roles = ({item.role for item in without_cores(side)} for side in (classes, known))
    for role in roles if roles == known_roles else ():
        open_here = [i for i, item in enumerate(classes) if item.role == role and found[i] is None]
        open_there = [k for k, item in enumerate(known) if item.role == role and k not in found]
        if len(open_here) == len(open_there) == 1:
            found[open_here[0]] = open_there[0]
    return tuple(found)


def adopt_weights(
    network: Segmenter, weights: dict[str, Any], classes: Sequence[int | None], *, light: bool = True
) -> None:
    """Start from another network's weights (name → array); what does not fit stays as it is.

    ``classes`` gives, for each class of the network, its index in the other one (see ``matching_classes``). Weights
    for grey pictures are spread evenly over the channels of colour, and those for colour added up for grey. With
    ``light`` it takes pictures as bright as the other one does, else as before.
    """
    own = network.state_dict()
    fitting = {}
    for name, value in weights.items():
        if name not in own or (name.startswith("standardise.") and not light):
            continue
        learnt = torch.as_tensor(value)
        if name.startswith("head."):
            learnt = torch.stack([row if k is None else learnt[k] for k, row in zip(classes, own[name], strict=True)])
        elif name in network.of_picture:
            learnt = _over_channels(learnt, own[name].shape[1])
        if learnt.shape == own[name].shape:
            fitting[name] = learnt
    network.load_state_dict({**own, **fitting})


def _over_channels(weight: torch.Tensor, count: int) -> torch.Tensor:
    """A convolution (n, channels + 1, h, w) of standardised pictures for ``count`` - 1 channels: the last is contrast.

    The mean of the channels gives what grey gave.
    """
    channels, contrast = weight[:, :-1], weight[:, -1:]
    if channels.shape[1] != count - 1:
        channels = (channels.sum(dim=1, keepdim=True) / (count - 1)).expand(-1, count - 1, -1, -1)
    return torch.cat([channels, contrast], dim=1)
