from pathlib import Path

import numpy as np

from graingraph.app.document.edit import Change
from graingraph.app.document.mark_edits import Draw, Review, Unmark
from graingraph.app.document.session import Session
from graingraph.app.document.start import start_session
from graingraph.engine.declare.injected import Mark
from graingraph.engine.evaluation import workspace
from graingraph.engine.marks.store import new_mark_id
from tests.support.recipes import chain

IMAGE, NODE = "ab" * 16, "manual_edit"


def stroke(x: float) -> Mark:
    return Mark(new_mark_id(), "pen", np.array([[x, 1], [x + 5, 9]], np.float32), 2.0)


def ids(session: Session) -> list[str]:
    return [mark.id for mark in session.marks.load(IMAGE, NODE).marks]


def test_a_stroke_that_says_that_all_holds_is_a_review_and_undone_as_one():
    session = Session()
    session.do(Draw(IMAGE, NODE, stroke(1), "under"))
    session.do(Draw(IMAGE, NODE, stroke(2), "anew", before="under"))
    assert session.marks.load(IMAGE, NODE).drawn_on == "anew"
    session.undo()
    assert session.marks.load(IMAGE, NODE).drawn_on == "under"
    session.redo()
    assert session.marks.load(IMAGE, NODE).drawn_on == "anew"


def test_strokes_are_undone_one_by_one_and_redone():
    session = Session()
    first, second = stroke(1), stroke(2)
    for mark in (first, second):
        session.do(Draw(IMAGE, NODE, mark, "under"))
    assert session.undo_label == "Draw pen"
    session.undo()
    assert ids(session) == [first.id]
    session.undo()
    assert ids(session) == []
    session.redo()
    session.redo()
    assert ids(session) == [first.id, second.id]
    assert session.marks.load(IMAGE, NODE).drawn_on == "under"


def test_removed_strokes_come_back_in_their_places():
    session = Session()
    marks = [stroke(x) for x in range(5)]
    for mark in marks:
        session.do(Draw(IMAGE, NODE, mark))
    before = ids(session)
    session.do(Unmark.of(session, IMAGE, NODE, [before[1], before[2], before[4]], "Remove"))
    assert ids(session) == [before[0], before[3]]
    session.undo()
    assert ids(session) == before


def test_a_review_can_be_undone():
    session = Session()
    session.do(Draw(IMAGE, NODE, stroke(1), "old"))
    session.do(Review(IMAGE, NODE, "old", "new"))
    assert session.marks.load(IMAGE, NODE).drawn_on == "new"
    session.undo()
    assert session.marks.load(IMAGE, NODE).drawn_on == "old"


def test_saving_carries_the_strokes_beside_the_recipe_and_save_as_takes_them_along(tmp_path: Path):
    session = start_session(tmp_path / "state")
    session.do(Draw(IMAGE, NODE, stroke(1)))
    session.save(tmp_path / "a.graingraph.json")
    assert (session.marks.folder, len(ids(session))) == (tmp_path / "a.marks", 1)
    session.do(Draw(IMAGE, NODE, stroke(2)))
    session.save(tmp_path / "b.graingraph.json")
    assert len(workspace.open_marks(tmp_path / "b.graingraph.json").load(IMAGE, NODE).marks) == 2
    session.undo()
    assert len(workspace.open_marks(tmp_path / "b.graingraph.json").load(IMAGE, NODE).marks) == 1
    assert len(workspace.open_marks(tmp_path / "a.graingraph.json").load(IMAGE, NODE).marks) == 2
    session.close()


def test_strokes_on_a_recipe_never_saved_survive_a_kill(tmp_path: Path):
    session = start_session(tmp_path)
    session.do(Change("Build", session.recipe, chain()))
    session.do(Draw(IMAGE, NODE, stroke(1)))
    assert session.journal
    session.journal.close(keep=True)
    again = start_session(tmp_path)
    assert len(ids(again)) == 1
    again.new()
    assert ids(again) == []
    again.close()
