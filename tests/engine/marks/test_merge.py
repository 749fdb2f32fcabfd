"""Oracle: the union of two sets by id; disagreements put there on purpose."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graingraph.engine.declare.injected import Mark
from graingraph.engine.marks.drawing import Drawing, checked
from graingraph.engine.marks.merge import merge

IMAGE, NODE = "ab" * 16, "edit"


def mark(mark_id, *points, tool="pen", layer="", width=2.0):
    return checked(Mark(mark_id, tool, np.array(points or [(1, 1), (5, 5)], np.float32), width, layer))


def drawing(*marks, removed=(), drawn_on="feed"):
    result = Drawing(removed=dict.fromkeys(removed))
    for m in marks:
        result.add(m, drawn_on=drawn_on)
    return result


def far(mark_id, where=None):
    at = 50 * (int(mark_id[1:]) + 1) if where is None else where
    return mark(mark_id, (at, at), (at + 5, at))


ids = st.lists(st.integers(0, 20), unique=True, max_size=8).map(lambda numbers: [f"m{n}" for n in numbers])


@given(ids, ids, ids)
@settings(max_examples=200)
def test_a_merge_is_the_union_in_both_orders_whoever_merges(base, mine, yours):
    base = sorted(base)
    mine, yours = ([i for i in own if i not in base] for own in (mine, yours))
    ours, theirs = drawing(*map(far, base + mine)), drawing(*map(far, base + [i for i in yours if i not in mine]))
    merged, conflicts = merge(ours, theirs)
    assert set(merged.marks) == set(ours.marks) | set(theirs.marks)
    for one in (ours, theirs):
        assert [i for i in merged.marks if i in one.marks] == list(one.marks)
    assert merge(theirs, ours)[0].hash() == merged.hash()
    assert conflicts == ()
    assert merge(merged, theirs)[0].hash() == merged.hash()


def test_strokes_of_both_over_the_same_place_are_shown():
    ours = drawing(far("m0"), mark("a", (0, 0), (40, 0)), mark("c", (0, 90), (40, 90)))
    theirs = drawing(far("m0"), mark("b", (20, -20), (20, 20), tool="eraser"), mark("d", (0, 120), (40, 120)))
    merged, conflicts = merge(ours, theirs)
    assert len(merged.marks) == 5
    assert [(c.ours, c.theirs) for c in conflicts] == [("a", "b")]


def test_a_stroke_inside_the_others_polygon_is_shown_and_agreement_is_not():
    area = mark("a", (0, 0), (200, 0), (200, 200), (0, 200), tool="polygon", layer="crack")
    inner = mark("b", (100, 100), (110, 100), layer="pore")
    assert [c.why for c in merge(drawing(area), drawing(inner))[1]] == ["both changed the same place"]
    assert len(merge(drawing(inner), drawing(area))[1]) == 1
    same = mark("b", (100, 100), (110, 100), layer="crack")
    assert merge(drawing(area), drawing(same))[1] == ()
    beside = mark("b", (300, 100), (310, 100), layer="pore")
    assert merge(drawing(area), drawing(beside))[1] == ()


def test_one_id_with_two_contents_keeps_ours_and_says_so():
    merged, conflicts = merge(drawing(mark("a", (0, 0))), drawing(mark("a", (9, 9))))
    assert merged.marks["a"].points.tolist() == [[0, 0]]
    assert [(c.ours, c.theirs) for c in conflicts] == [("a", "a")]


def test_what_one_removed_is_removed_and_said():
    merged, conflicts = merge(drawing(far("m0"), far("m1")), drawing(far("m0"), removed=["m1"]))
    assert list(merged.marks) == ["m0"]
    assert [c.ours for c in conflicts] == ["m1"]
    assert list(merge(merged, drawing(far("m0"), far("m1")))[0].marks) == ["m0"]


def test_other_results_underneath_are_said():
    assert "underneath" in merge(drawing(far("m0")), drawing(far("m1"), drawn_on="beef"))[1][0].why
