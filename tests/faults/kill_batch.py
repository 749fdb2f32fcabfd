"""Kill a batch at random, again and again: the run, a worker, the fork server, or Ctrl-C. The tables must be the same.

    python -m tests.faults.kill_batch [ROUNDS] [SEED] [--dask]

Each round runs a recipe over generated images with two workers into a folder of its own. At a random moment a random
victim is killed; then the same command is given until it ends well. With ``--dask`` the workers are those of a Dask
cluster, and one of them, the scheduler, the run or Ctrl-C is the victim. Tables have to equal those of an undisturbed
run, ``verify`` has to agree, and neither a process nor a half-written file may be left. Linux only. Prints figures.
"""

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from tests.support.paths import GRAPHS, ROOT

RECIPE = GRAPHS / "nodules.graingraph.json"
VICTIMS = ("run", "worker", "fork server", "Ctrl-C")
VICTIMS_OF_DASK = ("run", "Dask worker", "scheduler", "Ctrl-C")
NO_ONE_LEFT_S = 5.0
"""How long (s) what a killed run has started may take to end."""


@dataclass
class Figures:
    """What happened: victims killed, runs that it took, faults found, seconds from Ctrl-C to the end."""

    killed: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    faults: list[str] = field(default_factory=list)
    stopped_after: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        killed = ", ".join(f"{count} × {who}" for who, count in sorted(self.killed.items()))
        slowest = f"; Ctrl-C ended a run within {max(self.stopped_after):.2f} s" if self.stopped_after else ""
        return f"killed {killed or 'nobody'} in {self.runs} runs; {len(self.faults)} faults{slowest}"


def make_images(folder: Path, count: int) -> Path:
    """Pictures of dark discs, each with other ones."""
    folder.mkdir()
    for number in range(count):
        picture, rng = np.full((500, 600), 200, np.uint8), np.random.default_rng(number)
        places = (rng.integers(low, high, 40) for low, high in ((30, 570), (30, 470), (6, 20)))
        for x, y, radius in zip(*places, strict=True):
            cv2.circle(picture, (int(x), int(y)), int(radius), 40, -1)
        cv2.imwrite(str(folder / f"{number:03}.png"), picture)
    return folder


class DaskCluster:
    """A scheduler with two workers on this machine, started anew where it was killed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._address = ""

    @property
    def address(self) -> str:
        """Where it listens."""
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, "-m", "graingraph", "cluster", "--workers", "2", "--port", "0"]
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT, start_new_session=True
            )
            assert self._process.stdout is not None
            found = re.search(r"tcp://\S+", self._process.stdout.readline())
            assert found, "no cluster has started"
            self._address = found[0]
        return self._address

    def find(self, who: str) -> list[int]:
        """The process of the scheduler, or those of its workers."""
        if self._process is None or self._process.poll() is not None:
            return []
        if who == "scheduler":
            return [self._process.pid]
        return [pid for pid, _, line in processes(self._process.pid) if "spawn_main" in line]

    def end(self) -> list[str]:
        """End it; what of it does not end."""
        if self._process is None:
            return []
        self._process.terminate()
        self._process.wait(60)
        return no_one_left(self._process.pid)


def start(images: Path, out: Path, cluster: DaskCluster | None = None) -> subprocess.Popen[bytes]:
    """A run in a session of its own, so that everything it starts is found."""
    command = [sys.executable, "-m", "graingraph", "run", RECIPE, images, "-o", out]
    command += ["--scheduler", cluster.address] if cluster else ["--workers", 2]
    return subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def processes(session: int) -> Iterator[tuple[int, int, str]]:
    """Id, parent's id and command line of every process of a session that still runs."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent, _, belongs, *_ = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(belongs) == session and state != "Z":
                yield int(folder.name), int(parent), (folder / "cmdline").read_text().replace("\0", " ")
        except (OSError, ValueError):
            continue


def find(who: str, run: int, cluster: DaskCluster | None) -> list[int]:
    """The processes of a run, or of its cluster, that are of this kind."""
    if cluster and who in ("Dask worker", "scheduler"):
        return cluster.find(who)
    servers = [pid for pid, parent, line in processes(run) if parent == run and "forkserver" in line]
    if who == "fork server":
        return servers
    return [pid for pid, parent, _ in processes(run) if parent in servers] if who == "worker" else [run]


def disturb(
    who: str, run: subprocess.Popen[bytes], cluster: DaskCluster | None, chance: random.Random, figures: Figures
) -> None:
    """Kill the victim, if there is one by now."""
    found = find(who, run.pid, cluster)
    if run.poll() is not None or not found:
        return
    figures.killed[who] += 1
    began = time.monotonic()
    os.kill(chance.choice(found), signal.SIGINT if who == "Ctrl-C" else signal.SIGKILL)
    if who == "Ctrl-C":
        run.wait(60)
        figures.stopped_after.append(time.monotonic() - began)


def no_one_left(session: int) -> list[str]:
    """The processes of a run that has ended which do not end with it."""
    end = time.monotonic() + NO_ONE_LEFT_S
    while list(processes(session)) and time.monotonic() < end:
        time.sleep(0.05)
    return [f"process {pid} ({line[:60]}) was left" for pid, _, line in processes(session)]


def tables(out: Path) -> tuple[bytes, bytes]:
    """What must be the same after every run: all but the time that it took."""
    fields = pd.read_csv(out / "fields.csv").drop(columns="Seconds").to_csv().encode()
    return (out / "measurements.csv").read_bytes(), fields


def wait_for(moment: float, out: Path, run: subprocess.Popen[bytes]) -> None:
    """Wait until so many images are finished; where it is below 0, so many seconds."""
    began, count = time.monotonic(), -1
    while run.poll() is None and (count < moment if moment >= 0 else time.monotonic() < began - moment):
        count = len(list((out / ".graingraph" / "rows").glob("*.json")))
        time.sleep(0.005)


def round_of(
    images: Path,
    out: Path,
    wanted: tuple[bytes, bytes],
    chance: random.Random,
    figures: Figures,
    cluster: DaskCluster | None = None,
) -> None:
    """One folder of results: one victim, then runs until one ends well."""
    who = chance.choice(VICTIMS_OF_DASK if cluster else VICTIMS)
    moment = chance.randrange(len(list(images.iterdir()))) if chance.random() < 0.8 else -chance.uniform(0.2, 4.0)
    where = f"{who} at {f'image {moment}' if moment >= 0 else f'{-moment:.2f} s'}"
    for attempt in range(4):
        run = start(images, out, cluster)
        figures.runs += 1
        if attempt == 0:
            wait_for(moment, out, run)
            disturb(who, run, cluster, chance, figures)
        try:
            said = run.communicate(timeout=120)[1]
        except subprocess.TimeoutExpired:
            figures.faults.append(f"{where}: the run hung")
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            continue
        figures.faults += [f"{where}: {left}" for left in no_one_left(run.pid)]
        if run.returncode == 0:
            break
        gone = who == "scheduler" and attempt == 0 and re.search(rb"scheduler .*; start (it|one)", said)
        if run.returncode not in (-signal.SIGKILL, -signal.SIGINT, 130) and not gone:
            figures.faults.append(f"{where}: exit {run.returncode}, {said.decode()[-300:]}")
    else:
        figures.faults.append(f"{where}: never ended well")
        return
    if tables(out) != wanted:
        figures.faults.append(f"{where}: other tables")
    verified = subprocess.run([sys.executable, "-m", "graingraph", "verify", str(out)], cwd=ROOT, capture_output=True)
    if verified.returncode:
        figures.faults.append(f"{where}: {verified.stdout.decode()}")
    figures.faults += [f"{where}: {path.name} was left" for path in out.rglob("*.graingraph.tmp")]


def kill_batches(rounds: int, folder: Path, seed: int = 0, count: int = 24, dask: bool = False) -> Figures:
    """So many rounds over ``count`` images, in this folder, with workers of this machine or of a Dask cluster."""
    chance, figures = random.Random(seed), Figures()
    images = make_images(folder / "images", count)
    start(images, folder / "undisturbed").communicate()
    wanted = tables(folder / "undisturbed")
    cluster = DaskCluster() if dask else None
    try:
        for number in range(rounds):
            round_of(images, folder / f"out_{number}", wanted, chance, figures, cluster)
    finally:
        figures.faults += cluster.end() if cluster else []
    return figures


if __name__ == "__main__":
    asked = [int(text) for text in sys.argv[1:] if text != "--dask"] or [30]
    with tempfile.TemporaryDirectory() as name:
        result = kill_batches(asked[0], Path(name), *asked[1:2], dask="--dask" in sys.argv)
    print("\n".join([*result.faults, str(result)]))
    sys.exit(bool(result.faults))
