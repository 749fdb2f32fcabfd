"""The inspector: the selected node with its state, and a widget for each setting that has an effect."""

from collections.abc import Collection, Sequence
from typing import Any

import dearpygui.dearpygui as dpg

from graingraph.app.document import commands, layer_edits
from graingraph.app.document.model_trial import model_applied
from graingraph.app.document.names import setting_title, title_in
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.icons import icon
from graingraph.app.gui.base.nouns import NODE, ROW
from graingraph.app.gui.base.panel import Panel, panel
from graingraph.app.gui.base.theme import TIP_WIDE, in_font
from graingraph.app.gui.panels.exposed_settings import ExposedSettings
from graingraph.app.gui.panels.level_histogram import LevelHistogram
from graingraph.app.gui.panels.model_trial import ModelTrial
from graingraph.app.gui.panels.node_state import NodeState
from graingraph.app.gui.panels.setting_widgets import SettingWidget, heading
from graingraph.engine.declare.models import user_folder
from graingraph.engine.declare.node import NodeType
from graingraph.engine.declare.settings import ModelFile, Setting
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.groups import steps_in
from graingraph.engine.recipe.parts import SettingRef, Step
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values.wording import counted

TITLE = "Inspector"
SELECT_A_NODE = "Select a node to see its settings."
NODES_SELECTED = "{count} nodes are selected."
ON_COMMAND_LINE = "On the command line: --set {node}.SETTING=VALUE"
ALL_OF_THEM = "What is changed here changes in all of them; the values shown are those of the first."
UNKNOWN_NODE = "This program does not know this node; it is kept as it is."
CLASSES_ONE_BY_ONE = "Classes are changed one node at a time; select one node."
HELP = "Help"
GROUP_OF = "A group of {nodes}: {titles}."
SETTINGS_OF_GROUP = "Settings that operators see:"
NO_SETTINGS_OF_GROUP = "A double-click opens it. Settings in it that are shown to operators are shown here as well."
WHAT_A_SETTING_DOES = "{help}\n({kind}; default {default})"
DIFFERS = "(differs)"
LINKED_WITH = "(linked: {settings})"
FOR_OPERATORS = "(operators)"
WHAT_THE_MENU_OFFERS = "Back to the default, show to operators, link to another setting"
BACK_TO = "Back to {default}"
SHOW_TO_OPERATORS = "Show to operators"
LINK_TO = "Link to"
UNLINK = "Unlink"
NONE = "none"
CHOOSE_A_MODEL = "Choose a model"

TIP_AFTER_S = 0.5

MOST_LINKABLE = 40
"""So many settings are offered to be linked to."""


@panel(TITLE, place="right", order=10)
class Inspector(Panel):
    """Shows the selected node, or several of one type, whose settings are then changed alike.

    A value out of range is refused with a message and the widget goes back.
    """

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self._node: str | None = None
        self._alike: tuple[str, ...] = ()
        """All selected nodes, where they are of one type; the first of them is shown."""
        self._step: Step | None = None
        self._shape: tuple[object, ...] = ()
        self._followed: tuple[object, object] = (None, None)
        """The recipe and the selection that are shown."""
        self._settings: dict[str, SettingWidget] = {}
        self._labels: dict[str, int | str] = {}
        self._body: int | str = 0
        self._state = NodeState(app)
        self._histogram = LevelHistogram(app)
        self._trial = ModelTrial(app)
        self._of_group = ExposedSettings(app)

    @property
    def widgets(self) -> dict[str, int | str]:
        """The widget of each setting that is shown; of one in a group by the node's id as well."""
        inside = {f"{node}.{name}": field.item for (node, name), field in self._of_group.fields.items()}
        own = {name: widget.item for name, widget in self._settings.items()}
        return inside | own | ({"trial": self._trial.picture} if self._trial.picture else {})

    @property
    def first_widget(self) -> int | str | None:
        """The widget of the first setting."""
        return next(iter(self.widgets.values()), None)

    def build(self, parent: int | str) -> None:
        """Make the empty inspector."""
        self._body = dpg.add_group(parent=parent)
        self._say(SELECT_A_NODE)
        self._app.commits.append(self.commit)

    def refresh(self) -> None:
        """Show the selected node, its state and values, and only the settings that apply."""
        session = self._app.session
        recipe, selection = session.recipe, session.selection
        if recipe is not self._followed[0] or selection is not self._followed[1]:
            self._follow(recipe, selection)
            self._followed = (recipe, selection)
        if self._step is not None and self._node is not None:
            self._state.refresh(self._node)
            self._histogram.refresh(self._node, self._step)
            self._trial.refresh(self._node, self._step)

    def _follow(self, recipe: Recipe, selection: frozenset[str]) -> None:
        """Show the settings of what is selected as they are in the recipe."""
        alike = _of_one_type(recipe, selection)
        node = alike[0] if alike else None
        group = next(iter(selection), "") if len(selection) == 1 else ""
        inside = _in_group(recipe, group)
        step = recipe.steps.get(node) if node else None
        called = (node and title_in(recipe, node), step and step.type)
        links = (recipe.links, self._titles(node))
        applied = step is not None and bool(model_applied(step))
        shape: tuple[object, ...] = (alike, called, self._applicable(step), applied, self._exposed(node), links)
        shape = (*shape, len(selection), group, inside)
        if shape != self._shape:
            self.commit()
            self._shape, self._node, self._step, self._alike = shape, node, step, alike
            self._rebuild(group if inside else "")
        elif step is not self._step and step is not None:
            self._step = step
            self._show_values()
        self._of_group.show_values(recipe)

    def commit(self) -> None:
        """Take what is typed but not entered yet."""
        self._of_group.commit()
        for widget in list(self._settings.values()):
            widget.commit()

    # building ----------------------------------------------------------------------------------------------------

    def _rebuild(self, group: str) -> None:
        dpg.delete_item(self._body, children_only=True)
        self._settings.clear()
        self._labels.clear()
        self._of_group.clear()
        self._state.clear()
        if group:
            self._show_group(group)
        elif self._step is None or self._node is None:
            many = len(self._app.session.selection)
            self._say(NODES_SELECTED.format(count=many) if many else SELECT_A_NODE)
        else:
            self._show_heading(self._node, self._step)
            self._show_node(self._step)

    def _show_heading(self, node: str, step: Step) -> None:
        """What the node, or each of several, is called."""
        alike = len(self._alike)
        title = f"{alike} × {step.type}" if alike > 1 else title_in(self._app.session.recipe, node)
        heading_of_node = in_font(dpg.add_text(title, parent=self._body, wrap=0), "title")
        with dpg.tooltip(heading_of_node):
            dpg.add_text(ON_COMMAND_LINE.format(node=node))
        if alike > 1:
            self._say(ALL_OF_THEM)
        elif title != step.type:
            self._say(step.type)

    def _show_node(self, step: Step) -> None:
        """What the node does, its state, its settings and its help."""
        declared = step.declared
        if declared is None:
            self._say(UNKNOWN_NODE)
            return
        self._say(declared.summary)
        self._state.build(self._body)
        dpg.add_separator(parent=self._body)
        for name in self._applicable(step):
            setting = declared.setting(name)
            if setting:
                self._add_setting(setting, step.settings.get(name, setting.default))
                if setting.kind is ModelFile and model_applied(step):
                    self._trial.build(self._body)
        self._histogram.build(self._body)
        if declared.help:
            with dpg.collapsing_header(label=HELP, parent=self._body):
                dpg.add_text(declared.help, wrap=0)

    def _show_group(self, group: str) -> None:
        """Instead of a node: what lies in a group, and those of its settings that operators see."""
        recipe = self._app.session.recipe
        in_font(dpg.add_text(title_in(recipe, group), parent=self._body, wrap=0), "title")
        steps = steps_in(recipe, [group])
        titles = ", ".join(title_in(recipe, step) for step in steps)
        self._say(GROUP_OF.format(nodes=counted(len(steps), NODE), titles=titles))
        exposed = [item for item in recipe.exposed if item.node in steps]
        self._say(SETTINGS_OF_GROUP if exposed else NO_SETTINGS_OF_GROUP)
        with dpg.group(parent=self._body):
            self._of_group.build(recipe, exposed)

    def _add_setting(self, setting: Setting, value: Any) -> None:
        with dpg.group(parent=self._body):
            with dpg.group(horizontal=True):
                menu = dpg.add_button(label=icon("menu"))  # first, where a long label cannot push it out of sight
                with dpg.tooltip(menu, delay=TIP_AFTER_S, hide_on_activity=True):
                    dpg.add_text(WHAT_THE_MENU_OFFERS)
                if setting.kind is bool:
                    self._settings[setting.name] = self._widget(setting, value)
                label = self._labels[setting.name] = dpg.add_text(self._label(setting, value), wrap=0)
            if setting.kind is not bool:
                self._settings[setting.name] = self._widget(setting, value)
        exposed = setting.name in dict(self._exposed(self._node))
        linkable = self._linkable(setting)
        for item, button in ((menu, dpg.mvMouseButton_Left), (label, dpg.mvMouseButton_Right)):
            with dpg.popup(item, mousebutton=button):
                self._menu_of(setting, linkable, exposed=exposed)
        for item in (label, self._settings[setting.name].item):
            with dpg.tooltip(item, delay=TIP_AFTER_S, hide_on_activity=True):  # not over what changes below a slider
                default = _shown(setting.default)
                tip = WHAT_A_SETTING_DOES.format(help=setting.help, kind=setting.describe(), default=default)
                dpg.add_text(tip, wrap=round(TIP_WIDE * self._app.ui_scale))

    def _linkable(self, setting: Setting) -> list[SettingRef]:
        """The first of those that a setting can be linked to; none where several nodes are shown."""
        if self._node is None or len(self._alike) > 1:
            return []
        return commands.linkable(self._app.session.recipe, self._node, setting.name)[:MOST_LINKABLE]

    def _menu_of(self, setting: Setting, linkable: Sequence[SettingRef], *, exposed: bool) -> None:
        """What can be done with a setting, in a popup that is open."""
        recipe = self._app.session.recipe
        back = BACK_TO.format(default=_shown(setting.default))
        dpg.add_menu_item(label=back, user_data=setting, callback=self._reset)
        dpg.add_menu_item(
            label=SHOW_TO_OPERATORS, check=True, default_value=exposed, user_data=setting, callback=self._expose
        )
        if self._node is None or len(self._alike) > 1:
            return
        with dpg.menu(label=LINK_TO, enabled=bool(linkable)):
            for ref in linkable:
                dpg.add_menu_item(label=setting_title(recipe, ref), user_data=(setting, ref), callback=self._link)
        if len(recipe.linked(self._node, setting.name)) > 1:
            dpg.add_menu_item(label=UNLINK, user_data=setting, callback=self._unlink)

    def _titles(self, node: str | None) -> tuple[str, ...]:
        """What the settings are called that those of a node are linked to."""
        recipe = self._app.session.recipe
        links = (link for link in recipe.links if any(ref.node == node for ref in link))
        return tuple(setting_title(recipe, ref) for link in links for ref in sorted(link) if ref.node in recipe.steps)

    def _linked_to(self, name: str) -> list[str]:
        """What the settings are called that have one value with this one."""
        recipe, node = self._app.session.recipe, self._node
        if node is None or node not in recipe.steps or len(self._alike) > 1:
            return []
        return [setting_title(recipe, ref) for ref in sorted(recipe.linked(node, name) - {(node, name)})]

    def _label(self, setting: Setting, value: Any) -> str:
        """The setting's name and unit; • marks a value that is not the default, and it is said which operators see."""
        unit = f" ({setting.unit})" if setting.unit else ""
        words = [heading(setting.label) + unit]
        if value != setting.default:
            words.append("•")
        steps = self._app.session.recipe.steps
        others = (steps[node].settings.get(setting.name, setting.default) for node in self._alike if node in steps)
        if any(other != value for other in others):
            words.append(DIFFERS)
        others_of_link = self._linked_to(setting.name)
        if others_of_link:
            words.append(LINKED_WITH.format(settings=", ".join(others_of_link)))
        if setting.name in dict(self._exposed(self._node)):
            words.append(FOR_OPERATORS)
        return " ".join(words)

    def _widget(self, setting: Setting, value: Any) -> SettingWidget:
        return SettingWidget(
            setting,
            value,
            lambda new: self._set(setting.name, new),
            lambda: self._choose_model(setting),
            self._complain,
            labelled=False,
        )

    def _say(self, sentence: str) -> None:
        dpg.add_text(sentence, wrap=0, color=self._app.colors.faint, parent=self._body)

    # what is to be shown -----------------------------------------------------------------------------------------

    def _applicable(self, step: Step | None) -> tuple[str, ...]:
        declared: NodeType | None = step.declared if step else None
        if step is None or declared is None:
            return ()
        values = {**declared.defaults(), **step.settings}
        return tuple(setting.name for setting in declared.settings if setting.applies(values))

    def _exposed(self, node: str | None) -> tuple[tuple[str, str], ...]:
        return tuple((item.setting, item.label) for item in self._app.session.recipe.exposed if item.node == node)

    # acting ------------------------------------------------------------------------------------------------------

    def _reset(self, sender: int, value: Any, setting: Setting) -> None:
        self._app.session.seal()
        self._set(setting.name, setting.default)

    def _expose(self, sender: int, value: bool, setting: Setting) -> None:
        session = self._app.session
        if self._node:
            label = f"{self._node}: {setting.label}" if value else None
            session.do(commands.expose(session.recipe, self._node, setting.name, label))

    def _link(self, sender: int, value: Any, chosen: tuple[Setting, SettingRef]) -> None:
        session, (setting, other) = self._app.session, chosen
        if self._node:
            node = self._node
            self._app.attempt(lambda: session.do(commands.link(session.recipe, node, setting.name, other)))

    def _unlink(self, sender: int, value: Any, setting: Setting) -> None:
        session = self._app.session
        if self._node:
            session.do(commands.unlink(session.recipe, self._node, setting.name))

    def _choose_model(self, setting: Setting) -> None:
        start = self._app.session.path.parent if self._app.session.path else user_folder()
        chosen = self._app.session.model_reference
        self._app.ask_path(
            CHOOSE_A_MODEL, start, "file", lambda path: self._set(setting.name, chosen(path)), endings=(".onnx",)
        )

    def _set(self, name: str, value: Any) -> None:
        session = self._app.session
        if self._node is None or self._node not in session.recipe.steps:
            return
        try:
            if len(self._alike) > 1:
                self._set_alike(name, value)
            elif layer_edits.holds_layers(session.recipe.steps[self._node], name):
                session.do(layer_edits.set_layers(session, self._node, value))
            else:
                session.do(commands.set_value(session.recipe, self._node, name, value))
        except Problem as problem:
            self._complain(problem.message)
            self._show_values()

    def _complain(self, reason: str) -> None:
        self._app.session.say(reason, "warning", until_edit=True)

    def _set_alike(self, name: str, value: Any) -> None:
        session = self._app.session
        if layer_edits.holds_layers(session.recipe.steps[self._alike[0]], name):
            raise Problem(CLASSES_ONE_BY_ONE)
        session.do(commands.set_values(session.recipe, self._alike, name, value))

    def _show_values(self) -> None:
        if self._step is None:
            return
        for name, widget in self._settings.items():
            value = self._step.settings.get(name, widget.setting.default)
            widget.show(value)
            dpg.set_value(self._labels[name], self._label(widget.setting, value))


def _in_group(recipe: Recipe, group: str) -> tuple[object, ...]:
    """All that the inspector says of a group; nothing where it is none."""
    if group not in recipe.layout.groups:
        return ()
    steps = steps_in(recipe, [group])
    exposed = [item for item in recipe.exposed if item.node in steps]
    return (title_in(recipe, group), *(title_in(recipe, step) for step in steps), *exposed)


def _of_one_type(recipe: Recipe, selection: Collection[str]) -> tuple[str, ...]:
    """The selected nodes, where they are of one type."""
    there = tuple(sorted(node for node in selection if node in recipe.steps))
    return there if len({recipe.steps[node].type for node in there}) == 1 else ()


def _shown(default: Any) -> str:
    if isinstance(default, list):
        return counted(len(default), ROW)
    return NONE if default == "" else f"{default}"
