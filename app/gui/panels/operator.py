"""The operator's form: the settings that the author exposed, the images, Run. A locked recipe shows nothing else."""

from dataclasses import replace

import dearpygui.dearpygui as dpg

from graingraph.app.document.release import stage_in_words
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.icons import labelled
from graingraph.app.gui.base.nouns import IMAGE
from graingraph.app.gui.base.panel import Panel, panel
from graingraph.app.gui.base.theme import in_font, primary_button
from graingraph.app.gui.panels.batch_images import RUN_ON_COUNTED
from graingraph.app.gui.panels.exposed_settings import ExposedSettings
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Table
from graingraph.engine.values.wording import counted

UNTITLED = "Untitled recipe"
NOTHING_TO_SET = "No setting is exposed, so there is nothing to set here: add images and run."
NOTHING_EXPOSED = "No setting is exposed; expose some in the inspector (the three dots beside a setting)."
UNLOCK = "Unlock to edit the recipe"
LOCK = "Lock for operators"
WHAT_LOCK_DOES = "Whoever opens the recipe then sees this form alone, until it is unlocked"


@panel("Operator", place="right", order=20)
class Operator(Panel):
    """Shows exposed settings under the author's labels; with the recipe locked, the canvas and inspector are hidden."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self._shown: tuple[object, ...] = ()
        self._settings = ExposedSettings(app)
        self._locked = False
        self._stage = ""
        self._body: int | str = 0
        self.widgets: dict[str, int | str] = {}

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know."""
        return {"locked": self._locked, "settings": [f"{node}.{name}" for node, name in self._settings.fields]}

    def build(self, parent: int | str) -> None:
        """Make the empty form."""
        self._tab = parent
        self._body = dpg.add_group(parent=parent)
        self._app.commits.append(self.commit)

    def refresh(self) -> None:
        """Follow the recipe."""
        recipe = self._app.session.recipe
        if recipe.locked != self._locked:
            self._locked = recipe.locked
            self._hide_the_rest()
        declared = tuple(recipe.steps[item.node].declared for item in recipe.exposed if item.node in recipe.steps)
        session = self._app.session
        told = len(session.messages) if self._stage else 0  # after a run, somebody may have released it meanwhile
        looks = (session.origin, session.dirty, self._app.colors, told)
        shown = (recipe.exposed, recipe.links, recipe.locked, recipe.name, declared, *looks)
        if shown != self._shown:
            self._shown = shown
            self.commit()
            self._rebuild(recipe)
        self._settings.show_values(recipe)
        images = len(self._app.session.images)
        label = labelled("play", RUN_ON_COUNTED.format(images=counted(images, IMAGE)))
        if "operator run" in self.widgets and dpg.get_item_label(self.widgets["operator run"]) != label:
            dpg.configure_item(self.widgets["operator run"], label=label, enabled=images > 0)

    def _hide_the_rest(self) -> None:
        """Locked: no canvas, no inspector, the form in front, and the measured features in the viewer."""
        app, session = self._app, self._app.session
        app.layout = replace(app.layout, form=self._locked)
        bar = dpg.get_item_parent(self._tab)
        for tab in dpg.get_item_children(bar or 0, 1) or []:
            if tab != self._tab:
                dpg.configure_item(tab, show=not self._locked)
        if not self._locked:
            return
        dpg.set_value(bar or 0, self._tab)
        session.select(())
        measured = _last_table(session.recipe)
        if measured:
            session.view(measured)

    def _rebuild(self, recipe: Recipe) -> None:
        dpg.delete_item(self._body, children_only=True)
        with dpg.group(parent=self._body):
            in_font(dpg.add_text(recipe.name or UNTITLED, wrap=0), "title")
            if recipe.description:
                dpg.add_text(recipe.description, wrap=0, color=self._app.colors.faint)
            self._stage = stage_in_words(self._app.session.origin)
            if self._stage:
                dpg.add_text(self._stage, wrap=0)
            dpg.add_separator()
            if not recipe.exposed:
                words = NOTHING_TO_SET if recipe.locked else NOTHING_EXPOSED
                dpg.add_text(words, wrap=0, color=self._app.colors.faint)
            self._settings.build(recipe, recipe.exposed)
            for (node, name), field in self._settings.fields.items():
                self.widgets[f"operator {node}.{name}"] = field.item
            dpg.add_separator()
            self.widgets["operator run"] = dpg.add_button(width=-1, callback=lambda: self._app.run_batch())
            dpg.bind_item_theme(self.widgets["operator run"], primary_button(self._app.colors))
            label = UNLOCK if recipe.locked else LOCK
            self.widgets["lock"] = dpg.add_button(label=label, width=-1, callback=self._toggle_lock)
            if not recipe.locked:
                with dpg.tooltip(self.widgets["lock"]):
                    dpg.add_text(WHAT_LOCK_DOES)

    def commit(self) -> None:
        """Take what is typed but not entered yet."""
        self._settings.commit()

    def _toggle_lock(self) -> None:
        session = self._app.session
        self._app.attempt(lambda: session.set_locked(not session.recipe.locked))


def _last_table(recipe: Recipe) -> str | None:
    """The last node that measures each image."""
    found = None
    for node in recipe.order:
        declared = recipe.steps[node].declared
        if declared and node not in recipe.per_batch and any(Table in pin.kinds for pin in declared.outputs):
            found = node
    return found
