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
