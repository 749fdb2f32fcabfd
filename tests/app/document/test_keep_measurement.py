"""What the ruler measured is kept in a node that measures what is drawn; one is added where there is none."""

import numpy as np
import pytest

from graingraph.app.document.keep_measurement import keep
from graingraph.app.document.session import OutputRef, Session
from graingraph.engine.declare.injected import Mark
from graingraph.engine.problem import Problem
from tests.support.recipes import chain

HASH = "0" * 32
LINE = Mark("1", "length", np.array([(1, 1), (9, 9)], np.float32))
ANGLE = Mark("2", "angle", np.array([(1, 1), (9, 9), (1, 9)], np.float32))


def test_a_node_is_added_once_and_undone_with_its_stroke():
    session = Session(recipe=chain(("Load", "Threshold")))
    picture = OutputRef("load", "image")
    edit, node = keep(session, "threshold", picture, HASH, LINE)
    session.do(edit)
    assert session.recipe.wire_into(node, "image").source == "load"
    assert [mark.tool for mark in session.marks.load(HASH, node).marks] == ["length"]
    edit, again = keep(session, "threshold", picture, HASH, ANGLE)
    assert again == node
    session.do(edit)
    assert [mark.tool for mark in session.marks.load(HASH, node).marks] == ["length", "angle"]
    session.undo()
    session.undo()
    assert node not in session.recipe.steps
    assert not session.marks.load(HASH, node).marks


def test_a_locked_recipe_takes_a_stroke_and_no_node():
    from dataclasses import replace

    session = Session(recipe=replace(chain(("Load", "Threshold")), locked=True))
    with pytest.raises(Problem, match="locked"):
        keep(session, "threshold", OutputRef("load", "image"), HASH, LINE)
