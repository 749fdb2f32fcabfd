"""The inspector: a widget for each setting of the selected node, made from its declaration."""

from typing import Any, get_args, get_origin

import dearpygui.dearpygui as dpg

from app import commands
from app.desk import Desk
from engine.node import NodeType
from engine.problem import Problem
from engine.recipe import Step
from engine.settings import Setting


class Inspector:
    """Shows the one selected node. A value out of range is refused with a message and the widget goes back."""

    title = "Inspector"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._node: str | None = None
        self._step: Step | None = None
        self._applying: list[str] = []
        self._widgets: dict[str, int | str] = {}
        self._body: int | str = 0

    @property
    def widgets(self) -> dict[str, int | str]:
        """The widget of each setting that is shown."""
        return self._widgets

    def build(self, parent: int | str) -> None:
        """Make the empty inspector."""
        self._body = dpg.add_group(parent=parent)
        self._show_nothing("Select a node to see its settings.")

    def refresh(self) -> None:
        """Show the selected node, its values, and only the settings that apply."""
        session = self._desk.session
        node = next(iter(session.selection)) if len(session.selection) == 1 else None
        step = session.recipe.steps.get(node) if node else None
        if node != self._node or (step is not None and self._step is not None and step.type != self._step.type):
            self._node, self._step = node, step
            self._rebuild()
        elif step is not self._step and step is not None:
            self._step = step
            if step.declared and self._applicable(step.declared, step) != self._applying:
                self._rebuild()
            else:
                self._show_values()

    def _rebuild(self) -> None:
        dpg.delete_item(self._body, children_only=True)
        self._widgets.clear()
        if self._step is None:
            many = len(self._desk.session.selection)
            self._show_nothing(f"{many} nodes are selected." if many else "Select a node to see its settings.")
            return
        declared = self._step.declared
        dpg.add_text(self._step.type, parent=self._body)
        if declared is None:
            self._show_nothing("This program does not know this node; it is kept as it is.")
            return
        dpg.add_text(declared.summary, wrap=0, color=self._desk.colors.faint, parent=self._body)
        dpg.add_separator(parent=self._body)
        self._applying = self._applicable(declared, self._step)
        for name in self._applying:
            setting = declared.setting(name)
            if setting:
                self._add_setting(setting, self._step.settings.get(name, setting.default))
        if declared.help:
            with dpg.collapsing_header(label="Help", parent=self._body):
                dpg.add_text(declared.help, wrap=0)

    def _show_nothing(self, sentence: str) -> None:
        dpg.add_text(sentence, wrap=0, color=self._desk.colors.faint, parent=self._body)

    def _applicable(self, declared: NodeType, step: Step) -> list[str]:
        values = {**declared.defaults(), **step.settings}
        return [setting.name for setting in declared.settings if setting.applies(values)]

    def _add_setting(self, setting: Setting, value: Any) -> None:
        unit = f" ({setting.unit})" if setting.unit else ""
        with dpg.group(parent=self._body):
            with dpg.group(horizontal=True):
                dpg.add_text(f"{setting.label.capitalize()}{unit}")
                if value != setting.default:
                    reset = dpg.add_button(label="↺", small=True, user_data=setting, callback=self._reset)
                    with dpg.tooltip(reset):
                        dpg.add_text(f"Back to {setting.default}")
            widget = self._widget(setting, value)
            self._widgets[setting.name] = widget
            with dpg.tooltip(widget):
                dpg.add_text(f"{setting.help}\n({setting.describe()}; default {setting.default})", wrap=360)

    def _widget(self, setting: Setting, value: Any) -> int | str:
        shared: dict[str, Any] = {"width": -1, "user_data": setting.name, "callback": self._changed}
        limits = setting.range
        if setting.choices:
            return dpg.add_combo(setting.choices, default_value=value, **shared)
        if setting.kind is bool:
            return dpg.add_checkbox(default_value=value, user_data=setting.name, callback=self._changed)
        if setting.kind is int and limits:
            return dpg.add_slider_int(
                default_value=value, min_value=int(limits.low), max_value=int(limits.high), **shared
            )
        if setting.kind is int:
            return dpg.add_input_int(default_value=value, step=0, on_enter=True, **shared)
        if setting.kind is float and limits:
            return dpg.add_slider_float(
                default_value=value, min_value=limits.low, max_value=limits.high, format="%.4g", **shared
            )
        if setting.kind is float:
            return dpg.add_input_float(default_value=value, step=0, format="%.6g", on_enter=True, **shared)
        if get_origin(setting.kind) is tuple:
            fields = ", ".join(get_args(setting.kind)[0]._fields)
            return dpg.add_text(f"{len(value)} rows of {fields}", wrap=0)
        return dpg.add_input_text(default_value=value, **shared)

    def _changed(self, sender: int, value: Any, name: str) -> None:
        self._set(name, value)

    def _reset(self, sender: int, value: Any, setting: Setting) -> None:
        self._desk.session.seal()
        self._set(setting.name, setting.default)
        self._rebuild()

    def _set(self, name: str, value: Any) -> None:
        session = self._desk.session
        if self._node is None or self._node not in session.recipe.steps:
            return
        try:
            session.do(commands.set_value(session.recipe, self._node, name, value))
        except Problem as problem:
            session.report(problem)
            self._show_values()

    def _show_values(self) -> None:
        if self._step is None:
            return
        for name, widget in self._widgets.items():
            value = self._step.settings.get(name)
            if not isinstance(value, list) and dpg.get_value(widget) != value:
                dpg.set_value(widget, value)
