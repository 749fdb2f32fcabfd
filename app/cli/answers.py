"""How commands answer: in JSON for a program, how far they are on a terminal, and into no file that is there."""

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
