"""Centre lines of soft masks: a loss that sees a gap in a boundary, which costs few pixels but merges two grains."""

from typing import Any

import torch
from torch.nn import functional

Offsets = tuple[tuple[int, int], ...]

ROW: Offsets = ((0, 0), (0, -1), (0, 1))
COLUMN: Offsets = ((0, 0), (-1, 0), (1, 0))
CROSS: Offsets = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))


class _Lowest(torch.autograd.Function):
    """The smallest value around each pixel of planes (n, 1, h, w); its gradient goes to the pixel that has it.

    Five times as fast as the max pooling of torch on single planes, which took a third of a training's time.
    """

    @staticmethod
    def forward(ctx: Any, planes: torch.Tensor, offsets: Offsets) -> torch.Tensor:
        """The smallest of the pixels at these offsets (row, column, each -1 to 1) from every pixel."""
        framed = functional.pad(planes, (1, 1, 1, 1), value=torch.inf)
        lowest = planes.clone()
        for offset in offsets:
            torch.minimum(lowest, _moved(framed, offset), out=lowest)
        ctx.save_for_backward(framed, lowest)
        ctx.offsets = offsets
        return lowest

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:  # type: ignore[override]
        """Where several pixels have the smallest value, the first takes the gradient."""
        framed, lowest = ctx.saved_tensors
        given = torch.zeros_like(framed)
        left = gradient.clone()
        for offset in ctx.offsets:
            part = left * (_moved(framed, offset) == lowest)
            _moved(given, offset).add_(part)
            left.sub_(part)
        return given[..., 1:-1, 1:-1], None


def _moved(framed: torch.Tensor, offset: tuple[int, int]) -> torch.Tensor:
    """The pixels at this offset from those inside a frame one pixel wide; a view."""
    row, column = offset
    height, width = framed.shape[-2] - 2, framed.shape[-1] - 2
    return framed[..., 1 + row : 1 + row + height, 1 + column : 1 + column + width]


def centre_line_loss(share: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """1 - soft centre-line Dice of one class: is each centre line inside the other's line? Both (n, 1, h, w), 0 to 1.

    Shit et al., clDice, CVPR 2021.
    """
    line, true_line = soft_skeleton(share), soft_skeleton(wanted)
    precision = ((line * wanted).sum() + 1) / (line.sum() + 1)
    recall = ((true_line * share).sum() + 1) / (true_line.sum() + 1)
    return 1 - 2 * precision * recall / (precision + recall)


def soft_skeleton(share: torch.Tensor, rounds: int = 3) -> torch.Tensor:
    """Centre line (n, 1, h, w) of a soft mask, up to 2 × ``rounds`` px wide, by repeated erosion and opening."""
    eroded = erode(share)
    line = functional.relu(share - dilate(eroded))
    for _ in range(rounds):
        share, eroded = eroded, erode(eroded)
        rest = functional.relu(share - dilate(eroded))
        line = line + functional.relu(rest - line * rest)
    return line


def erode(share: torch.Tensor) -> torch.Tensor:
    """The smallest value among each pixel and its four neighbours, of planes (n, 1, h, w)."""
    return _lowest(share, CROSS)


def dilate(share: torch.Tensor) -> torch.Tensor:
    """The largest value among each pixel and its eight neighbours, of planes (n, 1, h, w)."""
    return -_lowest(_lowest(-share, ROW), COLUMN)


def _lowest(planes: torch.Tensor, offsets: Offsets) -> torch.Tensor:
    return torch.Tensor(_Lowest.apply(planes, offsets))
