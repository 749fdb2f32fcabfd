"""Each shipped recipe opens as a copy of the person's own, on its samples, with its traces and its model."""

from pathlib import Path

import pytest

import graingraph.nodes  # noqa: F401  (declares the nodes)
from graingraph.app.document.examples import EXAMPLES, examples_with, open_example
from graingraph.app.document.origin import RECIPES, SAMPLES
from graingraph.app.document.session import Session
from graingraph.engine.declare.node import REGISTRY
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe import models


def test_every_shipped_recipe_is_an_example():
    shipped = {path.name.removesuffix(recipe_file.SUFFIX) for path in RECIPES.glob(f"*{recipe_file.SUFFIX}")}
    assert shipped == {name for name, _ in EXAMPLES.values()}


def test_every_measurement_has_an_example_that_shows_it():
    measuring = {
        kind.name for kind in REGISTRY.values() if kind.category == "Measure" or kind.name.endswith("OfFields")
    }
    assert {name for name in measuring if not examples_with(name)} <= {"Formula"}
    assert examples_with("Banding") == {"Banding": "banding"}


@pytest.mark.parametrize("title", EXAMPLES)
def test_an_example_is_a_whole_copy_on_its_samples(title: str, tmp_path: Path):
    session = Session()
    open_example(session, title, tmp_path / "mine")
    name, kind = EXAMPLES[title]
    assert session.path == tmp_path / "mine" / f"{name}{recipe_file.SUFFIX}"
    assert session.recipe == recipe_file.load(RECIPES / session.path.name)
    assert {path.parent for path in session.images} == {SAMPLES / kind}
    shipped_marks = {path.name for path in (RECIPES / f"{name}.marks").glob("*")}
    assert {path.name for path in (tmp_path / "mine" / f"{name}.marks").glob("*")} == shipped_marks
    for reference in models.applied(session.recipe).values():
        assert (tmp_path / "mine" / "models" / reference.partition("@")[0]).is_file()


def test_what_was_changed_is_still_there_when_it_is_opened_again(tmp_path: Path):
    session = Session()
    open_example(session, "Nodules", tmp_path)
    session.show_recipe(session.recipe.remove(["report"]))
    session.save()
    open_example(session, "Twinned brass, learnt", tmp_path)
    open_example(session, "Nodules", tmp_path)
    assert "report" not in session.recipe.steps


def test_samples_change_with_the_example_and_own_images_stay(tmp_path: Path):
    session = Session()
    open_example(session, "Nodules", tmp_path)
    open_example(session, "Colony and basketweave", tmp_path)
    assert {path.parent.name for path in session.images} == {"titanium"}
    own = tmp_path / "own.png"
    session.add_images([own])
    open_example(session, "Nodules", tmp_path)
    assert session.images == (own,)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="cannot be written"):
        open_example(Session(), "Nodules", tmp_path / "file" / "examples")
