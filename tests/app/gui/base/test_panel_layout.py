"""Borders between panels are grabbed where they are, and nowhere else."""

import pytest

from graingraph.app.gui.base.panel_layout import GAP, PanelLayout
from graingraph.app.rendering.geometry import Box, Point

AREA = Box(0, 27, 1280, 770)


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
