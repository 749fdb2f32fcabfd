"""Rows of widgets that are longer than their panel."""

from hypothesis import given
from hypothesis import strategies as st

from graingraph.app.gui.base.flow_row import lines_of

GAP = 8.0


@given(st.lists(st.floats(1, 300) | st.just(0.0), max_size=12), st.floats(1, 600))
def test_a_line_is_as_full_as_it_can_be_and_longer_than_the_room_only_by_a_part_that_is(
    widths: list[float], room: float
):
    lines = lines_of(widths, room, GAP)
    used: dict[int, float] = {}
    for width, line in zip(widths, lines, strict=True):
        assert line in (max(used, default=0), max(used, default=-1) + 1), "one below the other"
        if width:
            used[line] = used[line] + GAP + width if line in used else width
            alone = used[line] == width
            assert used[line] <= room or alone
            assert not (alone and line) or used[line - 1] + GAP + width > room
