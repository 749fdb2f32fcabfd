"""A plug-in package as the documentation prints it, installed: its node, its value and its panel are in the window."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.paths import ASSETS, ROOT
from tests.support.window_harness import Driver
from tests.test_docs import files_shown

PAGES = ("value_type", "panel", "plugin")
IMAGE = ASSETS / "nodules" / "nodules_001.tif"
RECIPE = {
    "format": "graingraph recipe",
    "version": 1,
    "name": "depth",
    "nodes": {
        "load": {"type": "Load", "version": 1, "settings": {}},
        "brightness_profile": {"type": "BrightnessProfile", "version": 1, "settings": {}},
    },
    "wires": [{"from": "load.image", "to": "brightness_profile.image"}],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed packages that holds the plug-in, built by pip from the files of the three pages."""
    folder = tmp_path_factory.mktemp("plugin")
    for page in PAGES:
        for path, text in files_shown(f"docs/howto/{page}.md").items():
            (folder / path).write_text(text, "utf-8")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-build-isolation"]
    done = subprocess.run([*pip, "--target", folder / "site", folder], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder / "site"


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "depth.graingraph.json"
    path.write_text(json.dumps(RECIPE))
    return path


def test_a_batch_exports_the_value_of_a_plug_in(site: Path, recipe: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "graingraph", "run", recipe, IMAGE, "-o", tmp_path / "out"]
    environment = os.environ | {"PYTHONPATH": str(site)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    (written,) = (path for path in (tmp_path / "out").rglob("*.csv") if "brightness_profile" in str(path))
    rows = list(csv.reader(written.open(encoding="utf-8")))
    assert rows[0][0].startswith("Depth (")
    assert len(rows) > 100


def test_the_window_has_the_node_the_value_and_the_panel(
    site: Path, recipe: Path, tmp_path: Path, open_window: Callable[..., Driver], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(site))
    driver = open_window(recipe=recipe, images=[IMAGE])
    left, top, right, bottom = driver.wait_for(lambda state: "brightness_profile" in state["nodes"])["nodes"][
        "brightness_profile"
    ]
    driver.click(((left + right) / 2, (top + bottom) / 2))
    driver.wait_for(lambda state: state["viewed"] == ["brightness_profile", "profile"])
    state = driver.wait_for(lambda state: state["statuses"]["brightness_profile"] == "fresh", 90)
    driver.wait_for(lambda state: state["facts"]["Viewer"]["lines"] == 1)
    driver.screenshot("plugin_value")
    driver.click_on("save value")
    driver.click_on("accept")
    driver.wait_for(lambda state: not state["dialog"])
    file = tmp_path / "nodules_001_brightness_profile.csv"
    assert file.read_text("utf-8").startswith("Depth (µm),Grey level")
    driver.click_on("tab Steps")
    driver.screenshot("plugin_panel")
    assert "Steps" in state["facts"]
