"""The audit log: only ever added to, each line bound to the one before, nothing lost of two that write at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.release.log import append, read_log
from graingraph.engine.release.policy import FILE, log_of
from tests.support.paths import ROOT


def add(path: Path, what: str) -> None:
    append(path, lambda entries, facts: {**facts, "what": what})


def test_entries_come_back_in_order_with_who_and_when(tmp_path: Path) -> None:
    path = log_of(tmp_path / "a.graingraph.json")
    assert path.name == "a.audit.jsonl"
    assert read_log(path) == []
    for what in ("one", "two"):
        add(path, what)
    one, two = read_log(path)
    assert (one["what"], two["what"], two["previous"]) == ("one", "two", one.hash)
    assert "@" in one["by"]
    assert one["at"]


@pytest.mark.parametrize("how", ["change", "drop", "swap", "insert", "first"])
def test_a_line_that_is_changed_taken_out_or_put_in_is_noticed(tmp_path: Path, how: str) -> None:
    path = tmp_path / "a.audit.jsonl"
    for what in ("one", "two", "three"):
        add(path, what)
    lines = path.read_bytes().splitlines(keepends=True)
    if how == "change":
        lines[1] = lines[1].replace(b"two", b"six")
    elif how == "drop":
        del lines[1]
    elif how == "swap":
        lines[0], lines[1] = lines[1], lines[0]
    elif how == "insert":
        lines.insert(1, lines[1])
    else:
        del lines[0]
    path.write_bytes(b"".join(lines))
    with pytest.raises(Problem, match=r"a\.audit\.jsonl was changed at line \d"):
        read_log(path)
    before = path.read_bytes()
    with pytest.raises(Problem):
        add(path, "four")
    assert path.read_bytes() == before


@pytest.mark.parametrize("rest", [b'{"what": "hal', b"\xff\xfe", b"{}"])
def test_an_entry_that_was_never_finished_is_none(tmp_path: Path, rest: bytes) -> None:
    path = tmp_path / "a.audit.jsonl"
    add(path, "one")
    with path.open("ab") as file:
        file.write(rest)
    assert [entry["what"] for entry in read_log(path)] == ["one"]
    add(path, "two")
    assert [entry["what"] for entry in read_log(path)] == ["one", "two"]


@pytest.mark.parametrize("line", [b"[]\n", b"\n", b"x\n", b"[" * 100_000 + b"\n", b'{"previous": 3}\n'])
def test_what_is_no_entry_is_a_problem(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "a.audit.jsonl"
    path.write_bytes(line)
    with pytest.raises(Problem, match="line 1"):
        read_log(path)


def test_several_processes_that_append_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.audit.jsonl"
    script = (
        "import sys; from pathlib import Path; from graingraph.engine.release.log import append\n"
        "for i in range(20):\n"
        "    append(Path(sys.argv[1]), lambda entries, facts: {**facts, 'what': f'{sys.argv[2]} {i}'})"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", script, str(path), str(number)], cwd=ROOT) for number in range(3)
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    said = [entry["what"] for entry in read_log(path)]
    assert sorted(said) == sorted(f"{number} {i}" for number in range(3) for i in range(20))
    for number in range(3):  # and each in its own order
        assert [what for what in said if what.startswith(f"{number} ")] == [f"{number} {i}" for i in range(20)]


def test_a_log_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "folder").write_bytes(b"")
    with pytest.raises(Problem, match="without it nothing may be done here"):
        add(tmp_path / "folder" / "a.audit.jsonl", "one")


def test_logs_lie_where_the_policy_has_them(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('audit = true\nlogs = "audit"')
    assert log_of(tmp_path / "steel" / "a.graingraph.json") == tmp_path / "audit" / "steel" / "a.audit.jsonl"
    add(log_of(tmp_path / "steel" / "a.graingraph.json"), "one")
    assert len(read_log(tmp_path / "audit" / "steel" / "a.audit.jsonl")) == 1
