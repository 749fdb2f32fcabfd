"""A row of widgets that goes on in a line below where it is longer than its panel."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import dearpygui.dearpygui as dpg

GAP = 8
"""Between two widgets, at UI scale 1, in pixels: that of the theme."""


class FlowRow:
    """Made of parts that stay together, as a field and the word before it; ``refresh`` puts them into lines."""

    def __init__(self, parent: int | str, ui_scale: float) -> None:
        self._gap = GAP * ui_scale
        self._rows = dpg.add_group(parent=parent)
        self._lines: list[int | str] = [dpg.add_group(horizontal=True, parent=self._rows)]
        self._parts: list[int | str] = []
        self._placed: list[int] = []

    @contextmanager
    def part(self) -> Iterator[int | str]:
        """What is added meanwhile stays together."""
        with dpg.group(horizontal=True, parent=self._lines[0]) as part:
            yield part
        self._parts.append(part)
        self._placed.append(0)

    @property
    def room(self) -> float:
        """The width of a line, in pixels; 0 before the first frame."""
        return float(dpg.get_available_content_region(self._rows)[0])

    def refresh(self) -> None:
        """Follow the width of the panel, and of what is shown in the row."""
        if not dpg.is_item_visible(self._rows):
            return
        for part in self._parts:
            inside = (item for item in dpg.get_item_children(part, 1) or () if not _is_tip(item))
            shown = any(map(dpg.is_item_shown, inside))
            if shown != dpg.is_item_shown(part):
                dpg.configure_item(part, show=shown)
        widths = [dpg.get_item_rect_size(part)[0] if dpg.is_item_shown(part) else 0.0 for part in self._parts]
        placed = lines_of(widths, self.room, self._gap)
        if placed == self._placed:
            return
        self._placed = placed
        while len(self._lines) <= placed[-1]:
            self._lines.append(dpg.add_group(horizontal=True, parent=self._rows))
        for part, line in zip(self._parts, placed, strict=True):
            dpg.move_item(part, parent=self._lines[line])
        for line, group in enumerate(self._lines):
            dpg.configure_item(group, show=line <= placed[-1])


def _is_tip(item: int | str) -> bool:
    """Whether it only lies over what it explains."""
    return dpg.get_item_type(item) == "mvAppItemType::mvTooltip"


def lines_of(widths: Sequence[float], room: float, gap: float) -> list[int]:
    """The line of each part of a row: a new one wherever a part has no room; 0 wide is what is not shown."""
    lines, line, used = [], 0, 0.0
    for width in widths:
        if width and used and used + gap + width > room:
            line, used = line + 1, 0.0
        used += width + (gap if used and width else 0.0)
        lines.append(line)
    return lines
