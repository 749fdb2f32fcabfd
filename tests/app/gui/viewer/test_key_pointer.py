"""The pointer that keys move: it stays in its panel, presses in two ways, and gives way to the mouse."""

from graingraph.app.gui.viewer.key_pointer import AWAY_PX, FINE_PX, STEP_PX, KeyPointer
from graingraph.app.rendering.geometry import Point

MOUSE, SIZE = Point(400, 300), (200, 100)


def test_arrow_keys_move_it_within_the_panel_and_say_how_far_beyond():
    pointer = KeyPointer()
    assert pointer.move("Right", 1.0, SIZE) is None, "the mouse points"
    pointer.take_up(Point(50, 50), MOUSE)
    assert pointer.move("Right", 2.0, SIZE) == (0, 0)
    assert pointer.move("Shift+Up", 1.0, SIZE) == (0, 0)
    assert pointer.at == (50 + 2 * STEP_PX, 50 - FINE_PX)
    pointer.take_up(Point(3, 50), MOUSE)
    assert pointer.move("Left", 1.0, SIZE) == (3 - STEP_PX, 0)
    assert pointer.at == (0, 50)
    assert pointer.move("Enter", 1.0, SIZE) is None


def test_it_clicks_or_holds_its_button_until_the_next_press():
    pointer = KeyPointer()
    pointer.take_up(Point(50, 50), MOUSE)
    pointer.press(holds=False)
    assert pointer.down
    pointer.turn(MOUSE)
    assert not pointer.down
    pointer.press(holds=True)
    pointer.turn(MOUSE)
    assert pointer.down
    pointer.press(holds=True)
    assert not pointer.down


def test_the_mouse_takes_over_when_it_is_moved_and_not_by_a_shake():
    pointer = KeyPointer()
    pointer.take_up(Point(50, 50), MOUSE)
    pointer.press(holds=True)
    pointer.turn(MOUSE.moved(AWAY_PX / 2, 0))
    assert pointer.at == (50, 50)
    pointer.turn(MOUSE.moved(2 * AWAY_PX, 0))
    assert (pointer.at, pointer.down) == (None, False)
