"""The running window as tests see it: it writes to a file where things are, and takes pictures on request."""

import ctypes
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg
import orjson

from graingraph.app.gui.base.pointer import BUTTONS, pointer
from graingraph.app.gui.shell import glfw
from graingraph.app.gui.shell.window import Window
from tests.support.cut_texts import cut_texts

REPEAT = tuple(ctypes.c_float(seconds).value for seconds in (0.275, 0.05))
"""``KeyRepeatDelay`` and ``KeyRepeatRate``, which follow each other in ``ImGuiIO``, as they are at first."""
SETTINGS_LOOKED_AT = 64
"""They are among so many numbers of 4 bytes at its beginning."""
NEVER_S = 1e9

SETTLED = 3
"""After so many turns in which nothing moved, things are where a click will find them."""


class Probe:
    """Writes its state as JSON after every frame in which something changed (temporary file, rename).

    A file ``<name>.shot`` beside it holding a path asks for a screenshot there; it is removed when that is taken. A
    file ``<name>.ping`` becomes ``<name>.pong`` at the end of a turn, and holds the time of that, and a file
    ``<name>.words`` becomes ``<name>.cut``, and holds what cannot be read.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._request = file.with_suffix(".shot")
        self._ping, self._words = file.with_suffix(".ping"), file.with_suffix(".words")
        self._written = b""
        self._boxes: object = None
        self._same = 0
        self._pointer: object = None
        self._rested = 0
        self._turns = 0

    def write(self, window: Window) -> None:
        """Write the state if it changed; take a picture if one was asked for."""
        state = _state(window)
        shown = ("panels", "widgets", "nodes", "menu", "palette in sight", "facts")
        boxes = [box for part in shown for box in _boxes_in(state[part])]
        self._same = self._same + 1 if boxes == self._boxes else 0
        self._boxes = boxes
        here = list(pointer())
        self._rested = min(self._rested + 1, 2) if here == self._pointer else 0
        self._pointer = here
        seen = {"pointer": here, "rested": self._rested, "down": [dpg.is_mouse_button_down(b) for b in BUTTONS]}
        data = orjson.dumps(state | seen | {"settled": self._same >= SETTLED})
        if data != self._written:
            self._written = data
            temporary = self._file.with_suffix(".part")
            temporary.write_bytes(data)
            temporary.replace(self._file)
        self._turns += 1
        if self._turns == 1:
            _let_no_key_repeat()
        if self._ping.exists():
            self._ping.write_text(str(time.monotonic()))
            self._ping.replace(self._ping.with_suffix(".pong"))
        if self._words.exists():
            self._words.write_bytes(orjson.dumps(cut_texts(window.app.ui_scale)))
            self._words.replace(self._words.with_suffix(".cut"))
        if self._request.exists():
            target = self._request.read_text()
            self._request.unlink()
            dpg.output_frame_buffer(target)


def _boxes_in(told: object) -> Iterator[Sequence[float]]:
    """The boxes in what is told, which may lie in dicts in dicts: four numbers each."""
    if isinstance(told, dict):
        for inner in told.values():
            yield from _boxes_in(inner)
    elif isinstance(told, list | tuple) and len(told) == 4 and all(isinstance(side, int | float) for side in told):
        yield told


def _let_no_key_repeat() -> None:
    """Have a key that is held count once, as on the X server of the tests.

    Dear ImGui repeats it by its own clock from 0.275 s on, which on a busy machine is one turn of the main loop: what
    was on the clipboard was pasted two or three times.
    """
    library = glfw.library()
    if library is None:
        return
    library._ZN5ImGui5GetIOEv.argtypes, library._ZN5ImGui5GetIOEv.restype = [], ctypes.c_void_p
    settings = (ctypes.c_float * SETTINGS_LOOKED_AT).from_address(library._ZN5ImGui5GetIOEv())
    delay = next(k for k, pair in enumerate(pairwise(settings)) if pair == REPEAT)
    settings[delay] = NEVER_S


def _state(window: Window) -> dict[str, Any]:
    app, boxes = window.app, window.windows.boxes
    session, canvas = app.session, app.canvas
    corner = boxes["canvas"]

    def place(x: float, y: float) -> list[float]:
        at = canvas.viewpoint.to_screen((x, y))
        return [at.x + corner.left, at.y + corner.top]

    return {
        "ready": dpg.get_frame_count() > 4,
        "keys": window.reader.keys_seen,
        "document": session.document,
        "locked": session.recipe.locked,
        "popup": window.popups.may_be_open,
        "panels": {slot: list(box) for slot, box in boxes.items()},
        "buttons": {node: place(*box.button.centre) for node, box in canvas.scene.boxes.items() if box.button},
        "nodes": {node: [*place(*box.box[:2]), *place(*box.box[2:])] for node, box in canvas.scene.boxes.items()},
        "inputs": {f"{s.node}.{s.name}": place(*s.at) for s in canvas.scene.spots.values() if not s.is_output},
        "outputs": {f"{s.node}.{s.name}": place(*s.at) for s in canvas.scene.spots.values() if s.is_output},
        "wires": [f"{w.source}.{w.output} > {w.target}.{w.input}" for w in session.recipe.wires],
        "settings": {node: dict(step.settings) for node, step in session.recipe.steps.items()},
        "changes": dict(session.changes),
        "muted": [node for node, step in session.recipe.steps.items() if step.muted],
        "frames": [frame.text for frame in session.recipe.layout.frames],
        "selection": sorted(session.selection),
        "viewed": list(session.viewed) if session.viewed else None,
        "statuses": {node: session.status(node).state for node in session.statuses},
        "headlines": {node: status.headline for node, status in session.statuses.items() if status.headline},
        "images": [path.name for path in session.images],
        "path": str(session.path) if session.path else None,
        "dirty": session.dirty,
        "undo": session.undo_label,
        "redo": session.redo_label,
        "wire search": window.wire_search.offered if window.wire_search.is_open else None,
        "focus": window.focus.slot,
        "palette": window.palette.offered if window.palette.is_open else None,
        "commands": window.commands.offered if window.commands.is_open else None,
        "titles": {node: box.title for node, box in canvas.scene.boxes.items()},
        "menu": {entry: list(box) for entry, box in window.context_menu.boxes.items()},
        "ticked": window.context_menu.ticked,
        "palette in sight": window.palette.in_sight if window.palette.is_open else {},
        **window.dialogs.facts,
        "complaint": canvas.complaint,
        "tip": window.view.tip,
        "reason": getattr(canvas.gesture, "reason", None) or "",
        "gesture": type(canvas.gesture).__name__ if canvas.gesture else "",
        "viewpoint": [canvas.viewpoint.zoom, canvas.viewpoint.x, canvas.viewpoint.y],
        "typing": app.typing,
        "letters": window.letters.added,
        "status": session.latest,
        "messages": [message.text for message in session.messages],
        "widgets": _widgets(window),
        "facts": {title: getattr(panel, "facts", {}) for title, panel in window.panels.items()},
    }


def _widgets(window: Window) -> dict[str, list[float]]:
    """The boxes of the panels' widgets that a test may want to click, by name."""
    boxes: dict[str, list[float]] = {}
    tabs = {f"tab {title}": tab for title, tab in window.tabs.items()}
    for widgets in (
        tabs,
        window.dialogs.widgets,
        window.tutorial.widgets,
        window.status_line.widgets,
        *(getattr(panel, "widgets", {}) for panel in window.panels.values()),
    ):
        boxes |= _boxes(widgets)
    return boxes


def _boxes(widgets: Mapping[str, int | str]) -> dict[str, list[float]]:
    boxes = {}
    for name, item in widgets.items():
        state = dpg.get_item_state(item) if dpg.does_item_exist(item) else {}
        if "rect_min" in state and state["rect_size"][0] > 0:
            boxes[name] = [*state["rect_min"], *state["rect_max"]]
    return boxes
