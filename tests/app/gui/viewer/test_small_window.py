"""A small window leaves the picture in sight that it is about."""

import pytest

from graingraph.app.gui.viewer.small_window import place_beside
from graingraph.app.rendering.geometry import Box

WINDOW = (1280.0, 800.0)


@pytest.mark.parametrize(
    ("picture", "size"),
    [
        (Box(213, 60, 961, 375), (345, 300)),
        (Box(294, 90, 914, 327), (518, 440)),
        (Box(294, 90, 625, 780), (345, 300)),
        (Box(500, 90, 1270, 500), (345, 320)),
    ],
    ids=["low", "large text", "narrow", "no room below"],
)
def test_it_lies_beside_a_picture_that_it_would_cover(picture: Box, size: tuple[float, float]):
    at = place_beside(picture, size, WINDOW, 8)
    assert 0 <= at.x <= WINDOW[0] - size[0]
    assert 0 <= at.y <= WINDOW[1] - size[1]
    apart = at.x >= picture.right or at.x + size[0] <= picture.left or at.y >= picture.bottom
    assert apart


def test_in_a_large_picture_it_lies_in_the_corner():
    picture = Box(600, 60, 2800, 1500)
    at = place_beside(picture, (700, 500), (3840, 2160), 16)
    assert at == (2800 - 700 - 16, 76)
