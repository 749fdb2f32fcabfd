"""The arrays that a model from elsewhere takes and gives: channels first or last, floats or bytes, any count."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from graingraph.engine.problem import Problem
from graingraph.nodes.learning.model.foreign_reading import GreyLevels

FLOATS: dict[str, type[np.floating[Any]]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
}

BYTES = "tensor(uint8)"


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
    dtype: type[np.floating[Any] | np.uint8]

    @property
    def plain(self) -> bool:
        """Whether it takes float32 (n, channels, h, w), as the models that are trained here do."""
        return not self.last and self.dtype is np.float32

    @property
    def grey_levels(self) -> GreyLevels | None:
        """The numbers that it has to be given for grey levels; None where its form does not say that."""
        return "0 to 255" if self.dtype is np.uint8 else None

    def given(self, batch: np.ndarray) -> np.ndarray:
        """Pictures float32 (n, c, h, w) as the model takes them; the last one again where it insists on more."""
        if self.count and len(batch) < self.count:
            batch = np.concatenate([batch, np.repeat(batch[-1:], self.count - len(batch), axis=0)])
        ordered = batch.transpose(0, 2, 3, 1) if self.last else batch
        if self.dtype is np.uint8:
            ordered = ordered.round().clip(0, 255)
        return np.ascontiguousarray(ordered, self.dtype)

    def planes(self, result: np.ndarray, batch: np.ndarray) -> np.ndarray:
        """What the model gives for these pictures as planes float32 (n, classes, h, w), wherever its classes are.

        The axis of one picture or of one plane may be left out. A result of another size is returned as it is.
        """
        size = batch.shape[2:]
        if self.count in (None, 1) and len(batch) == 1 and result.ndim in (2, 3) and len(result) > 1:
            result = result[None]
        if result.ndim == 3 and result.shape[1:] == size:
            result = result[:, None]
        if result.ndim == 4 and result.shape[2:] != size and result.shape[1:3] == size:
            result = result.transpose(0, 3, 1, 2)
        return np.asarray(result[: len(batch)], np.float32)


def form_of(session: Any, name: str) -> Form:
    """The form of a session's only input; ``Problem`` where it is no picture of 1 or 3 channels in floats."""
    inputs = session.get_inputs()
    if len(inputs) != 1:
        raise Problem(f"{name} cannot be used: it has {len(inputs)} inputs, where one picture is needed.")
    shape = [side if isinstance(side, int) else None for side in inputs[0].shape]
    if len(shape) != 4 or not {shape[1], shape[3]} & {1, 3}:
        told = ", ".join(str(side) for side in inputs[0].shape)
        raise Problem(
            f"{name} cannot be used: its input has the shape ({told}), where pictures (N, 1 or 3, height, width) or (N,"
            " height, width, 1 or 3) are needed; export it so."
        )
    dtype = np.uint8 if inputs[0].type == BYTES else FLOATS.get(inputs[0].type)
    if dtype is None:
        raise Problem(
            f"{name} cannot be used: it takes {inputs[0].type}, where floats or bytes (uint8) are needed; export it so."
        )
    last = shape[1] not in (1, 3)
    height, width = (shape[1], shape[2]) if last else (shape[2], shape[3])
    size = (height or width, width or height)  # where it insists on one side, the other may be as long
    channels = shape[3] if last else shape[1]
    assert channels is not None
    fixed = (size[0], size[1]) if size[0] and size[1] else None
    return Form(inputs[0].name, channels, last, fixed, shape[0], dtype)


def plain_size(session: Any, name: str) -> tuple[int, int] | None:
    """Height and width that a model insists on, None when any will do; ``Problem`` where its form is not plain."""
    form, outputs = form_of(session, name), len(session.get_outputs())
    if outputs > 1:
        raise Problem(f"{name} gives {outputs} outputs, where one is told of; such a model is not exported.")
    if not form.plain:
        raise Problem(f"{name} takes its channels last or other numbers than float32; such a model is not exported.")
    return form.size
