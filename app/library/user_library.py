"""A library as this user opens it: what was fetched once is kept in a folder of the user's caches."""

import platformdirs

from graingraph.app.library.place import place_at
from graingraph.app.library.versions import Library


def open_library(where: str) -> Library:
    """The library in a folder or under a URL. ``Problem`` where the URL's kind is not known."""
    return Library(place_at(where), platformdirs.user_cache_path("graingraph", False) / "library")
