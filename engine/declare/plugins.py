"""Loading what can be wired: the nodes that ship with the program, and the plug-ins of other packages.

A plug-in is an installed package with an entry point in one of the groups below. Importing the module that it names
declares its nodes, value types and how these are shown. A plug-in that cannot be imported is left out, with a problem
that every way into the program shows; it never takes the program down.
"""

import importlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import metadata

from graingraph.engine.declare.node import REGISTRY
from graingraph.engine.problem import Problem

OWN = "graingraph.nodes"
"""What ships with the program. It is loaded like a plug-in, so the engine knows it by this name only."""

PLUGINS = ("graingraph.plugins", "graingraph.nodes")
"""The entry point groups that every way into the program loads; the second is what the first used to be called."""

PANELS = "graingraph.panels"
"""The entry point group that the window loads besides: modules that need Dear PyGui to be imported."""


@dataclass(frozen=True)
class Plugins:
    """The plug-ins that joined, as ``name (package version)``, and a problem for each one that could not."""

    joined: tuple[str, ...]
    problems: tuple[Problem, ...]


_log = logging.getLogger(__name__)


def load_plugins(*more: str, say: Callable[[str], None] = _log.warning) -> Plugins:
    """Load the program's own nodes and every plug-in of ``PLUGINS`` and of ``more`` groups, once a process.

    ``say`` is told what is wrong with a plug-in; worker processes leave that to the process that started them.
    """
    importlib.import_module(OWN)
    loaded = [_load(group) for group in (*PLUGINS, *more)]
    problems = tuple(problem for one in loaded for problem in one.problems)
    for problem in problems:
        if problem not in _said:
            _said.add(problem)
            say(str(problem))
    return Plugins(tuple(name for one in loaded for name in one.joined), problems)


_said: set[Problem] = set()
"""Problems that a person has been told of: each is said once."""


@cache
def _load(group: str) -> Plugins:
    joined, problems = [], []
    for entry in metadata.entry_points(group=group):
        if entry.value == OWN:
            continue
        before = dict(REGISTRY)
        try:
            entry.load()
            joined.append(f"{entry.name} ({_package(entry)})")
        except (Exception, SystemExit) as error:
            REGISTRY.clear()  # nodes of a module that was imported by half would fail one by one
            REGISTRY.update(before)
            _log.debug("plug-in %s", entry.name, exc_info=True)
            problems.append(
                Problem(
                    f"The plug-in {entry.name} of the package {_package(entry)} cannot be used "
                    f"({type(error).__name__}: {error}); update or uninstall that package."
                )
            )
    return Plugins(tuple(joined), tuple(problems))


def _package(entry: metadata.EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.module
