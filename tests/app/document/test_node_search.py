import pytest

import graingraph.nodes  # noqa: F401 - declares the nodes
from graingraph.app.document.node_search import search
from graingraph.engine.declare.node import REGISTRY


def test_search_finds_by_name_synonym_and_description():
    types = list(REGISTRY.values())
    assert search("threshold", types)[0].name == "Threshold"
    assert search("thr", types)[0].name == "Threshold"
    for kind in types:
        assert search(kind.name, types)[0].name == kind.name
        for synonym in kind.synonyms:
            assert kind in search(synonym, types), synonym
    assert any(kind.name == "Load" for kind in search(REGISTRY["Load"].summary.split()[-1].strip("."), types))
    assert search("qqqq", types) == []
    assert len(search("", types)) == len(types)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("treshold", "Threshold"),
        ("thershold", "Threshold"),
        ("histgoram", "Distribution"),
        ("porostiy", "AreaFraction"),
        ("watersched", "SeparateFeatures"),
        ("gausian", "Filter"),
        ("mesure fetures", "MeasureFeatures"),
        ("backgruond", "FlattenBackground"),
    ],
)
def test_slips_of_the_finger_are_forgiven(typed: str, name: str):
    assert name in [kind.name for kind in search(typed, REGISTRY.values())][:4]


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("grey", "gray"),
        ("colour", "color"),
        ("binarise", "binarize"),
        ("normalise", "normalize"),
        ("equalise", "equalize"),
        ("labelling", "labeling"),
        ("neighbour", "neighbor"),
        ("skeletonise", "skeletonize"),
        ("centre", "center"),
    ],
)
def test_british_and_american_words_find_the_same(british: str, american: str):
    found = search(british, REGISTRY.values())
    assert found == search(american, REGISTRY.values())


def test_what_is_written_as_typed_is_not_mixed_with_what_is_nearly_so():
    assert all(
        "load" in f"{k.name} {k.synonyms} {k.summary} {k.help}".lower() for k in search("load", REGISTRY.values())
    )
    assert search("xq", REGISTRY.values()) == []


def test_the_words_of_a_name_are_found_one_by_one():
    assert search("background", REGISTRY.values())[0].name == "FlattenBackground"
    assert search("fields size", REGISTRY.values())[0].name == "GrainSizeOfFields"
