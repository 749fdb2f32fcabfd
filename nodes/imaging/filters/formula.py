"""Formulas over arrays, read as arithmetic and nothing else: names, numbers, + − × ÷, powers and a few functions."""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

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
    if len(formula) > LONGEST:
        raise ValueError(f"the formula is longer than {LONGEST} characters")
    try:
        tree = ast.parse(formula.replace("^", "**").replace("×", "*").replace("÷", "/").replace("−", "-"), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ValueError(f"'{formula[:40]}' is not a formula") from None
    number = np.result_type(*arrays.values()).type if arrays else np.float64
    with np.errstate(all="ignore"):
        found = np.asarray(_value(tree.body, arrays, number), number)
    shape = np.broadcast_shapes(found.shape, *(array.shape for array in arrays.values()))
    return np.broadcast_to(found, shape) if found.shape != shape else found


def _value(part: ast.expr, arrays: Mapping[str, np.ndarray], number: type[np.floating]) -> Any:
    if isinstance(part, ast.Constant) and isinstance(part.value, int | float) and not isinstance(part.value, bool):
        return number(min(max(part.value, -MOST), MOST))  # a plain number would divide by zero aloud
    if isinstance(part, ast.Name):
        if part.id not in arrays:
            known = f"; there is {', '.join(arrays)}" if arrays else ""
            raise ValueError(f"{part.id[:40]} is not known here{known}")
        return arrays[part.id]
    if isinstance(part, ast.BinOp) and type(part.op) in OPERATORS:
        return OPERATORS[type(part.op)](_value(part.left, arrays, number), _value(part.right, arrays, number))
    if isinstance(part, ast.UnaryOp) and type(part.op) in OPERATORS:
        return OPERATORS[type(part.op)](_value(part.operand, arrays, number))
    if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in FUNCTIONS:
        name = part.func.id
        wanted = 2 if name in TWO_PARTS else 1
        if len(part.args) != wanted or part.keywords:
            raise ValueError(f"{name}() takes {wanted} part{'s' * (wanted - 1)}")
        return FUNCTIONS[name](*(_value(argument, arrays, number) for argument in part.args))
    raise ValueError(f"'{ast.unparse(part)[:40]}' is not arithmetic; there are + - * / ^, {', '.join(FUNCTIONS)}")
