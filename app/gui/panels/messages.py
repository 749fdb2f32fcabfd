"""The messages: problems and remarks, newest first; a click goes to the node they are about."""

import dearpygui.dearpygui as dpg

from graingraph.app.document.names import title_in
from graingraph.app.document.status import Message
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.panel import Panel, panel

NOTHING_TO_REPORT = "Nothing to report."


@panel("Messages", place="bottom", order=40)
class Messages(Panel):
    """The list of what the program had to say."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self._shown: list[Message] = []
        self._list: int | str = 0

    def build(self, parent: int | str) -> None:
        """Make the list."""
        self._list = dpg.add_group(parent=parent)
        dpg.add_text(NOTHING_TO_REPORT, parent=self._list, color=self._app.colors.faint)

    def refresh(self) -> None:
        """Show new messages."""
        messages = self._app.session.messages
        if messages == self._shown:
            return
        self._shown = list(messages)
        dpg.delete_item(self._list, children_only=True)
        for message in reversed(messages[-100:]):
            color = {"error": "failed", "warning": "running", "info": "fresh"}[message.level]
            with dpg.group(horizontal=True, parent=self._list):
                dpg.add_text("●", color=self._app.colors.states[color])
                place = ", ".join(
                    part
                    for part in (message.image, message.node and title_in(self._app.session.recipe, message.node))
                    if part
                )
                if message.node:
                    dpg.add_button(label=place, small=True, user_data=message.node, callback=self._go)
                elif place:
                    dpg.add_text(place, color=self._app.colors.faint)
                dpg.add_text(message.text, wrap=0)

    def _go(self, sender: int, value: object, node: str) -> None:
        if node in self._app.session.recipe.steps:
            self._app.session.select([node])
            self._app.fit_selected()
