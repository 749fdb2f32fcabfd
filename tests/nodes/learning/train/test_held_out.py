"""Which images are held out."""

from graingraph.nodes.learning.train.held_out import split
from graingraph.nodes.learning.train.sample import Sample, make_sample
from tests.support.pictures import discs


def samples(count: int) -> list[Sample]:
    return [make_sample(str(k), *discs(k), 1, 1.0, ()) for k in range(count)]


def test_images_that_the_model_before_learnt_are_held_out_only_where_there_are_no_others() -> None:
    given = samples(4)
    learnt = [sample.hash for sample in given[:3]]
    for seed in range(10):
        assert split(given, 1, seed, learnt=learnt)[1] == given[3:]
        assert split(given, 1, seed, keep=learnt[:1], learnt=learnt)[1] == given[:1]
    assert given[3] in split(given, 2, 0, learnt=learnt)[1]
    learn, kept = split(given[:3], 1, 0, learnt=learnt)
    assert (len(learn), len(kept)) == (2, 1)
