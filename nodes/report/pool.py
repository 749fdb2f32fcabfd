"""One table of all images."""

import re
from dataclasses import replace

from graingraph.engine.declare.node import node
from graingraph.engine.problem import Problem
from graingraph.engine.values import PerImage, Table
from graingraph.engine.values.notes import Note
from graingraph.engine.values.pooling import pooled

NUMBER = re.compile(r"\d+(?:\.\d+)?")


@node("Pool", category="Report", synonyms=("gather", "concatenate", "all images", "merge tables", "combine fields"))
def pool(tables: PerImage[Table]) -> Table:
    """Put the tables of all images into one; each row names its image.

    Images that failed are left out, and a note says so. Lengths are never mixed: where some images have a pixel size
    and others have none, the table is refused. An image without a row has no length to mix.
    """
    found = dict(tables.good())
    if not found:
        reasons = "; ".join(f"{name}: {problem.message}" for name, problem in tables.failures.items())
        raise Problem(f"There is no table to pool; no image could be measured ({reasons or 'the tray is empty'}).")
    kinds = {table.rows for table in found.values()}
    if len(kinds) > 1:
        raise Problem(
            f"Tables of {' and of '.join(sorted(kinds))} cannot be pooled; wire the same node for each image."
        )
    filled = {name: table for name, table in found.items() if table.count} or dict(list(found.items())[:1])
    _require_common_units(filled)
    table = pooled(filled)
    headline = _counted(table.count, table.rows)
    if table.rows != "fields":
        headline += f" in {_counted(len(found), 'images')}"
    notes = _gathered_notes({name: table.notes for name, table in found.items()})
    notes += [Note("incomplete", str(problem.at(image=name))) for name, problem in tables.failures.items()]
    return replace(table, headline=headline, notes=tuple(notes))


def _counted(count: int, things: str) -> str:
    return f"{count} {things.removesuffix('s') if count == 1 else things}"


def _gathered_notes(notes: dict[str, tuple[Note, ...]]) -> list[Note]:
    """Each note once, after the names of its images; notes that differ in numbers only are one, with ranges."""
    alike: dict[Note, list[tuple[str, str]]] = {}
    for name, said in notes.items():
        for note in said:
            alike.setdefault(replace(note, text=NUMBER.sub("#", note.text)), []).append((name, note.text))
    return [
        replace(note, text=f"{_listed([name for name, _ in found])}: {_ranged([text for _, text in found])}")
        for note, found in alike.items()
    ]


def _ranged(sentences: list[str]) -> str:
    """Write "Only 5 to 9 grains" for "Only 9 grains", "Only 5 grains" and so on."""
    columns = zip(*(NUMBER.findall(sentence) for sentence in sentences), strict=True)
    ends = [(min(column, key=float), max(column, key=float)) for column in columns]
    ranges = iter([low if low == high else f"{low} to {high}" for low, high in ends])
    return NUMBER.sub(lambda _: next(ranges), sentences[0])


def _listed(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3} more images"


def _require_common_units(found: dict[str, Table]) -> None:
    """Raise a ``Problem`` where images disagree about the unit of a column, naming one of each side."""
    first: dict[str, tuple[str, str]] = {}
    for name, table in found.items():
        for column, unit in table.units.items():
            other, known = first.setdefault(column, (name, unit))
            if known != unit:
                raise Problem(
                    f"{column} is in {known} for {other} but in {unit} for {name}; give every image a pixel size with "
                    "SetScale, or none."
                )
