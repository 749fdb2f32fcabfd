"""What a person cannot read in the window: words that are wider than their place, and icons without a word."""

from collections.abc import Iterator

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.theme import FRAME_PADDING

KIND = "mvAppItemType::mv{}".format
WINDOWS = (KIND("WindowAppItem"), KIND("ChildWindow"))
TABLES = (KIND("Table"), KIND("TableRow"))
"""What is cut in them is shown when pointed at."""
WITH_WORDS = tuple(map(KIND, ("Text", "Button", "Checkbox", "RadioButton", "Combo", "InputText", "Tab")))
SLACK = 1
"""So many pixels are nothing."""


def cut_texts(ui_scale: float) -> list[str]:
    """What is shown now and cut, with the reason."""
    found = []
    for item in dpg.get_all_items():
        if dpg.get_item_type(item) in WITH_WORDS and dpg.get_item_state(item).get("visible"):
            outer = list(_around(item))
            kinds = [dpg.get_item_type(one) for one in outer]
            if KIND("Tooltip") not in kinds and not any(kind in TABLES for kind in kinds):
                found += _faults(item, [one for one in outer if dpg.get_item_type(one) in WINDOWS], ui_scale)
    return found


def _around(item: int | str) -> Iterator[int | str]:
    """What an item is in, from the inside out."""
    while item := dpg.get_item_parent(item) or 0:
        yield item


def _faults(item: int | str, windows: list[int | str], ui_scale: float) -> Iterator[str]:
    kind, right = dpg.get_item_type(item), dpg.get_item_rect_max(item)[0]
    words = dpg.get_value(item) if kind in (KIND("Text"), KIND("Combo")) else dpg.get_item_label(item) or ""
    left = 0.0
    for window in reversed(windows):  # the place of each is told in the one around it
        left += dpg.get_item_pos(window)[0]
        scrolls = dpg.get_item_configuration(window)["horizontal_scrollbar"]
        if right > left + dpg.get_item_rect_size(window)[0] + SLACK and not scrolls:
            yield f"{words!r} reaches out of its window"
    padding = 2 * FRAME_PADDING[0] * ui_scale
    wide, high = dpg.get_item_rect_size(item)
    if (
        kind == KIND("Button")
        and not dpg.get_item_configuration(item)["small"]
        and _width(words) + padding > wide + SLACK
    ):
        yield f"{words!r} is wider than its button"
    if kind == KIND("Button") and len(words) == 1 and not _explained(item):
        yield f"nothing is said of the button {words!r}"
    if kind == KIND("Combo") and not _explained(item) and _width(words) + padding + high > wide + SLACK:
        yield f"{words!r} is wider than its list"


def _explained(item: int | str) -> bool:
    """Whether something is shown when it is pointed at."""
    beside = dpg.get_item_children(dpg.get_item_parent(item) or 0, 1) or []
    return any(dpg.get_item_type(one) == KIND("Tooltip") for one in beside[beside.index(item) + 1 :][:1])


def _width(words: str) -> float:
    size = dpg.get_text_size(words.split("##")[0])
    return float(size[0]) if size else 0.0
