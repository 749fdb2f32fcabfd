"""The arrays that a model from elsewhere takes and gives: channels first or last, of floats or whole numbers."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from graingraph.engine.problem import Problem
from graingraph.nodes.learning.model.card import Card
from graingraph.nodes.learning.model.foreign_reading import GreyLevels
from graingraph.nodes.learning.model.foreign_size import times_smaller

FLOATS: dict[str, type[np.floating[Any]]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
}

WHOLE: dict[str, type[np.integer[Any]]] = {
    "tensor(uint8)": np.uint8,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
}
"""Whole numbers that can only be meant as grey levels from 0 to 255; of other ones it is not clear what white is."""

SMALLEST = 16
"""Px along a side of a picture; an axis that insists on fewer is one of channels."""
MOST_NUMBERS = 2**28
"""Numbers (1 GB of floats) that a model may insist on being given at once; a file of a few bytes can ask for any."""
STRIDES = {32: 96, 64: 64, 128: 128, 256: 256}
"""What the sides of a picture may have to be multiples of, and a side (px) that is one and no multiple of the next."""


@dataclass(frozen=True)
class Form:
    """What one picture batch has to be for a model.

    Its input ``name``; ``channels`` (1 or 3), which are its ``last`` axis or the one before height and width; the
    ``size`` (height, width) and the ``count`` of pictures it insists on, None where any will do; and its ``dtype``.
    """

    name: str
    channels: int
    last: bool
    size: tuple[int, int] | None
    count: int | None
    dtype: type[np.floating[Any] | np.integer[Any]]

    @property
    def plain(self) -> bool:
        """Whether it takes float32 (n, channels, h, w), as the models that are trained here do."""
        return not self.last and self.dtype is np.float32

    @property
    def grey_levels(self) -> GreyLevels | None:
        """The numbers that it has to be given for grey levels; None where its form does not say that."""
        return "0 to 255" if issubclass(self.dtype, np.integer) else None

    def given(self, batch: np.ndarray) -> np.ndarray:
        """Pictures float32 (n, c, h, w) as the model takes them; the last one again where it insists on more."""
        if self.count and len(batch) < self.count:
            batch = np.concatenate([batch, np.repeat(batch[-1:], self.count - len(batch), axis=0)])
        ordered = batch.transpose(0, 2, 3, 1) if self.last else batch
        if self.grey_levels:
            ordered = ordered.round().clip(0, 255)
        return np.ascontiguousarray(ordered, self.dtype)

    def planes(self, result: np.ndarray, batch: np.ndarray) -> np.ndarray:
        """What the model gives for these pictures as planes float32 (n, classes, h, w), wherever its classes are.

        The axis of one picture or of one plane may be left out. What is no map of the pictures is returned as it is.
        """

        def fits(sides: tuple[int, ...]) -> bool:
            return times_smaller(batch.shape[2:], sides) > 0

        if self.count in (None, 1) and len(batch) == 1 and result.ndim in (2, 3) and len(result) > 1:
            result = result[None]
        if result.ndim == 3 and fits(result.shape[1:]):
            result = result[:, None]
        if result.ndim == 4 and not fits(result.shape[2:]) and fits(result.shape[1:3]):
            result = result.transpose(0, 3, 1, 2)
        if result.ndim and len(result) == (self.count or len(batch)):
            result = result[: len(batch)]
        return np.asarray(result, np.float32)


def form_of(session: Any, name: str) -> Form:
    """The form of a session's only input; ``Problem`` where it is no picture of 1 or 3 channels in floats or whole
    numbers, or one too large for memory."""
    inputs = session.get_inputs()
    if len(inputs) != 1:
        raise Problem(f"{name} cannot be used: it has {len(inputs)} inputs, where one picture is needed.")
    dtype = FLOATS.get(inputs[0].type) or WHOLE.get(inputs[0].type)
    if dtype is None:
        raise Problem(
            f"{name} cannot be used: it takes {inputs[0].type}, where floats, or whole numbers from 0 to 255 (uint8, "
            "int32, int64), are needed; export it so."
        )
    shape = [side if isinstance(side, int) else None for side in inputs[0].shape]
    if len(shape) == 4 and {shape[1], shape[3]} & {1, 3}:
        return _form(session, name, shape, dtype, last=shape[1] not in (1, 3))
    form = _that_runs(session, name, shape, dtype) if len(shape) == 4 and None in (shape[1], shape[3]) else None
    if form is None:
        told = ", ".join(str(side) for side in inputs[0].shape)
        raise Problem(
            f"{name} cannot be used: its input has the shape ({told}), where pictures (N, 1 or 3, height, width) or (N,"
            " height, width, 1 or 3) are needed; export it so."
        )
    return form


def _form(
    session: Any, name: str, shape: list[int | None], dtype: type[np.floating[Any] | np.integer[Any]], *, last: bool
) -> Form:
    height, width = (shape[1], shape[2]) if last else (shape[2], shape[3])
    size = (height or width, width or height)  # where it insists on one side, the other may be as long
    channels = shape[3] if last else shape[1]
    assert channels is not None
    fixed = (size[0], size[1]) if size[0] and size[1] else None
    count, (rows, columns) = shape[0] or 1, fixed or (max(STRIDES.values()),) * 2
    if count * channels * rows * columns > MOST_NUMBERS:
        raise Problem(
            f"{name} cannot be used: it insists on more at once ({count} × {columns}×{rows} px) than memory may hold; "
            "export it for one picture at a time, or for smaller ones."
        )
    return Form(session.get_inputs()[0].name, channels, last, fixed, shape[0], dtype)


def _that_runs(
    session: Any, name: str, shape: list[int | None], dtype: type[np.floating[Any] | np.integer[Any]]
) -> Form | None:
    """The form of a model that gives no number of channels: the first by which it takes a picture; None without one."""
    for last, channels in ((False, 3), (False, 1), (True, 3), (True, 1)):
        told = list(shape)
        if told[3 if last else 1] is not None:
            continue
        told[3 if last else 1] = channels
        form = _form(session, name, told, dtype, last=last)
        if form.size and min(form.size) < SMALLEST:
            continue
        for size in (form.size,) if form.size else [(side, side) for side in STRIDES.values()]:
            with suppress(Exception):  # ONNX Runtime raises types of its own, one for each kind of failure
                session.run(None, {form.name: form.given(np.zeros((1, channels, *size), np.float32))})
                return form
    return None


def plain_size(session: Any, name: str, card: Card) -> tuple[int, int] | None:
    """Height and width that a model insists on, None when any will do; ``Problem`` where its form is not plain."""
    form, outputs = form_of(session, name), len(session.get_outputs())
    if outputs > 1:
        raise Problem(f"{name} gives {outputs} outputs, where one is told of; such a model is not exported.")
    if card.settings.get("times", 1) > 1:
        raise Problem(f"{name} gives maps that are smaller than the picture; such a model is not exported.")
    if not form.plain:
        raise Problem(f"{name} takes its channels last or other numbers than float32; such a model is not exported.")
    return form.size
