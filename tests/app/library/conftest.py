"""Libraries to try: recipes to publish, and servers that really run."""

import functools
import http.server
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graingraph.app.library.drafts import draft_of
from graingraph.app.library.place import place_at
from graingraph.app.library.versions import Library, Version
from graingraph.engine.recipe import file as recipe_file
from tests.support.recipes import chain

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

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None: ...

    handler = functools.partial(Quiet, directory=str(tmp_path / "shelf"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The URL of a folder in an object store: moto's server, in a process of its own."""
    for needed in ("moto", "flask", "s3fs"):
        pytest.importorskip(needed)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with (tmp_path / "moto.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log
        )
    try:
        for name, value in {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        _make_bucket(f"{address}/recipes", server)
        yield "s3://recipes/shared"
    finally:
        server.terminate()
        server.wait()


def _make_bucket(address: str, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 60
    while True:
        assert server.poll() is None, "moto's server ended"
        try:
            with urllib.request.urlopen(urllib.request.Request(address, method="PUT"), timeout=5) as answer:
                assert answer.status == 200
            return
        except OSError:
            assert time.monotonic() < end, f"no answer from {os.environ['AWS_ENDPOINT_URL']}"
            time.sleep(0.1)
