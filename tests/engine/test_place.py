"""Places by URL, of servers that really run: WebDAV and SFTP; object stores and web servers have tests of their own."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from graingraph.engine.place import Missing, Remote
from graingraph.engine.problem import Problem
from tests.support.servers import sftp_server, webdav_server


@pytest.fixture(params=[webdav_server, sftp_server], ids=["webdav", "sftp"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    (tmp_path / "served").mkdir()
    with request.param(tmp_path / "served") as where:
        yield where


def test_files_are_added_replaced_listed_and_removed(url: str, tmp_path: Path):
    place = Remote(f"{url}/Prüfung 7")
    assert not place.there()
    assert (place.names("versions"), place.tree()) == ([], {})
    (tmp_path / "large").write_bytes(bytes(range(256)) * 10_000)
    place.add("versions/a.json", b"{}")
    place.add("objects/Gefüge 1.tif", tmp_path / "large")
    assert place.there()
    assert not place.is_empty()
    assert (place.names("versions"), place.names("objects")) == (["a.json"], ["Gefüge 1.tif"])
    stated = place.tree()
    assert sorted(stated) == ["objects/Gefüge 1.tif", "versions/a.json"]
    assert stated["objects/Gefüge 1.tif"] == place.stated("objects/Gefüge 1.tif")
    assert b"".join(place.blocks("objects/Gefüge 1.tif")) == (tmp_path / "large").read_bytes()
    before = place.stated("versions/a.json")
    place.add("versions/a.json", b"another")
    assert place.stated("versions/a.json") != before
    assert list(place.heads(["versions/a.json", "versions/gone.json"], 4)) == [("versions/a.json", b"anot")]
    assert place.create("lock", b"mine")
    assert not place.create("lock", b"yours")
    place.remove("lock")
    place.remove("lock")
    assert not place.has("lock")
    with pytest.raises(Missing, match=r"There is no gone in \S+/Prüfung 7"):
        list(place.blocks("gone"))
    assert [path.name for path in (tmp_path / "served").rglob(".*")] == []  # nothing half is left


def test_who_does_not_know_the_password_is_told_without_it(url: str):
    with pytest.raises(Problem, match="cannot be reached") as caught:
        Remote(url.replace("secret", "guess")).names("")
    assert "guess" not in caught.value.message


@pytest.mark.parametrize(
    ("where", "package", "besides"),
    [
        ("s3://lab/x", "s3fs", ""),
        ("webdav://host/x", "webdav4", ""),
        ("sftp://host/x", "paramiko", " paramiko"),
        ("gs://lab/x", "gcsfs", " gcsfs"),
    ],
)
def test_what_is_not_installed_is_said_with_how_to_install_it(
    where: str, package: str, besides: str, monkeypatch: pytest.MonkeyPatch
):
    pytest.importorskip("fsspec")
    known = sys.modules["fsspec.registry"]._registry
    monkeypatch.delitem(known, where.partition(":")[0], raising=False)
    for module in (package, f"{package}.fsspec", "fsspec.implementations.sftp"):
        monkeypatch.setitem(sys.modules, module, None)  # as if it could not be imported
    with pytest.raises(Problem) as caught:
        Remote(where)
    said = f"{where} needs the package {package}; install it with: pip install 'graingraph[library]'{besides}"
    assert caught.value.message == said
