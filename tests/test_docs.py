"""What the documentation shows is true: its examples run as printed, and the site can be built."""

import doctest
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from tests.support.paths import ROOT

FLOORS = ("engine", "nodes", "app")
NODE_PAGES = ("CONTRIBUTING.md", "docs/howto/node.md")


def modules_with_examples() -> Iterator[str]:
    """The modules whose docstrings show what to type and what comes."""
    for floor in ("graingraph", *FLOORS):
        for path in sorted((ROOT / floor).rglob("*.py")):
            if ">>> " in path.read_text("utf-8"):
                below = path.relative_to(ROOT).with_suffix("").parts
                yield ".".join((*(("graingraph",) if floor in FLOORS else ()), *below)).removesuffix(".__init__")


def files_shown(page: str) -> dict[Path, str]:
    """The files that a page shows: blocks whose first line is a comment with the path of the file."""
    text = (ROOT / page).read_text("utf-8")
    blocks = re.findall(r"```(?:python|toml)\n(# (\S+\.(?:py|toml))\n.*?)```", text, re.DOTALL)
    return {Path(name): block for block, name in blocks}


def run_in(folder: Path, *arguments: str) -> str:
    """What Python writes when it runs in a folder that comes before anything installed."""
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", list(modules_with_examples()))
def test_the_examples_in_docstrings_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize("page", NODE_PAGES)
def test_a_node_is_added_by_the_file_that_is_shown_and_nothing_else(page: str, tmp_path: Path) -> None:
    for floor in ("graingraph", *FLOORS):
        at = tmp_path / "graingraph" / (floor if floor in FLOORS else "")
        copytree(ROOT / floor, at, ignore=ignore_patterns("__pycache__"), dirs_exist_ok=True)
    shown = files_shown(page)
    (new,) = (path for path in shown if path.parts[0] == "nodes")
    for path, text in shown.items():
        target = tmp_path / ("graingraph" if path == new else "") / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    name = re.findall(r'@node\("(\w+)"', shown[new])[0]
    assert name in run_in(tmp_path, "-m", "graingraph", "nodes")
    assert "Settings" in run_in(tmp_path, "-m", "graingraph", "nodes", name)
    module = ".".join(("graingraph", *new.with_suffix("").parts))
    calls = (
        f"import numpy as np; from {module} import {new.stem}; from graingraph.engine.values import Image",
        "image = Image(np.arange(256, dtype=np.uint8).reshape(16, 16))",
        f"assert {new.stem}(image).pixels.dtype == np.uint8 and {new.stem}(image).shape == (16, 16)",
    )
    run_in(tmp_path, "-c", "\n".join(calls))
    if tests := [str(path) for path in shown if path.parts[0] == "tests"]:
        assert "passed" in run_in(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", *tests)


def test_the_site_can_be_built_and_names_every_node(tmp_path: Path) -> None:
    mkdocs = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(mkdocs, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    from graingraph.app.cli.node_reference import by_category

    reference = (tmp_path / "nodes" / "index.html").read_text("utf-8")
    shipped = [node.name for node in by_category() if node.function.__module__.startswith("graingraph.")]
    assert len(shipped) > 40  # other tests of this process may have declared nodes of their own
    assert not [name for name in shipped if f'id="{name.lower()}"' not in reference]
    assert (tmp_path / "contributing" / "index.html").is_file()
