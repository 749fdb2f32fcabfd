"""The code that computes a result, as a digest: a change of it is a change of the result's key.

What counts is the source of the module that defines a function, of the evaluation that calls it, of every module of its
package or of Graingraph that these import, directly or through others, at the top or within a function, and, for a
plug-in, the versions of the other libraries that it names. Imports are read from the source and nothing is loaded for
it: some hundred small files, read once a process.
"""

import importlib.util
import marshal
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from graingraph.engine.files import hash_bytes
from graingraph.engine.versions import installed

PROGRAM = "graingraph"
EVALUATED_BY = "graingraph.engine.evaluation.evaluation"
"""What calls every node and hands on its results: by name, as it stands above this file."""

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(\((?:[^)#]|#[^\n]*)*\)|[^\n#]+)|import[ \t]+([\w., \t]+))",
    re.MULTILINE,
)
"""A statement that imports; text that reads like one only adds a name that no module has."""


class _Source(NamedTuple):
    """A module's source: its digest, and the full names of what it imports (modules, or things within them)."""

    digest: str
    imports: frozenset[str]


@cache
def code_of(function: Callable[..., Any]) -> str:
    """The digest (hexadecimal) of the code that a function runs.

    A function without a source file, as one typed into a notebook, counts with its own code alone.
    """
    home = function.__module__
    if _file(home) is None:
        return hash_bytes(marshal.dumps(function.__code__))
    own = home.partition(".")[0]
    sources: dict[str, _Source] = {}
    libraries: set[str] = set()
    waiting = [home, EVALUATED_BY]
    while waiting:
        name = waiting.pop()
        root = name.partition(".")[0]
        if root not in (own, PROGRAM):
            if own != PROGRAM:
                libraries.add(root)
        elif name not in sources:
            source = _own_source(name) if root == PROGRAM else _source(name)
            if source is not None:
                sources[name] = source
                waiting += source.imports
            if "." in name:
                waiting.append(name.rpartition(".")[0])  # a package runs before what is in it
    listed = [f"{name} {source.digest}" for name, source in sorted(sources.items())]
    listed += [f"{name} {version}" for name, version in sorted(installed(sorted(libraries)).items())]
    return hash_bytes("\n".join(listed).encode())


def _source(name: str) -> _Source | None:
    """The source of a module; None if there is no such module, or one that is not written in Python."""
    path = _file(name)
    if path is None:
        return None
    status = path.stat()
    return _read(name, path, status.st_size, status.st_mtime_ns)


@cache
def _own_source(name: str) -> _Source | None:
    """The source of a module of the program, which nobody reloads."""
    return _source(name)


@cache
def _read(name: str, path: Path, size: int, time: int) -> _Source:
    """Read a file; again only when its size or time has changed, as when a plug-in is reloaded in a notebook."""
    data = path.read_bytes()
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    return _Source(hash_bytes(data), frozenset(_imports(data.decode("utf-8", "replace"), package)))


def _imports(text: str, package: str) -> Iterator[str]:
    for found in _IMPORT.finditer(text):
        module, names, plain = found.groups()
        if plain is not None:
            yield from (part.split()[0] for part in plain.split(",") if part.split())
            continue
        level = len(module) - len(module.lstrip("."))
        if level:
            above = package.split(".")[: len(package.split(".")) - level + 1]
            module = ".".join([*above, module[level:]]).rstrip(".")
        yield module
        parts = re.sub(r"#[^\n]*", "", names).strip("()").split(",")
        yield from (f"{module}.{part.split()[0]}" for part in parts if part.split())


def _file(name: str) -> Path | None:
    """The source file of a module, which need not be loaded; None for what is no module, or not written in Python.

    What is within a package is remembered; a module of its own may come later, as one written in a notebook does.
    """
    if "." in name:
        return _file_within(name)
    loaded = getattr(sys.modules.get(name), "__file__", None)
    return _if_source(Path(loaded)) if loaded is not None else _found(name)


@cache
def _file_within(name: str) -> Path | None:
    loaded = getattr(sys.modules.get(name), "__file__", None)
    if loaded is not None:
        return _if_source(Path(loaded))
    above, _, last = name.rpartition(".")
    package = _file(above)
    if package is None or package.name != "__init__.py":
        return None
    beside = _if_source(package.with_name(last) / "__init__.py") or _if_source(package.with_name(f"{last}.py"))
    return beside or (_found(name) if above == PROGRAM else None)


def _found(name: str) -> Path | None:
    """The file of a module as Python would find it: a package on the path, or a floor of the program's house."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return _if_source(Path(spec.origin)) if spec is not None and spec.has_location and spec.origin else None


def _if_source(path: Path) -> Path | None:
    return path if path.suffix == ".py" and path.is_file() else None
