import shutil
from pathlib import Path

import numpy as np
import pytest

from graingraph.app.document.annotation_reading import reading_for
from graingraph.app.document.annotations import export_annotations, import_edit, read_annotations
from graingraph.app.document.session import Session
from graingraph.app.document.training_facts import Use, training_facts
from graingraph.engine.declare.injected import Mark
from graingraph.engine.images.files import picture_hash
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.store import MarkStore, new_mark_id
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Wire
from tests.support.paths import ASSETS, GRAPHS
from tests.support.recipes import chain

IMAGES = sorted((ASSETS / "titanium").glob("*.tif"))


@pytest.fixture
def learnt(tmp_path: Path) -> Session:
    """A shipped recipe with its traces and its model."""
    for name in ("colony_basketweave.graingraph.json", "colony_basketweave.marks", "models"):
        copy = shutil.copytree if (GRAPHS / name).is_dir() else shutil.copy
        copy(GRAPHS / name, tmp_path / name)
    session = Session()
    session.open(tmp_path / "colony_basketweave.graingraph.json")
    session.add_images(IMAGES)
    return session


def test_what_is_learnt_and_held_out_is_told_with_the_score_in_the_unit_of_the_answer(learnt: Session):
    judged = "titanium_901.tif"  # among those that the card of the shipped model was written on
    hashes = {path.name: picture_hash(path) for path in IMAGES} | {"new.tif": "ab" * 16, judged: "cd" * 16}
    facts = training_facts(learnt.recipe, "train", hashes, learnt.marks, learnt.models)
    uses = {image.name: image.use for image in facts.images}
    assert uses["new.tif"] is Use.NONE
    assert uses[judged] is Use.HELD_OUT
    assert any(str(image).endswith(" strokes by now)") for image in facts.images if image.use is Use.LEARNT)
    assert "1 held out" in facts.summary
    assert any("%" in line for line in (*facts.answers, *facts.scores))
    assert "trained on" in facts.card


def test_before_a_training_nothing_is_learnt():
    recipe = chain(("Load", "Trace"))
    recipe, train = recipe.add("Train", (480.0, 0.0))
    recipe = recipe.connect(Wire("trace", "classmap", train, "truth"))
    marks = MarkStore()
    marks.add("ab" * 16, "trace", Mark(new_mark_id(), "pen", np.array([[1, 1], [5, 5]], np.float32), 2.0))
    facts = training_facts(recipe, train, {"a": "ab" * 16, "b": "cd" * 16}, marks, Session().models)
    assert [image.use for image in facts.images] == [Use.NOT_YET, Use.NONE]
    assert facts.summary == "1 image traced."
    recipe, edit = recipe.add("ManualEdit")
    recipe, segment = recipe.add("DeepSegment")
    recipe, mask = recipe.add("ClassMask")
    for wire in (
        Wire(train, "model", segment, "training"),
        Wire(segment, "classes", mask, "classes"),
        Wire(mask, "mask", edit, "region"),
    ):
        recipe = recipe.connect(wire)
    marks.add("cd" * 16, edit, Mark(new_mark_id(), "accept", np.array([[1, 1], [5, 5]], np.float32), 2.0))
    facts = training_facts(recipe, train, {"a": "ab" * 16, "b": "cd" * 16}, marks, Session().models)
    assert [str(image) for image in facts.images] == [
        "a: not learnt yet (1 stroke)",
        "b: not learnt yet (1 correction)",
    ]
    assert facts.summary == "1 image traced, 1 image corrected."
    assert "No image is traced" in training_facts(recipe, train, {}, marks, Session().models).summary


def test_what_is_put_right_before_a_training_is_traced_for_it():
    recipe = recipe_file.load(GRAPHS / "melt_pool_annotation.graingraph.json")
    marks = MarkStore()
    marks.add("ab" * 16, "pools", Mark(new_mark_id(), "cut", np.array([[1, 1], [5, 5]], np.float32)))
    facts = training_facts(recipe, "train", {"a": "ab" * 16, "b": "cd" * 16}, marks, Session().models)
    assert facts.summary == "1 image traced."


@pytest.mark.parametrize("file_format", ["coco", "labelme"])
def test_annotations_go_out_and_come_back_as_one_edit(learnt: Session, tmp_path: Path, file_format: str):
    image_set, node = ImageSet.of_files(IMAGES), "trace"
    count = export_annotations(learnt.recipe, node, image_set, learnt.marks, tmp_path / "out", file_format)
    before = {image: len(learnt.marks.load(image, node).marks) for image in learnt.marks.images(node)}
    assert count == len(before)
    reading = reading_for(learnt.recipe, Wire(node, "", "", ""), "auto")
    matched = read_annotations(learnt.recipe, node, image_set, tmp_path / "out", reading)
    learnt.do(import_edit(learnt.recipe, node, learnt.marks, matched))
    after = {image: len(learnt.marks.load(image, node).marks) for image in before}
    assert all(after[image] > before[image] for image in before)
    learnt.undo()
    assert {image: len(learnt.marks.load(image, node).marks) for image in before} == before


def test_a_folder_without_a_name_that_fits_says_so(learnt: Session, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    reading = reading_for(learnt.recipe, Wire("trace", "", "", ""), "auto")
    with pytest.raises(Problem):
        read_annotations(learnt.recipe, "trace", ImageSet.of_files(IMAGES), tmp_path / "empty", reading)
