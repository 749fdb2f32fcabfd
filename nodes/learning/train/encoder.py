"""A U-Net whose encoder starts from weights learnt on other images, such as a microscopy-pretrained ResNet.

The encoder is a residual network (He et al. 2016, "Deep residual learning for image recognition") with the names and
shapes of weights that torchvision gave it and that published checkpoints use, for instance the MicroNet encoders
(Stuckner et al. 2022, npj Computational Materials 8, 200). Its last stage, at 1/32 of the size, is left out.
"""

import re
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from graingraph.engine.problem import Problem
from graingraph.nodes.learning.train.network import Block, Segmenter, Standardise

STAGES = (64, 128, 256)
"""Width of the stages at 1/4, 1/8 and 1/16 of the size."""

DECODER = (16, 32, 64, 128)
"""Channels of the decoder at 1, 1/2, 1/4 and 1/8 of the size."""

LARGEST_FILE = 2_000_000_000
MOST_BLOCKS = 100

_REMEDY = "choose the state_dict of a ResNet (18, 34, 50, 101 or 152) for colour images, saved by PyTorch."


class Residual(nn.Module):
    """Convolutions with kernels of ``sides`` px, batch normalisation, and a shortcut around them."""

    def __init__(self, channels: tuple[int, ...], sides: tuple[int, ...], stride: int) -> None:
        super().__init__()
        self.count = len(sides)
        for number, side in enumerate(sides, start=1):
            step = stride if number == sides.index(3) + 1 else 1
            before, after = channels[number - 1], channels[number]
            self.add_module(f"conv{number}", nn.Conv2d(before, after, side, step, side // 2, bias=False))
            self.add_module(f"bn{number}", nn.BatchNorm2d(after))
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or channels[0] != channels[-1]:
            shortcut = nn.Conv2d(channels[0], channels[-1], 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(channels[-1]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Features (n, C, h, w) → (n, C', h / stride, w / stride)."""
        y = x
        for number in range(1, self.count + 1):
            y = self.get_submodule(f"bn{number}")(self.get_submodule(f"conv{number}")(y))
            y = functional.relu(y) if number < self.count else y
        return functional.relu(y + self.downsample(x))


class Encoder(nn.Module):
    """The first stages of a ResNet with ``blocks`` residual blocks a stage, with a bottleneck in each or without."""

    def __init__(self, blocks: tuple[int, ...], bottleneck: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, STAGES[0], 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(STAGES[0])
        before = STAGES[0]
        self.widths = [before]
        for stage, (count, width) in enumerate(zip(blocks, STAGES, strict=True), start=1):
            made = nn.Sequential()
            for number in range(count):
                channels = (before, width, width, 4 * width) if bottleneck else (before, width, width)
                sides = (1, 3, 1) if bottleneck else (3, 3)
                made.append(Residual(channels, sides, 2 if stage > 1 and number == 0 else 1))
                before = channels[-1]
            self.add_module(f"layer{stage}", made)
            self.widths.append(before)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Features of a batch (n, 3, h, w) at 1/2, 1/4, 1/8 and 1/16 of its size."""
        x = functional.relu(self.bn1(self.conv1(x)))
        levels = [x]
        x = functional.max_pool2d(x, 3, 2, 1)
        for stage in range(1, len(STAGES) + 1):
            x = self.get_submodule(f"layer{stage}")(x)
            levels.append(x)
        return levels


class EncoderUNet(Segmenter):
    """Pretrained encoder and our decoder, joined by skips, with one block at full size for thin boundaries."""

    of_picture = ("fine.0.weight",)

    def __init__(self, channels: int, classes: int, encoder: Encoder) -> None:
        super().__init__(Standardise(channels), nn.Conv2d(DECODER[0], classes, 1))
        self.encoder = encoder
        self.fine = Block(channels + 1, DECODER[0])
        skips = [DECODER[0], *encoder.widths[:-1]]
        before = [*DECODER[1:], encoder.widths[-1]]
        pairs = list(zip(before, DECODER, skips, strict=True))[::-1]
        self.up = nn.ModuleList(nn.ConvTranspose2d(below, after, 2, stride=2) for below, after, _ in pairs)
        self.join = nn.ModuleList(Block(after + skip, after) for _, after, skip in pairs)

    def features(self, standard: torch.Tensor) -> torch.Tensor:
        """Features (n, 16, h, w) of a standardised batch."""
        picture = standard[:, :3] if standard.shape[1] > 3 else standard[:, :1].expand(-1, 3, -1, -1)
        levels = [self.fine(standard), *self.encoder(picture)]
        x = levels.pop()
        for up, join, skip in zip(self.up, self.join, levels[::-1], strict=True):
            x = join(torch.cat([up(x), skip], dim=1))
        return x

    def learnt_elsewhere(self) -> list[nn.Parameter]:
        """The encoder's weights."""
        return list(self.encoder.parameters())


def encoder_network(channels: int, classes: int, checkpoint: Path, seed: int) -> EncoderUNet:
    """A network with the checkpoint's encoder and a decoder of random weights that depend on the seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return EncoderUNet(channels, classes, read_encoder(checkpoint))


def read_encoder(path: Path) -> Encoder:
    """The encoder in a checkpoint; ``Problem`` when the file is none. Reading it runs no code."""
    weights = _weights(path)
    bottleneck = "layer1.0.conv3.weight" in weights
    blocks = tuple(_blocks(weights, stage) for stage in range(1, len(STAGES) + 1))
    if not all(0 < count <= MOST_BLOCKS for count in blocks):
        raise Problem(f"{path.name} holds no ResNet encoder; {_REMEDY}")
    encoder = Encoder(blocks, bottleneck)
    try:
        encoder.load_state_dict(weights)
    except RuntimeError:
        raise Problem(f"The encoder in {path.name} has other layers than a ResNet; {_REMEDY}") from None
    return encoder


def _weights(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a checkpoint that belong to the stages used, by torchvision's names."""
    if path.stat().st_size > LARGEST_FILE:
        raise Problem(f"{path.name} is too large for an encoder; {_REMEDY}")
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # a file from elsewhere can fail in any way
        raise Problem(f"{path.name} is not a checkpoint that can be read safely; {_REMEDY}") from None
    found = found.get("state_dict", found) if isinstance(found, dict) else {}
    found = found if isinstance(found, dict) else {}
    used = re.compile(r"^(?:module\.|encoder\.|backbone\.|model\.)*((?:conv1|bn1|layer[123])\..+)$")
    named = ((used.match(str(name)), value) for name, value in found.items())
    return {match[1]: value.float() for match, value in named if match and isinstance(value, torch.Tensor)}


def _blocks(weights: dict[str, torch.Tensor], stage: int) -> int:
    numbers = [int(m[1]) for name in weights if (m := re.match(rf"layer{stage}\.(\d{{1,3}})\.", name))]
    return max(numbers, default=-1) + 1
