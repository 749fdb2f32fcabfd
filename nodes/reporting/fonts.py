"""Where fonts lie: DejaVu Sans, which has every sign a measurement needs (µ, ², °, →), and others for what it lacks.

Chinese, Japanese and Korean letters come from a font of this machine or from Noto Sans CJK, which is installed along.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

OF_SYSTEMS = (
    "notosanscjk", "notosansmonocjk", "sourcehansans", "msyh", "yugoth", "malgun", "msgothic", "simsun", "hiragino",
    "arialunicode", "arial unicode", "applesdgothicneo", "droidsansfallback", "wqy-", "wqy_", "ipaexg", "ipag",
    "nanumgothic", "unifont", "notosans", "freesans", "arial", "tahoma",
)  # fmt: skip
"""How the names of the files begin in which systems keep fonts with many letters, East Asian ones first."""


class Font(NamedTuple):
    """A font file, the number of the font in it, and the letters (as numbers) that are asked of it."""

    path: Path
    number: int
    letters: frozenset[int]


def dejavu(bold: bool = False) -> Path:
    """The TrueType file of DejaVu Sans (Bitstream Vera licence), found without importing Matplotlib."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return _package("matplotlib") / "mpl-data" / "fonts" / "ttf" / name


def lacking(text: str) -> frozenset[int]:
    """The letters of a text that DejaVu Sans has no sign for."""
    letters = frozenset(map(ord, text))
    return letters - letters_of(dejavu(), 0) if max(letters, default=0) >= 0x180 else frozenset()


def all_for(letters: frozenset[int]) -> list[Font]:
    """Fonts that have these letters between them, DejaVu Sans first; some letters may be in none."""
    plain = letters & letters_of(dejavu(), 0)
    return [*([Font(dejavu(), 0, plain)] if plain else []), *others_for(letters - plain)]


def others_for(letters: frozenset[int]) -> list[Font]:
    """Fonts that have these letters between them, the first that is found for each; some letters may be in none."""
    found: list[Font] = []
    for path in _others() if letters else ():
        with suppress(Exception):  # a file of the system that is no font that can be read
            for number in range(_count(path)):
                here = letters & letters_of(path, number)
                if here:
                    found.append(Font(path, number, here))
                    letters -= here
        if not letters:
            break
    return found


def _others() -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield from sorted(_package("cvttf_NotoSansCJK_Regular").glob("*.otf"))
    yield from _system_fonts()


@lru_cache(maxsize=1)
def _system_fonts() -> tuple[Path, ...]:
    files = [path for folder in _font_folders() for path in folder.rglob("*.[to]t[fc]")]
    ranks = ((_rank(path.name.lower()), path) for path in files)
    return tuple(path for rank, path in sorted(ranks) if rank < len(OF_SYSTEMS))


def _rank(name: str) -> int:
    return next((rank for rank, start in enumerate(OF_SYSTEMS) if name.startswith(start)), len(OF_SYSTEMS))


def _font_folders() -> Iterable[Path]:
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 (a user without home is fine)
    if sys.platform == "win32":
        return (Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts", home / "AppData/Local/Microsoft/Windows/Fonts")
    if sys.platform == "darwin":
        return (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
    return (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".fonts", home / ".local/share/fonts")


def _count(path: Path) -> int:
    from fontTools.ttLib import TTCollection

    return len(TTCollection(path, lazy=True).fonts) if path.suffix.lower() == ".ttc" else 1


@lru_cache(maxsize=16)
def letters_of(path: Path, number: int) -> frozenset[int]:
    """The letters, as numbers, that a font of a file has."""
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True, fontNumber=number) as font:
        return frozenset(font.getBestCmap() or ())


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"{name} is not installed")
    return Path(spec.origin).parent
