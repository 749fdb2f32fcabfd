"""Marks of two people: the union of two drawings, where they disagree, and what a person decides about that."""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np

from graingraph.engine.declare.injected import Mark
from graingraph.engine.marks.drawing import AREA_TOOLS, Drawing, digest
from graingraph.engine.marks.store import new_mark_id

NEAR = 2.0
"""Strokes whose edges are this many pixels apart, or less, touch the same thing."""


@dataclass(frozen=True)
class Conflict:
    """Two people disagree: ``ours`` and ``theirs`` are ids of marks (empty where one has none), ``why`` a sentence."""

    ours: str
    theirs: str
    why: str


@dataclass(frozen=True)
class Dispute:
    """Strokes of two people that a person decides about together: ids of both sides, and why, in sentences."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    whys: tuple[str, ...]


Choice = Literal["mine", "theirs", "both"]


def merge(ours: Drawing, theirs: Drawing) -> tuple[Drawing, tuple[Conflict, ...]]:
    """The union of two drawings by the ids of their marks, and where they disagree.

    Both orders are kept; between strokes of which neither order speaks, ids decide, so that it does not matter who
    merges. A mark that one of them removed is removed. Ours stays where one id has two contents.
    """
    conflicts = list(_same_id(ours, theirs))
    gone = {**theirs.removed, **ours.removed}
    conflicts += [Conflict(i, "", "the other removed this") for i in ours.marks if i in theirs.removed]
    conflicts += [
        Conflict("", i, "removed here, still there in the other's") for i in theirs.marks if i in ours.removed
    ]
    marks = {**theirs.marks, **ours.marks}
    order = [i for i in _interleave(list(ours.marks), list(theirs.marks)) if i not in gone]
    new_ours = [m for i, m in ours.marks.items() if i not in theirs.marks and i not in gone]
    new_theirs = [m for i, m in theirs.marks.items() if i not in ours.marks and i not in gone]
    conflicts += _overlaps(new_ours, new_theirs)
    if ours.marks and theirs.marks and ours.drawn_on != theirs.drawn_on:
        conflicts.append(Conflict("", "", "the two were drawn on different results underneath"))
    merged = Drawing(layers={**theirs.layers, **ours.layers})
    for mark_id in order:
        merged.add(marks[mark_id], drawn_on=ours.drawn_on if ours.marks else theirs.drawn_on)
    merged.removed = gone
    return merged, tuple(conflicts)


def disputes(conflicts: Iterable[Conflict]) -> tuple[Dispute, ...]:
    """The conflicts that a person has to settle together, because they share strokes; one dispute a place."""
    import networkx as nx

    graph = nx.Graph()
    for conflict in conflicts:
        ends = [(side, mark) for side, mark in (("ours", conflict.ours), ("theirs", conflict.theirs)) if mark]
        if ends:
            graph.add_edge(ends[0], ends[-1], why=conflict.why)
    found = []
    for strokes in nx.connected_components(graph):
        sides = {side: tuple(sorted(m for s, m in strokes if s == side)) for side in ("ours", "theirs")}
        whys = {why for _, _, why in graph.edges(strokes, data="why")}
        found.append(Dispute(sides["ours"], sides["theirs"], tuple(sorted(whys))))
    return tuple(sorted(found, key=lambda one: (one.ours, one.theirs)))


def settle(ours: Drawing, theirs: Drawing, choices: Mapping[Dispute, Choice]) -> Drawing:
    """The merge of two drawings with disputes settled; one that is not in ``choices`` is left as ``merge`` leaves it.

    "mine" and "theirs" keep that side's strokes and what it removed; "both" keeps every stroke of either.
    """
    merged, conflicts = merge(ours, theirs)
    marks, gone, twins = {**theirs.marks, **ours.marks}, dict(merged.removed), dict[str, Mark]()
    for dispute in disputes(conflicts):
        choice = choices.get(dispute)
        if choice is None:
            continue
        for mark_id in {*dispute.ours, *dispute.theirs}:
            mine, other = ours.marks.get(mark_id), theirs.marks.get(mark_id)
            wanted = [m for m, side in ((mine, "mine"), (other, "theirs")) if m and choice in (side, "both")]
            gone.pop(mark_id, None)
            if not wanted:
                gone[mark_id] = None
            else:
                marks[mark_id] = wanted[0]
            if len(wanted) == 2 and digest(wanted[0]) != digest(wanted[1]):
                twins[mark_id] = replace(wanted[1], id=new_mark_id())
    settled = Drawing(layers=dict(merged.layers))
    for mark_id in _interleave(list(ours.marks), list(theirs.marks)):
        for mark in (marks[mark_id], twins.get(mark_id)):
            if mark is not None and mark_id not in gone:
                settled.add(mark, drawn_on=merged.drawn_on)
    settled.removed = gone
    return settled


def _same_id(ours: Drawing, theirs: Drawing) -> Iterator[Conflict]:
    for mark_id, mark in ours.marks.items():
        other = theirs.marks.get(mark_id)
        if other is not None and digest(other) != digest(mark):
            yield Conflict(mark_id, mark_id, "the same stroke has two contents; ours is kept")


def _interleave(ours: list[str], theirs: list[str]) -> list[str]:
    """Both lists in one, each in its order; between two ids that both have, whichever id is smaller comes first."""
    shared = set(ours) & set(theirs)
    if [i for i in ours if i in shared] != [i for i in theirs if i in shared]:
        return ours + [i for i in theirs if i not in shared]
    order: list[str] = []
    for a, b in zip(_stretches(ours, shared), _stretches(theirs, shared), strict=True):
        order += heapq.merge([i for i in a if i not in shared], [i for i in b if i not in shared])
        order += [i for i in a if i in shared]
    return order


def _stretches(ids: list[str], shared: set[str]) -> list[list[str]]:
    """The list cut behind every shared id."""
    stretches: list[list[str]] = [[]]
    for mark_id in ids:
        stretches[-1].append(mark_id)
        if mark_id in shared:
            stretches.append([])
    return stretches


def _overlaps(ours: list[Mark], theirs: list[Mark]) -> Iterator[Conflict]:
    """Strokes of the two that touch the same place and do not say the same."""
    if not ours or not theirs:
        return
    low, high = _corners(theirs)
    for mark, (x0, y0), (x1, y1) in zip(ours, *_corners(ours), strict=True):
        near = (low <= (x1, y1)).all(1) & (high >= (x0, y0)).all(1)
        for other in (theirs[i] for i in np.flatnonzero(near)):
            if not _agree(mark, other) and _touch(mark, other):
                yield Conflict(mark.id, other.id, "both changed the same place")


def _corners(marks: list[Mark]) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper corners (n, 2) of where each mark reaches, half of ``NEAR`` further."""
    reach = np.array([m.width / 2 + NEAR / 2 for m in marks])[:, None]
    points = [m.points.astype(np.float64) for m in marks]
    return np.array([p.min(0) for p in points]) - reach, np.array([p.max(0) for p in points]) + reach


def _agree(a: Mark, b: Mark) -> bool:
    painted = a.layer == b.layer != "" and "eraser" not in (a.tool, b.tool)
    return painted or a.tool == b.tool == "pick" or digest(a) == digest(b)


def _touch(a: Mark, b: Mark) -> bool:
    from scipy.spatial import cKDTree

    lines = [_outline(m) for m in (a, b)]
    apart = cKDTree(lines[0]).query(lines[1])[0].min() - (a.width + b.width) / 2
    return bool(apart <= NEAR + 2) or _holds(a, lines[0], lines[1][0]) or _holds(b, lines[1], lines[0][0])


def _outline(mark: Mark) -> np.ndarray:
    """Points (n, 2) about 2 px apart along a mark; areas go round."""
    points = mark.points.astype(np.float64)
    if len(points) == 2 and mark.tool in AREA_TOOLS:
        (x0, y0), (x1, y1) = points
        points = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    if mark.tool in AREA_TOOLS:
        points = np.concatenate([points, points[:1]])
    parts = [np.linspace(p, q, max(1, int(np.hypot(*(q - p)) / 2)), endpoint=False) for p, q in pairwise(points)]
    return np.concatenate([*parts, points[-1:]])


def _holds(mark: Mark, outline: np.ndarray, point: np.ndarray) -> bool:
    """Whether an area has a point inside, by the even-odd rule."""
    if mark.tool not in AREA_TOOLS:
        return False
    (ax, ay), (bx, by) = outline[:-1].T, outline[1:].T
    crosses = (ay <= point[1]) != (by <= point[1])
    x = ax + (point[1] - ay) * (bx - ax) / np.where(by == ay, 1, by - ay)
    return bool((crosses & (x <= point[0])).sum() % 2)
