from pathlib import Path

from graingraph.app.document.picking import Picked

IMAGES = [Path(f"{letter}.tif") for letter in "abcdef"]
A, B, C, D, E, F = IMAGES


def test_clicks_with_ctrl_and_shift():
    picked = Picked().clicked(IMAGES, B)
    assert picked.images == {B}
    picked = picked.clicked(IMAGES, D, shift=True)
    assert picked.images == {B, C, D}
    assert picked.clicked(IMAGES, A, shift=True).images == {A, B}
    picked = picked.clicked(IMAGES, C, ctrl=True)
    assert picked.images == {B, D}
    picked = picked.clicked(IMAGES, F, ctrl=True).clicked(IMAGES, E, ctrl=True, shift=True)
    assert picked.images == {B, D, E, F}
    assert picked.clicked(IMAGES, A).images == {A}


def test_a_range_without_a_start_is_a_click():
    assert Picked().clicked(IMAGES, C, shift=True).images == {C}


def test_arrows_move_and_grow_the_selection_and_stop_at_the_ends():
    picked = Picked().moved(IMAGES, 1)
    assert picked.images == {A}
    picked = picked.moved(IMAGES, 2).moved(IMAGES, 1, shift=True)
    assert picked.images == {C, D}
    assert picked.moved(IMAGES, -1, shift=True).images == {C}
    assert picked.moved(IMAGES, 99).here == F
    assert Picked().moved(IMAGES, -1).here == F
    assert Picked().moved([], 1) == Picked()


def test_what_leaves_the_list_leaves_the_selection():
    picked = Picked().clicked(IMAGES, A).clicked(IMAGES, C, shift=True)
    left = picked.within(IMAGES[1:])
    assert (left.images, left.here, left.start) == ({B, C}, C, None)
    assert picked.all_of(IMAGES).images == frozenset(IMAGES)
