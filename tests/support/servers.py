"""Servers that really run, for tests of what lies under a URL."""

import functools
import http.server
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def s3_server(folder: Path, bucket: str) -> Iterator[str]:
    """The URL of an empty bucket in an object store: moto's server, in a process of its own that logs into a folder.

    The environment leads to it meanwhile.
    """
    for needed in ("moto", "flask", "s3fs"):
        pytest.importorskip(needed)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with (folder / "moto.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log
        )
    try:
        with pytest.MonkeyPatch.context() as environment:
            for name, value in {
                "AWS_ENDPOINT_URL": address,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": "us-east-1",
            }.items():
                environment.setenv(name, value)
            _make_bucket(f"{address}/{bucket}", server)
            yield f"s3://{bucket}"
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


@contextmanager
def web_server(folder: Path) -> Iterator[str]:
    """The URL under which a web server of Python shows a folder, for reading."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None: ...

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def webdav_server(folder: Path) -> Iterator[str]:
    """The URL under which WsgiDAV shows a folder for reading and writing, to whom knows the password."""
    for needed in ("wsgidav", "cheroot", "webdav4"):
        pytest.importorskip(needed)
    from cheroot import wsgi
    from wsgidav.wsgidav_app import WsgiDAVApp

    app = WsgiDAVApp(
        {
            "provider_mapping": {"/": str(folder)},
            "simple_dc": {"user_mapping": {"*": {"lab": {"password": "secret"}}}},
            "verbose": 0,
            "logging": {"enable": False},
        }
    )
    server = wsgi.Server(("127.0.0.1", 0), app, numthreads=16)
    server.prepare()
    serving = threading.Thread(target=server.serve, daemon=True)
    serving.start()
    try:
        yield f"webdav://lab:secret@127.0.0.1:{server.bind_addr[1]}"
    finally:
        server.stop()
        serving.join(10)


@contextmanager
def sftp_server(folder: Path) -> Iterator[str]:
    """The URL under which a server of paramiko shows a folder for reading and writing, to whom knows the password."""
    pytest.importorskip("paramiko")
    from tests.support.sftp import serve

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(50)
        threading.Thread(target=serve, args=(listening, folder), daemon=True).start()
        try:
            yield f"sftp://lab:secret@127.0.0.1:{listening.getsockname()[1]}"
        finally:
            listening.shutdown(socket.SHUT_RDWR)  # ends the thread that listens
