"""Plug-ins join at every way in; one that is broken is a message, and all else works."""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.support.paths import ROOT
from tests.support.plugins import PROFILE, install

BROKEN = '''
from graingraph.plugin import Image, node

@node("HalfThere", category="Test")
def half_there(image: Image) -> Image:
    """Declared before the module breaks."""
    return image

import a_library_that_nobody_has
'''
RECIPE = {
    "format": "graingraph recipe",
    "version": 1,
    "name": "profile",
    "nodes": {
        "load": {"type": "Load", "version": 1, "settings": {}},
        "line_profile": {"type": "LineProfile", "version": 1, "settings": {}},
    },
    "wires": [{"from": "load.image", "to": "line_profile.image"}],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("site")
    install(site, "profile_plugin", PROFILE.read_text("utf-8"))
    return install(site, "broken_plugin", BROKEN)


def ask(site: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    path = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=path, capture_output=True, text=True, timeout=120)


def test_the_command_line_knows_the_nodes_and_says_which_package_is_broken(site: Path) -> None:
    known = ask(site, "-m", "graingraph", "nodes", "--json")
    assert known.returncode == 0
    names = {node["name"] for node in json.loads(known.stdout)}
    assert {"LineProfile", "Threshold"} <= names
    assert "HalfThere" not in names
    said = [line for line in known.stderr.splitlines() if "broken-plugin" in line]
    assert len(said) == 1
    assert "The plug-in broken-plugin of the package broken-plugin 1.0 cannot be used (ModuleNotFoundError" in said[0]


def test_a_batch_in_workers_exports_the_values_of_a_plug_in_until_its_code_changes(tmp_path: Path) -> None:
    site = install(tmp_path / "site", "profile_plugin", PROFILE.read_text("utf-8"))
    install(site, "broken_plugin", BROKEN)
    recipe = tmp_path / "profile.graingraph.json"
    recipe.write_text(json.dumps(RECIPE))
    for name in ("a", "b"):
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.tile(np.arange(8, dtype=np.uint8), (5, 1)))
    images = (tmp_path / "a.png", tmp_path / "b.png")
    done = ask(site, "-m", "graingraph", "run", recipe, *images, "-o", tmp_path / "out", "--workers", 2)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("broken-plugin 1.0") == 1
    rows = (tmp_path / "out" / "exports" / "a_line_profile.csv").read_text().splitlines()
    assert rows[:3] == ["Column (px),Grey level", "0,0", "1,1"]
    state = ask(site, "-m", "graingraph", "explain", recipe, images[0], "-o", tmp_path / "out", "--json")
    assert json.loads(state.stdout)["line_profile"]["name"] == "cached on disk"
    (site / "profile_plugin.py").write_text(PROFILE.read_text("utf-8").replace("grey.mean(axis=1)", "grey.max(axis=1)"))
    state = ask(site, "-m", "graingraph", "explain", recipe, images[0], "-o", tmp_path / "out", "--json")
    found = json.loads(state.stdout)["line_profile"]
    assert found["name"] == "stale"
    assert "because the program changed" in found["sentence"]


def test_python_finds_values_nodes_and_views_of_a_plug_in(site: Path) -> None:
    code = f"""
import numpy as np
from graingraph import run
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.values.views import layers, plot, thumbnail
print(load_plugins().joined)
recipe = recipe_file.parse({json.dumps(RECIPE)!r}.encode())
value = run(recipe, {{"mine": np.ones((4, 6), np.uint8)}}).value("line_profile")
kind = type(value)
print(plot.of(kind)(value).title, len(layers.of(kind)(value)), thumbnail.of(kind)(value, 20, 10).shape)
"""
    done = ask(site, "-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["('profile-plugin (profile-plugin 1.0)',)", "Profile 1 (10, 20, 3)"]
