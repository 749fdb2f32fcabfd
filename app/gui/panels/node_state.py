"""What state a node is in and why, and what is to be known of its result, above its settings in the inspector."""

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.text import at_most
from graingraph.app.gui.base.theme import FONT_SIZE, FRAME_PADDING, TIP_WIDE
from graingraph.engine.values.notes import gravest_first, texts

NOT_COMPUTED = "Not computed yet."

SHOWN, MOST = 3, 12
"""So many remarks are shown, and when pointed at; the settings below stay in sight."""


class NodeState:
    """Sentences in a box that is two lines high, so that widgets below it move only where a sentence is longer."""

    def __init__(self, app: AppContext) -> None:
        self._app = app
        self._box: int | str | None = None
        self._why: int | str = 0
        self._remarks: int | str = 0
        self._more: int | str = 0
        self._seen: tuple[object, ...] = ()

    def build(self, parent: int | str) -> None:
        """Make the empty box, and the line for remarks below it."""
        self._seen = ()
        box = {"height": self._least_height, "border": False, "no_scrollbar": True, "parent": parent}
        with dpg.child_window(**box) as self._box:
            self._why = dpg.add_text("", wrap=0)
        self._remarks = dpg.add_text("", wrap=0, show=False, parent=parent)
        with dpg.tooltip(self._remarks):
            self._more = dpg.add_text("", wrap=round(TIP_WIDE * self._app.ui_scale))

    def clear(self) -> None:
        """Forget the widgets, which have been deleted."""
        self._box = None

    def refresh(self, node: str) -> None:
        """Say what is to be said of the node now; while a mouse button is held, nothing below it moves."""
        if self._box is None:
            return
        session, colors = self._app.session, self._app.colors
        held = dpg.is_mouse_button_down(dpg.mvMouseButton_Left)
        seen = (session.revision, id(self._app.live.evaluation), colors, held)
        if seen != self._seen:
            self._seen = seen
            status = session.status(node)
            dpg.set_value(self._why, status.why or NOT_COMPUTED)
            dpg.configure_item(self._why, color=colors.states[status.state])
            if not held:
                why = status.why.lower()
                remarks = [remark for remark in self._remarks_on(node) if remark.lower() not in why]
                dpg.set_value(self._remarks, "\n".join(at_most(remarks, SHOWN)))
                dpg.set_value(self._more, "\n".join(at_most(remarks, MOST)))
                dpg.configure_item(self._remarks, show=bool(remarks), color=colors.states["running"])
        padding = FRAME_PADDING[1] * self._app.ui_scale  # a text stands so far below the top, as the words of a button
        height = max(self._least_height, round(dpg.get_item_rect_size(self._why)[1] + padding))
        if height != dpg.get_item_height(self._box) and not held:
            dpg.configure_item(self._box, height=height)

    @property
    def _least_height(self) -> int:
        return round(2 * FONT_SIZE * 1.35 * self._app.ui_scale)

    def _remarks_on(self, node: str) -> tuple[str, ...]:
        """What is to be known of its result that its inputs do not say."""
        recipe, value = self._app.session.recipe, self._app.live.value
        result = value(node)
        if result is None or not result.notes:
            return ()
        inputs = (value(wire.source, wire.output) for wire in recipe.wires if wire.target == node)
        known = {note for one in inputs if one is not None for note in one.notes}
        return texts(note for note in gravest_first(result.notes) if note not in known)
