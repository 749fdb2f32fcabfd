"""The arrays that a model from elsewhere takes and gives: channels first or last, floats of any length, any count."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from graingraph.engine.problem import Problem

FLOATS: dict[str, type[np.floating[Any]]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
}


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
    dtype: type[np.floating[Any]]

    @property
    def plain(self) -> bool:
        """Whether it takes float32 (n, channels, h, w), as the models that are trained here do."""
        return not self.last and self.dtype is np.float32

    def given(self, batch: np.ndarray) -> np.ndarray:
        """Pictures float32 (n, c, h, w) as the model takes them; the last one again where it insists on more."""
        if self.count and len(batch) < self.count:
            batch = np.concatenate([batch, np.repeat(batch[-1:], self.count - len(batch), axis=0)])
        ordered = batch.transpose(0, 2, 3, 1) if self.last else batch
        return np.ascontiguousarray(ordered, self.dtype)

    def planes(self, result: np.ndarray, batch: np.ndarray) -> np.ndarray:
        """What the model gives for these pictures as planes float32 (n, classes, h, w), wherever its classes are.

        A result of another size is returned as it is.
        """
        size = batch.shape[2:]
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
    if inputs[0].type not in FLOATS:
        raise Problem(f"{name} cannot be used: it takes {inputs[0].type}, where floats are needed; export it so.")
    last = shape[1] not in (1, 3)
    height, width = (shape[1], shape[2]) if last else (shape[2], shape[3])
    size = (height or width, width or height)  # where it insists on one side, the other may be as long
    channels = shape[3] if last else shape[1]
    assert channels is not None
    fixed = (size[0], size[1]) if size[0] and size[1] else None
    return Form(inputs[0].name, channels, last, fixed, shape[0], FLOATS[inputs[0].type])


def plain_size(session: Any, name: str) -> tuple[int, int] | None:
    """Height and width that a model insists on, None when any will do; ``Problem`` where its form is not plain."""
    form = form_of(session, name)
    if not form.plain:
        raise Problem(f"{name} takes its channels last or other numbers than float32; such a model is not exported.")
    return form.size
