"""Colours, fonts and sizes of the window, dark and light; the only place where a colour of the program is chosen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import dearpygui.dearpygui as dpg

Color = tuple[int, int, int, int]
FONT_SIZE = 16
FRAME_PADDING = 8, 4
"""Around the words of a button or field, at UI scale 1, in pixels."""
TIP_WIDE = 360
"""Width to which long words are wrapped that are shown when something is pointed at, at UI scale 1, in pixels."""
SCROLLBAR = 12
"""Width of a scroll bar at UI scale 1, in pixels."""
FontName = Literal["text", "small", "strong", "title"]
FONTS: dict[FontName, tuple[str, int]] = {
    "text": ("Regular", FONT_SIZE),
    "small": ("Regular", 13),
    "strong": ("SemiBold", FONT_SIZE),
    "title": ("SemiBold", 20),
}
"""Weight and size at UI scale 1, in pixels, of each font."""
FIELDS = (
    dpg.mvCheckbox,
    dpg.mvRadioButton,
    dpg.mvInputText,
    dpg.mvInputInt,
    dpg.mvInputFloat,
    dpg.mvCombo,
    dpg.mvSliderInt,
    dpg.mvSliderFloat,
    dpg.mvSliderDouble,
    dpg.mvColorEdit,
    dpg.mvListbox,
    dpg.mvProgressBar,
)
"""Widgets that hold a value: where they end can be seen, without pointing at them, as WCAG 1.4.11 asks."""
_LOADED: dict[FontName, int | str] = {}
_MADE_BY: "dict[int | str, Callable[[Colors], int | str]]" = {}
"""How the themes of single items are made in given colours."""
_REGISTRY = "fonts of the window"


def rgb(text: str, alpha: int = 255) -> Color:
    """The colour written as ``#rrggbb``."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16), alpha


@dataclass(frozen=True, eq=False)
class Colors:
    """One colour scheme; there are two, and each is only itself."""

    window: Color
    panel: Color
    field: Color
    hover: Color
    active: Color
    border: Color
    text: Color
    faint: Color
    selected: Color
    """Ground of the rows that are selected."""
    link: Color
    """The accent as the colour of words."""
    accent: Color
    canvas: Color
    grid: Color
    node: Color
    node_border: Color
    header_text: Color
    grip: Color
    """Of scroll bars, and the rim of fields, boxes to tick and popups: what is no text and has to be seen."""
    knob: Color
    """Of sliders: the number is written over it in the colour of text."""
    on_accent: Color
    """Words on a ground of the accent's colour."""
    popup: Color
    states: dict[str, Color]
    categories: dict[str, Color]
    pin_shade: float = 1.0
    """Pin and wire colours are made darker by this factor, to stand out from a light ground."""

    def of_pin(self, color: str, alpha: int = 255) -> Color:
        """The colour of a pin or wire whose value type is declared with this ``pin`` colour."""
        red, green, blue, _ = rgb(color)
        return round(red * self.pin_shade), round(green * self.pin_shade), round(blue * self.pin_shade), alpha


_STATES_DARK = {
    "not computed": rgb("#959daa"),
    "unknown": rgb("#959daa"),
    "muted": rgb("#959daa"),
    "fresh": rgb("#57c785"),
    "cached on disk": rgb("#5db0d6"),
    "running": rgb("#f2c14e"),
    "stale": rgb("#b9a26b"),
    "failed": rgb("#f57c86"),
    "needs review": rgb("#c99af9"),
    "needs training": rgb("#f2985d"),
}
_STATES_LIGHT = {
    "not computed": rgb("#646c77"),
    "unknown": rgb("#646c77"),
    "muted": rgb("#646c77"),
    "fresh": rgb("#15743c"),
    "cached on disk": rgb("#14658f"),
    "running": rgb("#7f5800"),
    "stale": rgb("#755b2f"),
    "failed": rgb("#b8232f"),
    "needs review": rgb("#7539b8"),
    "needs training": rgb("#9c4708"),
}
_CATEGORIES = {
    "Input": rgb("#2f5d8a"),
    "Enhance": rgb("#3d6a6a"),
    "Segment": rgb("#7a4055"),
    "Clean": rgb("#5b6139"),
    "Measure": rgb("#80592f"),
    "Draw": rgb("#664a86"),
    "Learn": rgb("#4c4f94"),
    "Report": rgb("#70603f"),
}

FRAME_COLORS = {
    "grey": "#5f6368",
    "ochre": "#8a6d3b",
    "red": "#a8485a",
    "orange": "#b5651d",
    "green": "#4d7a3f",
    "teal": "#2f7d7d",
    "blue": "#3a6ea5",
    "violet": "#7a5aa8",
}
"""The colours that are offered for frames and notes."""

DARK = Colors(
    window=rgb("#16181c"),
    panel=rgb("#1f2228"),
    field=rgb("#2a2e36"),
    hover=rgb("#363c46"),
    active=rgb("#3a414c"),
    border=rgb("#3a404b"),
    text=rgb("#e8eaed"),
    faint=rgb("#a6adb8"),
    selected=rgb("#264668"),
    link=rgb("#7cbaf5"),
    accent=rgb("#4c9be8"),
    canvas=rgb("#1a1d22"),
    grid=rgb("#242830"),
    node=rgb("#2a2e35"),
    node_border=rgb("#4a515d"),
    header_text=rgb("#f4f5f7"),
    grip=rgb("#6c7582"),
    knob=rgb("#3f7ab8"),
    on_accent=rgb("#0d1217"),
    popup=rgb("#262a31"),
    states=_STATES_DARK,
    categories=_CATEGORIES,
)

LIGHT = Colors(
    window=rgb("#e3e6ea"),
    panel=rgb("#f6f7f9"),
    field=rgb("#ffffff"),
    hover=rgb("#e3ebf5"),
    active=rgb("#d3dfee"),
    border=rgb("#c3c9d2"),
    text=rgb("#1a1e24"),
    faint=rgb("#535b66"),
    selected=rgb("#cfe3f8"),
    link=rgb("#1559ad"),
    accent=rgb("#1a66c0"),
    canvas=rgb("#eceff2"),
    grid=rgb("#dfe3e8"),
    node=rgb("#ffffff"),
    node_border=rgb("#a9b1bb"),
    header_text=rgb("#ffffff"),
    grip=rgb("#828b97"),
    knob=rgb("#a5c8f0"),
    on_accent=rgb("#ffffff"),
    popup=rgb("#ffffff"),
    states=_STATES_LIGHT,
    categories=_CATEGORIES,
    pin_shade=0.72,
)


def load_fonts(scale: float) -> None:
    """Load the fonts at this UI scale: three sizes in two weights, the text in ``FONT_SIZE`` everywhere else.

    Inter (SIL Open Font License) with digits of one width and the icons of Lucide (ISC); see assets/fonts.
    """
    dpg.add_font_registry(tag=_REGISTRY)
    _load({weight: font_file(weight) for weight, _ in FONTS.values()}, scale)


def replace_fonts(by_weight: Mapping[str, Path], scale: float) -> None:
    """Load other files of the fonts, which hold more letters, and write in them all that is shown.

    Those before stay loaded (0.2 MB each): Dear PyGui takes a font out of its atlas only after the item is gone, by
    what the item held, so that deleting one ends the program now and then.
    """
    before = {item: name for name, item in _LOADED.items()}
    written = {item: before.get(dpg.get_item_font(item) or 0) for item in dpg.get_all_items()}
    _load(by_weight, scale)
    for item, name in written.items():
        if name:
            in_font(item, name)


def font_file(weight: str) -> Path:
    """The file of the font that ships, in this weight."""
    return Path(str(files("graingraph.assets") / "fonts" / f"Inter-{weight}.ttf"))


def _load(by_weight: Mapping[str, Path], scale: float) -> None:
    for name, (weight, size) in FONTS.items():
        _LOADED[name] = dpg.add_font(str(by_weight[weight]), round(size * scale), parent=_REGISTRY)
    dpg.bind_font(_LOADED["text"])


def in_font(item: int | str, name: FontName) -> int | str:
    """Write an item in one of the fonts; returns it."""
    dpg.bind_item_font(item, _LOADED[name])
    return item


def bind_colors(colors: Colors, scale: float) -> None:
    """Give every widget the scheme's colours and sizes."""
    clear = (0, 0, 0, 0)
    parts = {
        dpg.mvThemeCol_WindowBg: colors.panel,
        dpg.mvThemeCol_ChildBg: clear,
        dpg.mvThemeCol_PopupBg: colors.popup,
        dpg.mvThemeCol_Border: colors.border,
        dpg.mvThemeCol_BorderShadow: clear,
        dpg.mvThemeCol_Text: colors.text,
        dpg.mvThemeCol_TextDisabled: colors.faint,
        dpg.mvThemeCol_FrameBg: colors.field,
        dpg.mvThemeCol_FrameBgHovered: colors.hover,
        dpg.mvThemeCol_FrameBgActive: colors.active,
        dpg.mvThemeCol_Button: colors.field,
        dpg.mvThemeCol_ButtonHovered: colors.hover,
        dpg.mvThemeCol_ButtonActive: colors.active,
        dpg.mvThemeCol_Header: colors.selected,
        dpg.mvThemeCol_HeaderHovered: colors.hover,
        dpg.mvThemeCol_HeaderActive: colors.selected,
        dpg.mvThemeCol_MenuBarBg: colors.window,
        dpg.mvThemeCol_TitleBg: colors.window,
        dpg.mvThemeCol_TitleBgActive: colors.window,
        dpg.mvThemeCol_CheckMark: colors.accent,
        dpg.mvThemeCol_NavCursor: colors.accent,
        dpg.mvThemeCol_SliderGrab: colors.knob,
        dpg.mvThemeCol_SliderGrabActive: colors.knob,
        dpg.mvThemeCol_ScrollbarBg: clear,
        dpg.mvThemeCol_ScrollbarGrab: colors.grip,
        dpg.mvThemeCol_ScrollbarGrabHovered: colors.faint,
        dpg.mvThemeCol_ScrollbarGrabActive: colors.faint,
        dpg.mvThemeCol_Tab: colors.panel,
        dpg.mvThemeCol_TabHovered: colors.hover,
        dpg.mvThemeCol_TabActive: colors.selected,
        dpg.mvThemeCol_Separator: colors.border,
        dpg.mvThemeCol_TableHeaderBg: colors.field,
        dpg.mvThemeCol_TableBorderStrong: colors.border,
        dpg.mvThemeCol_TableBorderLight: colors.border,
        dpg.mvThemeCol_TableRowBg: clear,
        dpg.mvThemeCol_TableRowBgAlt: (*colors.field[:3], 90),
        dpg.mvThemeCol_TextSelectedBg: (*colors.accent[:3], 120),
        dpg.mvThemeCol_PlotHistogram: colors.accent,
    }
    with dpg.theme() as theme, dpg.theme_component(dpg.mvAll):
        for part, color in parts.items():
            dpg.add_theme_color(part, color)
        for style, x, y in (
            (dpg.mvStyleVar_WindowPadding, 8, 8),
            (dpg.mvStyleVar_FramePadding, *FRAME_PADDING),
            (dpg.mvStyleVar_ItemSpacing, 8, 4),
            (dpg.mvStyleVar_ItemInnerSpacing, 8, 4),
            (dpg.mvStyleVar_CellPadding, 4, 0),
        ):
            dpg.add_theme_style(style, x * scale, y * scale)
        dpg.add_theme_style(dpg.mvStyleVar_FrameRounding, 4 * scale)
        dpg.add_theme_style(dpg.mvStyleVar_PopupRounding, 4 * scale)
        dpg.add_theme_style(dpg.mvStyleVar_GrabRounding, 4 * scale)
        dpg.add_theme_style(dpg.mvStyleVar_ScrollbarSize, SCROLLBAR * scale)
        dpg.add_theme_style(dpg.mvStyleVar_WindowBorderSize, 0)
        dpg.add_theme_style(dpg.mvStyleVar_FrameBorderSize, 1 if colors is LIGHT else 0)
    for field in FIELDS:
        with dpg.theme_component(field, parent=theme):
            dpg.add_theme_color(dpg.mvThemeCol_Border, colors.grip)
            dpg.add_theme_style(dpg.mvStyleVar_FrameBorderSize, 1)
    with dpg.theme_component(dpg.mvCollapsingHeader, parent=theme):  # it opens and shuts, and is never selected
        dpg.add_theme_color(dpg.mvThemeCol_Header, colors.field)
        dpg.add_theme_color(dpg.mvThemeCol_HeaderActive, colors.active)
    with dpg.theme_component(dpg.mvButton, enabled_state=False, parent=theme):
        dpg.add_theme_color(dpg.mvThemeCol_Text, colors.faint)
        for part in (dpg.mvThemeCol_Button, dpg.mvThemeCol_ButtonHovered, dpg.mvThemeCol_ButtonActive):
            dpg.add_theme_color(part, colors.field)
    dpg.bind_theme(theme)
    dpg.set_viewport_clear_color(colors.window)


@cache
def accent_button(ground: Color, words: Color) -> int | str:
    """A theme for the button that is set off from the others: the tool in hand, the next thing to do."""
    with dpg.theme() as theme, dpg.theme_component(dpg.mvButton):
        for part in (dpg.mvThemeCol_Button, dpg.mvThemeCol_ButtonHovered, dpg.mvThemeCol_ButtonActive):
            dpg.add_theme_color(part, ground)
        dpg.add_theme_color(dpg.mvThemeCol_Text, words)
    return theme


def primary_button(colors: Colors) -> int | str:
    """A theme for the one button of a panel that begins what the panel is for: Run, Train, Set."""
    return _known(accent_button(colors.accent, colors.on_accent), primary_button)


def toggle_button(colors: Colors, *, on: bool) -> int | str:
    """A theme for a small button that shows whether something is shown."""
    return _flat_button(colors.active if on else (0, 0, 0, 0), colors.text if on else colors.faint)


@cache
def _flat_button(ground: Color, words: Color) -> int | str:
    with dpg.theme() as theme, dpg.theme_component(dpg.mvButton):
        dpg.add_theme_color(dpg.mvThemeCol_Button, ground)
        dpg.add_theme_color(dpg.mvThemeCol_Text, words)
        dpg.add_theme_style(dpg.mvStyleVar_FrameBorderSize, 0)
    return theme


@cache
def popup_theme(colors: Colors) -> int | str:
    """A theme for windows that lie over the panels: a border that sets them off."""
    with dpg.theme() as theme, dpg.theme_component(dpg.mvWindowAppItem):
        dpg.add_theme_color(dpg.mvThemeCol_WindowBg, colors.popup)
        dpg.add_theme_color(dpg.mvThemeCol_Border, colors.grip)
        dpg.add_theme_style(dpg.mvStyleVar_WindowBorderSize, 1)
        dpg.add_theme_style(dpg.mvStyleVar_WindowRounding, 5)
    return _known(theme, popup_theme)


def _known(theme: int | str, make: Callable[[Colors], int | str]) -> int | str:
    """The theme, of which is known from now on how it is made in other colours."""
    _MADE_BY[theme] = make
    return theme


def recolor(before: Colors, after: Colors) -> None:
    """Show what is in colours of one scheme in those of the other: the words in a colour of their own, and themes."""
    names = [one.name for one in fields(Colors) if isinstance(getattr(before, one.name), tuple)]
    others = {getattr(before, name): getattr(after, name) for name in names}
    others |= {before.states[state]: after.states[state] for state in before.states}
    for item in dpg.get_all_items():
        if dpg.get_item_type(item) == "mvAppItemType::mvText":
            color = tuple(round(255 * part) for part in dpg.get_item_configuration(item)["color"])
            if color in others:
                dpg.configure_item(item, color=others[color])
        elif (theme := dpg.get_item_theme(item)) in _MADE_BY:
            dpg.bind_item_theme(item, _MADE_BY[theme](after))


def canvas_theme(colors: Colors) -> int | str:
    """A theme for the window that holds the canvas: its ground, and no padding."""
    with dpg.theme() as theme, dpg.theme_component(dpg.mvWindowAppItem):
        dpg.add_theme_style(dpg.mvStyleVar_WindowPadding, 0, 0)
        dpg.add_theme_color(dpg.mvThemeCol_WindowBg, colors.canvas)
    return theme
