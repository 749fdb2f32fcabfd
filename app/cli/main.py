"""The command line: ``graingraph``. Whatever goes wrong ends in one sentence and an exit code."""

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import typer

from graingraph.app.cli.answers import as_typed, print_json
from graingraph.app.cli.commands import COMMANDS
from graingraph.engine.problem import Cancelled, Problem, came_of_ctrl_c
from graingraph.engine.values.wording import near_to

OUTPUTS = ("-o", "--out", "--output")
"""How the options are written that name a file or folder to write."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; every error is one sentence on standard error, also in JSON if asked, and exit code 1."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that has no sign for µ or 微 is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    known = {command.name or command.callback.__name__ for command in COMMANDS.registered_commands if command.callback}
    known |= {group.name for group in COMMANDS.registered_groups if group.name}
    say = _say_in_json if "--json" in arguments else _say
    try:
        _require_names(arguments)
        if not arguments or (arguments[0] not in known and not arguments[0].startswith("-")):
            _require_file(arguments[:1], known)
            arguments.insert(0, "open")
        code = COMMANDS(arguments, standalone_mode=False)
    except Problem as problem:
        code = say(str(problem))
    except KeyboardInterrupt:
        code = _stopped(say)
    except Exception as error:
        if came_of_ctrl_c(error) or isinstance(error, Cancelled):
            code = _stopped(say)
        elif hasattr(error, "format_message"):
            code = say(f"{_full(error.format_message())}{_dashed(error, arguments)} See: graingraph --help.")
        elif "GRAINGRAPH_DEBUG" in os.environ:
            raise
        else:
            what = f"{type(error).__name__}: {error}"
            code = say(f"This should not have happened ({what}); please report it. GRAINGRAPH_DEBUG=1 tells where.")
    sys.exit(code if isinstance(code, int) else 0)


def _require_names(words: list[str]) -> None:
    """Raise ``Problem`` for a name that is empty, as of a variable not set: it would mean the current folder.

    An option may be empty (no reason, no scheduler) but for what is written.
    """
    for before, word in zip(["", *words], words, strict=False):
        named = before in OUTPUTS or not before.startswith("-")
        if (not word.strip() and named) or word in [f"{output}=" for output in OUTPUTS]:
            where = before if before.startswith("-") else word.rstrip("=") or "One of the names"
            raise Problem(f"{where} is empty, which would mean the current folder; give a name, or . for that folder.")


def _require_file(words: list[str], commands: set[str]) -> None:
    """Raise ``Problem`` where the first word is neither a command nor a file, nor written like one."""
    for word in words:
        if Path(word).exists() or Path(word).suffix or os.sep in word or "/" in word:
            continue
        meant = near_to(word, commands)
        raise Problem(f"There is no command '{word}', and no file of that name.{meant} See: graingraph --help.")


def _full(sentence: str) -> str:
    """A sentence with a sign at its end."""
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def _dashed(error: Exception, words: list[str]) -> str:
    """What to write where a file was meant whose name begins with a dash, and an option was read."""
    option = getattr(error, "option_name", None)
    named = next((word for word in words if option and word.startswith(option) and Path(word).exists()), None)
    return f" The file of that name is written {as_typed(f'.{os.sep}{named}')}." if named else ""


def _stopped(say: Callable[[str], int]) -> int:
    """The exit code after Ctrl-C, as shells have it."""
    say("Stopped.")
    return 130


def _say(sentence: str) -> int:
    typer.echo(sentence, err=True)
    return 1


def _say_in_json(sentence: str) -> int:
    print_json({"exit": 1, "problem": sentence})
    return _say(sentence)


if __name__ == "__main__":
    main()
