"""One table of all images."""

from dataclasses import replace

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.problem import NeedsTraining, NotWired, Problem
from graingraph.engine.values import MeasuredField, PerImage, Table
from graingraph.engine.values.notes import Note
from graingraph.engine.values.pooling import NO_MEAN, pooled
from graingraph.engine.values.wording import counted, named, ranged, without_numbers
from graingraph.nodes.tables.specimens import with_specimens

FEW = 10
"""Features below which two images may well agree by chance."""


@node("Pool", category="Report", synonyms=("gather", "concatenate", "all images", "merge tables", "combine fields"))
def pool(tables: PerImage[Table], specimens: PerImage[Table] | None = None) -> Table:
    """Put the tables of all images into one; each row names its image, and its specimen where Specimen is wired.

    Images that failed are left out, and a note says so. Lengths are never mixed: where some images have a pixel size
    and others have none, the table is refused. An image without a row has no length to mix, and is a field all the
    same. Two images with the same features are one image twice, and the result is not reportable.
    """
    found = dict(tables.good())
    if not found:
        raise _no_table(tables)
    kinds = {table.rows for table in found.values()}
    if len(kinds) > 1:
        raise Problem(
            f"Tables of {' and of '.join(sorted(kinds))} cannot be pooled; wire the same node for each image."
        )
    filled = {name: table for name, table in found.items() if table.count} or dict(list(found.items())[:1])
    _require_common_units(filled)
    table = with_specimens(pooled(filled), specimens)
    headline = counted(table.count, table.rows.removesuffix("s"), table.rows)
    if table.rows != "fields":
        headline += f" in {counted(len(found), 'image')}"
    notes = _gathered_notes({name: table.notes for name, table in found.items()})
    notes += [Note("incomplete", reason) for reason in tables.reasons()]
    notes += _twice(filled)
    fields, unscaled = _fields(found, filled)
    if unscaled:
        text = f"{named(unscaled)}: without a row and without a pixel size, so not counted as a field."
        notes.append(Note("advice", text))
    return replace(table, headline=headline, notes=tuple(notes), fields=fields)


def _no_table(tables: PerImage[Table]) -> Problem:
    """Why there is nothing to pool; where images only wait for a training or a wire, so does this."""
    kinds = {type(problem) for problem in tables.failures.values()}
    kind = next((kind for kind in (NeedsTraining, NotWired) if kind in kinds), Problem)
    why = "; ".join(reason.rstrip(".") for reason in tables.reasons()) or "the tray is empty"
    return kind(f"There is no table to pool; no image could be measured ({why}).")


def _fields(found: dict[str, Table], filled: dict[str, Table]) -> tuple[tuple[MeasuredField, ...], list[str]]:
    """The field of every image, also of one without a row, whose area counts as well; and the images that have none.

    A field without a pixel size among those with one has no area to add.
    """
    scaled = {field.scale is not None for table in filled.values() for field in table.fields}
    of_images = {name: replace(field, image=name) for name, table in found.items() for field in table.fields[:1]}
    alike = {name: field for name, field in of_images.items() if (field.scale is not None) in scaled}
    return tuple(alike.values()), [name for name in of_images if name not in alike]


def _twice(found: dict[str, Table]) -> list[Note]:
    """A note where two images have the same features: same number, means and deviations of all that was measured."""
    from graingraph.nodes.tables.reportable import twice

    many = {name: table for name, table in found.items() if table.rows == "features" and table.count >= FEW}
    if len(many) < 2:
        return []
    shared = [
        column
        for column in next(iter(many.values())).quantities
        if column not in NO_MEAN and all(column in table.columns for table in many.values())
    ]
    numbers = [np.array([table.count for table in many.values()], float)]
    for column in shared:
        values = [np.asarray(table.columns[column], float) for table in many.values()]
        numbers += [np.array([summarise(one) for one in values]) for summarise in (np.mean, np.std)]
    return [Note("not reportable", f"{reason}.") for reason in twice(list(many), numbers)]


def _gathered_notes(notes: dict[str, tuple[Note, ...]]) -> list[Note]:
    """Each note once, after the names of its images; notes that differ in numbers only are one, with ranges."""
    alike: dict[Note, list[tuple[str, str]]] = {}
    for name, said in notes.items():
        for note in said:
            alike.setdefault(replace(note, text=without_numbers(note.text)), []).append((name, note.text))
    return [
        replace(note, text=f"{named([name for name, _ in found])}: {ranged([text for _, text in found])}")
        for note, found in alike.items()
    ]


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
