"""Oracle: the number of grains of generated networks before an edit, and what each edit must do to it."""

from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graingraph.engine.declare.injected import Mark, Marks
from graingraph.engine.marks.store import content_hash, make_marks
from graingraph.engine.values import Labels, Mask, Scale
from graingraph.nodes.draw.manual_edit import manual_edit
from graingraph.nodes.imaging.boundaries.boundary_edits import confirmed, settled
from graingraph.nodes.imaging.boundaries.branch_paths import BranchPaths, ProposedBranches
from graingraph.nodes.imaging.boundaries.skeleton_branches import Branches


def stroke(tool, *points, width=1.0) -> Mark:
    path = np.array(points, np.float32)
    return Mark(f"{tool} {path.tobytes().hex()[:80]}", tool, path, width)


def edit(pixels, *strokes, **settings):
    value = Mask(pixels) if pixels.dtype == bool else Labels(pixels, count=int(pixels.max()))
    return manual_edit(value, marks=make_marks(strokes), **settings)


def grains(network: np.ndarray) -> int:
    return cv2.connectedComponents((~network).view(np.uint8), connectivity=4)[0] - 1


@cache
def grid(width: int = 3) -> np.ndarray:
    """Twelve square grains of about 40 px, boundaries ``width`` px wide."""
    network = np.zeros((123, 163), bool)
    for at in (40, 80, 120):
        network[:, at : at + width] = True
        if at < 120:
            network[at : at + width] = True
    return network


@cache
def voronoi() -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """A random network, and each of its inner boundaries: middle point (x, y) and direction across."""
    seeds = np.random.default_rng(3).random((30, 2)) * (300, 400)
    rows, columns = np.mgrid[0:300, 0:400]
    owner = np.hypot(rows[..., None] - seeds[:, 0], columns[..., None] - seeds[:, 1]).argmin(-1)
    step = (owner[1:, 1:] != owner[:-1, 1:]) | (owner[1:, 1:] != owner[1:, :-1])
    network = cv2.dilate(np.pad(step, ((0, 1), (0, 1))).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    parts = Branches(network, np.zeros(4, bool))
    sides = []
    for number in range(1, parts.branch.max() + 1):
        pixels = np.argwhere(parts.branch == number)[:, ::-1] + 0.5
        inside = ((pixels > 12) & (pixels < (388, 288))).all()
        if len(pixels) > 15 and inside:
            middle = pixels[np.hypot(*(pixels - pixels.mean(0)).T).argmin()]
            near = pixels[np.hypot(*(pixels - middle).T) < 8]
            sides.append((middle, np.linalg.svd(near - near.mean(0))[2][1]))
    return network, sides


def test_without_marks_the_input_itself_comes_out():
    value = Mask(grid())
    assert manual_edit(value, marks=Marks()) is value
    assert manual_edit(value, kind="boundaries", marks=Marks()) is value


@pytest.mark.parametrize("width", [2, 3, 4, 6])
def test_crossing_out_removes_one_boundary_up_to_its_junctions_and_nothing_else(width):
    network = grid(width)
    result = edit(network, stroke("eraser", (60.5, 30), (60.5, 52), width=4), kind="boundaries").pixels
    assert grains(result) == grains(network) - 1
    gone = network & ~result
    assert gone[40 : 40 + width, 50:72].all()
    gone[40 : 40 + width, 40 + width : 80] = False
    assert not gone.any()
    assert not (result & ~network).any()
    left = result[40 : 40 + width, 40 + width : 80].sum()
    assert left <= 2 * width * width, "more of the boundary is left at its junctions than a stub"


def test_crossing_out_any_boundary_of_a_random_network_merges_two_grains():
    network, sides = voronoi()
    assert len(sides) > 20
    for middle, across in sides:
        cross = stroke("eraser", middle - 9 * across, middle + 9 * across, width=5)
        assert grains(edit(network, cross, kind="boundaries").pixels) == grains(network) - 1, middle


def triple_point(width: int) -> np.ndarray:
    """Three boundaries that meet in the middle of the image."""
    network = np.zeros((200, 200), np.uint8)
    for angle in np.radians((90, 210, 330)):
        end = (round(100 + 200 * np.cos(angle)), round(100 - 200 * np.sin(angle)))
        cv2.line(network, (100, 100), end, 1, width)
    return network > 0


@pytest.mark.parametrize("width", [1, 3, 5])
@pytest.mark.parametrize("angle", range(0, 180, 15))
def test_crossing_out_at_a_triple_point_removes_one_boundary(width: int, angle: int):
    network = triple_point(width)
    reach = 8 * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    cross = stroke("eraser", 100.5 - reach, 100.5 + reach, width=5)
    assert grains(edit(network, cross, kind="boundaries").pixels) == 2


def test_a_stroke_over_two_boundaries_away_from_where_they_meet_removes_both():
    cross = stroke("eraser", (30, 112), (170, 112), width=5)
    assert grains(edit(triple_point(3), cross, kind="boundaries").pixels) == 1


@given(st.integers(0, 10_000), st.integers(4, 24), st.floats(-4, 4), st.floats(-4, 4), st.floats(-1, 1))
@settings(max_examples=150)
def test_a_pen_line_over_a_gap_closes_it_whether_it_starts_short_or_overshoots(seed, gap, start, end, aside):
    network, sides = voronoi()
    middle, across = sides[seed % len(sides)]
    rows, columns = np.mgrid[0:300, 0:400] + 0.5
    direction = np.array([-across[1], across[0]])
    offset = np.abs((columns - middle[0]) * direction[0] + (rows - middle[1]) * direction[1])
    aside_of = np.abs((columns - middle[0]) * across[0] + (rows - middle[1]) * across[1])
    gapped = network & ~((offset < gap / 2) & (aside_of < 8))
    if grains(gapped) != grains(network) - 1:
        return
    start, end = max(start, -gap / 4), max(end, -gap / 4)  # each end nearer to its own side of the gap
    shift = aside * across
    pen = stroke("pen", middle - (gap / 2 + start) * direction + shift, middle + (gap / 2 + end) * direction + shift)
    closed = edit(gapped, pen, kind="boundaries").pixels
    assert grains(closed) == grains(network)
    assert not (gapped & ~closed).any()


@pytest.mark.parametrize("width", [1, 2, 3, 5, 8])
def test_a_closed_boundary_has_the_width_of_its_network(width):
    network = grid(width).copy()
    network[40 : 40 + width, 52:68] = False
    y = 40 + width / 2
    closed = edit(network, stroke("pen", (50, y), (70, y), width=1), kind="boundaries").pixels
    assert grains(closed) == 12
    assert abs((closed & ~network).sum() / 16 - width) <= 1
    given_width = edit(network, stroke("pen", (50, y), (70, y)), kind="boundaries", line_width=width).pixels
    assert np.array_equal(given_width[:, 50:70], grid(width)[:, 50:70])


def test_a_line_into_the_picture_edge_reaches_it():
    network = np.zeros((60, 80), bool)
    network[:, 39:42] = True
    closed = edit(network, stroke("pen", (44, 30.5), (75, 30.5)), kind="boundaries").pixels
    assert grains(closed) == 3
    assert closed[30, -1]


def test_an_overshot_end_is_cut_back_to_the_boundary():
    network = grid().copy()
    network[40:43, 52:68] = False
    closed = edit(
        network, stroke("pen", (60, 41.5), (60, 90)), stroke("pen", (46, 41.5), (74, 41.5)), kind="boundaries"
    )
    assert closed.pixels[84:].sum() == network[84:].sum(), "the line sticks out beyond the boundary it met"


def test_slivers_between_a_line_and_an_old_boundary_are_no_grains():
    network = grid()
    wobbly = stroke("pen", (44, 41), (50, 45.5), (58, 45.5), (64, 40.5), (70, 45.5), (77, 42))
    assert grains(edit(network, wobbly, kind="boundaries").pixels) == grains(network)


def test_the_eraser_can_rub_exactly():
    network = grid()
    rub = stroke("eraser", (60.5, 30), (60.5, 52), width=4)
    gone = network & ~edit(network, rub, kind="boundaries", eraser="rub").pixels
    expected = np.zeros_like(network)
    expected[40:43, 59:62] = True  # centres within 2 px of x = 60.5, but 58.5 and 62.5 are exactly 2 px away
    assert gone[40:43, 58:63].sum() == gone.sum()
    assert (gone & expected).sum() == expected.sum()


def test_an_eraser_over_nothing_and_a_click_on_a_line():
    network = grid()
    assert np.array_equal(
        edit(network, stroke("eraser", (20, 20), (25, 25), width=3), kind="boundaries").pixels, network
    )
    assert grains(edit(network, stroke("delete", (60.5, 41.5)), kind="boundaries").pixels) == grains(network) - 1


def three() -> np.ndarray:
    """Labels: two squares with a gap of two pixels between them, and a third one with a hole."""
    labels = np.zeros((40, 80), np.int32)
    labels[5:25, 5:25], labels[5:25, 27:47], labels[5:25, 55:75] = 1, 2, 3
    labels[12:16, 60:64] = 0
    return labels


def test_merge_joins_two_features_and_the_strip_between_them():
    result = edit(three(), stroke("merge", (20, 15), (32, 15)))
    assert result.count == 2
    assert (result.pixels[5:25, 5:47] == 1).all()
    assert (result.pixels[5:25, 55:59] == 2).all()


def test_cut_parts_a_feature_and_a_cut_that_stops_short_does_nothing():
    whole = edit(three(), stroke("cut", (15.5, 0), (15.5, 30)))
    assert whole.count == 4
    assert sorted(np.bincount(whole.pixels.reshape(-1))[1:])[:2] == [180, 200]
    assert np.array_equal(edit(three(), stroke("cut", (15.5, 0), (15.5, 20))).pixels, three())


def test_delete_fill_and_add():
    deleted = edit(three(), stroke("delete", (30, 10)))
    assert deleted.count == 2
    assert (deleted.pixels[5:25, 27:47] == 0).all()
    for point in ((56, 10), (61, 13)):
        filled = edit(three(), stroke("fill", point))
        assert filled.count == 3
        assert (filled.pixels[5:25, 55:75] == 3).all()
    grown = edit(three(), stroke("brush", (10, 20), (10, 35), width=5))
    assert grown.count == 3
    assert grown.pixels[34, 10] == 1
    new = edit(three(), stroke("polygon", (10, 28), (40, 28), (40, 38), (10, 38)))
    assert (new.count, (new.pixels == 4).sum()) == (4, 300)
    over = edit(three(), stroke("rectangle", (20, 2), (30, 12)))
    assert (over.pixels[three() > 0] == three()[three() > 0]).all()


def test_an_eraser_that_parts_a_feature_makes_two():
    result = edit(three(), stroke("eraser", (15, 0), (15, 30), width=3))
    assert result.count == 4
    gone = edit(three(), stroke("eraser", (36, 0), (36, 30), width=60))
    assert gone.count < 3
    assert set(np.unique(gone.pixels)) == set(range(gone.count + 1))


def test_pen_and_eraser_on_labelled_grains_part_and_merge_them():
    parted = edit(three(), stroke("pen", (15, 0), (15, 30)), kind="boundaries")
    assert parted.count == 4
    merged = edit(three(), stroke("eraser", (20, 15), (32, 15)), kind="boundaries")
    assert merged.count == 2


def test_a_mask_is_edited_by_its_features():
    mask = three() > 0
    merged = edit(mask, stroke("merge", (20, 15), (32, 15)), stroke("delete", (56, 10))).pixels
    expected = np.zeros_like(mask)
    expected[5:25, 5:47] = True
    assert np.array_equal(merged, expected)


def branches(network: np.ndarray) -> list[np.ndarray]:
    """The boundaries between two junctions that are long enough to be meant by a click."""
    found = BranchPaths(network)
    return [path for path in map(found.path, range(1, len(found) + 1)) if len(path) > 15]


def test_rejecting_any_boundary_joins_two_grains_and_accepting_it_again_parts_them():
    network, _ = voronoi()
    for path in branches(network):
        gone = edit(network, stroke("reject", *path), kind="boundaries").pixels
        inner = ((path > 4) & (path < (396, 296))).all()
        assert grains(gone) == grains(network) - 1 or not inner
        assert not (gone & ~network).any()
        assert gone[network].mean() > 0.9  # nothing but that one
        back = edit(network, stroke("reject", *path), stroke("accept", *path), kind="boundaries").pixels
        assert grains(back) == grains(network)


def test_what_was_rejected_stays_away_from_a_network_that_has_changed_a_little():
    network = grid(1)
    path = next(p for p in branches(network) if np.ptp(p[:, 1]) < 2 and 41 < p[:, 0].mean() < 80)
    moved = np.roll(network, 1, axis=0)
    without = edit(moved, stroke("reject", *path), kind="boundaries").pixels
    assert grains(without) == grains(moved) - 1
    through = network.copy()
    through[41:80, 40] = False  # the boundary now goes on beyond where it was rejected
    assert grains(edit(through, stroke("reject", *path), kind="boundaries").pixels) == grains(through) - 1
    gone = edit(network, stroke("reject", *path), kind="boundaries").pixels
    assert np.array_equal(edit(gone, stroke("reject", *path), kind="boundaries").pixels, gone)


def test_a_faint_boundary_is_proposed_beside_those_that_are_shown_and_joined_to_them_when_accepted():
    faint = grid(1)
    network = faint.copy()
    network[41:80, 80] = False
    found = ProposedBranches(network, faint)
    assert len(found.faint) == 1
    near = found.nearest((82, 60), 5.0)
    assert np.array_equal(near, found.faint[0])
    assert found.nearest((60, 60), 5.0) is None
    assert abs(found.nearest((39, 60), 5.0)[:, 0] - 40.5).max() <= 1
    assert np.array_equal(found.nearest((81, 47), 14.0), near)  # though one that is shown is also within reach
    assert grains(edit(network, stroke("accept", *near), kind="boundaries").pixels) == grains(faint)
    assert ProposedBranches(network).faint == []


def test_what_was_touched_is_known_and_the_rest_is_not():
    network = grid(1)
    path = next(p for p in branches(network) if np.ptp(p[:, 1]) < 2 and 41 < p[:, 0].mean() < 80)
    row, column = path[len(path) // 2].astype(int)[::-1]
    accept, reject = stroke("accept", *path), stroke("reject", *path)
    known = settled(network, network, [accept])
    assert known[row - 6 : row + 7, column].all()
    assert not known[row + 20, column]
    assert not known[row : row + 30, 40].any() or known[row, 40]  # what meets it there is another boundary
    without = edit(network, reject, kind="boundaries").pixels
    assert settled(network, without, [reject])[row - 2 : row + 3, column].all()
    block = stroke("complete", (10, 20), (100, 90))
    assert settled(network, network, [block]).sum() == 90 * 70
    assert not settled(network, network, []).any()


def test_a_block_that_was_said_to_be_right_stays_whatever_is_found_under_it_later():
    before, later = grid(3), grid(1)
    block = confirmed(before, stroke("complete", (10.2, 20.4), (100.4, 89.6)))
    assert block.points.tolist() == [[10, 20], [100, 90]]
    found = edit(later, block, kind="boundaries").pixels.copy()
    assert np.array_equal(found[20:90, 10:100], before[20:90, 10:100])
    found[20:90, 10:100] = later[20:90, 10:100]
    assert np.array_equal(found, later)
    assert settled(later, later, [block]).sum() == 90 * 70


def test_what_is_drawn_after_a_block_was_said_to_be_right_counts():
    block = confirmed(grid(), stroke("complete", (0, 0), (163, 123)))
    joined = edit(np.zeros_like(grid()), block, stroke("reject", (42, 45), (42, 75)), kind="boundaries").pixels
    assert grains(joined) == 11


def test_a_picture_that_was_said_to_be_right_as_a_whole_needs_no_review_when_something_else_is_found():
    whole, part = (confirmed(grid(), stroke("complete", (0, 0), corner)) for corner in ((163, 123), (163, 100)))
    for block, needed in ((whole, False), (part, True)):
        drawn = make_marks([block], drawn_on=content_hash(grid()))
        found = manual_edit(Mask(grid(1)), kind="boundaries", marks=drawn)
        assert any(note.kind == "needs review" for note in found.notes) == needed


def test_a_block_beside_the_picture_keeps_nothing():
    block = stroke("complete", (200, 200), (300, 300))
    assert confirmed(grid(), block) is block


TOOLS = [
    "pen",
    "brush",
    "eraser",
    "cut",
    "merge",
    "accept",
    "reject",
    "delete",
    "fill",
    "polygon",
    "rectangle",
    "ellipse",
]
place = st.tuples(st.floats(-10, 90, width=32), st.floats(-10, 50, width=32))
strokes = st.lists(
    st.tuples(st.sampled_from(TOOLS), st.lists(place, min_size=3, max_size=4), st.floats(0, 9)), min_size=1, max_size=6
)


@given(strokes, st.sampled_from(["features", "boundaries"]))
@settings(max_examples=80)
def test_whatever_is_drawn_the_labels_have_no_gaps_and_replay_alike(drawn, kind):
    marks = [
        Mark(str(i), tool, np.array(points[: 2 if tool in ("rectangle", "ellipse") else 4], np.float32), width)
        for i, (tool, points, width) in enumerate(drawn)
    ]
    before = three()
    result, again = (edit(three(), *marks, kind=kind) for _ in range(2))
    assert set(np.unique(result.pixels)) | {0} == set(range(result.count + 1))
    assert np.array_equal(result.pixels, again.pixels)
    assert np.array_equal(before, three())
    mask = edit(three() > 0, *marks, kind=kind)
    assert mask.pixels.dtype == bool
    assert mask.shape == (40, 80)


def test_a_changed_input_needs_review():
    value = Mask(grid(), Scale(0.5))
    strokes = [stroke("eraser", (60.5, 30), (60.5, 52))]
    fresh = manual_edit(value, kind="boundaries", marks=make_marks(strokes, content_hash(value.pixels)))
    assert (fresh.notes, fresh.scale) == ((), Scale(0.5))
    stale = manual_edit(value, kind="boundaries", marks=make_marks(strokes, "feed"))
    assert stale.notes[0].kind == "needs review"
    assert np.array_equal(stale.pixels, fresh.pixels)
