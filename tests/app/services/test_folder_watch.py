from pathlib import Path
from threading import Event

from graingraph.app.services.folder_watch import FolderWatch


def watching(folder: Path, known: list[Path]) -> FolderWatch:
    return FolderWatch(folder, known, lambda new: None, every=3600)


def test_a_file_joins_once_and_only_when_it_has_stopped_growing(tmp_path: Path):
    old = tmp_path / "old.tif"
    old.write_bytes(b"1")
    watch = watching(tmp_path, [old])
    new = tmp_path / "new.TIF"
    new.write_bytes(b"12")
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / "._new.TIF").write_bytes(b"12")
    (tmp_path / "pieces.tif").mkdir()
    assert watch.look() == []
    new.write_bytes(b"123")
    assert watch.look() == []
    assert watch.look() == [new]
    assert watch.look() == []
    watch.stop()


def test_a_folder_that_is_gone_is_no_end(tmp_path: Path):
    folder = tmp_path / "later"
    watch = watching(folder, [])
    assert watch.look() == []
    folder.mkdir()
    (folder / "a.png").write_bytes(b"1")
    watch.look()
    assert watch.look() == [folder / "a.png"]
    watch.stop()


def test_what_is_new_is_told(tmp_path: Path):
    told, seen = Event(), []

    def joined(new: list[Path]) -> None:
        seen.extend(new)
        told.set()

    watch = FolderWatch(tmp_path, [], joined, every=0.01)
    (tmp_path / "a.png").write_bytes(b"1")
    assert told.wait(10)
    watch.stop()
    assert seen == [tmp_path / "a.png"]
