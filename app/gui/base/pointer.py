"""The mouse as Dear PyGui reports it."""

from typing import Literal

import dearpygui.dearpygui as dpg

from graingraph.app.rendering.geometry import Point

Button = Literal["left", "middle", "right"]
BUTTONS: dict[int, Button] = {
    dpg.mvMouseButton_Left: "left",
    dpg.mvMouseButton_Middle: "middle",
    dpg.mvMouseButton_Right: "right",
}


def pointer() -> Point:
    """The pointer in pixels of the window."""
    return Point(*dpg.get_mouse_pos(local=False))
