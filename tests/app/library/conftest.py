"""Libraries to try: recipes to publish, and servers that really run."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graingraph.app.library.drafts import draft_of
from graingraph.app.library.versions import Library, Version
from graingraph.engine.place import place_at
from graingraph.engine.recipe import file as recipe_file
from tests.support.recipes import chain
from tests.support.servers import s3_server, web_server, webdav_server

Publish = Callable[..., Version]


@pytest.fixture(autouse=True)
def _caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """Publishes a chain of nodes whose threshold has a level of its own."""

    def do(library: Library, level: float, author: str = "Ada", **options: object) -> Version:
        folder = tmp_path / f"draft {time.time_ns()}"
        folder.mkdir()
        recipe = chain().with_setting("threshold", "method", "manual").with_setting("threshold", "level", level)
        recipe_file.save(recipe, folder / f"chain{recipe_file.SUFFIX}")
        draft, _ = draft_of(folder / f"chain{recipe_file.SUFFIX}", folder)
        return library.publish(draft, author=author, **options)

    return do


@pytest.fixture
def shelf(tmp_path: Path) -> Library:
    """An empty library in a folder."""
    return Library(place_at(str(tmp_path / "shelf")), tmp_path / "cached")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The URL under which a web server of Python shows the folder of ``shelf``."""
    (tmp_path / "shelf").mkdir(exist_ok=True)
    with web_server(tmp_path / "shelf") as url:
        yield url


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[str]:
    """The URL of a folder in an object store."""
    with s3_server(tmp_path, "recipes") as url:
        yield f"{url}/shared"


@pytest.fixture
def dav(tmp_path: Path) -> Iterator[str]:
    """The URL of a folder of a WebDAV server."""
    (tmp_path / "dav").mkdir()
    with webdav_server(tmp_path / "dav") as url:
        yield f"{url}/shared"
