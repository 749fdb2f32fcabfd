"""Formulas over arrays, read as arithmetic and nothing else: names, numbers, + − × ÷, powers and a few functions."""

import ast
import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

MOST = 1e38
"""Larger numbers are not told apart in float32."""
LONGEST = 500
"""Characters of a formula; also bounds how deep it can nest."""
OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: np.power,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": np.abs,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "min": np.minimum,
    "max": np.maximum,
    "mean": np.mean,
}
TWO_PARTS = frozenset({"min", "max"})


def evaluate(formula: str, arrays: Mapping[str, npt.NDArray[np.floating]]) -> npt.NDArray[np.floating]:
    """The value of a formula such as ``(a - b) / max(b, 0.01)``, of the arrays' shape and dtype (float32 or float64).

    ``arrays`` are all of one shape (or broadcast); what is not a number (0 / 0, the root of a negative one) comes out
    as NaN. ``ValueError`` says what cannot be read. Nothing but arithmetic is ever run.

    >>> evaluate("max(a, 0.5) * 2", {"a": np.float32([0.25, 0.75])}).tolist()
    [1.0, 1.5]
    """
    return Formula(formula).of(arrays)


class Formula:
    """A formula that has been read, to be computed of whole arrays or of one part of them after the other."""

    def __init__(self, text: str) -> None:
        """``ValueError`` where that is not a formula."""
        if len(text) > LONGEST:
            raise ValueError(f"the formula is longer than {LONGEST} characters")
        try:
            plain = text.replace("^", "**").replace("×", "*").replace("÷", "/").replace("−", "-")
            self._tree = ast.parse(plain, mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            raise ValueError(f"'{text[:40]}' is not a formula") from None
        self._means: dict[ast.expr, Any] = {}

    def of(self, arrays: Mapping[str, npt.NDArray[np.floating]]) -> npt.NDArray[np.floating]:
        """Its value, see ``evaluate``; a mean is that over these arrays unless ``take_means`` was told of others."""
        number = np.result_type(*arrays.values()).type if arrays else np.float64
        with np.errstate(all="ignore"):
            found = np.asarray(self._value(self._tree, arrays, number), number)
        shape = np.broadcast_shapes(found.shape, *(array.shape for array in arrays.values()))
        return np.broadcast_to(found, shape) if found.shape != shape else found

    def take_means(self, parts: Sequence[Callable[[Collection[str]], Mapping[str, npt.NDArray[np.floating]]]]) -> None:
        """Find each ``mean`` over all parts that the arrays come in, so that ``of`` may be asked for one of them.

        Each part gives the arrays that it is asked for by name.
        """
        for mean in reversed(list(ast.walk(self._tree))):  # the innermost first
            if not (isinstance(mean, ast.Call) and _called(mean) == "mean" and len(mean.args) == 1):
                continue
            named = {one.id for one in ast.walk(mean.args[0]) if isinstance(one, ast.Name)}
            total, count, number = 0.0, 0, np.float32
            for part in parts:
                arrays = part(named)
                with np.errstate(all="ignore"):
                    values = np.asarray(self._value(mean.args[0], arrays, number), number)
                total, count = total + float(values.sum()), count + values.size
            self._means[mean] = number(total / count)

    def on_levels(self, arrays: Mapping[str, np.ndarray]) -> np.ndarray | None:
        """Its value in whole grey levels, uint8 or uint16 as all ``arrays`` are; None where the formula leaves them.

        The highest level counts 1. The smaller, the larger and the difference of two levels are levels, and so is 1
        less a level.
        """
        return _on_levels(self._tree, arrays) if len({array.shape for array in arrays.values()}) == 1 else None

    def _value(self, part: ast.expr, arrays: Mapping[str, np.ndarray], number: type[np.floating]) -> Any:
        if isinstance(part, ast.Constant) and isinstance(part.value, int | float) and not isinstance(part.value, bool):
            return number(min(max(part.value, -MOST), MOST))  # a plain number would divide by zero aloud
        if isinstance(part, ast.Name):
            if part.id not in arrays:
                known = f"; there is {', '.join(arrays)}" if arrays else ""
                raise ValueError(f"{part.id[:40]} is not known here{known}")
            return arrays[part.id]
        if isinstance(part, ast.BinOp) and type(part.op) in OPERATORS:
            parts = [self._value(one, arrays, number) for one in (part.left, part.right)]
            return OPERATORS[type(part.op)](*parts)
        if isinstance(part, ast.UnaryOp) and type(part.op) in OPERATORS:
            return OPERATORS[type(part.op)](self._value(part.operand, arrays, number))
        name = _called(part)
        if name and isinstance(part, ast.Call):
            wanted = 2 if name in TWO_PARTS else 1
            if len(part.args) != wanted or part.keywords:
                raise ValueError(f"{name}() takes {wanted} part{'s' * (wanted - 1)}")
            if part in self._means:
                return self._means[part]
            return FUNCTIONS[name](*(self._value(argument, arrays, number) for argument in part.args))
        raise ValueError(f"'{ast.unparse(part)[:40]}' is not arithmetic; there are + - * / ^, {', '.join(FUNCTIONS)}")


def _called(part: ast.AST) -> str:
    """The function that is called there, if it is one of those known."""
    name = part.func.id if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) else ""
    return name if name in FUNCTIONS else ""


def _on_levels(part: ast.expr, arrays: Mapping[str, np.ndarray]) -> np.ndarray | None:
    if isinstance(part, ast.Name):
        return arrays.get(part.id)
    if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub):  # 1 - a
        rest = _on_levels(part.right, arrays)
        from_one = isinstance(part.left, ast.Constant) and part.left.value == 1
        return None if rest is None or not from_one else cv2.bitwise_not(rest)
    name = _called(part)
    if not isinstance(part, ast.Call) or part.keywords:
        return None
    inside = part.args[0] if len(part.args) == 1 else None
    if name == "abs" and isinstance(inside, ast.BinOp) and isinstance(inside.op, ast.Sub):
        both, compute = [inside.left, inside.right], cv2.absdiff
    elif name in TWO_PARTS and len(part.args) == 2:
        both, compute = part.args, cv2.min if name == "min" else cv2.max
    else:
        return None
    first, second = (_on_levels(one, arrays) for one in both)
    return None if first is None or second is None else compute(first, second)
