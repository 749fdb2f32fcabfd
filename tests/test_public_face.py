"""The names that others may import: what they promise is there, and ``import graingraph`` costs nothing."""

import ast
import subprocess
import sys

import pytest

import graingraph
from graingraph import panel, plugin
from graingraph.engine.problem import Problem
from tests.support.paths import ROOT
from tests.support.plugins import PROFILE


def test_what_is_promised_is_there() -> None:
    for module in (graingraph, panel, plugin):
        assert set(module.__all__) <= set(dir(module))
        assert all(getattr(module, name) is not None for name in module.__all__)
        assert list(module.__all__) == sorted(module.__all__, key=lambda name: (not name.isupper(), name))
    assert plugin.API == 1
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        graingraph.nothing  # noqa: B018


def test_a_recipe_is_loaded_with_its_node_types() -> None:
    recipe = graingraph.load(ROOT / "graphs" / "nodules.graingraph.json")
    assert isinstance(recipe, graingraph.Recipe)
    assert all(step.declared for step in recipe.steps.values())
    with pytest.raises(Problem, match="cannot be read"):
        graingraph.load("nowhere.graingraph.json")


def test_importing_the_name_loads_nothing() -> None:
    code = "import graingraph, sys; print({'numpy', 'orjson', 'graingraph.engine'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "set()"


def test_the_example_of_a_plug_in_imports_nothing_else_of_the_program() -> None:
    tree = ast.parse(PROFILE.read_text("utf-8"))
    used = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    assert {name for name in used if name.startswith("graingraph")} == {"graingraph.plugin"}
