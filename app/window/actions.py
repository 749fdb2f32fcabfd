"""Everything that can be asked for by menu or key, declared once: the menus, the keys and the help are made from it."""

from collections.abc import Callable
from dataclasses import dataclass

from app.window.desk import Desk
from app.window.panel_layout import LARGE_CANVAS, LARGE_PICTURE, LARGE_RESULTS, PanelLayout


@dataclass(frozen=True)
class Action:
    """A command of the window. ``keys`` is written as shown: ``Ctrl+Shift+Z``; more than one are parted by a blank.

    ``anywhere`` actions also work while a text field has the keyboard.
    """

    menu: str
    label: str
    keys: str
    run: Callable[[Desk], object]
    anywhere: bool = False


def _arrange(desk: Desk, layout: PanelLayout) -> None:
    desk.layout = layout


def _quit(desk: Desk) -> None:
    desk.quitting = True


ACTIONS: tuple[Action, ...] = (
    Action("File", "New", "Ctrl+N", lambda desk: desk.session.new()),
    Action("File", "Open…", "Ctrl+O", lambda desk: desk.ask_open(), anywhere=True),
    Action("File", "Save", "Ctrl+S", lambda desk: desk.save(), anywhere=True),
    Action("File", "Save as…", "Ctrl+Shift+S", lambda desk: desk.ask_save(), anywhere=True),
    Action("File", "Merge marks of another person…", "Ctrl+Shift+M", lambda desk: desk.merge_marks()),
    Action("File", "Recover unsaved work", "", lambda desk: desk.recover()),
    Action("File", "Quit", "Ctrl+Q", _quit, anywhere=True),
    Action("Edit", "Undo", "Ctrl+Z", lambda desk: desk.session.undo()),
    Action("Edit", "Redo", "Ctrl+Y Ctrl+Shift+Z", lambda desk: desk.session.redo()),
    Action("Edit", "Cut", "Ctrl+X", lambda desk: desk.canvas.cut()),
    Action("Edit", "Copy", "Ctrl+C", lambda desk: desk.canvas.copy()),
    Action("Edit", "Paste", "Ctrl+V", lambda desk: desk.canvas.paste()),
    Action("Edit", "Duplicate", "Ctrl+D", lambda desk: desk.canvas.duplicate()),
    Action("Edit", "Delete", "Delete Backspace", lambda desk: desk.canvas.delete()),
    Action("Edit", "Delete and reconnect", "Ctrl+Delete", lambda desk: desk.canvas.delete(reconnect=True)),
    Action("Edit", "Select all", "Ctrl+A", lambda desk: desk.canvas.select_all()),
    Action("Edit", "Cancel, deselect", "Escape", lambda desk: desk.escape(), anywhere=True),
    Action("Node", "Add node…", "Tab Shift+A", lambda desk: desk.canvas.open_palette_here()),
    Action("Node", "Mute", "M", lambda desk: desk.canvas.mute()),
    Action("Node", "Frame around selection", "Ctrl+G", lambda desk: desk.canvas.add_frame()),
    Action("Node", "Add note", "N", lambda desk: desk.canvas.add_note()),
    Action("Node", "Arrange", "L", lambda desk: desk.canvas.arrange()),
    Action("Node", "Align left", "Shift+Left", lambda desk: desk.canvas.align("left")),
    Action("Node", "Align right", "Shift+Right", lambda desk: desk.canvas.align("right")),
    Action("Node", "Align top", "Shift+Up", lambda desk: desk.canvas.align("top")),
    Action("Node", "Align bottom", "Shift+Down", lambda desk: desk.canvas.align("bottom")),
    Action("Node", "Nudge left", "Left", lambda desk: desk.canvas.nudge(-1, 0)),
    Action("Node", "Nudge right", "Right", lambda desk: desk.canvas.nudge(1, 0)),
    Action("Node", "Nudge up", "Up", lambda desk: desk.canvas.nudge(0, -1)),
    Action("Node", "Nudge down", "Down", lambda desk: desk.canvas.nudge(0, 1)),
    Action("Node", "Stop computing", "Ctrl+Period", lambda desk: desk.live.cancel(), anywhere=True),
    Action("Node", "Continue attended run", "Ctrl+Enter", lambda desk: desk.go_on(), anywhere=True),
    Action("Node", "Skip image of attended run", "Ctrl+Shift+Enter", lambda desk: desk.skip_image(), anywhere=True),
    Action("View", "Fit", "F", lambda desk: desk.canvas.fit()),
    Action("View", "Fit everything", "Home Shift+F", lambda desk: desk.canvas.fit(everything=True)),
    Action("View", "Zoom in", "Ctrl+Plus Ctrl+Equal", lambda desk: desk.canvas.zoom(1.25)),
    Action("View", "Zoom out", "Ctrl+Minus", lambda desk: desk.canvas.zoom(0.8)),
    Action("View", "Next image", "PageDown", lambda desk: desk.next_image(1), anywhere=True),
    Action("View", "Previous image", "PageUp", lambda desk: desk.next_image(-1), anywhere=True),
    Action("View", "Wheel pans the canvas (trackpad)", "", lambda desk: desk.toggle_wheel()),
    Action("View", "All panels", "Ctrl+1", lambda desk: _arrange(desk, PanelLayout()), anywhere=True),
    Action("View", "Large canvas", "Ctrl+2", lambda desk: _arrange(desk, LARGE_CANVAS), anywhere=True),
    Action("View", "Large picture", "Ctrl+3", lambda desk: _arrange(desk, LARGE_PICTURE), anywhere=True),
    Action("View", "Large results", "Ctrl+4", lambda desk: _arrange(desk, LARGE_RESULTS), anywhere=True),
    Action("View", "Dark or light", "Ctrl+T", lambda desk: desk.toggle_theme(), anywhere=True),
    Action("View", "Larger text and buttons", "", lambda desk: desk.resize_text(1.1)),
    Action("View", "Smaller text and buttons", "", lambda desk: desk.resize_text(1 / 1.1)),
    Action("Help", "Keys and mouse", "F1", lambda desk: desk.show_help(), anywhere=True),
)

MOUSE_HELP: tuple[tuple[str, str], ...] = (
    ("Wheel", "Zoom about the pointer"),
    ("Shift + wheel, two fingers across", "Pan sideways"),
    ("Alt + wheel", "Pan up and down"),
    ("Middle or right drag, Space drag", "Pan"),
    ("Drag on empty canvas", "Select in a box"),
    ("Drag from a pin", "Pull a wire; on empty canvas: what fits is offered"),
    ("Drop a node on a wire", "Insert it there"),
    ("Alt drag, Ctrl + right drag", "Cut wires"),
    ("Double-click, Tab, Space", "Add a node"),
    ("Double-click a frame or note", "Edit its words and colour"),
    ("Drag a frame's title, its corner", "Move it with what is inside, resize it"),
    ("Ctrl or Shift click in the tray", "Select several images"),
)


def for_keys(keys: str, *, typing: bool) -> Action | None:
    """The action for a key with its modifiers, written like ``Ctrl+Shift+Z``; None for none."""
    for action in ACTIONS:
        if keys in action.keys.split() and (action.anywhere or not typing):
            return action
    return None
