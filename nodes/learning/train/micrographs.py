"""Which images are parts of one micrograph, told by their names.

Tiles of one picture look alike: held out beside those that were learnt, they say little about a new micrograph.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath

_MARKED = re.compile(
    r"""[\s_.,;()\[\]-]*
    (?: (?:tile|patch|crop|part|block|piece)s? [\s_.-]* \d+ (?: [\s_.,x-]* \d+ )?
      | (?:row|r|y) [\s_.-]* \d+ [\s_.,-]* (?:column|col|c|x) [\s_.-]* \d+
      | (?:column|col|c|x) [\s_.-]* \d+ [\s_.,-]* (?:row|r|y) [\s_.-]* \d+ )
    [\s)\]]* $""",
    re.VERBOSE | re.IGNORECASE,
)
"""A part of a micrograph whose name says so: tile 3, patch_2_1, r0_c3, x512_y0."""

_PAIR = re.compile(r"^(.*?)[\s_.,;(\[-]+(\d+)[\s_.,x-]+(\d+)[\s)\]]*$", re.IGNORECASE)


def micrographs(names: Iterable[str]) -> list[list[str]]:
    """The names of images, those of one micrograph together, in the order in which they come.

    Parts are told by a name that says so (tile 3, r0_c3), or by two numbers at the end that make a whole grid counted
    from 0, as programs that cut pictures count. Specimen 1 field 2 is no such thing: people count from 1.
    """
    names = list(names)
    pairs: dict[str, set[tuple[int, int]]] = {}
    for name in names:
        if (pair := _PAIR.match(_stem(name))) and not _MARKED.search(_stem(name)):
            pairs.setdefault(pair[1], set()).add((int(pair[2]), int(pair[3])))
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(_micrograph(name, pairs), []).append(name)
    return list(groups.values())


def _micrograph(name: str, pairs: Mapping[str, set[tuple[int, int]]]) -> str:
    stem, folder = _stem(name), str(PurePath(name).parent)
    marked = _MARKED.search(stem)
    if marked and marked.start():
        return f"part of {folder}/{stem[: marked.start()]}"
    pair = _PAIR.match(stem)
    if pair and not marked and _is_grid(pairs[pair[1]]):
        return f"part of {folder}/{pair[1]}"
    return f"whole {name}"


def _is_grid(places: set[tuple[int, int]]) -> bool:
    rows, columns = ({place[axis] for place in places} for axis in (0, 1))
    return len(places) > 1 and min(rows) == min(columns) == 0 and len(places) == len(rows) * len(columns)


def _stem(name: str) -> str:
    return PurePath(name).stem
