"""Fill in what is corrected: a hole is filled, open ground is refused and nothing of it becomes a feature."""

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("dearpygui")

from graingraph.app.gui.viewer.draw_tool import OPEN_GROUND
from graingraph.app.rendering.geometry import Point
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.app.gui.viewer.test_complete_blocks import SHAPE, Corrector


def corrected(kind: str) -> Recipe:
    """What is dark, corrected by hand: as features, or as the boundaries between them."""
    recipe, load = Recipe(name="Fill").add("Load", (0.0, 0.0))
    recipe, mask = recipe.add("Threshold", (240.0, 0.0), method="manual", keep="darker", level=0.5)
    recipe, edit = recipe.add("ManualEdit", (480.0, 0.0), kind=kind)
    for wire in (Wire(load, "image", mask, "image"), Wire(mask, "mask", edit, "region")):
        recipe = recipe.connect(wire)
    return recipe


@pytest.mark.parametrize("kind", ["features", "boundaries"])
def test_a_hole_is_filled_and_open_ground_is_refused(tmp_path: Path, kind: str):
    pixels = np.full(SHAPE, 220, np.uint8)
    cv2.circle(pixels, (200, 150), 50, 20, 6)
    cv2.imwrite(str(tmp_path / "ring.png"), pixels)
    person = Corrector(tmp_path / "ring.png", corrected(kind))
    person.until(lambda: person.tool.node)
    person.tool.brush.take("fill")
    person.tool.press(Point(400, 300))
    assert person.session.messages[-1].text == OPEN_GROUND
    assert not person.tool.marks
    person.tool.press(Point(200, 150))
    assert len(person.tool.marks) == 1
    person.until(lambda: person.live.current and person.live.value("manual_edit"))
    assert person.live.value("manual_edit").pixels[150, 200]
    assert not person.live.value("manual_edit").pixels[300, 400]
