"""Letters of all scripts are shown: in names of files, nodes and recipes, in notes, and as they are typed."""

import shutil
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from graingraph.app.gui.base.letters import PLAIN
from graingraph.app.gui.base.theme import font_file
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Frame
from graingraph.nodes.reporting.font_subset import write_extended
from graingraph.nodes.reporting.fonts import all_for, letters_of
from tests.support.recipes import chain
from tests.support.window_harness import Driver


@pytest.mark.parametrize("weight", ["Regular", "SemiBold"])
def test_the_program_writes_no_letter_of_its_own_that_the_font_lacks(weight: str):
    assert frozenset(map(ord, PLAIN)) <= letters_of(font_file(weight), 0)


def test_letters_of_other_fonts_are_as_large_as_the_font_s_own(tmp_path: Path):
    from fontTools.ttLib import TTFont

    wanted = frozenset(map(ord, "黄一\u0308한"))
    others = all_for(wanted)
    assert {letter for font in others for letter in font.letters} == wanted
    write_extended(font_file("Regular"), others, tmp_path / "more.ttf")
    with TTFont(tmp_path / "more.ttf") as font, TTFont(font_file("Regular")) as before:
        glyphs, names, em = font.getGlyphSet(), font.getBestCmap(), font["head"].unitsPerEm
        assert glyphs[names[ord("黄")]].width == em  # a sign of this script is as wide as the em
        assert font["glyf"][names[ord("黄")]].yMax > font["OS/2"].sCapHeight
        assert names[ord("A")] == before.getBestCmap()[ord("A")]


@pytest.mark.skipif(shutil.which("xclip") is None, reason="needs xclip")
def test_names_and_notes_in_chinese_japanese_and_korean_are_shown(open_window: Callable[..., Driver], tmp_path: Path):
    names = ["样品一.png", "顕微鏡.png", "황동.png", unicodedata.normalize("NFD", "Gefüge.png")]
    for name in names:
        cv2.imencode(".png", np.full((60, 80), 90, np.uint8))[1].tofile(tmp_path / name)
    recipe = (
        chain().with_title("filter", "晶粒の平滑").with_frames([Frame(0, -160, 220, 90, "注意: 현미경", kind="note")])
    )
    file = tmp_path / "黄铜.graingraph.json"
    recipe_file.save(replace(recipe, name="黄铜"), file)
    driver = open_window(recipe=file, images=[tmp_path / name for name in names])
    shown = frozenset("黄铜样品一顕微鏡황동晶粒の平滑注意현미경")
    driver.wait_for(lambda s: shown <= set(s["letters"]), timeout=30)
    state = driver.wait_for(lambda s: len(s["facts"]["Images"]["rows"]) == 4)
    assert "Gefüge.png" in [label.split("\n")[0] for label in state["facts"]["Images"]["labels"]]
    picture = cv2.imread(str(driver.screenshot("letters")), cv2.IMREAD_GRAYSCALE)
    words = [_ink(picture, box) for box in state["facts"]["Images"]["rows"].values()]
    assert len({word.tobytes() for word in words}) == 4
    assert all(np.ptp(word) > 100 for word in words)
    left, top, right, _ = state["nodes"]["filter"]
    driver.click(((left + right) / 2, top + 12))
    driver.key("F2")
    driver.wait_for(lambda s: s["dialog"])
    driver.key("ctrl+a")
    driver.copy_text("双晶")
    driver.key("ctrl+v")
    driver.wait_for(lambda s: {*"双晶"} <= set(s["letters"]))
    driver.screenshot("letters_typed")
    driver.key("Return")
    driver.wait_for(lambda s: s["titles"]["filter"] == "双晶")


def _ink(picture: np.ndarray, box: list[float]) -> np.ndarray:
    left, top, right, bottom = map(round, box)
    return picture[top:bottom, left:right]
