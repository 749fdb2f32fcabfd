"""A folder is watched: each image is measured once, when all of it is there, and nothing that came is lost."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from graingraph.app.services.arrivals import Arrivals
from tests.support.paths import GRAPHS, ROOT


def picture(count: int) -> bytes:
    """A PNG with so many dark discs."""
    pixels = np.full((200, 200), 200, np.uint8)
    for place in range(count):
        cv2.circle(pixels, (30 + 35 * (place % 5), 30 + 40 * (place // 5)), 12, 40, -1)
    return cv2.imencode(".png", pixels)[1].tobytes()


def write_slowly(path: Path, data: bytes, parts: int = 6, pause: float = 0.4) -> threading.Thread:
    """A microscope that takes its time: it writes a part, and another, and never closes the file meanwhile."""

    def write() -> None:
        with path.open("wb") as file:
            for part in range(parts):
                file.write(data[len(data) * part // parts : len(data) * (part + 1) // parts])
                file.flush()
                time.sleep(pause)

    thread = threading.Thread(target=write)
    thread.start()
    return thread


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_file_has_arrived_when_it_is_quiet_and_whole(tmp_path: Path, clock: Clock):
    arrivals, data = Arrivals(tmp_path, quiet=2.0, patience=60.0, clock=clock), picture(3)
    (tmp_path / "note.txt").write_text("no image")
    (tmp_path / "._a.png").write_bytes(data)
    (tmp_path / "half.png").write_bytes(data[: len(data) // 2])
    (tmp_path / "whole.png").write_bytes(data)
    assert arrivals.look() == []
    clock.now = 1.9
    assert arrivals.look() == []
    clock.now = 2.0
    assert arrivals.look() == [tmp_path / "whole.png"]
    assert arrivals.look() == []
    with (tmp_path / "half.png").open("ab") as file:
        file.write(data[len(data) // 2 :])
    clock.now = 3.0
    assert arrivals.look() == []
    clock.now = 5.0
    assert arrivals.look() == [tmp_path / "half.png"]


def test_a_file_that_stays_damaged_is_told_after_all(tmp_path: Path, clock: Clock):
    arrivals = Arrivals(tmp_path, quiet=2.0, patience=60.0, clock=clock)
    (tmp_path / "bad.png").write_bytes(picture(3)[:100])
    for clock.now in (0.0, 2.0, 59.0):
        assert arrivals.look() == []
    clock.now = 60.0
    assert arrivals.look() == [tmp_path / "bad.png"]
    clock.now = 500.0
    assert arrivals.look() == []


def test_another_file_of_the_name_is_told_again(tmp_path: Path, clock: Clock):
    arrivals, path = Arrivals(tmp_path, quiet=2.0, clock=clock), tmp_path / "a.png"
    for count in (3, 7):
        path.unlink(missing_ok=True)
        path.write_bytes(picture(count))
        assert arrivals.look() == []
        clock.now += 2.0
        assert arrivals.look() == [path]


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[[], "subprocess.Popen[str]"]]:
    """Starts the command on the folder ``in`` with results in ``out``."""
    (tmp_path / "in").mkdir()
    running: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "graingraph", "watch", tmp_path / "in", GRAPHS / "nodules.graingraph.json"]
        command += ["-o", tmp_path / "out", "--quiet", "1", "--workers", "1"]
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Watching")
        return process

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
            process.wait()


def told(process: "subprocess.Popen[str]", count: int) -> list[str]:
    """The next lines about images, so many."""
    assert process.stdout is not None
    found: list[str] = []
    while len(found) < count:
        line = process.stdout.readline()
        assert line, f"it ended after {found}"
        if re.match(r"\S+\.png ", line):
            found.append(line.strip())
    return found


def counts(out: Path) -> dict[str, int]:
    """How many features the table of features has of each image."""
    return pd.read_csv(out / "measurements.csv").groupby("Image").size().to_dict()


def test_slow_writers_are_waited_for_and_a_restart_goes_on(
    watch: Callable[[], "subprocess.Popen[str]"], tmp_path: Path
):
    out = tmp_path / "out"
    process = watch()
    writers = [write_slowly(tmp_path / "in" / f"{count}.png", picture(count)) for count in (4, 6)]
    assert sorted(told(process, 2)) == ["4.png measured", "6.png measured"]
    for writer in writers:
        writer.join()
    assert counts(out) == {"4.png": 4, "6.png": 6}
    report = (out / "report.pdf").read_bytes()
    write_slowly(tmp_path / "in" / "8.png", picture(8)).join()
    assert told(process, 1) == ["8.png measured"]
    assert counts(out) == {"4.png": 4, "6.png": 6, "8.png": 8}
    assert (out / "report.pdf").read_bytes() != report
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 0
    assert "Stopped after 3 images" in said

    for count in (4, 6, 8):  # moved away by their owner: what was measured stays
        (tmp_path / "in" / f"{count}.png").unlink()
    (tmp_path / "in" / "9.png").write_bytes(picture(9))
    (tmp_path / "in" / "twin.png").write_bytes(picture(9))
    before = {path: path.stat().st_mtime_ns for path in (out / ".graingraph" / "rows").iterdir()}
    process = watch()
    twin = "twin.png measured; it has the same content as 9.png"
    assert sorted(told(process, 2)) == ["9.png measured", twin]
    assert counts(out) == {"4.png": 4, "6.png": 6, "8.png": 8, "9.png": 9, "twin.png": 9}
    assert {path: path.stat().st_mtime_ns for path in before} == before  # nothing was measured twice
    process.kill()
    process.wait()
    (tmp_path / "in" / "9.png").write_bytes(picture(5))
    process = watch()
    assert "9.png measured; it takes the place of an earlier image of this name" in told(process, 2)
    assert counts(out)["9.png"] == 5
