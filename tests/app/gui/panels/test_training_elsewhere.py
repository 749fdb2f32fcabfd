"""The training panel with the main loop played by the test: whose training runs, and what waits for it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import dearpygui.dearpygui as dpg
import pytest

from graingraph.app.document.session import Session
from graingraph.app.document.status import NodeStatus
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.theme import accent_button, load_fonts
from graingraph.app.gui.panels.plots import small_plot_theme
from graingraph.app.gui.panels.training import ANOTHER_RUNS, GOES_ON_LEARNING, STOP_AND_KEEP, TRAIN, TrainingPanel
from graingraph.app.services.live_evaluation import LiveEvaluation
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.app.gui.viewer.test_branches_window import picture
from tests.app.services.test_training import learner, models_folder  # noqa: F401  (fixtures)

NODE = "pretend_train"
UNTIL_STOPPED = 10**9


class Trainer:
    """A person in front of the panel; the recipe learns until it is told to stop."""

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        self.folder = folder
        session = self.session = Session()
        self.open("brass", recipe.with_setting(NODE, "epochs", UNTIL_STOPPED))
        session.add_images([picture(folder / "grid.png")])
        app = self.app = AppContext(session)
        app.live = LiveEvaluation(session, app.post)
        self.panel = TrainingPanel(app)
        with dpg.window() as window:
            self.panel.build(window)
        self.panel.refresh()

    def open(self, name: str, recipe: Recipe) -> None:
        file = self.folder / f"{name}.graingraph.json"
        recipe_file.save(recipe, file)
        self.session.open(file)

    def until(self, condition: Callable[[], object]) -> None:
        training = self.panel.training
        self.panel.refresh()
        while not condition():
            if training is not None and not training.running:
                training.wait()
            while not self.app.events.empty():
                self.app.events.get()()
            self.panel.refresh()

    @property
    def said(self) -> list[str]:
        return [message.text for message in self.session.messages]


@pytest.fixture
def trainer(learner: Recipe, tmp_path: Path) -> Iterator[Trainer]:  # noqa: F811
    _forget_themes()
    dpg.create_context()
    load_fonts(1.0)
    trainer = Trainer(learner, tmp_path)
    yield trainer
    if trainer.panel.training:
        trainer.panel.training.stop()
        trainer.panel.training.wait(30)
    trainer.app.live.close(30)
    dpg.destroy_context()
    _forget_themes()


def _forget_themes() -> None:
    """What was made in the context of another test is not there any more."""
    for theme in (small_plot_theme, accent_button):
        theme.cache_clear()


def test_a_training_whose_recipe_is_no_longer_open_says_whose_it_is(trainer: Trainer, learner: Recipe):  # noqa: F811
    name = "brass.graingraph.json"
    trainer.panel.press(NODE)
    trainer.until(lambda: "Epoch" in trainer.panel.facts["words"])
    assert name not in trainer.panel.facts["words"]
    trainer.open("steel", learner)
    trainer.until(lambda: trainer.panel.facts["words"].startswith(name))
    assert trainer.said.count(GOES_ON_LEARNING.format(recipe=name)) == 1
    assert trainer.panel.label(NODE) == TRAIN  # the node of the same name in the recipe that is open
    trainer.panel.press(NODE)
    assert trainer.said[-1] == ANOTHER_RUNS.format(recipe=name)
    trainer.panel.training.stop()
    trainer.until(lambda: any(said.startswith(f"The model of {name}") for said in trainer.said))


def test_what_needs_the_model_of_a_training_waits_for_it(trainer: Trainer, learner: Recipe):  # noqa: F811
    session = trainer.session
    recipe, behind = session.recipe.add("DeepSegment", (240.0, 0.0))
    recipe = recipe.connect(Wire(NODE, "model", behind, "training"))
    session.show_recipe(recipe)
    session.statuses = {behind: NodeStatus("needs training", "Train first."), NODE: NodeStatus("needs training")}
    trainer.panel.press(NODE)
    trainer.until(lambda: session.status(NODE).state == "running")
    assert trainer.panel.label(NODE) == STOP_AND_KEEP
    assert session.status(behind).why == "Waits for PretendTrain, which is learning."
    assert session.status(behind).state == "not computed"
    trainer.panel.training.stop()
    trainer.until(lambda: session.status(behind).state == "needs training")
