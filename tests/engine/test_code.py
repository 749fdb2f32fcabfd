"""The digest of code: whatever a function runs of its package counts, and nothing else."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graingraph.engine import code
from graingraph.engine.code import code_of
from graingraph.engine.declare.node import REGISTRY
from graingraph.engine.declare.plugins import load_plugins

FILES = {
    "__init__.py": "",
    "nodes.py": """
        import math, lab.plain
        from . import helper
        from .deep import (
            one,  # a remark (with brackets)
            two,
        )
        def node():
            from lab.within import late
            return late
    """,
    "helper.py": "SIZE = 1",
    "plain.py": "",
    "within.py": "late = 1",
    "deep/__init__.py": "from lab.deep.one import one",
    "deep/one.py": "one = 1",
    "deep/two.py": "from .. import behind",
    "behind.py": "",
    "apart.py": "nobody = 'imports this'",
}


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of a plug-in, found by import and forgotten afterwards."""
    for name, text in FILES.items():
        file = tmp_path / "lab" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("\n".join(line.removeprefix("        ") for line in text.splitlines()))
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path / "lab"
    for name in [name for name in sys.modules if name.partition(".")[0] == "lab"]:
        del sys.modules[name]
    code._file_within.cache_clear()


def node_of(lab: Path) -> Callable[..., Any]:
    """The function as a fresh process would have it."""
    importlib.invalidate_caches()
    code._file_within.cache_clear()
    sys.modules.pop("lab.nodes", None)
    return importlib.import_module("lab.nodes").node


@pytest.mark.parametrize("file", [name for name in FILES if name not in ("nodes.py", "apart.py")])
def test_a_change_of_anything_that_it_imports_counts(lab: Path, file: str) -> None:
    before = code_of(node_of(lab))
    assert code_of(node_of(lab)) == before
    (lab / file).write_text(f"{(lab / file).read_text()}\n# changed")
    assert code_of(node_of(lab)) != before


def test_a_change_of_what_it_does_not_import_does_not_count(lab: Path) -> None:
    before = code_of(node_of(lab))
    (lab / "apart.py").write_text("SIZE = 3")
    assert code_of(node_of(lab)) == before


def test_reading_imports_loads_no_module(lab: Path) -> None:
    node = node_of(lab)
    loaded = {name for name in sys.modules if name.partition(".")[0] == "lab"}
    code_of(node)
    assert {name for name in sys.modules if name.partition(".")[0] == "lab"} == loaded
    assert "lab.within" not in loaded


def test_the_version_of_a_library_of_a_plug_in_counts(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (lab / "helper.py").write_text("import hypothesis")
    asked: list[str] = []
    monkeypatch.setattr(code, "installed", lambda names: asked.extend(names) or {"hypothesis": "1.0"})
    before = code_of(node_of(lab))
    assert "hypothesis" in asked
    monkeypatch.setattr(code, "installed", lambda names: {"hypothesis": "2.0"})
    assert code_of(node_of(lab)) != before


def test_a_function_without_a_file_counts_with_its_own_code() -> None:
    def typed(body: str) -> Callable[..., Any]:
        names: dict[str, Any] = {"__name__": "typed_into_a_notebook"}
        exec(f"def node(x):\n    return {body}", names)
        return names["node"]

    assert code_of(typed("x + 1")) == code_of(typed("x + 1"))
    assert code_of(typed("x + 1")) != code_of(typed("x + 2"))


def test_every_node_of_the_program_counts_with_its_kernels() -> None:
    load_plugins()
    sources = {name: code_of(declared.function) for name, declared in REGISTRY.items()}
    assert all(sources.values())
    assert sources["Threshold"] != sources["Distribution"]
    function = REGISTRY["SeparateFeatures"].function
    text = Path(sys.modules[function.__module__].__file__ or "").read_text("utf-8")
    found = set(code._imports(text, "graingraph.nodes.clean"))
    assert any(name.startswith("graingraph.nodes.imaging.") for name in found)
