"""The icons of the window: signs of its font, by what they mean."""

from functools import cache
from importlib.resources import files

import orjson


@cache
def _codes() -> dict[str, int]:
    return dict(orjson.loads((files("graingraph.assets") / "fonts" / "icons.json").read_bytes()))


def icon(name: str) -> str:
    """The sign of an icon; nothing where the font has none of this name."""
    code = _codes().get(name)
    return chr(code) if code else ""


def labelled(name: str, words: str) -> str:
    """Words behind an icon."""
    return f"{icon(name)}  {words}".strip()
