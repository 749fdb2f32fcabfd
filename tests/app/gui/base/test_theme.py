"""What is written on a coloured ground can be read. Oracle: the contrast ratio of WCAG 2, 3 to 1 for bold or large."""

import pytest

from graingraph.app.gui.base.theme import DARK, LIGHT, Color, Colors


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
