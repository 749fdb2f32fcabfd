"""Finding a node type by typing: its name, its synonyms, its category, what can be chosen in it, its description.

British and American spelling are one, and so are a word and its endings and a standard however it is cited (E 112,
ASTM E112-24, DIN EN ISO 643). Where nothing is found as it was typed, German words are taken in English, and a slip of
the finger is forgiven in either.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Self

from graingraph.app.document.german_terms import in_english, nearly_in_english
from graingraph.engine.declare.node import NodeType

FLOW = ("Input", "Enhance", "Segment", "Clean", "Measure", "Draw", "Learn", "Report")
DESCRIBED, MISSPELT = 5, 9
"""The scores of a word found only in the description, and, less a point a slip, of a misspelt name or synonym."""
GATHERS = 3
"""What gathers over images comes after what it gathers, where a synonym finds both."""
FEWEST_WITHIN = 4
"""Letters that are looked for in the middle of a name."""

_SPELLINGS = (
    ("grey", "gray"),
    ("our", "or"),
    ("iz", "is"),
    ("yz", "ys"),
    ("tre", "ter"),
    ("ll", "l"),
    ("ph", "f"),
    ("artef", "artif"),
    ("minium", "minum"),
)
"""What one side of the Atlantic writes otherwise: both become the second, in what is typed and in what is searched."""


_STANDARDS = (
    (re.compile(r"\b(?:din|en|bs) +(?=en\b|iso\b)"), ""),
    (re.compile(r"\b([a-z])[ -]+(?=\d\d)"), r"\1"),
    (re.compile(r"\b(e\d{2,4})-\d\d\w*"), r"\1"),
    (re.compile(r"(?<=\d):(?:19|20)\d\d\b"), ""),
    (re.compile(r"\bhv ?\d[\d.,]*"), "hv"),
)
"""How standards are cited otherwise: DIN EN before ISO, E 112 for E112, and years; and HV 10 for HV."""
_ENDINGS = re.compile(r"(?<=...)(?:is|at)?(?:ations?|ings?|ions?|ed|es?|s)$")


@dataclass(frozen=True)
class _Words:
    """What a type is found by, in one spelling; synonyms with the most telling first."""

    name: str
    parts: list[str]
    synonyms: list[str]
    choices: set[str]
    category: str
    description: frozenset[str]
    gathers: bool

    @classmethod
    def of(cls, kind: NodeType) -> Self:
        parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z\s]+", kind.name)
        choices = (choice for setting in kind.settings for choice in setting.choices)
        return cls(
            _one_spelling(kind.name),
            [_one_spelling(part) for part in parts],
            [_one_spelling(synonym) for synonym in kind.synonyms],
            {word for choice in choices for word in _one_spelling(choice).split()},
            _one_spelling(kind.category),
            _words_of(f"{kind.summary} {kind.help}"),
            kind.gathers,
        )


def search(query: str, types: Iterable[NodeType]) -> list[NodeType]:
    """The types that match every word of the query, best first; equally good ones in the order given.

    German and misspelt words count only where no name, synonym, category or choice has all words as they were typed.
    Where no type has all words, those that have the most of them; numbers, as those of standards, have to be there.
    """
    types = list(types)
    known = [_Words.of(kind) for kind in types]
    words = _one_spelling(query).split()
    scores = _scores(words, known)
    if not _meant(scores) and any(map(in_english, query.split())):
        words = _one_spelling(" ".join(in_english(word) or word for word in query.split())).split()
        scores = _scores(words, known)
    if not _meant(scores):
        scores = [
            [max(score, _slip_score(word, one)) for word, score in zip(words, found, strict=True)]
            for one, found in zip(known, scores, strict=True)
        ]
    needed = _as_many_as_one_has(words, scores)
    if needed is None:
        german = [nearly_in_english(word) for word in query.split()]
        return search(" ".join(filter(None, german)), types) if any(german) else []
    phrase = " ".join(words)
    ranked = [
        (sum(found) + _phrase_score(phrase, one), kind)
        for found, one, kind in zip(scores, known, types, strict=True)
        if _has(words, found, needed)
    ]
    return [kind for _, kind in sorted(ranked, key=lambda item: -item[0])]


def along_the_flow(types: Iterable[NodeType]) -> list[NodeType]:
    """Types by category, in the order in which a recipe uses them, then by name."""
    place = {category: number for number, category in enumerate(FLOW)}
    return sorted(types, key=lambda kind: (place.get(kind.category, len(FLOW)), kind.category, kind.name))


def _as_many_as_one_has(words: list[str], scores: list[list[float]]) -> int | None:
    """How many of the words the type has that has the most; None where none has any, or not one with a digit."""
    for number in range(len(words), 0, -1):
        if any(_has(words, found, number) for found in scores):
            return number
    return None if words else 0


def _has(words: list[str], found: list[float], number: int) -> bool:
    """Whether so many words are found, of which some may be in the description only where all are there."""
    least = 0 if number == len(words) else DESCRIBED
    there = [score > least for score in found]
    return sum(there) >= number and all(one or not _has_digit(word) for one, word in zip(there, words, strict=True))


def _has_digit(word: str) -> bool:
    return re.search("[0-9]", word) is not None


def _scores(words: list[str], known: list[_Words]) -> list[list[float]]:
    return [[_score(word, one) for word in words] for one in known]


def _meant(scores: list[list[float]]) -> bool:
    """Whether a type has all words elsewhere than in its description."""
    return any(all(score > DESCRIBED for score in found) for found in scores)


def _score(word: str, known: _Words) -> float:
    if known.name == word:
        return 100
    if word in known.parts:
        return 60
    if known.name.startswith(word):
        return 55
    by_synonym = max((_synonym_score(word, *one) for one in enumerate(known.synonyms)), default=0)
    if by_synonym > GATHERS and known.gathers:
        by_synonym -= GATHERS
    return max(by_synonym, _other_score(word, known))


def _synonym_score(word: str, place: int, synonym: str) -> float:
    """The first synonym is as good as a name, of the others the first better than those behind them."""
    behind = min(place, 8) / 4
    if word in (synonym, synonym.replace(" ", "")):
        return 50 - behind if place else 62
    parts = synonym.split()
    if word in parts:
        return 36 - behind
    if any(part.startswith(word) for part in parts):
        return 30 - behind
    return 28 - behind if _stem(word) in map(_stem, parts) else 0


def _other_score(word: str, known: _Words) -> float:
    if any(part.startswith(word) for part in known.parts):
        return 40
    if _stem(word) in map(_stem, known.parts):
        return 38
    if word in known.choices or _stem(word) in map(_stem, known.choices):
        return 24
    if len(word) >= FEWEST_WITHIN and word in known.name:
        return 20
    if word in known.category:
        return 10
    return DESCRIBED if any(one.startswith(word) for one in known.description) else 0


def _phrase_score(phrase: str, known: _Words) -> float:
    """For several words that stand together in the name or a synonym as they were typed."""
    if " " not in phrase:
        return 0
    if phrase.replace(" ", "") == known.name:
        return 100
    found = (40 - place for place, synonym in enumerate(known.synonyms) if phrase in synonym)
    return max(found, default=0) - (GATHERS if known.gathers else 0)


def _slip_score(word: str, known: _Words) -> float:
    """Nearly ``MISSPELT`` for a name or first synonym that begins nearly as typed, a point less for another word."""
    parts = {part for synonym in known.synonyms for part in synonym.split()}
    parts |= {*known.parts, known.category}
    found = [0.0]
    for typed in {word, _stem(word)}:
        in_name = min(_slips(typed, one) for one in (known.name, *known.synonyms[:1]))
        elsewhere = min(_slips(typed, part) for part in parts)
        found += [MISSPELT - in_name] if in_name < _forgiven(typed) else []
        found += [MISSPELT - elsewhere - 1] if elsewhere < _forgiven(typed) else []
    return max(found)


def _forgiven(word: str) -> int:
    """The slips that are too many; numbers are as they are."""
    return 0 if _has_digit(word) else 3 if len(word) >= 8 else 2 if len(word) >= 5 else 1


def _slips(typed: str, word: str) -> float:
    """How many letters are missing, added, wrong or exchanged with the next, to the nearest beginning of the word.

    The optimal string alignment distance (Damerau 1964), the least over all beginnings of ``word``; half a slip more
    where the word goes on behind. Words that begin with another letter are other words.
    """
    if typed[:1] != word[:1]:
        return len(typed)
    before: list[int] = []
    row = list(range(len(word) + 1))
    for number, letter in enumerate(typed, 1):
        earlier, before, row = before, row, [number]
        for place, other in enumerate(word, 1):
            cost = min(before[place] + 1, row[place - 1] + 1, before[place - 1] + (letter != other))
            swapped = number > 1 and place > 1 and letter == word[place - 2] and typed[number - 2] == other
            row.append(min(cost, earlier[place - 2] + 1) if swapped else cost)
    return min(row[-1], min(row) + 0.5)


@lru_cache(4096)
def _stem(word: str) -> str:
    """A word without its ending: calibration and calibrate, opening and open are one."""
    return _ENDINGS.sub("", word)


@cache
def _words_of(description: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w-]+", _one_spelling(description)))


@lru_cache(4096)
def _one_spelling(text: str) -> str:
    text = text.lower()
    for cited, written in _STANDARDS:
        text = cited.sub(written, text)
    for one, other in _SPELLINGS:
        text = text.replace(one, other)
    return text
