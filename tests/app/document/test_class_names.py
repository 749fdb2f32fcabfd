"""A class that gets another name keeps what was set to it downstream.

Oracle: the mask, the table and the model's own names before and after.
"""

from pathlib import Path

import numpy as np
import pytest

import graingraph.nodes  # noqa: F401  (declares the nodes)
from graingraph.app.document.class_names import record_model
from graingraph.app.document.layer_edits import set_layers
from graingraph.app.document.mark_edits import Draw
from graingraph.app.document.session import Session
from graingraph.engine.declare.injected import Mark
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.store import new_mark_id
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.values import Model
from tests.support.paths import GRAPHS
from tests.support.recipes import wired

TRAY = ImageSet.of_arrays({"a": np.full((40, 60), 10, np.uint8)})
HASH = TRAY["a"].hash


@pytest.fixture
def session() -> Session:
    """Trace → a second Trace → ClassMask, and the first one's area fractions pooled in a Distribution."""
    kinds = ("Load", "Trace", "Trace", "ClassMask", "AreaFraction", "Pool", "Distribution", "ClassMask")
    wires = (
        Wire("load", "image", "trace", "image"),
        Wire("load", "image", "trace_2", "image"),
        Wire("trace", "classmap", "trace_2", "start"),
        Wire("trace_2", "classmap", "class_mask", "classes"),
        Wire("trace", "classmap", "area_fraction", "segmentation"),
        Wire("area_fraction", "table", "pool", "tables"),
        Wire("pool", "table", "distribution", "table"),
    )
    recipe = wired(kinds, wires).with_setting("class_mask", "name", "matrix")
    recipe = recipe.with_setting("class_mask_2", "name", "matrix")
    session = Session(recipe.with_setting("distribution", "column", "Area fraction matrix"))
    for node, left in (("trace", 5), ("trace_2", 30)):
        points = np.array([[left, 10], [left + 8, 30]], np.float32)
        session.do(Draw(HASH, node, Mark(new_mark_id(), "rectangle", points, 4.0, "matrix")))
    return session


def rename(session: Session, node: str, old: str, new: str) -> None:
    rows = session.recipe.steps[node].settings["classes"]
    session.do(set_layers(session, node, [{**row, "name": new if row["name"] == old else row["name"]} for row in rows]))


def selected(session: Session) -> np.ndarray:
    return Evaluation(session.recipe, TRAY, Store(marks=session.marks)).value("class_mask", image="a").pixels


def test_what_names_the_class_downstream_goes_with_a_renamed_layer_and_comes_back_as_one(session: Session):
    before, recipe = selected(session), session.recipe
    assert np.count_nonzero(before) > 200
    rename(session, "trace", "matrix", "ferrite")
    steps = session.recipe.steps
    assert steps["class_mask"].settings["name"] == "ferrite"
    assert steps["class_mask_2"].settings["name"] == "matrix"  # nothing of this Trace arrives there
    assert steps["distribution"].settings["column"] == "Area fraction ferrite"
    assert [row["name"] for row in steps["trace_2"].settings["classes"]] == ["feature", "ferrite"]
    assert np.array_equal(selected(session), before)
    session.undo()
    assert session.recipe == recipe
    assert np.array_equal(selected(session), before)


def test_a_class_seen_through_a_second_trace_follows_that_one_too(session: Session):
    rename(session, "trace_2", "matrix", "ferrite")
    assert session.recipe.steps["class_mask"].settings["name"] == "ferrite"
    assert session.recipe.steps["distribution"].settings["column"] == "Area fraction matrix"


def test_an_untrained_recipe_is_renamed_through_its_training():
    recipe = recipe_file.load(GRAPHS / "twinned_brass.graingraph.json")
    (grains,) = (n for n, step in recipe.steps.items() if step.settings.get("boundary_class") == "grain boundary")
    (train,) = (n for n, step in recipe.steps.items() if step.on_request)
    (trace,) = (n for n, step in recipe.steps.items() if step.type == "Trace")
    session = Session(recipe.with_setting(train, "model", ""))
    rename(session, trace, "grain boundary", "Korngrenze")
    assert session.recipe.steps[grains].settings["boundary_class"] == "Korngrenze"


def test_behind_a_trained_model_the_name_follows_when_a_model_with_the_new_name_is_recorded(tmp_path: Path):
    path = GRAPHS / "twinned_brass.graingraph.json"
    session = Session(recipe_file.load(path), models=ModelFolders().and_in(path.parent / "models"))
    (grains,) = (n for n, s in session.recipe.steps.items() if s.settings.get("boundary_class") == "grain boundary")
    (train,) = (n for n, step in session.recipe.steps.items() if step.on_request)
    (trace,) = (n for n, step in session.recipe.steps.items() if step.type == "Trace")
    rename(session, trace, "grain boundary", "Korngrenze")
    assert session.recipe.steps[grains].settings["boundary_class"] == "grain boundary"  # as its model says
    same = record_model(session.recipe, train, str(session.recipe.steps[train].settings["model"]), session.models)
    assert same == session.recipe
    model = session.models.resolve(str(session.recipe.steps[train].settings["model"]))
    new = _renamed_model(model, tmp_path / "new.onnx")
    trained = record_model(session.recipe, train, session.model_reference(new), session.models)
    assert trained.steps[grains].settings["boundary_class"] == "Korngrenze"


def _renamed_model(model: Model, file: Path) -> Path:
    """A copy of the model in which the class is called by another name."""
    onnx = pytest.importorskip("onnx")
    network = onnx.load(model.path)
    for entry in network.metadata_props:
        entry.value = entry.value.replace('"name":"grain boundary"', '"name":"Korngrenze"')
    onnx.save(network, file)
    return file
