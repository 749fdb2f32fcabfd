"""The recipes in graphs/ can be read on a screen: rows of framed steps with a note, nothing over anything else."""

from itertools import combinations
from pathlib import Path

import pytest

import graingraph.nodes  # noqa: F401  (declares the nodes)
from graingraph.app.gui.canvas.boxes import frame_box
from graingraph.app.gui.canvas.layout import held_by_frames
from graingraph.app.gui.canvas.scene import Scene
from graingraph.engine.recipe import file as recipe_file
from tests.support.paths import GRAPHS

RECIPES = sorted(GRAPHS.glob("*.graingraph.json"))
PANEL = (763.0, 555.0)
"""The canvas made large in a window of 1280 × 800."""
NAMES_READ_FROM = 0.35


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name.split(".")[0])
def test_a_shipped_recipe_reads_well_on_a_small_screen(path: Path):
    scene = Scene(recipe_file.load(path))
    assert min(PANEL[0] / scene.extent.width, PANEL[1] / scene.extent.height) > NAMES_READ_FROM
    boxes = {node: box.box for node, box in scene.boxes.items()}
    assert not any(a.meets(b) for a, b in combinations(boxes.values(), 2))
    frames = scene.recipe.layout.frames
    assert not any(frame_box(a).meets(frame_box(b)) for a, b in combinations(frames, 2))
    held = held_by_frames(scene)
    for place, frame in enumerate(frames):
        assert frame.text
        assert [node for node, box in boxes.items() if frame_box(frame).meets(box)] == held.get(place, [])
    assert {node for inside in held.values() for node in inside} == set(boxes) - {"load"}
