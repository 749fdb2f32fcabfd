"""The window: panels around the canvas, the main loop, and nothing else. Only this thread touches Dear PyGui."""

import logging
import time
from collections.abc import Callable, Iterator
from functools import partial
from inspect import signature
from typing import Any, get_args

import dearpygui.dearpygui as dpg

import graingraph.app.gui.viewer.panel  # noqa: F401  (declares the viewer, as the other panels are by being imported)
from graingraph.app.document.names import title_in
from graingraph.app.document.session import Session
from graingraph.app.document.user_cache import user_cache
from graingraph.app.gui.base.letters import Letters
from graingraph.app.gui.base.nouns import NODE
from graingraph.app.gui.base.panel import PANELS, Panel, Place, panels_at
from graingraph.app.gui.base.pointer import pointer
from graingraph.app.gui.base.preferences import Preferences
from graingraph.app.gui.base.theme import DARK, LIGHT, bind_colors, canvas_theme, load_fonts, recolor
from graingraph.app.gui.canvas.controller import Canvas
from graingraph.app.gui.canvas.palette import PalettePopup
from graingraph.app.gui.canvas.state import NO_NODE_SELECTED
from graingraph.app.gui.canvas.view import CanvasView
from graingraph.app.gui.canvas.wire_search import WireSearch
from graingraph.app.gui.panels import inspector
from graingraph.app.gui.shell import clipboard, glfw, idle
from graingraph.app.gui.shell.application import Application, Scope
from graingraph.app.gui.shell.command_palette import CommandPalette
from graingraph.app.gui.shell.context_menu import ContextMenu
from graingraph.app.gui.shell.dialogs import Dialogs
from graingraph.app.gui.shell.file_drop import FileDrop
from graingraph.app.gui.shell.guard import Guard
from graingraph.app.gui.shell.key_focus import KeyFocus
from graingraph.app.gui.shell.keyboard import InputReader, somebody_types
from graingraph.app.gui.shell.menus import Menus
from graingraph.app.gui.shell.panel_windows import PanelWindows
from graingraph.app.gui.shell.pauses import Pauses
from graingraph.app.gui.shell.popups import Popups
from graingraph.app.gui.shell.scroll import Sideways
from graingraph.app.gui.shell.status_line import StatusLine
from graingraph.app.gui.shell.tutorial import Tutorial
from graingraph.app.gui.shell.warm_up import warm_up
from graingraph.app.rendering.geometry import Point
from graingraph.app.services.live_evaluation import LiveEvaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.values.wording import counted
from graingraph.nodes.imaging import kernel_cache

TITLE, TITLE_UNSAVED = "{name} - Graingraph", "• {name} - Graingraph"
SAVED, NOT_SAVED = "{name} (saved)", "{name} (not saved)"
PREPARING = "Preparing this machine for measuring, the first time only… (Ctrl+Period stops)"
COMPUTING = "Computing… (Ctrl+Period stops)"
COMPUTING_NODE = "Computing {node}… (Ctrl+Period stops)"
COMPUTING_PART_OF_NODE = "Computing {node} {part:.0%}… (Ctrl+Period stops)"

# parts of the window in which something can go wrong
A_COMMAND, A_MESSAGE = "a command", "a message of a thread"
THE_PLACES, THE_BORDERS = "the places of the panels", "the borders of the panels"
THE_MOUSE, THE_CANVAS, THE_EVALUATION = "the mouse", "the canvas", "the evaluation"
THE_COLORS, THE_LETTERS = "the colours", "the letters"
THE_PALETTE, THE_MENU, THE_MENUS, THE_DIALOGS = "the palette", "the menu", "the menus", "the dialogs"
THE_PANEL = "the panel {title}"

PLACES: tuple[Place, ...] = get_args(Place)
IDLE_AFTER_S = 1.0
FIRST_FRAMES = 12
"""So many are drawn in any case: panels take some to find their places, however slow the machine is."""
SETTLING_FRAMES = 6
"""So many are drawn after a change, however large the window is: a new diagram takes some to find its axes."""
LONG_TURN_S = 0.05
"""A longer turn of the main loop can be felt, and is noted in the log."""
MOST_WAIT_S = 5.0
"""How long the process waits for its threads after the window has gone."""


class Window:
    """The running window. ``tick`` is one turn of the main loop without drawing."""

    def __init__(self, session: Session, start: Preferences) -> None:
        dpg.create_context()
        dpg.configure_app(manual_callback_management=True)
        (width, height), ui_scale = start.size, start.ui_scale
        dpg.create_viewport(
            title="Graingraph", width=width, height=height, x_pos=0, y_pos=0, min_width=800, min_height=500
        )
        dpg.configure_viewport(0, disable_close=True)  # its cross asks, as Quit does
        load_fonts(ui_scale)
        canvas = Canvas(session, copy=dpg.set_clipboard_text, paste=clipboard.text)
        canvas.ui_scale, canvas.wheel_pans = ui_scale, start.wheel_pans
        canvas.zoom(ui_scale)
        colors = LIGHT if start.light else DARK
        self.app = Application(session, colors, ui_scale, canvas=canvas, text_size=ui_scale)
        self.app.layout, self.app.hears_of_drops = start.layout, glfw.library() is not None
        self.app.live = LiveEvaluation(self.app.session, self.app.post, Store(disk=user_cache(), later={}))
        bind_colors(self.app.colors, ui_scale)
        self._bound_colors = self.app.colors
        self.windows = PanelWindows(self.app)
        dpg.bind_item_theme(self.windows.slots["canvas"], canvas_theme(self.app.colors))
        self.panels: dict[str, Panel] = {}
        self.tabs: dict[str, int | str] = {}
        self._build_panels()
        self.view = CanvasView(canvas, self.windows.slots["canvas"], self.app.colors)
        self._menus = Menus(self.app)
        self.status_line = StatusLine(self.app, self.windows.status)
        self.palette = PalettePopup(self.app, canvas)
        self.commands = CommandPalette(self.app)
        self.wire_search = WireSearch(self.app, canvas)
        self.focus = KeyFocus(self.app, self.windows.slots, lambda: self.windows.boxes)
        self.context_menu = ContextMenu(self.app, lambda: Point(*self.windows.boxes["canvas"][:2]))
        self.dialogs = Dialogs(self.app)
        self.tutorial = Tutorial(self.app)
        self.popups = Popups(self.windows.status)
        self.letters = Letters(self.app, self._write_anew)
        self._clicked: Scope = "canvas"
        self.reader = InputReader(
            self.app, lambda: self.windows.boxes["canvas"], self._over_canvas, self._intercept, self._scope
        )
        self.after_turn: Callable[[Window], object] | None = None
        self.script: Iterator[None] | None = None
        self._guard = Guard(session)
        self._pauses = Pauses()
        self._fitted = self._hovers = False
        self._title = ""
        self._connect()

    def _connect(self) -> None:
        """Give the actions and the panels what the parts of the window do for them."""
        app, dialogs = self.app, self.dialogs
        dpg.set_exit_callback(app.quit)
        app.fit_selected, app.canvas.on_request = app.canvas.fit, app.on_request
        app.show_panel, app.panel_key, app.give_up = self._show_panel, self._panel_key, self._give_up
        app.find = lambda what: self.commands.ask(what, (self.windows.area.right, self.windows.area.bottom))
        app.ask_path, app.ask, app.ask_text = dialogs.ask_path, dialogs.ask, dialogs.ask_text
        app.ask_images, app.ask_recipe = dialogs.ask_images, dialogs.ask_recipe
        app.show_help, app.describe = dialogs.show_help, dialogs.describe
        app.show_tutorial, app.show_about = self.tutorial.toggle, dialogs.show_about
        app.choose_recipe, app.open_recipe, app.open_shipped = app.ask_open, app.open, app.open_example
        app.put_recipe = app.put_in_middle
        app.open_menu = self.context_menu.open
        app.open_menus = lambda: self.context_menu.open_all(Point(0, self.windows.area.top))
        app.next_panel, app.go_to_settings = self.focus.step, self._go_to_settings
        app.keys_to_picture = self.focus.to_picture

    # the main loop -----------------------------------------------------------------------------------------------

    def run(self) -> Preferences:
        """Show the window until it is closed; returns how the person left it."""
        dpg.setup_dearpygui()
        dpg.show_viewport()
        self.app.wake = idle.waker()
        across = Sideways(lambda steps: self.app.events.put(lambda: self.reader.sideways(steps)))
        drop = FileDrop(lambda paths: self.app.events.put(lambda: self.app.take_dropped(paths)))
        busy_until = time.monotonic() + IDLE_AFTER_S
        revision, settled = -1, FIRST_FRAMES
        while dpg.is_dearpygui_running() and not self.app.quitting:
            dpg.render_dearpygui_frame()
            if dpg.get_frame_count() == 2:
                across.listen()
                drop.listen()
            elif dpg.get_frame_count() == FIRST_FRAMES:
                warm_up()
            self._tick_timed()
            now, frame = time.monotonic(), dpg.get_frame_count()
            changed = self.app.session.revision != revision or self.reader.last_input > now - IDLE_AFTER_S
            if frame < FIRST_FRAMES or changed:
                revision = self.app.session.revision
                busy_until, settled = now + IDLE_AFTER_S, frame + SETTLING_FRAMES
            while now > busy_until and frame >= settled and not self.app.quitting and self.app.events.empty():
                waited = time.monotonic()
                idle.wait(1.0)
                if time.monotonic() - waited < 0.95:
                    busy_until = time.monotonic() + 0.1
                    break
        self.app.add_waiting()
        left = self._preferences()
        self.dialogs.end()
        self.letters.end()
        self.app.wake = lambda: None
        dpg.destroy_context()
        self._end_work()
        return left

    def _end_work(self) -> None:
        """Have every thread end that can end soon: one that is inside a library at the end would abort the process."""
        end = time.monotonic() + MOST_WAIT_S
        running = self.app.running
        for work in running:
            work.stop()
        self.app.live.close(MOST_WAIT_S)
        for work in running:
            work.wait(max(0.0, end - time.monotonic()))

    def _preferences(self) -> Preferences:
        app = self.app
        size = dpg.get_viewport_width(), dpg.get_viewport_height()
        return Preferences(app.colors is LIGHT, app.canvas.wheel_pans, app.text_size, size, app.layout)

    def _tick_timed(self) -> None:
        start = time.monotonic()
        self.tick()
        took = time.monotonic() - start
        if took > LONG_TURN_S:
            logging.getLogger(__name__).debug("a turn of the main loop took %.0f ms", 1000 * took)

    def tick(self) -> None:
        """Run callbacks and posted events, read the mouse, and bring every panel in step with the session.

        Every part is guarded: a mistake in one is said, and the others do their work.
        """
        guard = self._guard
        self._pauses.shorten()
        for callback, *given in dpg.get_callback_queue() or ():
            if callback is not None:
                guard(A_COMMAND, partial(_call, callback, given))
        while not self.app.events.empty():
            guard(A_MESSAGE, self.app.events.get())
        self.app.typing = somebody_types()
        over = self._something_over()
        self.focus.refresh(covered=over or self.popups.open)
        among = self.focus.among_widgets and not over
        self.popups.refresh(by_keys=among or self.dialogs.is_question, at_once=among)
        guard(THE_PLACES, self.windows.place)
        self._note_click()
        guard(THE_BORDERS, lambda: self.windows.drag_border(covered=self._something_over()))
        guard(THE_MOUSE, self.reader.poll)
        if not self._fitted and dpg.get_frame_count() > 2:
            self._fitted = True
            guard(THE_CANVAS, self.app.canvas.fit)
        guard(THE_EVALUATION, self.app.live.follow)
        guard(THE_COLORS, self._sync_theme)
        if dpg.get_frame_count() > 1:
            guard(THE_CANVAS, lambda: self.view.sync(guard))
        for title, panel in self.panels.items():
            guard(THE_PANEL.format(title=title), panel.refresh)
        guard(THE_PALETTE, self._refresh_palette)
        guard(THE_MENU, self._refresh_menu)
        guard(THE_DIALOGS, self.dialogs.refresh)
        guard(THE_DIALOGS, self.tutorial.refresh)
        if self.app.leaving and not self.app.running:
            self.app.quitting = True
        guard(THE_MENUS, self._refresh_words)
        guard(THE_LETTERS, self.letters.refresh)
        if self.script:
            next(self.script, None)
            self.app.session.revision += 1
        if self.after_turn:
            self.after_turn(self)

    # building ----------------------------------------------------------------------------------------------------

    def _build_panels(self) -> None:
        for place in PLACES:
            kinds = panels_at(place)
            made = {kind.title: kind.make(self.app) for kind in kinds}
            self.panels |= made
            if len(made) == 1:
                made[kinds[0].title].build(self.windows.slots[place])
            elif made:
                with dpg.tab_bar(parent=self.windows.slots[place]):
                    for title, panel in made.items():
                        with dpg.tab(label=title) as tab:
                            self.tabs[title] = tab
                            panel.build(tab)

    # what has the mouse and the keys -----------------------------------------------------------------------------

    def _note_click(self) -> None:
        if dpg.is_mouse_button_clicked(dpg.mvMouseButton_Left):
            self._clicked = self._scope()

    def _something_over(self) -> bool:
        lists = (self.palette, self.commands, self.wire_search, self.dialogs, self.context_menu)
        return any(one.is_open for one in lists)

    def _over_canvas(self) -> bool:
        """Whether the pointer is over the canvas and nothing else; while a button is down, as it was before."""
        if not any(dpg.is_mouse_button_down(button) for button in range(3)):
            self._hovers = dpg.is_item_hovered(self.windows.slots["canvas"])
        return self._hovers and not self.windows.dragged and not self._something_over()

    def _intercept(self, key: str) -> bool:
        """Whether a key is for what is open over the panels."""
        over = self.popups.open or (key == "Escape" and (self.popups.may_be_open or self.context_menu.is_open))
        lists = (self.dialogs, self.palette, self.commands, self.wire_search)
        taken = over or any(one.key(key) for one in lists) or self.focus.key(key)
        if taken and key == "Escape":
            self.popups.close()
            self.app.closed_at = time.monotonic()
        return taken

    def _scope(self) -> Scope:
        """The place whose keys work: it has the keyboard, is under the pointer, or beside all was clicked last."""
        if self.focus.slot:
            return self.focus.slot
        return self.windows.slot_at(pointer()) or self._clicked

    def _panel_key(self, scope: Scope, key: str) -> bool:
        return any(panel.key(key) for title, panel in self.panels.items() if PANELS[title].place == scope)

    def _go_to_settings(self) -> None:
        if not self.app.session.selection:
            self.app.canvas.complain(NO_NODE_SELECTED)
            return
        self._show_panel(inspector.TITLE)
        self.focus.give("right", self.panels[inspector.TITLE].first_widget)

    def _show_panel(self, title: str) -> None:
        tab = self.tabs.get(title)
        if tab is not None:
            dpg.set_value(dpg.get_item_parent(tab) or 0, tab)

    def _give_up(self) -> bool:
        return any(panel.give_up() for panel in self.panels.values())

    # keeping in step ---------------------------------------------------------------------------------------------

    def _refresh_palette(self) -> None:
        canvas, box, area = self.app.canvas, self.windows.boxes["canvas"], self.windows.area
        if dpg.is_mouse_button_clicked(dpg.mvMouseButton_Left):
            here = pointer()
            if self.palette.is_open and not self.palette.holds(here.x, here.y):
                canvas.palette = None
            if self.commands.is_open and not self.commands.holds(here.x, here.y):
                self.commands.hide()
            if self.wire_search.is_open and not self.wire_search.holds(here.x, here.y):
                canvas.wiring = ""
        node = canvas.scene.boxes.get(canvas.wiring)
        beside = canvas.viewpoint.to_screen((node.box.right, node.box.top) if node else (0, 0))
        self.wire_search.refresh(beside.moved(box.left, box.top), (area.right, area.bottom))
        at = canvas.viewpoint.to_screen(canvas.palette.at if canvas.palette else Point(0, 0))
        self.palette.refresh(at.moved(box.left, box.top), (area.right, area.bottom))

    def _refresh_menu(self) -> None:
        """Open the menu of a right click on something in a panel; the canvas, where that button pans, asks itself."""
        here = pointer()
        if dpg.is_mouse_button_clicked(dpg.mvMouseButton_Right) and not self._something_over():
            slot = self.windows.slot_at(here)
            inside = (panel for title, panel in self.panels.items() if PANELS[title].place == slot)
            target = next((found for panel in inside if (found := panel.pointed(here))), None)
            if target:
                self.context_menu.open(target)
        self.context_menu.refresh()

    def _sync_theme(self) -> None:
        if self.app.colors is not self._bound_colors:
            recolor(self._bound_colors, self.app.colors)
            self._bound_colors = self.app.colors
            bind_colors(self.app.colors, self.app.ui_scale)
            dpg.bind_item_theme(self.windows.slots["canvas"], canvas_theme(self.app.colors))
        if self.view.colors is not self.app.colors or dpg.get_frame_count() == 1:
            self.view.recolor(self.app.colors)

    def _write_anew(self) -> None:
        """Measure texts again that are cut to the room there is: letters are as wide as another font has them."""
        self.app.letters += 1
        self.app.session.revision += 1
        self.view.rewrite()

    def _refresh_words(self) -> None:
        session = self.app.session
        name = session.title
        title = (TITLE_UNSAVED if session.dirty else TITLE).format(name=name)
        if title != self._title:
            self._title = title
            dpg.set_viewport_title(title)
        self._menus.refresh()
        steps = len(session.recipe.steps)
        saved = SAVED.format(name=name) if session.path else name
        document = NOT_SAVED.format(name=name) if session.dirty else saved
        said = self._computing if self.app.live.busy else session.latest
        self.status_line.refresh(document, counted(steps, NODE), said)

    @property
    def _computing(self) -> str:
        """What is said while something is computed."""
        if kernel_cache.is_compiling():
            return PREPARING
        running = ((node, s) for node, s in self.app.session.statuses.items() if s.state == "running")
        node, status = next(running, ("", None))
        if not node:
            return COMPUTING
        title = title_in(self.app.session.recipe, node)
        if status and status.progress:
            return COMPUTING_PART_OF_NODE.format(node=title, part=status.progress)
        return COMPUTING_NODE.format(node=title)


def _call(callback: Callable[..., object], given: list[Any]) -> None:
    """Call a callback of Dear PyGui with as many of sender, value and user data as it takes."""
    callback(*given[: len(signature(callback).parameters)])


def show(
    session: Session,
    start: Preferences,
    *,
    script: Callable[[Window], Iterator[None]] | None = None,
    after_turn: Callable[[Window], object] | None = None,
) -> Preferences:
    """Open the window on a session; returns how it was left when it is closed.

    A ``script`` is taken one step further each turn of the main loop, and ``after_turn`` called at its end.
    """
    window = Window(session, start)
    window.after_turn = after_turn
    window.script = script(window) if script else None
    return window.run()
