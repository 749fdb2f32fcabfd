"""A few letters of a font as a small TrueType font, which keeps a PDF small and its text legible, or within another."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from graingraph.nodes.reporting.fonts import Font

CLOSE = 0.001
"""How far a quadratic curve may be from the cubic one that it stands for, as a share of the letter's height."""


def write_subset(source: Path, number: int, letters: frozenset[int], target: Path) -> None:
    """Write the font ``number`` of a file with these letters (all in it) alone, their outlines as TrueType curves."""
    with TTFont(source, lazy=True, fontNumber=number) as font:
        glyphs, names = font.getGlyphSet(), font.getBestCmap()
        wanted = {letter: names[letter] for letter in sorted(letters)}
        order = list(dict.fromkeys([".notdef", *wanted.values()]))
        per_em = font["head"].unitsPerEm
        builder = FontBuilder(per_em, isTTF=True)
        builder.setupGlyphOrder(order)
        builder.setupCharacterMap(wanted)
        builder.setupGlyf({name: _outline(glyphs, name, CLOSE * per_em) for name in order})
        left = {name: getattr(builder.font["glyf"][name], "xMin", 0) for name in order}
        builder.setupHorizontalMetrics({name: (round(glyphs[name].width), left[name]) for name in order})
        across = font["hhea"]
        builder.setupHorizontalHeader(ascent=across.ascent, descent=across.descent)
        builder.setupNameTable({"familyName": source.stem, "styleName": "Regular", "psName": f"{source.stem}-Few"})
        builder.setupOS2(sTypoAscender=across.ascent, sTypoDescender=across.descent)
        builder.setupPost()
        builder.save(target)


def write_extended(base: Path, more: Iterable[Font], target: Path) -> None:
    """Write a TrueType font with letters of others added, each as large beside its own as the em of its font says."""
    with TTFont(base) as font:
        order, outlines, metrics = font.getGlyphOrder(), font["glyf"], font["hmtx"]
        maps = [table.cmap for table in font["cmap"].tables if table.isUnicode()]
        per_em = font["head"].unitsPerEm
        for other in more:
            with TTFont(other.path, lazy=True, fontNumber=other.number) as source:
                glyphs, names = source.getGlyphSet(), source.getBestCmap()
                scale = per_em / source["head"].unitsPerEm
                for letter in sorted(other.letters):
                    name = f"letter_{letter:X}"
                    order.append(name)
                    outlines[name] = _outline(glyphs, names[letter], CLOSE * per_em, scale)
                    left = getattr(outlines[name], "xMin", 0)
                    metrics[name] = (round(scale * glyphs[names[letter]].width), left)
                    for letters in maps:
                        letters[letter] = name
        font.setGlyphOrder(order)
        font.save(target)


def _outline(glyphs: Any, name: str, close: float, scale: float = 1.0) -> Any:
    """A letter's outline as TrueType has it; turned round, as the two kinds wind the other way."""
    whole, pen = DecomposingRecordingPen(glyphs), TTGlyphPen(None)
    glyphs[name].draw(whole)
    whole.replay(TransformPen(Cu2QuPen(pen, close, reverse_direction=True), (scale, 0, 0, scale, 0, 0)))
    return pen.glyph()
