"""Finding a node type by typing: its name, its synonyms, its category, the words of its summary.

British and American spelling are one, and a slip of the finger is forgiven where nothing is written as it was typed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from graingraph.engine.declare.node import NodeType

FLOW = ("Input", "Enhance", "Segment", "Clean", "Measure", "Draw", "Learn", "Report")
DESCRIBED, MISSPELT = 5, 9
"""The scores of a word found only in the description, and, less a point a slip, of a misspelt name or synonym."""

_SPELLINGS = (
    ("grey", "gray"),
    ("our", "or"),
    ("z", "s"),
    ("tre", "ter"),
    ("ll", "l"),
    ("ph", "f"),
    ("artef", "artif"),
    ("minium", "minum"),
)
"""What one side of the Atlantic writes otherwise: both become the second, in what is typed and in what is searched."""


@dataclass(frozen=True)
class _Words:
    """What a type is found by, in one spelling."""

    name: str
    parts: list[str]
    synonyms: list[str]
    category: str
    description: str

    @classmethod
    def of(cls, kind: NodeType) -> Self:
        parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z\s]+", kind.name)
        return cls(
            _one_spelling(kind.name),
            [_one_spelling(part) for part in parts],
            [_one_spelling(synonym) for synonym in kind.synonyms],
            _one_spelling(kind.category),
            _one_spelling(f"{kind.summary} {kind.help}"),
        )


def search(query: str, types: Iterable[NodeType]) -> list[NodeType]:
    """The types that match every word of the query, best first; equally good ones in the order given.

    Misspelt words count only where no name, synonym or category has all words as they were typed.
    """
    words = [_one_spelling(word) for word in query.lower().split()]
    types = list(types)
    known = [_Words.of(kind) for kind in types]
    scores = [[_score(word, one) for word in words] for one in known]
    if not any(all(score > DESCRIBED for score in found) for found in scores):
        scores = [
            [max(score, _slip_score(word, one)) for word, score in zip(words, found, strict=True)]
            for one, found in zip(known, scores, strict=True)
        ]
    matching = [(sum(found), kind) for found, kind in zip(scores, types, strict=True) if all(found)]
    return [kind for _, kind in sorted(matching, key=lambda item: -item[0])]


def along_the_flow(types: Iterable[NodeType]) -> list[NodeType]:
    """Types by category, in the order in which a recipe uses them, then by name."""
    place = {category: number for number, category in enumerate(FLOW)}
    return sorted(types, key=lambda kind: (place.get(kind.category, len(FLOW)), kind.category, kind.name))


def _score(word: str, known: _Words) -> int:
    if known.name == word:
        return 100
    if known.name.startswith(word):
        return 60
    if any(part.startswith(word) for part in known.parts):
        return 40
    if word in known.synonyms:
        return 50
    if any(part.startswith(word) for synonym in known.synonyms for part in synonym.split()):
        return 30
    if word in known.name:
        return 20
    if word in known.category:
        return 10
    return DESCRIBED if word in known.description else 0


def _slip_score(word: str, known: _Words) -> int:
    """Nearly ``MISSPELT`` where the name begins nearly as typed, or, with a point less, another word; 0 for none."""
    allowed = 2 if len(word) >= 8 else 1 if len(word) >= 4 else 0
    synonyms = [part for synonym in known.synonyms for part in synonym.split()]
    in_name = _slips(word, known.name)
    elsewhere = min(_slips(word, other) for other in (*known.parts, known.category, *synonyms))
    if in_name <= allowed:
        return MISSPELT - in_name
    return MISSPELT - elsewhere - 1 if elsewhere <= allowed else 0


def _slips(typed: str, word: str) -> int:
    """How many letters are missing, added, wrong or exchanged with the next, to the nearest beginning of the word.

    The optimal string alignment distance (Damerau 1964), the least over all beginnings of ``word``.
    """
    before: list[int] = []
    row = list(range(len(word) + 1))
    for number, letter in enumerate(typed, 1):
        earlier, before, row = before, row, [number]
        for place, other in enumerate(word, 1):
            cost = min(before[place] + 1, row[place - 1] + 1, before[place - 1] + (letter != other))
            swapped = number > 1 and place > 1 and letter == word[place - 2] and typed[number - 2] == other
            row.append(min(cost, earlier[place - 2] + 1) if swapped else cost)
    return min(row)


def _one_spelling(text: str) -> str:
    text = text.lower()
    for one, other in _SPELLINGS:
        text = text.replace(one, other)
    return text
