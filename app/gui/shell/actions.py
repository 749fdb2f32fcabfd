"""Everything that can be asked for by menu or key, declared once: the menus, the keys and the help are made from it."""

from collections.abc import Callable
from dataclasses import dataclass

from graingraph.app.gui.base.panel_layout import LARGE_CANVAS, LARGE_PICTURE, LARGE_RESULTS, PanelLayout
from graingraph.app.gui.shell.application import Application


@dataclass(frozen=True)
class Action:
    """A command of the window. ``keys`` is written as shown: ``Ctrl+Shift+Z``; more than one are parted by a blank.

    ``anywhere`` actions also work while a text field has the keyboard.
    """

    menu: str
    label: str
    keys: str
    run: Callable[[Application], object]
    anywhere: bool = False


def _arrange(app: Application, layout: PanelLayout) -> None:
    app.layout = layout


def _quit(app: Application) -> None:
    app.quitting = True


ACTIONS: tuple[Action, ...] = (
    Action("File", "New", "Ctrl+N", lambda app: app.session.new()),
    Action("File", "Open…", "Ctrl+O", lambda app: app.ask_open(), anywhere=True),
    Action("File", "Save", "Ctrl+S", lambda app: app.save(), anywhere=True),
    Action("File", "Save as…", "Ctrl+Shift+S", lambda app: app.ask_save(), anywhere=True),
    Action("File", "Merge marks of another person…", "Ctrl+Shift+M", lambda app: app.merge_marks()),
    Action("File", "Recover unsaved work", "", lambda app: app.recover()),
    Action("File", "Quit", "Ctrl+Q", _quit, anywhere=True),
    Action("Edit", "Undo", "Ctrl+Z", lambda app: app.session.undo()),
    Action("Edit", "Redo", "Ctrl+Y Ctrl+Shift+Z", lambda app: app.session.redo()),
    Action("Edit", "Cut", "Ctrl+X", lambda app: app.canvas.cut()),
    Action("Edit", "Copy", "Ctrl+C", lambda app: app.canvas.copy()),
    Action("Edit", "Paste", "Ctrl+V", lambda app: app.canvas.paste()),
    Action("Edit", "Duplicate", "Ctrl+D", lambda app: app.canvas.duplicate()),
    Action("Edit", "Delete", "Delete Backspace", lambda app: app.canvas.delete()),
    Action("Edit", "Delete and reconnect", "Ctrl+Delete", lambda app: app.canvas.delete(reconnect=True)),
    Action("Edit", "Select all", "Ctrl+A", lambda app: app.canvas.select_all()),
    Action("Edit", "Cancel, deselect", "Escape", lambda app: app.escape(), anywhere=True),
    Action("Node", "Add node…", "Tab Shift+A", lambda app: app.canvas.open_palette_here()),
    Action("Node", "Mute", "M", lambda app: app.canvas.mute()),
    Action("Node", "Frame around selection", "Ctrl+G", lambda app: app.canvas.add_frame()),
    Action("Node", "Add note", "N", lambda app: app.canvas.add_note()),
    Action("Node", "Arrange", "L", lambda app: app.canvas.arrange()),
    Action("Node", "Align left", "Shift+Left", lambda app: app.canvas.align("left")),
    Action("Node", "Align right", "Shift+Right", lambda app: app.canvas.align("right")),
    Action("Node", "Align top", "Shift+Up", lambda app: app.canvas.align("top")),
    Action("Node", "Align bottom", "Shift+Down", lambda app: app.canvas.align("bottom")),
    Action("Node", "Nudge left", "Left", lambda app: app.canvas.nudge(-1, 0)),
    Action("Node", "Nudge right", "Right", lambda app: app.canvas.nudge(1, 0)),
    Action("Node", "Nudge up", "Up", lambda app: app.canvas.nudge(0, -1)),
    Action("Node", "Nudge down", "Down", lambda app: app.canvas.nudge(0, 1)),
    Action("Node", "Stop computing", "Ctrl+Period", lambda app: app.live.cancel(), anywhere=True),
    Action("Node", "Continue attended run", "Ctrl+Enter", lambda app: app.go_on(), anywhere=True),
    Action("Node", "Skip image of attended run", "Ctrl+Shift+Enter", lambda app: app.skip_image(), anywhere=True),
    Action("View", "Fit", "F", lambda app: app.canvas.fit()),
    Action("View", "Fit everything", "Home Shift+F", lambda app: app.canvas.fit(everything=True)),
    Action("View", "Zoom in", "Ctrl+Plus Ctrl+Equal", lambda app: app.canvas.zoom(1.25)),
    Action("View", "Zoom out", "Ctrl+Minus", lambda app: app.canvas.zoom(0.8)),
    Action("View", "Next image", "PageDown", lambda app: app.next_image(1), anywhere=True),
    Action("View", "Previous image", "PageUp", lambda app: app.next_image(-1), anywhere=True),
    Action("View", "Wheel pans the canvas (trackpad)", "", lambda app: app.toggle_wheel()),
    Action("View", "All panels", "Ctrl+1", lambda app: _arrange(app, PanelLayout()), anywhere=True),
    Action("View", "Large canvas", "Ctrl+2", lambda app: _arrange(app, LARGE_CANVAS), anywhere=True),
    Action("View", "Large picture", "Ctrl+3", lambda app: _arrange(app, LARGE_PICTURE), anywhere=True),
    Action("View", "Large results", "Ctrl+4", lambda app: _arrange(app, LARGE_RESULTS), anywhere=True),
    Action("View", "Dark or light", "Ctrl+T", lambda app: app.toggle_theme(), anywhere=True),
    Action("View", "Larger text and buttons", "", lambda app: app.resize_text(1.1)),
    Action("View", "Smaller text and buttons", "", lambda app: app.resize_text(1 / 1.1)),
    Action("Help", "Keys and mouse", "F1", lambda app: app.show_help(), anywhere=True),
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
