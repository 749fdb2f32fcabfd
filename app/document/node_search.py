"""Finding a node type by typing: its name, its synonyms, its category, the words of its summary."""

from collections.abc import Iterable

from graingraph.engine.declare.node import NodeType

FLOW = ("Input", "Enhance", "Segment", "Clean", "Measure", "Draw", "Learn", "Report")


def search(query: str, types: Iterable[NodeType]) -> list[NodeType]:
    """The types that match every word of the query, best first; equally good ones in the order given."""
    words = query.lower().split()
    scored = [(sum(_score(word, kind) for word in words), kind) for kind in types if _matches(words, kind)]
    return [kind for _, kind in sorted(scored, key=lambda item: -item[0])]


def along_the_flow(types: Iterable[NodeType]) -> list[NodeType]:
    """Types by category, in the order in which a recipe uses them, then by name."""
    place = {category: number for number, category in enumerate(FLOW)}
    return sorted(types, key=lambda kind: (place.get(kind.category, len(FLOW)), kind.category, kind.name))


def _matches(words: list[str], kind: NodeType) -> bool:
    return all(_score(word, kind) > 0 for word in words)


def _score(word: str, kind: NodeType) -> int:
    name = kind.name.lower()
    if name == word:
        return 100
    if name.startswith(word):
        return 60
    if any(part.startswith(word) for part in name.split()):
        return 40
    synonyms = [synonym.lower() for synonym in kind.synonyms]
    if word in synonyms:
        return 50
    if any(part.startswith(word) for synonym in synonyms for part in synonym.split()):
        return 30
    if word in name:
        return 20
    if word in kind.category.lower():
        return 10
    return 5 if word in kind.summary.lower() or word in kind.help.lower() else 0
