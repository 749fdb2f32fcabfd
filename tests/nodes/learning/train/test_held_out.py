"""Which images are held out."""

from collections.abc import Callable

import pytest

from graingraph.engine.values import ClassMap
from graingraph.nodes.learning.train.held_out import are_parts_of_one, split
from graingraph.nodes.learning.train.micrographs import micrographs
from graingraph.nodes.learning.train.sample import Sample, make_sample
from tests.support.pictures import discs, patches


def samples(*names: str, traced: Callable[[ClassMap], ClassMap] = lambda truth: truth) -> list[Sample]:
    made = [(name, *discs(number)) for number, name in enumerate(names)]
    return [make_sample(name, image, traced(truth), 1, 1.0, ()) for name, image, truth in made]


def test_images_that_the_model_before_learnt_are_held_out_only_where_there_are_no_others() -> None:
    given = samples("0", "1", "2", "3")
    learnt = [sample.hash for sample in given[:3]]
    for seed in range(10):
        assert split(given, 0.2, seed, learnt=learnt)[1] == given[3:]
        assert split(given, 0.2, seed, keep=learnt[:1], learnt=learnt)[1] == given[:1]
    assert given[3] in split(given, 0.5, 0, learnt=learnt)[1]
    learn, kept = split(given[:3], 0.2, 0, learnt=learnt)
    assert (len(learn), len(kept)) == (2, 1)


@pytest.mark.parametrize(("share", "count", "held"), [(0.2, 3, 1), (0.2, 5, 1), (0.2, 10, 2), (0, 5, 0), (0.9, 3, 2)])
def test_a_share_is_held_out_but_never_all_and_at_least_one(share: float, count: int, held: int) -> None:
    learn, kept = split(samples(*(f"brass_{k:03d}.tif" for k in range(count))), share, 1)
    assert (len(learn), len(kept)) == (count - held, held)
    assert split(samples("alone.tif"), share, 1)[1] == []


def test_what_is_traced_whole_is_held_out_before_what_is_not() -> None:
    given = [*samples("a", "b", "c", traced=patches), *samples("whole")]
    assert all(split(given, 0.2, seed)[1] == given[3:] for seed in range(10))


def test_tiles_of_one_micrograph_are_held_out_together_or_learnt_together() -> None:
    names = [f"{alloy}_r{row}_c{column}.png" for alloy in ("A", "B", "C") for row in (0, 1) for column in (0, 1)]
    for seed in range(5):
        learn, kept = split(samples(*names), 0.2, seed)
        assert len(kept) == 4
        assert not {s.name[0] for s in learn} & {s.name[0] for s in kept}


def test_of_one_micrograph_alone_a_tile_is_held_out() -> None:
    given = samples(*(f"weld tile {k}.png" for k in range(4)))
    assert len(split(given, 0.2, 1)[1]) == 1
    assert are_parts_of_one(given)
    assert not are_parts_of_one(samples("a.png", "b.png"))


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        (["brass_001.tif", "brass_002.tif", "brass_003.tif"], 3),
        (["s1_f1.png", "s1_f2.png", "s2_f1.png"], 3),
        (["1_1.png", "1_2.png", "2_1.png", "2_2.png"], 4),  # specimen and field, as people count
        (["2024_001.png", "2024_002.png", "2025_001.png", "2025_002.png"], 4),
        (["a_0_0.png", "a_0_1.png", "a_1_0.png", "a_1_1.png", "b.png"], 2),
        (["a_0_0.png", "a_0_512.png", "a_512_0.png", "a_512_512.png"], 1),
        (["a_tile1.png", "a_tile2.png", "b_tile1.png"], 2),
        (["a_x0_y0.png", "a_x512_y0.png", "b_x0_y0.png"], 2),
        (["one/a_patch_1.png", "two/a_patch_1.png"], 2),
        (["tile1.png", "tile2.png"], 2),  # nothing is left that would name the micrograph
        (["Patchett 3.png", "Patchett 4.png", "crop.png"], 3),
    ],
)
def test_parts_of_a_micrograph_are_told_by_their_names(names: list[str], groups: int) -> None:
    found = micrographs(names)
    assert len(found) == groups
    assert sorted(name for group in found for name in group) == sorted(names)
