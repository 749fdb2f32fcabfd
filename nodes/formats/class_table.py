"""Which class each number or colour of label pictures means: as a table beside them says, or as their numbers tell."""

import re
from pathlib import Path

from graingraph.engine.problem import Problem
from graingraph.engine.values.classes import boundary_of
from graingraph.nodes.formats.label_images import UNPAINTED, WHITES, has_unlabelled
from graingraph.nodes.formats.reading import Reading
from graingraph.nodes.formats.regions import read_json

TABLE = "classes.json"
"""A file beside label pictures that names what they hold: ``{"0": "matrix", "#0000ff": "secondary"}``."""


def read_table(path: Path) -> dict[str, str]:
    """Class name of each number or colour; a table written the other way round (name to number) is turned about."""
    told = {str(key).strip(): str(value).strip() for key, value in read_json(path).items()}
    if not all(map(_is_key, told)) and all(map(_is_key, told.values())) and len(set(told.values())) == len(told):
        told = {value: key for key, value in told.items()}
    odd = [key for key in told if not _is_key(key)]
    if odd or not told:
        raise Problem(
            f'The table {path} has "{(odd or [""])[0][:40]}", which is neither a number nor a colour; write it as'
            ' {"0": "matrix", "1": "grain"} or {"#ff0000": "grain"}.'
        )
    return {
        key.lower() if key.startswith("#") else key if key == UNPAINTED else str(int(key)): name
        for key, name in told.items()
    }


def _is_key(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,10}|#[0-9a-fA-F]{6}", text)) or text == UNPAINTED


def default_table(folder: Path, keys: set[str], reading: Reading) -> dict[str, str]:
    """Names for what label pictures hold where no table says it: the reading's classes where their number fits.

    Otherwise ``rest``, then "class 1", "class 2" ...
    """
    rest = reading.rest
    numbers = sorted(int(k) for k in keys if k.isdigit())
    colors = sorted(k for k in keys if k.startswith("#"))
    if len(numbers) == 2 and numbers[0] == 0 and numbers[1] in WHITES:
        white = {str(numbers[1]): reading.selected}
        return {"0": rest} | white if rest else white
    if has_unlabelled(numbers):
        numbers = numbers[:-1]
    if len(numbers) > 254 or len(colors) > 254:
        raise Problem(f"The pictures in {folder} have more than 254 colours; they are no label images.")
    if numbers == [0, 1] and "255" not in keys and len(reading.classes) == 2 and reading.classes[1] != reading.selected:
        zero, one = reading.classes
        if one != reading.boundaries.get(zero, boundary_of(zero).name):
            raise Problem(
                f"The pictures in {folder} have 0 and 1, which may number the classes {zero} and {one} or be a black"
                f' and white mask of {zero}; write which into a file {TABLE} beside them, such as {{"0": "{zero}", "1":'
                f' "{one}"}}.'
            )
        return {"0": rest, "1": reading.selected} if rest else {"1": reading.selected}
    if len(numbers) > 1 and keys - {"255"} == {str(n) for n in range(len(reading.classes))}:
        return {str(n): name for n, name in enumerate(reading.classes)}
    no_rest = reading.rest not in reading.classes
    if no_rest and len(numbers) > 1 and keys - {"0", "255"} == {str(n + 1) for n in range(len(reading.classes))}:
        return {str(n): name for n, name in enumerate(reading.classes, 1)}
    table = {UNPAINTED: rest} if rest and UNPAINTED in keys else {}
    if numbers:
        table |= {str(n): f"class {n}" if n or not rest else rest for n in numbers if n or rest}
    return table | {color: color for color in colors}
