"""Panels fill the window, fold away, and their borders are grabbed where they are, and nowhere else."""

from itertools import combinations
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graingraph.app.gui.base.panel_layout import GAP, LIMITS, OUT_OF_SIGHT, Foldable, PanelLayout
from graingraph.app.rendering.geometry import Box, Point

AREA = Box(0, 27, 1280, 770)
LAYOUTS = st.builds(
    PanelLayout,
    **{name: st.floats(low, min(high, 0.4)) for name, (low, high) in LIMITS.items()},
    form=st.booleans(),
    beside=st.booleans(),
    folded=st.sets(st.sampled_from(get_args(Foldable))).map(lambda chosen: tuple(sorted(chosen))),
)


@given(layout=LAYOUTS)
def test_panels_fill_the_window_and_never_lie_over_each_other(layout: PanelLayout):
    boxes = [box for box in layout.boxes(AREA).values() if box != OUT_OF_SIGHT]
    for one, other in combinations(boxes, 2):
        apart = min(one.right, other.right) <= max(one.left, other.left)
        assert apart or min(one.bottom, other.bottom) <= max(one.top, other.top)
    assert all(AREA.left <= box.left < box.right <= AREA.right for box in boxes)
    assert all(AREA.top <= box.top < box.bottom <= AREA.bottom for box in boxes)
    covered = sum(box.width * box.height for box in boxes)
    assert covered > 0.97 * AREA.width * AREA.height


def test_the_picture_is_the_largest_thing_on_the_screen():
    boxes = PanelLayout().boxes(AREA)
    areas = {slot: box.width * box.height for slot, box in boxes.items()}
    assert max(areas, key=lambda slot: areas[slot]) == "viewer"
    assert areas["viewer"] > 1.7 * areas["canvas"]


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("folded", [(), ("bottom",), ("left", "right")])
def test_a_border_goes_where_it_is_dragged(beside: bool, folded: tuple[Foldable, ...]):
    layout = PanelLayout(beside=beside, folded=folded)
    viewer = layout.boxes(AREA)["viewer"]
    on = Point(viewer.right + 2, 200) if beside else Point((viewer.left + viewer.right) / 2, viewer.bottom + 2)
    assert layout.grip_at(on, AREA) == "viewer"
    to = Point(on.x - 60, on.y - 60)
    moved = layout.dragged("viewer", to, AREA).boxes(AREA)["viewer"]
    assert (moved.right if beside else moved.bottom) == pytest.approx((to.x if beside else to.y) - 4, abs=2)


def test_the_bottom_row_has_room_for_its_contents_until_it_is_dragged():
    narrow = Box(0, 36, 1280, 752)
    layout = PanelLayout()
    assert layout.boxes(narrow, 1.5)["bottom"].height == 240
    assert layout.dragged("bottom", Point(600, 640), narrow).boxes(narrow, 1.5)["bottom"].height == 112


def test_what_is_folded_comes_back():
    layout = PanelLayout()
    assert layout.toggled("left").folded == ("left",)
    assert layout.toggled("left").toggled("left") == layout


@pytest.mark.parametrize("form", [False, True])
def test_inside_a_panel_there_is_no_border(form: bool):
    layout = PanelLayout(form=form)
    for box in layout.boxes(AREA).values():
        for across in (0.02, 0.5, 0.98):
            for down in (0.02, 0.5, 0.98):
                inside = Point(box.left + across * box.width, box.top + down * box.height)
                assert layout.grip_at(inside, AREA) is None


@pytest.mark.parametrize("form", [False, True])
def test_every_border_can_be_dragged(form: bool):
    layout = PanelLayout(form=form)
    boxes = layout.boxes(AREA)
    viewer, bottom = boxes["viewer"], boxes["bottom"]
    middle = (viewer.top + viewer.bottom) / 2
    assert layout.grip_at(Point(viewer.left - GAP / 2, middle), AREA) == "left"
    assert layout.grip_at(Point(viewer.right + GAP / 2, middle), AREA) == "right"
    assert layout.grip_at(Point((viewer.left + viewer.right) / 2, bottom.top - GAP / 2), AREA) == "bottom"
    if not form:
        assert layout.grip_at(Point((viewer.left + viewer.right) / 2, viewer.bottom + GAP / 2), AREA) == "viewer"


def test_an_operator_s_form_is_never_folded_away():
    assert PanelLayout(form=True, folded=("right",)).boxes(AREA)["right"].width > 200
