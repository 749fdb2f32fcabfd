"""Everything that can be asked for by menu or key, declared once: the menus, the keys and the help are made from it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from graingraph.app.document.groups import shown_step
from graingraph.app.gui.base.context import Target
from graingraph.app.gui.base.panel_layout import LARGE_CANVAS, LARGE_PICTURE, LARGE_RESULTS, Foldable, PanelLayout
from graingraph.app.gui.shell.application import Application, Scope
from graingraph.app.gui.viewer.tools import CLASS_KEYS, REMOVE_KEY, TOOLS, VIEW_KEY
from graingraph.engine.recipe.lock import require_unlocked

FILE, EDIT, NODE, VIEW, HELP = "File", "Edit", "Node", "View", "Help"
NO_NODE_SELECTED = "Select a node first ({action})."
NOTHING_NOW = "{keys} does nothing here now ({action})."
NOTHING_HERE = "{keys} does nothing here; with the pointer {elsewhere}."
OVER: dict[Scope, str] = {
    "viewer": "over the picture: {action}",
    "canvas": "over the canvas: {action}",
    "left": "over the images: {action}",
    "bottom": "over the results: {action}",
    "right": "over the settings: {action}",
}
"""What a key does with the pointer over a panel."""
DRAW_WITH = "Draw: {tool}"
PASTE_PICTURE = "Paste a picture as an image"
NEXT_NODE = "Go to the next node on that side"


@dataclass(frozen=True)
class Action:
    """A command of the window. ``keys`` is written as shown: ``Ctrl+Shift+Z``; more than one are parted by a blank.

    Its keys work while the pointer is over the panel of its ``scope``; those of the scope "window" work over every
    panel. ``anywhere`` actions also work while a text field has the keyboard. What ``edits`` the recipe is refused
    while that is locked. An action without a ``menu`` is one of the keys of a panel. It is offered by a right click on
    its ``targets``. One ``of_selected`` nodes says so where none is selected. In the menu bar a line is above one that
    is ``apart`` from those before, and one that is on or off is ``ticked``.
    """

    menu: str
    label: str
    keys: str
    do: Callable[[Application], object]
    anywhere: bool = False
    scope: Scope = "window"
    edits: bool = False
    targets: tuple[Target, ...] = ()
    of_selected: bool = False
    apart: bool = False
    ticked: Callable[[Application], bool] | None = None

    def run(self, app: Application) -> None:
        """Do it. ``Problem`` where the recipe is locked against it."""
        if self.edits:
            require_unlocked(app.session.recipe)
        if self.of_selected and not app.session.selection:
            app.session.say(NO_NODE_SELECTED.format(action=self.label.rstrip("…")))
            return
        self.do(app)


def _edit(menu: str, label: str, keys: str, do: Callable[[Application], object], *targets: Target) -> Action:
    """An action that edits the recipe on the canvas."""
    return Action(menu, label, keys, do, scope="canvas", edits=True, targets=targets)


def _edit_selected(menu: str, label: str, keys: str, do: Callable[[Application], object], *targets: Target) -> Action:
    """An action that edits the selected nodes."""
    return replace(_edit(menu, label, keys, do, *targets), of_selected=True)


def _canvas(menu: str, label: str, keys: str, do: Callable[[Application], object], *targets: Target) -> Action:
    """An action that looks around on the canvas."""
    return Action(menu, label, keys, do, scope="canvas", targets=targets)


def _apart(action: Action) -> Action:
    """An action with which others begin in a menu."""
    return replace(action, apart=True)


def _panel(scope: Scope, label: str, *keys: str, targets: tuple[Target, ...] = ()) -> list[Action]:
    """Keys that a panel takes itself."""
    return [Action("", label, key, partial(_to_panel, scope, key, label), scope=scope, targets=targets) for key in keys]


def _to_panel(scope: Scope, key: str, label: str, app: Application) -> None:
    if not app.panel_key(scope, key):
        app.session.say(NOTHING_NOW.format(keys=key, action=label))


def _arrange(app: Application, layout: PanelLayout) -> None:
    app.layout = replace(layout, form=app.layout.form, beside=app.layout.beside)


def _pin_selected(app: Application) -> None:
    recipe = app.session.recipe
    for node in list(app.session.selection)[:1]:
        app.pin(shown_step(recipe, node) if node in recipe.layout.groups else node)


def _folding(label: str, keys: str, place: Foldable) -> Action:
    """An action that folds a panel away, or unfolds it."""

    def fold(app: Application) -> None:
        app.layout = app.layout.toggled(place)

    return Action(VIEW, label, keys, fold, anywhere=bool(keys), ticked=lambda app: place in app.layout.folded)


def _beside(app: Application) -> None:
    app.layout = app.layout.turned()


DELETABLE: tuple[Target, ...] = ("node", "wire", "reroute", "frame")

OPEN = Action(FILE, "Open…", "Ctrl+O", lambda app: app.ask_open(), anywhere=True)
UNDO = Action(EDIT, "Undo", "Ctrl+Z", lambda app: app.undo())
REDO = Action(EDIT, "Redo", "Ctrl+Y Ctrl+Shift+Z", lambda app: app.redo())

ACTIONS: tuple[Action, ...] = (
    Action(FILE, "New", "Ctrl+N", lambda app: app.new()),
    OPEN,
    Action(FILE, "Save", "Ctrl+S", lambda app: app.save(), anywhere=True),
    Action(FILE, "Save as…", "Ctrl+Shift+S", lambda app: app.ask_save(), anywhere=True),
    _apart(Action(FILE, "Add images…", "Ctrl+I", lambda app: app.choose_images(), anywhere=True, targets=("image",))),
    Action(FILE, "Add a folder of images…", "", lambda app: app.choose_folder(), targets=("image",)),
    Action(FILE, "Watch a folder for new images…", "", lambda app: app.watch_folder(), targets=("image",)),
    Action(FILE, "Show in the file manager", "", lambda app: app.show_in_folder(), targets=("image",)),
    Action(FILE, "Merge marks of another person…", "Ctrl+Shift+M", lambda app: app.merge_marks()),
    _apart(Action(FILE, "Show the snippets in the file manager", "", lambda app: app.show_snippets())),
    Action(FILE, "Recover unsaved work", "", lambda app: app.recover()),
    Action(FILE, "Name and description…", "", lambda app: app.describe(), edits=True, targets=("canvas",)),
    _apart(Action(FILE, "Quit", "Ctrl+Q", lambda app: app.quit(), anywhere=True)),
    UNDO,
    REDO,
    _apart(_edit_selected(EDIT, "Cut", "Ctrl+X", lambda app: app.canvas.cut(), "node")),
    replace(_canvas(EDIT, "Copy", "Ctrl+C", lambda app: app.canvas.copy(), "node"), of_selected=True),
    _edit(EDIT, "Paste", "Ctrl+V", lambda app: app.canvas.paste(), "canvas", "frame"),
    _edit_selected(EDIT, "Duplicate", "Ctrl+D", lambda app: app.canvas.duplicate(), "node"),
    _edit(EDIT, "Delete", "Delete", lambda app: app.canvas.delete(), *DELETABLE),
    _canvas(
        "", "Delete, or with nothing selected leave the group", "Backspace", lambda app: app.canvas.delete_or_leave()
    ),
    _edit_selected(EDIT, "Delete and reconnect", "Ctrl+Delete", lambda app: app.canvas.delete(reconnect=True), "node"),
    _apart(_canvas(EDIT, "Select all", "Ctrl+A", lambda app: app.canvas.select_all(), "canvas")),
    _apart(Action(EDIT, "Take the images out of the tray", "", lambda app: app.remove_images(), targets=("image",))),
    Action(EDIT, "Set the pixel size…", "", lambda app: app.set_pixel_size(), edits=True, targets=("picture",)),
    _apart(Action(EDIT, "Cancel, deselect", "Escape", lambda app: app.escape())),
    _edit(NODE, "Add node…", "Tab Shift+A", lambda app: app.canvas.open_palette_here(), "canvas", "frame"),
    _edit(NODE, "Add reroute point", "R", lambda app: app.canvas.add_reroute(), "wire"),
    _edit_selected(NODE, "Rename…", "F2", lambda app: app.canvas.rename(), "node"),
    _edit_selected(NODE, "Mute", "M", lambda app: app.canvas.mute(), "node"),
    _apart(_edit_selected(NODE, "Group into one node", "Ctrl+G", lambda app: app.canvas.make_group(), "node")),
    _edit_selected(NODE, "Ungroup", "Ctrl+Shift+G", lambda app: app.canvas.ungroup(), "group"),
    replace(_canvas(NODE, "Keep as snippet…", "", lambda app: app.keep_snippet(), "node"), of_selected=True),
    _canvas(NODE, "Open the group", "Alt+Down", lambda app: app.canvas.open_selected(), "group"),
    _canvas(NODE, "Leave the group", "Alt+Up", lambda app: app.canvas.leave_group(), "open group"),
    _edit(NODE, "Show this picture on the group, or its last", "", lambda app: app.canvas.show_on_group(), "member"),
    _edit(NODE, "Pin of the group, or no longer", "", lambda app: app.canvas.offer_on_group(), "pin of a member"),
    _apart(_edit_selected(NODE, "Frame around selection", "Ctrl+J", lambda app: app.canvas.add_frame(), "node")),
    _edit(NODE, "Add note", "N", lambda app: app.canvas.add_note(), "canvas", "frame"),
    _edit(NODE, "Arrange", "L", lambda app: app.canvas.arrange(), "canvas", "node"),
    _edit_selected(NODE, "Align left", "Shift+Left", lambda app: app.canvas.align("left"), "node"),
    _edit_selected(NODE, "Align right", "Shift+Right", lambda app: app.canvas.align("right"), "node"),
    _edit_selected(NODE, "Align top", "Shift+Up", lambda app: app.canvas.align("top"), "node"),
    _edit_selected(NODE, "Align bottom", "Shift+Down", lambda app: app.canvas.align("bottom"), "node"),
    _edit(NODE, "Nudge left", "Ctrl+Left", lambda app: app.canvas.nudge(-1, 0)),
    _edit(NODE, "Nudge right", "Ctrl+Right", lambda app: app.canvas.nudge(1, 0)),
    _edit(NODE, "Nudge up", "Ctrl+Up", lambda app: app.canvas.nudge(0, -1)),
    _edit(NODE, "Nudge down", "Ctrl+Down", lambda app: app.canvas.nudge(0, 1)),
    _apart(_edit_selected(NODE, "Wire to…", "W", lambda app: app.canvas.start_wire(), "node")),
    replace(_canvas(NODE, "Settings", "Enter", lambda app: app.go_to_settings(), "node"), of_selected=True),
    _apart(Action(NODE, "Stop computing", "Ctrl+Period", lambda app: app.live.cancel(), anywhere=True)),
    Action(NODE, "Continue attended run", "Ctrl+Enter", lambda app: app.go_on(), anywhere=True),
    Action(NODE, "Skip image of attended run", "Ctrl+Shift+Enter", lambda app: app.skip_image(), anywhere=True),
    Action(
        VIEW,
        "Pin what is shown in a second picture",
        "Ctrl+7",
        lambda app: app.pin_shown(),
        anywhere=True,
        targets=("picture",),
    ),
    _canvas(VIEW, "Pin in a second picture", "", _pin_selected, "node"),
    _apart(_canvas(VIEW, "Fit", "F", lambda app: app.canvas.fit(), "node")),
    Action(VIEW, "Fit everything", "Home Shift+F", lambda app: app.canvas.fit(everything=True), targets=("canvas",)),
    Action(VIEW, "Zoom in", "Ctrl+Plus Ctrl+Equal Ctrl+Shift+Equal", lambda app: app.canvas.zoom(1.25)),
    Action(VIEW, "Zoom out", "Ctrl+Minus", lambda app: app.canvas.zoom(0.8)),
    _apart(
        Action(
            VIEW, "Next image", "PageDown", lambda app: app.next_image(1), anywhere=True, targets=("picture", "image")
        )
    ),
    Action(
        VIEW, "Previous image", "PageUp", lambda app: app.next_image(-1), anywhere=True, targets=("picture", "image")
    ),
    Action(
        VIEW,
        "Wheel pans the canvas (trackpad)",
        "",
        lambda app: app.toggle_wheel(),
        ticked=lambda app: app.canvas.wheel_pans,
    ),
    _apart(Action(VIEW, "All panels", "Ctrl+1", lambda app: _arrange(app, PanelLayout()), anywhere=True)),
    Action(VIEW, "Large canvas", "Ctrl+2", lambda app: _arrange(app, LARGE_CANVAS), anywhere=True),
    Action(VIEW, "Large picture", "Ctrl+3", lambda app: _arrange(app, LARGE_PICTURE), anywhere=True),
    Action(VIEW, "Large results", "Ctrl+4", lambda app: _arrange(app, LARGE_RESULTS), anywhere=True),
    Action(VIEW, "Canvas below or beside the picture", "Ctrl+5", _beside, anywhere=True),
    _apart(_folding("Fold the images away", "", "left")),
    _folding("Fold the canvas away", "Ctrl+6", "canvas"),
    _folding("Fold the results away", "", "bottom"),
    _folding("Fold the settings away", "", "right"),
    _apart(Action(VIEW, "Dark or light", "Ctrl+T", lambda app: app.toggle_theme(), anywhere=True)),
    Action(VIEW, "Larger text and buttons", "", lambda app: app.resize_text(1.1)),
    Action(VIEW, "Smaller text and buttons", "", lambda app: app.resize_text(1 / 1.1)),
    Action(EDIT, "Find a node…", "Ctrl+F", lambda app: app.find("nodes"), anywhere=True, targets=("canvas",)),
    _apart(Action(VIEW, "Keyboard to the next panel", "F6", lambda app: app.next_panel(1), anywhere=True)),
    Action(VIEW, "Keyboard to the panel before", "Shift+F6", lambda app: app.next_panel(-1), anywhere=True),
    Action(VIEW, "Keyboard to the picture: point and draw", "F7", lambda app: app.keys_to_picture(), anywhere=True),
    Action(HELP, "Tutorial", "", lambda app: app.show_tutorial()),
    Action(HELP, "All commands…", "Ctrl+Shift+P", lambda app: app.find("everything"), anywhere=True),
    Action(HELP, "Keys and mouse", "F1", lambda app: app.show_help(), anywhere=True),
    _apart(Action(HELP, "About Graingraph", "", lambda app: app.show_about())),
    Action("", "All menus, to choose from with the arrow keys", "F10", lambda app: app.open_menus(), anywhere=True),
    _canvas("", "Menu of what is selected", "Menu Shift+F10", lambda app: app.canvas.open_menu_of_selected()),
    _canvas("", NEXT_NODE, "Left", lambda app: app.canvas.go(-1, 0)),
    _canvas("", NEXT_NODE, "Right", lambda app: app.canvas.go(1, 0)),
    _canvas("", NEXT_NODE, "Up", lambda app: app.canvas.go(0, -1)),
    _canvas("", NEXT_NODE, "Down", lambda app: app.canvas.go(0, 1)),
    *_panel("viewer", "Show the whole picture", "F", targets=("picture",)),
    *_panel("viewer", "Hand: pan and point", "H", targets=("picture",)),
    *(one for tool in TOOLS.values() for one in _panel("viewer", DRAW_WITH.format(tool=tool.label), tool.key)),
    *_panel("viewer", "All that is in view is complete", VIEW_KEY),
    *_panel("viewer", "Draw in the class of this number", *CLASS_KEYS),
    *_panel("viewer", "End the line", "Enter"),
    *_panel("viewer", "Take back the last corner", "Backspace"),
    *_panel("viewer", "Take away the stroke under the pointer", REMOVE_KEY),
    *_panel("viewer", "Thinner line", "["),
    *_panel("viewer", "Wider line", "]"),
    Action("", PASTE_PICTURE, "Ctrl+V", lambda app: app.paste_picture(), scope="left", targets=("image",)),
    Action("", PASTE_PICTURE, "Ctrl+V", lambda app: app.paste_picture(), scope="viewer"),
    *_panel("left", "Select all images", "Ctrl+A"),
    *_panel("left", "Take the selected images out of the tray", "Delete", "Backspace"),
    *_panel("bottom", "Copy the table", "Ctrl+C", targets=("table",)),
    *_panel("left", "Next or previous image of the list", "Down", "Up", "Shift+Down", "Shift+Up"),
)

MOUSE_HELP: tuple[tuple[str, str], ...] = (
    ("Wheel", "Zoom about the pointer"),
    ("Shift + wheel, two fingers across", "Pan sideways"),
    ("Alt + wheel", "Pan up and down"),
    ("Middle or right drag, Space drag", "Pan"),
    ("Right click", "Menu of what is under the pointer"),
    ("Drag on empty canvas", "Select in a box"),
    ("Drag from a pin", "Pull a wire; on empty canvas: what fits is offered"),
    ("Drop a node on a wire", "Insert it there"),
    ("Alt drag, Ctrl + right drag", "Cut wires"),
    ("Click a wire", "Pick it: Delete takes it away"),
    ("Drag a wire near its end", "Take that end to another pin"),
    ("Drag the middle of a wire, double-click it", "Lead it through a reroute point"),
    ("Drag to the edge of the canvas", "Scroll: the further out, the faster"),
    ("Double-click, Tab, Space", "Add a node"),
    ("Double-click a frame or note", "Edit its words and colour"),
    ("Double-click a group", "Open it; Escape, or the names above the canvas, lead back"),
    ("Drag a frame's title, its corner", "Move it with what is inside, resize it"),
    ("Ctrl or Shift click in the tray", "Select several images"),
    ("Arrow keys, Shift + arrow over the picture", "Move the pointer, finely"),
    ("Space over the picture, after an arrow key", "Press: draw, set a corner, begin and end a box"),
)


def for_keys(keys: str, *, typing: bool, scope: Scope) -> Action | None:
    """The action for a key with its modifiers, written like ``Ctrl+Shift+Z``; None for none.

    ``scope`` is the panel that the pointer is over; a key of its own comes before one of the window.
    """
    fitting = [one for one in _with_keys(keys, typing=typing) if one.scope in (scope, "window")]
    return min(fitting, key=lambda one: one.scope == "window", default=None)


def elsewhere(keys: str, *, locked: bool) -> str:
    """What a key does in which places, in a sentence; empty where it does nothing anywhere.

    What edits a recipe that is ``locked`` is left out.
    """
    possible = (one for one in _with_keys(keys, typing=False) if not (locked and one.scope == "canvas"))
    places = {one.scope: one.label.rstrip("…") for one in possible}
    found = ", ".join(OVER[scope].format(action=label) for scope, label in places.items() if scope in OVER)
    return NOTHING_HERE.format(keys=keys, elsewhere=found) if found else ""


def _with_keys(keys: str, *, typing: bool) -> list[Action]:
    return [one for one in ACTIONS if keys in one.keys.split() and (one.anywhere or not typing)]
