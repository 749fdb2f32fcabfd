"""A library as this user opens it: the one that was used last, and what was fetched once, in folders of the user."""

import os
from itertools import chain
from pathlib import Path
from typing import Any

import orjson
import platformdirs

from graingraph.app.document.session import state_folder
from graingraph.app.library.versions import Library, Version
from graingraph.engine.batch.permission import stage_at
from graingraph.engine.files import write_atomically
from graingraph.engine.place import is_remote, place_at, without_login
from graingraph.engine.problem import Problem
from graingraph.engine.release import policy
from graingraph.engine.release.policy import policy_of

_USUAL = "library:"
_ABOUT = "version.json"
ENDINGS = (".json", ".ggz", ".pdf", ".html")
"""How files end that hold a recipe."""
VARIABLE = "GRAINGRAPH_LIBRARY"
"""What a site sets to the library of its people."""


def open_library(where: str) -> Library:
    """The library in a folder or under a URL. ``Problem`` where the URL's kind is not known."""
    return Library(place_at(where), _cache())


def open_existing(where: str) -> Library:
    """The same, where there is one. ``Problem`` that says what is there instead."""
    library = open_library(where)
    library.require_there()
    return library


def usual_library() -> str:
    """The library that was used last in the window, else that of the site; empty for none."""
    try:
        return _kept().read_text("utf-8").strip()[:2000]
    except (OSError, UnicodeError):
        return os.environ.get(VARIABLE, "")


def remember_library(where: str) -> None:
    """Keep the library for the next start, without the login that may stand in its URL: no password is written down."""
    write_atomically(_kept(), (without_login(where) if is_remote(where) else where).encode(), durable=False)


def fetched(library: Library, version: Version) -> Path:
    """The file to open of a version, in the user's caches, where the policy of the library holds for it."""
    folder = _opened() / version.id
    path = library.fetch(version, folder)
    rules = library.policy()
    if rules is not None:
        write_atomically(folder / policy.FILE, rules)
    else:
        (folder / policy.FILE).unlink(missing_ok=True)
    about = {
        "library": library.place.url,
        "name": version.name,
        "version": version.id,
        "author": version.author,
        "date": version.date,
    }
    write_atomically(folder / _ABOUT, orjson.dumps(about), durable=False)
    return path


def is_in_library(recipe: str) -> bool:
    """Whether a person means a recipe in a library: ``library:NAME``, or ``LIBRARY#NAME``."""
    named = recipe.startswith(_USUAL) or ("#" in recipe and not recipe.lower().endswith(ENDINGS))
    return named and not Path(recipe).exists()


def address_of(library: Library, version: Version) -> str:
    """What a person says to run a version."""
    return f"{library.place.url}#{version.name}@{version.short}"


def recipe_in_library(recipe: str) -> Path:
    """The file of the version that a person means by ``library:NAME``, or ``LIBRARY#NAME``, with or without ``@ID``.

    Without an id it is the newest, and where the library lets only released versions run, the newest of those.
    ``library:`` is the one that was used last. Raises ``Problem``.
    """
    where, _, name = ("", "", recipe[len(_USUAL) :]) if recipe.startswith(_USUAL) else recipe.rpartition("#")
    where = where or usual_library()
    if not where:
        raise Problem(
            f"No library is known here; look into one in the tab Library, set {VARIABLE}, or say LIBRARY#{name}."
        )
    library = open_existing(where)
    version = library.find(name)
    if version.kind != "recipe":
        raise Problem(f"{version.name} is a model and no recipe.")
    newest = fetched(library, version)
    if name != version.name or not policy_of(newest).only_released:
        return newest
    older = (fetched(library, one) for one in library.history(name)[-2::-1])
    # where none is released, the newest: it says who has to sign
    return next((path for path in chain([newest], older) if stage_at(path).name == "released"), newest)


def about_version(path: Path | None) -> dict[str, Any]:
    """What a manifest says of the library that a recipe's file is from, under "library"; empty for another file."""
    if not fetched_version(path):
        return {}
    assert path is not None
    try:
        return {"library": orjson.loads((path.parent / _ABOUT).read_bytes())}
    except (OSError, ValueError):
        return {}


def fetched_version(path: Path | None) -> str:
    """The id of the version that a file was fetched as; empty for another file."""
    return path.parent.name if path is not None and path.parent.parent == _opened() else ""


def _kept() -> Path:
    return state_folder() / "library.txt"


def _cache() -> Path:
    return platformdirs.user_cache_path("graingraph", False) / "library"


def _opened() -> Path:
    return _cache() / "opened"
