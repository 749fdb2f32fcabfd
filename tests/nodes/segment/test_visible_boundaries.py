"""Grains from lines and probabilities, judged over whole boundaries, against grains that are known."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graingraph.app.samples import phantoms
from graingraph.engine.declare.node import REGISTRY
from graingraph.engine.values import Image, Mask, PixelClass, Probabilities, Scale
from graingraph.engine.values.notes import texts
from graingraph.nodes.imaging.boundaries import partition
from graingraph.nodes.imaging.boundaries.boundary_strength import contacts, joined
from graingraph.nodes.imaging.stereology.stereology import field_of_labels, planimetric
from graingraph.nodes.segment.boundaries import boundaries_to_grains

WALL = 100
"""Column of the one boundary, in an image 200 wide and 160 high."""


def lines(shown):
    """What LineFilter might give for a boundary that shows like this (160 numbers) down its length."""
    picture = np.zeros((160, 200), np.float32)
    picture[:, WALL - 1 : WALL + 2] = np.asarray(shown, np.float32)[:, None]
    return Image(cv2.GaussianBlur(picture, (0, 0), 0.8), Scale(0.3), range=(0.0, 1.0))


def probabilities(boundary):
    pixels = np.stack([1 - boundary, boundary], axis=2).astype(np.float32)
    return Probabilities(pixels, Scale(0.3), classes=(PixelClass("grain"), PixelClass("line", role="boundary")))


def with_gap(length, strength=0.2):
    shown = np.full(160, strength)
    shown[40 : 40 + length] = 0
    return shown


@pytest.mark.parametrize(("gap", "count"), [(0, 2), (20, 2), (60, 2), (100, 1), (140, 1)])
def test_a_boundary_stays_if_half_of_its_length_shows(gap, count):
    grains = boundaries_to_grains(lines(with_gap(gap)))
    assert grains.count == count
    assert grains.scale == Scale(0.3)
    if count == 2:  # the gap is closed along the straight line
        assert abs(np.bincount(grains.pixels.ravel())[1] - 160 * WALL) < 160 * 3


def test_the_weakest_point_joins_grains_over_the_smallest_gap():
    assert boundaries_to_grains(lines(with_gap(20)), judge="weakest point").count == 1
    assert boundaries_to_grains(lines(with_gap(0)), judge="weakest point").count == 2


def test_strength_says_how_dark_a_line_must_be():
    faint = lines(with_gap(0, strength=0.08))
    assert boundaries_to_grains(faint, strength=0.06).count == 2
    assert boundaries_to_grains(faint, strength=0.3).count == 1


def test_a_loose_end_and_a_spot_make_no_grain():
    picture = lines(with_gap(0)).pixels.copy()
    picture[80:83, WALL : WALL + 30] = 0.2
    cv2.circle(picture, (30, 40), 3, 0.3, -1)
    assert boundaries_to_grains(Image(picture, range=(0.0, 1.0))).count == 2


def bricks(rows=4, columns=5, size=60):
    y, x = np.mgrid[: rows * size, : columns * size]
    return ((x % size == 0) | (y % size == 0)).astype(np.float32), rows * columns


def test_gaps_in_predictions_do_not_join_and_spurious_faint_lines_do_not_split():
    network, count = bricks()
    rng = np.random.default_rng(1)
    predicted = cv2.GaussianBlur(cv2.dilate(network, np.ones((3, 3))), (0, 0), 1.2)
    for row, column in rng.permutation(np.argwhere(network))[:20]:  # about a twelfth of the boundary length
        cv2.circle(predicted, (int(column), int(row)), 4, 0.0, -1)
    for _ in range(30):
        x, y = rng.integers(0, 240), rng.integers(0, 200)
        faint = cv2.line(np.zeros_like(predicted), (int(x), int(y)), (int(x) + 50, int(y) + 30), 0.3, 2)
        predicted = np.maximum(predicted, faint)
    grains = boundaries_to_grains(probabilities(predicted))
    assert abs(grains.count - count) <= 1


def tiles(seed):
    """48 rectangular pieces, and boundaries between them that show more or less."""
    rng = np.random.default_rng(seed)
    pieces = cv2.resize(np.arange(1, 49, dtype=np.int32).reshape(6, 8).astype(np.float32), (80, 60), interpolation=0)
    pieces = pieces.astype(np.int32)
    return rng, pieces, rng.random(pieces.shape, np.float32) * rng.random(48, np.float32)[pieces - 1]


def with_cores(boundary, core):
    pixels = np.stack([1 - boundary - core, boundary, core], axis=2).astype(np.float32)
    kinds = (
        PixelClass("grain"),
        PixelClass("line", role="boundary", of="grain"),
        PixelClass("x", role="core", of="grain"),
    )
    return Probabilities(pixels, Scale(0.3), classes=kinds)


def test_a_sliver_between_two_lines_is_no_grain_where_the_network_knows_the_middles_of_grains():
    predicted = cv2.GaussianBlur(lines(with_gap(0, 1.0)).pixels, (0, 0), 0.8)
    predicted[:, WALL + 12] = 0.6  # fainter, over its whole length
    core = np.zeros_like(predicted)
    core[40:120, 30:70] = core[40:120, 140:170] = 0.9
    core[predicted > 0.05] = 0
    assert boundaries_to_grains(with_cores(predicted, 0 * core), visible=0.3).count == 1  # nothing is a grain
    assert boundaries_to_grains(probabilities(predicted), visible=0.3).count == 3
    grains = boundaries_to_grains(with_cores(predicted, core), visible=0.3)
    assert grains.count == 2
    assert abs(np.bincount(grains.pixels.ravel())[1] - 160 * WALL) < 160 * 3  # joined over the fainter line


@pytest.mark.parametrize(("third_side", "count"), [(1.0, 3), (0.8, 2)])
def test_a_small_grain_needs_no_middle_where_all_of_its_outline_shows(third_side, count):
    wall = with_gap(0, 1.0)
    wall[70:90] = third_side  # of a triangle beside the wall
    predicted = lines(wall).pixels.copy()
    cv2.polylines(
        predicted, [np.array([(WALL, 70), (WALL + 18, 80), (WALL, 90)])], isClosed=False, color=1.0, thickness=3
    )
    core = np.zeros_like(predicted)
    core[40:120, 30:70] = core[40:120, 140:170] = 0.9
    assert boundaries_to_grains(with_cores(predicted, core)).count == count


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_of_pieces_that_are_not_whole_none_is_left_alone(seed):
    rng, pieces, shown = tiles(seed)
    whole = rng.random(49) < rng.random()
    whole[1 + rng.integers(48)] = True
    found = joined(*contacts(pieces, shown), 48, 0.4, whole)
    assert set(found[1:]) == set(found[1:][whole[1:]])
    _, total, length = contacts(found[pieces], shown)
    assert np.all(total >= 0.4 * length - 1e-9)
    assert np.array_equal(
        joined(*contacts(pieces, shown), 48, 0.4, np.ones(49, bool)), joined(*contacts(pieces, shown), 48, 0.4)
    )


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(0, 0.8))
def test_anything_gives_a_partition_and_asking_for_more_leaves_fewer(seed, visible):
    rng = np.random.default_rng(seed)
    shown = cv2.GaussianBlur(rng.random((50, 60), np.float32), (0, 0), 2)
    shown = np.clip((shown - shown.min()) / np.ptp(shown), 0, 1)
    some = boundaries_to_grains(probabilities(shown), visible=visible, smallest_grain=0)
    fewer = boundaries_to_grains(probabilities(shown), visible=visible + 0.2, smallest_grain=0)
    assert np.array_equal(np.unique(some.pixels), np.arange(1, some.count + 1))
    assert 1 <= fewer.count <= some.count
    pairs = np.unique(np.stack([some.pixels.ravel(), fewer.pixels.ravel()]), axis=1)
    assert pairs.shape[1] == some.count  # every larger grain is made of whole smaller ones


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_no_boundary_left_shows_less_than_asked(seed):
    _, pieces, shown = tiles(seed)
    grains = joined(*contacts(pieces, shown), 48, 0.4)[pieces]
    _, total, length = contacts(grains, shown)
    assert np.all(total >= 0.4 * length - 1e-9)


@pytest.mark.parametrize("value", [0.0, 0.05, 1.0])
@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (40, 50)])
def test_a_constant_image_is_one_grain_or_says_so(value, shape):
    grains = boundaries_to_grains(Image(np.full(shape, value, np.float32), range=(0.0, 1.0)))
    assert grains.pixels.max() == grains.count
    assert any("enclose no grain" in note for note in texts(grains.notes)) == (grains.count < 2)


def test_a_recipe_from_before_keeps_its_numbers():
    old = {"max_gap": 10, "depth": 0.2, "boundary_class": "", "smallest_grain": 20, "keep_line": False}
    migrations = REGISTRY["BoundariesToGrains"].migrations
    assert migrations[2](migrations[1](old))["judge"] == "weakest point"


def with_middles(grains, strength=0.95):
    """What a network that learnt the middles gives for grains (int32), of which the window to judge shows a part."""
    edge = partition.borders(grains)
    depth = cv2.distanceTransform((~edge).view(np.uint8), cv2.DIST_L2, 5)
    deepest = np.zeros(int(grains.max()) + 1, np.float32)
    np.maximum.at(deepest, grains.ravel(), depth.ravel())
    line = np.clip(cv2.GaussianBlur(edge.astype(np.float32), (0, 0), 1.2) * 2.6, 0, 1) * strength
    core = (1 - line) * (depth > 0.5 * deepest[grains]) * 0.9
    return np.stack([line, 1 - line - core, core], axis=2).astype(np.float32)


MIDDLES = (PixelClass("b", role="boundary", of="a"), PixelClass("a"), PixelClass("a core", role="core", of="a"))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_grains_whose_middle_lies_outside_the_frame_are_found(seed):
    section = phantoms.voronoi_section(30, (420, 420), np.random.default_rng(seed))
    window = np.s_[60:360, 60:360]
    planes, true = with_middles(section)[window], phantoms.numbered(section[window])
    found = boundaries_to_grains(Probabilities(np.ascontiguousarray(planes), classes=MIDDLES))
    wanted = [n for n in partition.at_frame(true) if np.count_nonzero(true == n) > 60]
    hits = 0
    for number in wanted:
        own = true == number
        over = np.bincount(found.pixels[own])
        best = int(over.argmax())
        hits += over[best] > 0.5 * np.count_nonzero(own | (found.pixels == best))
    assert hits >= 0.95 * len(wanted)
    counted, drawn = (planimetric(field_of_labels(labels))[0].count for labels in (found.pixels, true))
    assert counted == pytest.approx(drawn, rel=0.06)


def test_a_faint_line_at_the_frame_cuts_no_sliver_off():
    planes = np.zeros((200, 300, 3), np.float32)
    planes[..., 1] = 1
    planes[60:140, 40:110, 2] = planes[60:140, 190:260, 2] = 0.9
    planes[..., 1] -= planes[..., 2]

    def with_line(box, strength):
        changed = planes.copy()
        changed[box] = (strength, 1 - strength, 0)
        changed[:, 149:152] = (0.95, 0.05, 0)
        return boundaries_to_grains(Probabilities(changed, classes=MIDDLES)).count

    assert with_line(np.s_[28:31, :150], 0.6) == 2, "it shows, but not as clearly as an outline must to do without"
    assert with_line(np.s_[28:31, :150], 0.95) == 3
    assert with_line(np.s_[28:31, :150], 0.3) == 2


def test_a_cut_grain_may_show_a_quarter_of_the_smallest():
    mask = np.zeros((100, 100), bool)
    mask[:10, 50] = mask[10, 40:51] = mask[:10, 40] = True  # a cell of 9 × 10 pixels at the frame
    mask[40:52, 40] = mask[40:52, 52] = mask[40, 40:53] = mask[51, 40:53] = True  # one of 10 × 11 inside
    assert boundaries_to_grains(Mask(mask), max_gap=0, smallest_grain=300).count == 2
    assert boundaries_to_grains(Mask(mask), max_gap=0, smallest_grain=500).count <= 1
