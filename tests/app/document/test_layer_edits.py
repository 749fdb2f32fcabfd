"""Layers of a Trace node are renamed, deleted and reordered together with what is drawn in them, and taken back as one.

Oracle: the class map before and after, and the strokes as they were.
"""

from pathlib import Path

import numpy as np
import pytest

from graingraph.app.document.commands import set_value
from graingraph.app.document.layer_edits import delete_layer, set_layers, strokes_in
from graingraph.app.document.mark_edits import Draw
from graingraph.app.document.session import Session
from graingraph.app.document.start import start_session
from graingraph.engine.declare.injected import Mark
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.drawing import Layer
from graingraph.engine.marks.store import MarkStore, new_mark_id
from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED
from tests.support.recipes import chain

TRAY = ImageSet.of_arrays({name: np.full((40, 60), level, np.uint8) for name, level in (("a", 10), ("b", 20))})
HASHES = [source.hash for source in TRAY.values()]


def box(layer: str, left: float, tool: str = "rectangle") -> Mark:
    return Mark(new_mark_id(), tool, np.array([[left, 10], [left + 8, 30]], np.float32), 4.0, layer)


@pytest.fixture
def session() -> Session:
    session = Session(chain(("Load", "Trace")))
    for image in HASHES:
        for mark in (box("feature", 5), box("matrix", 20), box("feature", 35), box("matrix", 36, "eraser")):
            session.do(Draw(image, "trace", mark))
    return session


def rows(session: Session) -> list[dict]:
    return [dict(row) for row in session.recipe.steps["trace"].settings["classes"]]


def layers(session: Session) -> list[list[str]]:
    return [[mark.layer for mark in session.marks.load(image, "trace").marks] for image in HASHES]


def traced(session: Session, image: str = "a") -> np.ndarray:
    return Evaluation(session.recipe, TRAY, Store(marks=session.marks)).value("trace", image=image)


def rename(session: Session, index: int, name: str) -> None:
    changed = rows(session)
    changed[index]["name"] = name
    session.do(set_layers(session, "trace", changed))


def test_strokes_go_with_the_name_of_their_layer_on_every_image_and_come_back_as_one(session: Session):
    session.marks.set_layer(HASHES[0], "trace", Layer("feature", opacity=0.2))
    before, drawn, hashes = traced(session), layers(session), [session.marks.load(h, "trace").hash for h in HASHES]
    rename(session, 0, "grain")
    assert session.undo_label == "Rename layer feature to grain"
    assert layers(session) == [["grain", "matrix", "grain", "matrix"]] * 2
    after = traced(session)
    assert np.array_equal(after.pixels, before.pixels)
    assert ([one.name for one in after.classes], after.notes) == (["grain", "matrix"], ())
    assert session.marks.layers(HASHES[0], "trace") == {"grain": Layer("grain", opacity=0.2)}
    session.undo()
    assert layers(session) == drawn
    assert [session.marks.load(h, "trace").hash for h in HASHES] == hashes
    assert session.marks.layers(HASHES[0], "trace") == {"feature": Layer("feature", opacity=0.2)}
    session.redo()
    assert layers(session) == [["grain", "matrix", "grain", "matrix"]] * 2
    session.do(Draw(HASHES[0], "trace", box("grain", 50)))
    session.undo()
    session.undo()
    assert layers(session) == drawn


def test_two_layers_of_one_name_are_refused_and_nothing_changes(session: Session):
    recipe, drawn = session.recipe, layers(session)
    for name in ("matrix", " "):
        with pytest.raises(Problem, match="name of its own"):
            rename(session, 0, name)
    assert (session.recipe, layers(session)) == (recipe, drawn)


def test_the_rest_keeps_the_layer_that_it_belongs_to(session: Session):
    recipe = session.recipe.with_setting("trace", "rest", "class").with_setting("trace", "rest_name", "matrix")
    session.show_recipe(recipe)
    before = traced(session).pixels
    rename(session, 1, "ground")
    after = traced(session)
    assert np.array_equal(after.pixels, before)
    assert [one.name for one in after.classes] == ["feature", "ground"]


def test_a_layer_is_deleted_with_its_strokes_but_not_with_what_erases_from_others(session: Session):
    drawn = layers(session)
    assert strokes_in(session, "trace", "matrix") == (2, 2)
    session.do(delete_layer(session, "trace", "matrix", with_strokes=True))
    assert [row["name"] for row in rows(session)] == ["feature"]
    assert layers(session) == [["feature", "feature", "matrix"]] * 2
    assert traced(session).notes == ()
    assert (traced(session).pixels[12, 38] == UNLABELLED).all()
    session.undo()
    assert layers(session) == drawn
    assert [row["name"] for row in rows(session)] == ["feature", "matrix"]


def test_strokes_left_behind_are_said_and_come_back_with_a_layer_of_their_name(session: Session):
    before = traced(session).pixels
    session.do(delete_layer(session, "trace", "matrix", with_strokes=False))
    assert "Not used: 1 stroke of the layer 'matrix'" in traced(session).notes[0].text
    session.do(set_layers(session, "trace", [*rows(session), {"name": "matrix", "color": "#448aff", "width": 0.0}]))
    assert np.array_equal(traced(session).pixels, before)


def test_reordered_layers_keep_their_strokes(session: Session):
    before, drawn = traced(session), layers(session)
    session.do(set_layers(session, "trace", rows(session)[::-1]))
    after = traced(session)
    assert layers(session) == drawn
    assert [one.name for one in after.classes] == ["matrix", "feature"]
    names = [np.array([*(one.name for one in found.classes), ""]) for found in (before, after)]
    same = [n[np.minimum(f.pixels, 2)] for n, f in zip(names, (before, after), strict=True)]
    assert np.array_equal(*same)


def test_a_renamed_layer_survives_a_crash_with_its_strokes(tmp_path: Path):
    session = start_session(tmp_path)
    session.show_recipe(chain(("Load", "Trace")))
    session.do(Draw(HASHES[0], "trace", box("feature", 5)))
    rename(session, 0, "grain")
    session.journal.close(keep=True)
    again = start_session(tmp_path)
    assert rows(again)[0]["name"] == "grain"
    assert [mark.layer for mark in again.marks.load(HASHES[0], "trace").marks] == ["grain"]
    assert MarkStore(again.marks.folder).images("trace") == [HASHES[0]]
    again.close()


def test_after_a_crash_no_undo_takes_back_a_name_without_its_strokes(session: Session, tmp_path: Path):
    session.do(set_value(session.recipe, "trace", "rest", "class"))
    rename(session, 0, "crack")
    session.do(set_value(session.recipe, "trace", "rest_name", "one"))
    session.seal()
    session.do(set_value(session.recipe, "trace", "rest_name", "two"))
    session.undo()
    recovered = Session()
    recovered.restore(session.draft())
    assert recovered.recipe == session.recipe
    recovered.redo()
    assert recovered.recipe.steps["trace"].settings["rest_name"] == "two"
    while recovered.undo_label:
        recovered.undo()
        assert recovered.recipe.steps["trace"].settings["classes"][0]["name"] == "crack"
    assert recovered.recipe.steps["trace"].settings["rest"] == "class"
