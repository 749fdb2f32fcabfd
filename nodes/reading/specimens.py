"""Which specimen, lot, plane and field an image shows: from its file name, its folders, or a table."""

import csv
import io
import re
import unicodedata
from pathlib import PurePath
from typing import NamedTuple

from graingraph.engine.problem import Problem
from graingraph.nodes.reading.untrusted_xml import decode_text

PARTS = ("specimen", "lot", "plane", "field")
MOST_ROWS = 200_000


class Shown(NamedTuple):
    """What an image shows; ``lot`` and ``plane`` may be empty."""

    specimen: str
    lot: str
    field: str
    plane: str = ""


def from_name(name: str, pattern: str) -> Shown:
    """The parts of a file name by a pattern such as ``{lot}_{specimen}_{field}``, where * is anything.

    A part is as long as it can be, those before it first. ``Problem`` where the name is not made so.
    """
    found = _matcher(pattern).fullmatch(_plain(PurePath(name).stem))
    if found is None:
        raise Problem(
            f"The name {name} is not of the form {pattern}, so its specimen is not known; rename the file, or change "
            "the pattern."
        )
    parts = {part: text.strip() for part, text in found.groupdict(default="").items()}
    return Shown(parts["specimen"], parts.get("lot", ""), parts.get("field", ""), parts.get("plane", ""))


def _matcher(pattern: str) -> re.Pattern[str]:
    made, seen = "", set()
    for piece in re.split(r"(\{\w+\}|\*)", _plain(pattern)):
        part = piece[1:-1] if piece.startswith("{") and piece.endswith("}") else ""
        if part in seen or (part and part not in PARTS):
            raise Problem(f"The pattern {pattern} has {piece} {'twice' if part in seen else 'in it'}; use {_ALLOWED}.")
        if part:
            seen.add(part)
            made += f"(?P<{part}>.+)"
        else:
            made += ".*" if piece == "*" else re.escape(piece)
    if "specimen" not in seen:
        raise Problem(f"The pattern {pattern} has no {{specimen}} in it; use {_ALLOWED}.")
    return re.compile(made)


_ALLOWED = "{specimen}, {lot}, {plane} and {field}, each once"


def from_folders(folder: str, above: str, name: str) -> Shown:
    """The folder as the specimen, the one above as the lot, and the name of the file as the field."""
    return Shown(folder, above, PurePath(name).stem)


def from_table(data: bytes, table: str, *names: str) -> Shown:
    """The row of a CSV table whose column Image is one of the names, with ending or without.

    The columns are Image, Specimen, Lot, Plane and Field, in any order and in capitals or not; between them are commas,
    semicolons or tabs. ``Problem`` names what is missing.
    """
    text = decode_text(data)
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count))
    wanted = {_plain(one).casefold() for name in names for one in (name, PurePath(name).stem)}
    try:
        heading = [title.strip().casefold() for title in next(reader, [])]
        missing = [title for title in ("Image", "Specimen") if title.casefold() not in heading]
        if missing:
            raise Problem(f"{table} has no column {' and no column '.join(missing)}; give its first row these names.")
        rows = [row for row, _ in zip(reader, range(MOST_ROWS), strict=False)]
    except csv.Error as error:
        raise Problem(f"{table} cannot be read as a table ({error}); save it as CSV.") from None
    place = heading.index("image")
    for row in rows:
        if place < len(row) and _plain(row[place].strip()).casefold() in wanted:
            told = dict(zip(heading, map(str.strip, row), strict=False))
            if not told.get("specimen"):
                raise Problem(f"{table} names no specimen for {row[place]}; fill it in.")
            field = told.get("field", "") or PurePath(names[0]).stem
            return Shown(told["specimen"], told.get("lot", ""), field, told.get("plane", ""))
    raise Problem(f"{table} has no row for {names[0]}; add one.")


def _plain(text: str) -> str:
    """Letters with accents as one sign each, whichever way they were written."""
    return unicodedata.normalize("NFC", text)
