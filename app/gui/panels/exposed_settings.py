"""The exposed settings of a recipe, or of some of its nodes, under the author's labels: a form of widgets."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg

from graingraph.app.document import commands
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.theme import TIP_WIDE
from graingraph.app.gui.panels.setting_widgets import SettingWidget
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import Exposed
from graingraph.engine.recipe.recipe import Recipe

MODEL_FILE = "Model file"


class ExposedSettings:
    """Widgets by node and setting, put where Dear PyGui stands when they are built."""

    def __init__(self, app: AppContext) -> None:
        self._app = app
        self._values: dict[tuple[str, str], Any] = {}
        self.fields: dict[tuple[str, str], SettingWidget] = {}

    def build(self, recipe: Recipe, items: Iterable[Exposed]) -> None:
        """Make the widgets of these settings, one for those that are linked, and forget those of before."""
        self.clear()
        for item in recipe.first_of_linked(items):
            self._add(recipe, item)

    def clear(self) -> None:
        """Forget the widgets, which have gone with what they lay in."""
        self.fields.clear()
        self._values.clear()

    def commit(self) -> None:
        """Take what is typed but not entered yet."""
        for field in list(self.fields.values()):
            field.commit()

    def show_values(self, recipe: Recipe) -> None:
        """Show values that came from elsewhere."""
        for (node, name), field in self.fields.items():
            step = recipe.steps.get(node)
            value = step.settings.get(name) if step else None
            if step and value != self._values[node, name]:
                self._values[node, name] = value
                field.show(value)

    def _add(self, recipe: Recipe, item: Exposed) -> None:
        setting = recipe.setting(item.node, item.setting)
        if setting is None:
            return
        unit = f" ({setting.unit})" if setting.unit else ""
        if setting.kind is not bool:
            dpg.add_text(f"{item.label}{unit}", wrap=0)
        named = replace(setting, label=item.label)
        value = recipe.steps[item.node].settings.get(item.setting, setting.default)
        key = (item.node, item.setting)
        field = SettingWidget(named, value, self._setter(*key), lambda: self._choose_model(*key), self._complain)
        with dpg.tooltip(field.item):
            dpg.add_text(setting.help, wrap=round(TIP_WIDE * self._app.ui_scale))
        self.fields[key], self._values[key] = field, value

    def _complain(self, reason: str) -> None:
        self._app.session.say(reason, "warning", until_edit=True)

    def _setter(self, node: str, name: str) -> Callable[[Any], None]:
        def changed(value: Any) -> None:
            session = self._app.session
            try:
                session.do(commands.set_value(session.recipe, node, name, value))
            except Problem as problem:
                self._complain(problem.message)
                self.fields[node, name].show(session.recipe.steps[node].settings[name])

        return changed

    def _choose_model(self, node: str, name: str) -> None:
        setter = self._setter(node, name)
        self._app.ask_path(
            MODEL_FILE,
            Path.cwd(),
            "file",
            lambda path: setter(self._app.session.model_reference(path)),
            endings=(".onnx",),
        )
