import pytest

import graingraph.nodes  # noqa: F401 - declares the nodes
from graingraph.app.document.node_search import along_the_flow, search
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


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("ASTM E112", "GrainSize"),
        ("E 112", "GrainSize"),
        ("ASTM E112-13", "GrainSize"),
        ("DIN EN ISO 643:2020", "GrainSize"),
        ("E562", "AreaFraction"),
        ("ISO 945-1", "Nodularity"),
        ("watershed", "SeparateFeatures"),
        ("segment", "Threshold"),
        ("count", "NumberPerArea"),
        ("size", "GrainSize"),
        ("binarise", "Threshold"),
        ("calibration", "SetScale"),
        ("opening", "Morphology"),
        ("decarburized", "DepthProfile"),
        ("unsharp", "Filter"),
        ("porosity", "Porosity"),
        ("grainsize of fields", "GrainSizeOfFields"),
        ("scalebar", "SetScale"),
        ("meltpool", "MirrorOverlap"),
        ("HV10", "HardnessIndent"),
        ("HV 0.5", "HardnessIndent"),
        ("CHD", "DepthProfile"),
    ],
)
def test_the_trades_words_find_what_is_meant_first(typed: str, first: str):
    assert search(typed, along_the_flow(REGISTRY.values()))[0].name == first


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Korngröße", "GrainSize"),
        ("korngroesse", "GrainSize"),
        ("Schichtdickenmessung", "LayerThickness"),
        ("Einschlüsse", "Inclusions"),
        ("Randentkohlungstiefe", "DepthProfile"),
        ("Zeiligkeit", "Banding"),
        ("Phasenanteil", "AreaFraction"),
        ("Überlappung", "MirrorOverlap"),
        ("entrauschen", "Filter"),
        ("Schichdicke", "LayerThickness"),
        ("Korngrösse nach Norm", "GrainSize"),
    ],
)
def test_german_words_find_the_same(typed: str, first: str):
    assert search(typed, along_the_flow(REGISTRY.values()))[0].name == first


def test_words_that_nothing_has_are_no_hindrance_but_numbers_are():
    types = along_the_flow(REGISTRY.values())
    assert search("fiber volume fraction", types)[0].name == "AreaFraction"
    assert search("lamellar graphite", types)
    assert search("ISO 4505", types) == []
    assert search("B276", types) == []


def test_a_measurement_comes_before_its_mean_over_fields():
    for standard in ("E112", "E562", "E1245", "E1268", "E2567", "E1382", "ISO 1463", "E45", "VDI 3405"):
        gathers = [kind.gathers for kind in search(standard, along_the_flow(REGISTRY.values()))[:2]]
        assert not gathers[0], standard


def test_what_is_written_as_typed_is_not_mixed_with_what_is_nearly_so():
    assert all(
        "load" in f"{k.name} {k.synonyms} {k.summary} {k.help}".lower() for k in search("load", REGISTRY.values())
    )
    assert search("xq", REGISTRY.values()) == []


def test_the_words_of_a_name_are_found_one_by_one():
    assert search("background", REGISTRY.values())[0].name == "FlattenBackground"
    assert search("fields size", REGISTRY.values())[0].name == "GrainSizeOfFields"
