from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import graingraph.nodes  # noqa: F401  (declares the nodes)
from graingraph.app.gui.panels.training_progress import preview_picture
from graingraph.app.services import training as service
from graingraph.app.services.training import Training
from graingraph.engine.declare.injected import Context
from graingraph.engine.declare.node import REGISTRY, node
from graingraph.engine.declare.roles import Trained
from graingraph.engine.declare.settings import ModelFile
from graingraph.engine.evaluation.store import Store
from graingraph.engine.problem import Cancelled, Problem
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Model

NO_MODEL = ModelFile("")


@pytest.fixture
def learner() -> Iterator[Recipe]:
    """A recipe with a node that "learns" by waiting for epochs, as a training node would."""

    @node("PretendTrain", category="Learn", trained=Trained(product="model"))
    def pretend(*, epochs: int = 3, model: ModelFile = NO_MODEL, context: Context) -> Model:
        """Pretend to learn.

        Settings:
            epochs: How many; 0 fails.
            model: The last model.
        """
        if epochs == 0:
            raise Problem("Nothing was traced; trace some images.")
        done = 0
        try:
            while done < epochs:
                context.check(done / epochs, f"Epoch {done + 1}")
                context.publish("curve", {"loss": [1 / (i + 1) for i in range(done + 1)]})
                context.publish("eta", float(epochs))
                done += 1
        except Cancelled:
            if not done:
                raise
        assert context.models
        context.models.mkdir(parents=True, exist_ok=True)
        file = context.models / f"pretend-{done}.onnx"
        file.write_bytes(b"model of %d epochs" % done)
        return Model(file, "00")

    recipe, _ = Recipe().add("PretendTrain", (0, 0))
    yield recipe
    del REGISTRY["PretendTrain"]


@pytest.fixture(autouse=True)
def models_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAINGRAPH_MODELS", str(tmp_path / "models"))


def test_a_training_reports_and_leaves_a_model_that_the_recipe_can_record(learner: Recipe):
    training = Training(learner, "pretend_train", [], Store())
    training.start()
    training.wait(30)
    assert not training.running
    assert training.problem is None
    assert training.curve["loss"] == [1, 1 / 2, 1 / 3]
    recorded = learner.with_setting("pretend_train", "model", training.reference)
    assert recorded.steps["pretend_train"].settings["model"].startswith("pretend-3.onnx@")


def test_stopping_keeps_what_was_learnt_so_far(learner: Recipe):
    recipe = learner.with_setting("pretend_train", "epochs", 10**9)
    training = Training(recipe, "pretend_train", [], Store())
    training.changed = lambda: training.stop() if len(training.curve.get("loss", ())) >= 5 else None
    training.start()
    training.wait(30)
    assert training.model is not None
    assert training.model.path.name != "pretend-1000000000.onnx"
    assert training.words.startswith(("Stopping", "Epoch"))
    assert training.stopped


def test_one_that_goes_on_while_a_person_draws_ends_in_time_and_keeps_what_it_learnt(
    learner: Recipe, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(service, "GOES_ON_S", 0.05)
    endless = learner.with_setting("pretend_train", "epochs", 10**9)
    training = Training(endless, "pretend_train", [], Store(), goes_on=True)
    training.start()
    training.wait(30)
    assert not training.running
    assert training.model is not None
    assert training.seconds < 20
    assert not training.stopped  # by the person
    assert training.eta is None or training.eta <= 0.05  # as long as all its epochs would take is not said


def test_a_training_that_cannot_begin_says_why_and_records_nothing(learner: Recipe):
    training = Training(learner.with_setting("pretend_train", "epochs", 0), "pretend_train", [], Store())
    training.start()
    training.wait(30)
    assert training.problem is not None
    assert "Nothing was traced" in training.problem.message
    assert training.reference == ""


def test_the_preview_has_the_colours_of_the_classes_but_not_of_the_rest():
    probabilities = np.zeros((6, 9, 3), np.float32)
    probabilities[:, :3, 0] = probabilities[:, 3:6, 1] = probabilities[:, 6:, 2] = 1
    published = {"pixels": np.full((6, 9), 0.5, np.float32), "probabilities": probabilities}
    assert preview_picture(published) is None
    picture = preview_picture({**published, "colors": [(255, 0, 0), (158, 158, 158), (0, 0, 255)]})
    assert picture is not None
    assert picture[0, 0, 0] > picture[0, 0, 1] == picture[0, 0, 2]
    assert picture[0, 4, 0] == picture[0, 4, 1] == picture[0, 4, 2]
    assert picture[0, 8, 2] > picture[0, 8, 0] == picture[0, 8, 1]
    assert preview_picture(None) is None
