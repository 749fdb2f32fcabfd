"""Images and results under URLs: servers that really run give what folders give, and keep what is not ours."""

import functools
import http.server
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import orjson
import pytest

from graingraph.app.cli.inspect import verify_results
from graingraph.app.cli.run import run_recipe
from graingraph.engine import remote_files
from graingraph.engine.batch import remote_output
from graingraph.engine.batch.image_job import BatchPaths
from graingraph.engine.batch.manifest import verify
from graingraph.engine.batch.remote_output import LOCK, RemoteOutput
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.images.remote import RemoteImage, find_anywhere
from graingraph.engine.place import Remote
from graingraph.engine.problem import Problem
from tests.engine.batch.test_cluster import nodules, outputs
from tests.support.paths import GRAPHS, ROOT
from tests.support.servers import s3_server, sftp_server, webdav_server

Server = Callable[[Path], AbstractContextManager[str]]
RECIPE = GRAPHS / "nodules.graingraph.json"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_server(tmp_path_factory.mktemp("moto"), "lab") as url:
        yield url


@pytest.fixture
def bucket(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty folder of the bucket for this test, with four images in ``images``; this machine has fetched nothing."""
    move_to_another_machine(monkeypatch, tmp_path / "first machine")
    where = f"{server}/{tmp_path.name}"
    for path in sorted(nodules(tmp_path / "images", 4).values(), key=lambda source: source.name):
        assert path.path is not None
        Remote(where).add(f"images/{path.path.name}", path.path)
    return where


def move_to_another_machine(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """A user's folders as they are where nothing was done yet."""
    for variable in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, str(home / variable))
    remote_files.remote_place.cache_clear()


def all_files(where: str) -> dict[str, bytes]:
    place = Remote(where)
    return {name: b"".join(place.blocks(name)) for name in place.tree()}


def test_by_url_comes_out_what_comes_out_in_a_folder(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert run_recipe(RECIPE, [str(tmp_path / "images")], tmp_path / "here", workers=1) == 0
    assert run_recipe(RECIPE, [f"{bucket}/images/*.tif"], f"{bucket}/out", workers=1) == 0
    copy = RemoteOutput(f"{bucket}/out").folder
    assert outputs(copy) == outputs(tmp_path / "here")
    there = all_files(f"{bucket}/out")
    assert LOCK not in there
    assert {name: data for name, data in there.items() if not name.startswith(".graingraph/")} == {
        path.relative_to(copy).as_posix(): path.read_bytes()
        for path in copy.rglob("*")
        if path.is_file() and ".graingraph" not in path.parts
    }
    named = orjson.loads(there["manifest.json"])["images"]["000.tif"]["path"]
    assert named == f"{bucket}/images/000.tif"
    monkeypatch.setattr(remote_output, "KEPT_S", -1.0)
    (copy / "notes.txt").write_text("not sent yet")
    remote_output.remove_old_copies()
    assert copy.is_dir()
    (copy / "notes.txt").unlink()
    remote_output.remove_old_copies()
    assert not copy.exists()
    move_to_another_machine(monkeypatch, tmp_path / "another machine")
    assert verify_results(f"{bucket}/out", as_json=True) == 0
    Remote(bucket).add("images/001.tif", b"another")
    assert verify_results(f"{bucket}/out", as_json=True) == 1


def test_another_machine_goes_on_where_a_run_was_killed(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(remote_output, "SILENT_S", 0.5)
    monkeypatch.setattr(remote_output, "BEAT_S", 0.25)
    assert run_recipe(RECIPE, [f"{bucket}/images/00[01].tif"], f"{bucket}/out", workers=1) == 0
    place = Remote(f"{bucket}/out")
    for name in list(place.tree()):  # as if it had been killed before the tables, and while a file was sent
        if not name.startswith((".graingraph/rows", ".graingraph/tables", ".graingraph/results", "overlays/000")):
            place.remove(name)
    place.add(LOCK, orjson.dumps({"process": 1, "host": "elsewhere", "by": "Ada", "token": "t"}))
    move_to_another_machine(monkeypatch, tmp_path / "another machine")
    capsys.readouterr()
    assert run_recipe(RECIPE, [f"{bucket}/images"], f"{bucket}/out", workers=1, as_json=True) == 0
    answer = orjson.loads(capsys.readouterr().out)
    assert (answer["finished"], answer["resumed"], answer["out"]) == (4, 1, f"{bucket}/out")
    assert run_recipe(RECIPE, [str(tmp_path / "images")], tmp_path / "here", workers=1) == 0
    assert outputs(RemoteOutput(f"{bucket}/out").folder) == outputs(tmp_path / "here")


def test_nothing_foreign_is_overwritten_and_what_is_ours_is_replaced(bucket: str):
    place = Remote(f"{bucket}/out")
    place.add("fields.csv", b"mine")
    place.add("letters/a.txt", b"mine too")
    with pytest.raises(Problem, match=r"fields\.csv is there and was not written by a run"):
        run_recipe(RECIPE, [f"{bucket}/images/000.tif"], f"{bucket}/out", workers=1)
    assert all_files(f"{bucket}/out") == {"fields.csv": b"mine", "letters/a.txt": b"mine too"}
    place.remove("fields.csv")
    assert run_recipe(RECIPE, [f"{bucket}/images/00[01].tif"], f"{bucket}/out", workers=1) == 0
    assert any(name.startswith("overlays/001") for name in place.tree())
    assert run_recipe(RECIPE, [f"{bucket}/images/000.tif"], f"{bucket}/out", workers=1) == 0
    assert not any(name.startswith("overlays/001") for name in place.tree())
    place.add("fields.csv", b"changed by somebody")
    with pytest.raises(Problem, match="was changed since"):
        run_recipe(RECIPE, [f"{bucket}/images/000.tif"], f"{bucket}/out", workers=1)
    assert b"".join(place.blocks("letters/a.txt")) == b"mine too"


def test_one_run_at_a_time_has_the_place(bucket: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(remote_output, "BEAT_S", 0.1)
    monkeypatch.setattr(remote_output, "SILENT_S", 1.0)
    output = RemoteOutput(f"{bucket}/out")
    with output.owned() as lost:
        with pytest.raises(Problem, match=r"Another run \(by .*process .*is writing into"), output.owned():
            pass
        assert not lost()
        end = time.monotonic() + 30
        while not lost():
            assert time.monotonic() < end
            Remote(output.where).add(LOCK, orjson.dumps({"token": "of another"}))
            time.sleep(0.3)
    assert orjson.loads(all_files(output.where)[LOCK]) == {"token": "of another"}


def test_an_image_that_is_replaced_or_gone_is_a_failed_row(bucket: str, tmp_path: Path):
    place = Remote(f"{bucket}/images")
    images = ImageSet.of_files(find_anywhere([f"{bucket}/images/"]))
    assert list(images) == ["000.tif", "001.tif", "002.tif", "003.tif"]
    assert [images[name].hash for name in images] == [
        source.hash for source in ImageSet.of_files(sorted((tmp_path / "images").glob("*.tif"))).values()
    ]
    shutil.rmtree(remote_files.fetched_folder())
    place.remove("000.tif")
    place.add("001.tif", (tmp_path / "images" / "003.tif").read_bytes())
    from graingraph.engine.batch.run import run_images
    from graingraph.engine.recipe import file as recipe_file

    progress = run_images(recipe_file.load(RECIPE), images, BatchPaths(tmp_path / "out"))
    assert [row["Status"] for row in progress.rows.values()] == ["failed", "failed", "ok", "ok"]
    assert "There is no 000.tif" in progress.rows["000.tif"]["Message"]
    assert "was changed or replaced" in progress.rows["001.tif"]["Message"]


def test_a_folder_is_listed_once_however_many_of_its_images_are_named(bucket: str, monkeypatch: pytest.MonkeyPatch):
    Remote(bucket).add("images/plate.zarr.zip", b"a file that is one image")
    asked, listed = list[str](), Remote.listed
    monkeypatch.setattr(Remote, "listed", lambda self, *folder: (asked.append(self.url), listed(self, *folder))[1])
    named = [f"{bucket}/images/{name}" for name in ("000.tif", "001.tif", "plate.zarr.zip")]
    assert [image.url for image in find_anywhere(named) if isinstance(image, RemoteImage)] == named
    assert sorted(asked) == [bucket, f"{bucket}/images"]
    assert find_anywhere([f"{bucket}/images"])[-1:] == find_anywhere(named[-1:])


def test_what_is_known_is_not_fetched_again_and_the_oldest_goes(bucket: str, monkeypatch: pytest.MonkeyPatch):
    first = ImageSet.of_files(find_anywhere([f"{bucket}/images"]))
    kept = [path for path in remote_files.fetched_folder().rglob("*.tif") if path.is_file()]
    assert len(kept) == 4
    shutil.rmtree(kept[0].parents[3])
    assert ImageSet.of_files(find_anywhere([f"{bucket}/images"])) == first  # hashes are remembered
    assert not kept[0].exists()
    monkeypatch.setattr(remote_files, "YOUNG_S", 0.0)
    monkeypatch.setattr(remote_files, "MOST_BYTES", kept[1].stat().st_size)
    monkeypatch.setattr(remote_files, "_until_looking", 0)
    for source in first.values():
        assert source.here().path == source.path
        monkeypatch.setattr(remote_files, "_until_looking", 0)
    assert len([path for path in remote_files.fetched_folder().rglob("*.tif") if path.is_file()]) <= 2


def test_a_web_server_gives_images_with_what_lies_beside_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    move_to_another_machine(monkeypatch, tmp_path / "machine")
    images = nodules(tmp_path / "lot 7" / "A12", 2) if (tmp_path / "lot 7").mkdir() is None else None
    assert images is not None
    (tmp_path / "lot 7" / "A12" / "000.txt").write_text("PixelSize=100\n")
    (tmp_path / "lot 7" / "specimens.csv").write_text("Image,Specimen\n000,A\n")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None: ...

    handler = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{web.server_port}/lot%207/A12"
        found = ImageSet.of_files(find_anywhere([url]))
        assert [(name, source.hash) for name, source in found.items()] == [
            (name, source.hash)
            for name, source in ImageSet.of_files(sorted((tmp_path / "lot 7" / "A12").glob("*.tif"))).items()
        ]
        folder = found["000.tif"].folder
        assert (folder.name, folder.above) == ("A12", "lot 7")
        with monkeypatch.context() as counting:
            asked, stated = list[str](), Remote.stated
            counting.setattr(Remote, "stated", lambda self, name: (asked.append(name), stated(self, name))[1])
            for source in found.values():
                assert source.folder.read("specimens.csv") == b"Image,Specimen\n000,A\n"
        assert asked == ["specimens.csv"] * 2  # looked at, and compared when it had arrived
        assert folder.find("other.csv") is None
        assert found["000.tif"].here().path.with_suffix(".txt").read_text() == "PixelSize=100\n"
        with pytest.raises(Problem, match=r"There is no 9\.tif"):
            find_anywhere([f"{url}/9.tif"])
        with pytest.raises(Problem, match="can only be read"):
            run_recipe(RECIPE, [f"{url}/000.tif"], f"{url}/out", workers=1)
        web.shutdown()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("server", [webdav_server, sftp_server], ids=["webdav", "sftp"])
def test_over_other_protocols_comes_out_what_comes_out_in_a_folder(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    nodules(tmp_path / "images", 1)
    assert run_recipe(RECIPE, [str(tmp_path / "images")], tmp_path / "here", workers=1) == 0
    move_to_another_machine(monkeypatch, tmp_path / "another machine")
    with server(tmp_path) as url:
        out = f"{url}/Prüfung 7"
        for _ in range(2):  # what a run has left is replaced by the next
            assert run_recipe(RECIPE, [f"{url}/images"], out, workers=1) == 0
        assert outputs(RemoteOutput(out).folder) == outputs(tmp_path / "here")
        (refused,) = verify(BatchPaths(RemoteOutput(out).folder))  # a manifest tells no password
        assert "cannot be compared" in refused
        assert "your login, in the URL or in ~/.netrc" in refused
        (tmp_path / "netrc").write_text("machine 127.0.0.1 login lab password secret\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        remote_files.remote_place.cache_clear()
        assert verify_results(out.replace("lab:secret@", ""), as_json=True) == 0


@pytest.mark.slow
def test_workers_elsewhere_need_nothing_but_the_urls(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("distributed")
    with monkeypatch.context() as elsewhere:
        move_to_another_machine(elsewhere, tmp_path / "machine of the workers")
        command = [sys.executable, "-m", "graingraph", "cluster", "--workers", "2", "--port", "0"]
        cluster = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert cluster.stdout is not None
    found = re.search(r"tcp://\S+", cluster.stdout.readline())
    assert found
    try:
        assert run_recipe(RECIPE, [f"{bucket}/images"], f"{bucket}/out", scheduler=found[0]) == 0
    finally:
        cluster.terminate()
        cluster.wait(30)
    copies = list((tmp_path / "machine of the workers").rglob("overlays/*"))
    assert copies == []  # what was sent does not fill the disks of the workers
    assert run_recipe(RECIPE, [str(tmp_path / "images")], tmp_path / "here", workers=1) == 0
    assert outputs(RemoteOutput(f"{bucket}/out").folder) == outputs(tmp_path / "here")
    assert verify_results(f"{bucket}/out", as_json=True) == 0
