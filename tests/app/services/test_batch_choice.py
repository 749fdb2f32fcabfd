from pathlib import Path

import numpy as np
import pytest

from graingraph.app.document.picking import Picked
from graingraph.app.document.session import Session
from graingraph.app.services.batch_choice import by_marks, candidates
from graingraph.engine.declare.injected import Mark
from graingraph.engine.images.files import content_hash
from graingraph.engine.marks.store import MarkStore, new_mark_id
from graingraph.engine.problem import Problem
from tests.support.recipes import chain


@pytest.fixture
def session(tmp_path: Path) -> Session:
    images = []
    for number in range(4):
        images.append(tmp_path / f"{number}.png")
        images[-1].write_bytes(b"picture %d" % number)
    session = Session(chain(("Load", "Trace")))
    session.add_images(images)
    return session


def test_all_selected_unmeasured_or_others(session: Session):
    first, second, third, fourth = session.images
    session.pick(Picked(frozenset({third, first})))
    session.outcomes = {first: "ok", second: "failed", third: "ok"}
    assert candidates("all", session, []) == list(session.images)
    assert candidates("selected", session, []) == [first, third]
    assert candidates("not measured", session, []) == [second, fourth]
    assert candidates("others", session, [Path("x.tif")]) == [Path("x.tif")]


def test_by_marks(session: Session, tmp_path: Path):
    marks = MarkStore(tmp_path / "marks")
    with pytest.raises(Problem, match="None of the 4 images is drawn on"):
        by_marks("drawn on", session.images, session.recipe, marks)
    marks.add(
        content_hash(session.images[2]), "trace", Mark(new_mark_id(), "pen", np.array([[1, 1], [5, 5]], np.float32))
    )
    assert by_marks("drawn on", session.images, session.recipe, marks) == [session.images[2]]
    assert session.images[2] not in by_marks("not drawn on", session.images, session.recipe, marks)
    assert by_marks("selected", session.images[:1], session.recipe, marks) == [session.images[0]]
