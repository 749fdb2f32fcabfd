"""What is written on a coloured ground can be read. Oracle: the contrast ratio of WCAG 2, 3 to 1 for bold or large."""

from importlib.resources import files

import dearpygui.dearpygui as dpg
import orjson
import pytest

from graingraph.app.gui.base.icons import icon
from graingraph.app.gui.base.theme import DARK, LIGHT, Color, Colors, popup_theme, primary_button, recolor
from graingraph.app.gui.viewer.merge_popup import ON_STROKES, THEIRS
from graingraph.app.gui.viewer.strokes import DRAWN


def luminance(color: Color) -> float:
    parts = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in color[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Color, other: Color) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colors", [DARK, LIGHT], ids=["dark", "light"])
def test_words_on_knobs_and_chosen_buttons_can_be_read(colors: Colors):
    assert contrast(colors.text, colors.knob) > 3
    assert contrast(colors.on_accent, colors.accent) > 4.5
    assert contrast(colors.text, colors.panel) > 4.5
    assert contrast(colors.faint, colors.panel) > 4.5


@pytest.mark.parametrize("colors", [DARK, LIGHT], ids=["dark", "light"])
def test_every_word_on_every_ground_has_the_contrast_of_level_aa(colors: Colors):
    grounds = ("window", "panel", "field", "hover", "active", "selected", "popup", "canvas", "node")
    assert all(contrast(colors.text, getattr(colors, name)) > 7 for name in grounds)
    assert all(contrast(colors.link, getattr(colors, name)) > 4.5 for name in grounds)
    assert all(contrast(colors.grip, getattr(colors, name)) > 3 for name in ("panel", "popup"))
    quiet = ("window", "panel", "field", "hover", "popup", "canvas", "node")
    assert all(contrast(colors.faint, getattr(colors, name)) > 4.5 for name in quiet)
    for state in colors.states.values():
        assert all(contrast(state, ground) > 4.5 for ground in (colors.panel, colors.popup, colors.node))
    assert all(contrast(colors.header_text, ground) > 4.5 for ground in colors.categories.values())
    assert all(contrast(ON_STROKES, strokes) > 4.5 for strokes in (DRAWN, THEIRS))


@pytest.mark.parametrize("weight", ["Regular", "SemiBold"])
def test_the_font_has_every_letter_and_icon_and_digits_of_one_width(weight: str):
    from fontTools.ttLib import TTFont

    font = TTFont(str(files("graingraph.assets") / "fonts" / f"Inter-{weight}.ttf"))
    known = font.getBestCmap()
    assert not [
        letter for letter in "ABCxyzäßéçñøŁžΩµμσαЖя0123456789⁻⁰¹²³⁴⁵⁶⁷⁸⁹°±×·−…–“”‘’•→≤≥" if ord(letter) not in known
    ]
    widths = {font["hmtx"][known[ord(letter)]][0] for letter in "0123456789\u2007"}
    assert len(widths) == 1
    names = orjson.loads((files("graingraph.assets") / "fonts" / "icons.json").read_bytes())
    assert not [name for name in names if ord(icon(name)) not in known]


def test_words_and_themes_follow_when_the_colours_are_changed():
    dpg.create_context()
    try:
        with dpg.window() as window:
            quiet, plain = dpg.add_text("quiet", color=DARK.faint), dpg.add_text("plain")
            failed, button = dpg.add_text("failed", color=DARK.states["failed"]), dpg.add_button(label="Run")
        dpg.bind_item_theme(button, primary_button(DARK))
        dpg.bind_item_theme(window, popup_theme(DARK))
        before = dpg.get_item_configuration(plain)["color"]
        recolor(DARK, LIGHT)
        for item, color in ((quiet, LIGHT.faint), (failed, LIGHT.states["failed"])):
            assert [round(255 * part) for part in dpg.get_item_configuration(item)["color"]] == list(color)
        assert dpg.get_item_configuration(plain)["color"] == before
        assert dpg.get_item_theme(button) == primary_button(LIGHT)
        assert dpg.get_item_theme(window) == popup_theme(LIGHT)
    finally:
        dpg.destroy_context()
