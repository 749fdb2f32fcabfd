"""A library as this user opens it: the one that was used last, and what was fetched once, in folders of the user."""

import os
from pathlib import Path

import platformdirs

from graingraph.app.document.session import state_folder
from graingraph.app.library.versions import Library, Version
from graingraph.engine.files import write_atomically
from graingraph.engine.place import place_at

VARIABLE = "GRAINGRAPH_LIBRARY"
"""What a site sets to the library of its people."""


def open_library(where: str) -> Library:
    """The library in a folder or under a URL. ``Problem`` where the URL's kind is not known."""
    return Library(place_at(where), _cache())


def usual_library() -> str:
    """The library that was used last in the window, else that of the site; empty for none."""
    try:
        return _kept().read_text("utf-8").strip()[:2000]
    except (OSError, UnicodeError):
        return os.environ.get(VARIABLE, "")


def remember_library(where: str) -> None:
    """Keep the library for the next start."""
    write_atomically(_kept(), where.encode(), durable=False)


def fetched(library: Library, version: Version) -> Path:
    """The file to open of a version, in the user's caches."""
    return library.fetch(version, _opened() / version.id)


def fetched_version(path: Path | None) -> str:
    """The id of the version that a file was fetched as; empty for another file."""
    return path.parent.name if path is not None and path.parent.parent == _opened() else ""


def _kept() -> Path:
    return state_folder() / "library.txt"


def _cache() -> Path:
    return platformdirs.user_cache_path("graingraph", False) / "library"


def _opened() -> Path:
    return _cache() / "opened"
