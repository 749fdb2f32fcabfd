"""How commands read numbers and answer: in JSON for a program, how far they are, and into no file that is there."""

import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from graingraph.engine.problem import Problem

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for a program to read.")]


def print_json(answer: Any) -> None:
    """Print an answer as indented JSON; numbers and arrays of numpy may be in it."""
    import orjson

    typer.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY).decode())


def teller(*, quiet: bool) -> Callable[[float, str], None]:
    """What says on a terminal how far a command is: the share that is done (0 to 1), and what is done now."""

    def tell(done: float, what: str) -> None:
        if sys.stderr.isatty() and not quiet:
            typer.echo(f"{100 * done:3.0f} %  {what}", err=True)

    return tell


def as_typed(name: object) -> str:
    """A name as it is typed in a terminal, for a command that is shown to be copied: quoted where it has to be."""
    import shlex
    import subprocess

    text = str(name)
    return subprocess.list2cmdline([text]) if os.name == "nt" else shlex.quote(text)


def require_new(out: Path, *, overwrite: bool) -> None:
    """Raise a ``Problem`` where the file that is to be written is there, and is not to be replaced."""
    if out.exists() and not overwrite:
        raise Problem(f"{out} is there already; name another file, or give --overwrite.")


def whole_number(low: int, high: int | None = None) -> Callable[[str], int]:
    """What reads a whole number from ``low`` to ``high`` from the command line."""

    def read(text: str) -> int:
        return int(_between(text, "whole number", low, high, number=int))

    return read


def any_number(low: float, high: float | None = None) -> Callable[[str], float]:
    """What reads a number from ``low`` to ``high`` from the command line."""

    def read(text: str) -> float:
        return _between(text, "number", low, high, number=float)

    return read


def _between(text: str, what: str, low: float, high: float | None, number: Callable[[str], float]) -> float:
    wanted = f"a {what} {f'of {low:g} or more' if high is None else f'from {low:g} to {high:g}'}"
    try:
        found = number(text)
    except ValueError:
        point = ", with a point" if number is float and "," in str(text) else ""
        raise typer.BadParameter(f"it takes {wanted}{point}, not '{text}'.") from None
    if not low <= found <= (math.inf if high is None else high):
        raise typer.BadParameter(f"it takes {wanted}, not {text}.")
    return found
