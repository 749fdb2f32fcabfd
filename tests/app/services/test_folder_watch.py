from pathlib import Path
from threading import Event

import cv2
import numpy as np

from graingraph.app.services.folder_watch import FolderWatch

PNG = cv2.imencode(".png", np.arange(64, dtype=np.uint8).reshape(8, 8))[1].tobytes()


def watching(folder: Path, known: list[Path]) -> FolderWatch:
    return FolderWatch(folder, known, lambda new: None, every=3600, quiet=0)


def test_a_file_joins_once_it_is_whole_and_again_when_another_has_its_name(tmp_path: Path):
    old = tmp_path / "old.png"
    old.write_bytes(PNG)
    watch = watching(tmp_path, [old])
    new = tmp_path / "new.PNG"
    new.write_bytes(PNG[:40])
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / "._new.PNG").write_bytes(PNG)
    (tmp_path / "empty.png").touch()
    assert [watch.look() for _ in range(3)] == [[], [], []]  # a pause in writing is no end of it
    new.write_bytes(PNG)
    assert [watch.look() for _ in range(3)] == [[], [new], []]
    old.write_bytes(PNG + b" ")
    assert [watch.look() for _ in range(3)] == [[], [old], []]
    watch.stop()


def test_a_folder_that_is_gone_is_no_end(tmp_path: Path):
    folder = tmp_path / "later"
    watch = watching(folder, [])
    assert watch.look() == []
    folder.mkdir()
    (folder / "a.png").write_bytes(PNG)
    watch.look()
    assert watch.look() == [folder / "a.png"]
    watch.stop()


def test_what_is_new_is_told(tmp_path: Path):
    told, seen = Event(), []

    def joined(new: list[Path]) -> None:
        seen.extend(new)
        told.set()

    watch = FolderWatch(tmp_path, [], joined, every=0.01, quiet=0)
    (tmp_path / "a.png").write_bytes(PNG)
    assert told.wait(10)
    watch.stop()
    assert seen == [tmp_path / "a.png"]
