"""How the fonts of the window were made: ``python make.py INTER_FOLDER LUCIDE_FOLDER`` (needs fonttools).

INTER_FOLDER is the npm package @expo-google-fonts/inter unpacked (SIL Open Font License 1.1), LUCIDE_FOLDER the npm
package lucide-static (ISC). What comes out is Inter with digits that are all of one width, as tables need them, without
what the window does not use, and with the icons that it does at Lucide's own code points.
"""

import json
import sys
from pathlib import Path

from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

WEIGHTS = {"Regular": "400Regular/Inter_400Regular.ttf", "SemiBold": "600SemiBold/Inter_600SemiBold.ttf"}
RANGES = ((0x20, 0x24F), (0x370, 0x52F), (0x1E00, 0x1FFF), (0x2000, 0x218F), (0x2190, 0x22FF), (0x25A0, 0x27BF))
ICONS = Path(__file__).parent / "icons.json"
SIZE = 1.12
"""How large an icon is, in em; it stands in the middle of the capital letters."""


def make(inter: Path, lucide: Path, weight: str) -> TTFont:
    """The font of one weight."""
    font = TTFont(inter / WEIGHTS[weight])
    _use_tabular_digits(font)
    options = Options()
    options.layout_features, options.hinting, options.name_IDs = [], False, ["*"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for low, high in RANGES for code in range(low, high + 1)])
    subsetter.subset(font)
    _add_icons(font, TTFont(lucide / "font" / "lucide.ttf"))
    return font


def _use_tabular_digits(font: TTFont) -> None:
    gsub = font["GSUB"].table
    tabular = next(one.Feature for one in gsub.FeatureList.FeatureRecord if one.FeatureTag == "tnum")
    instead: dict[str, str] = {}
    for index in tabular.LookupListIndex:
        for table in gsub.LookupList.Lookup[index].SubTable:
            instead |= getattr(table, "ExtSubTable", table).mapping
    digit = instead[font.getBestCmap()[ord("0")]]
    for table in font["cmap"].tables:
        if table.isUnicode():
            for code in (*map(ord, "0123456789+-±−"),):
                table.cmap[code] = instead.get(table.cmap.get(code, ""), table.cmap.get(code, ""))
    wide = font["hmtx"][digit][0]
    blank = font.getBestCmap()[0x2007]
    font["hmtx"][blank] = (wide, 0)


def _add_icons(font: TTFont, icons: TTFont) -> None:
    names, glyphs = json.loads(ICONS.read_text()), icons.getGlyphSet()
    codes = icons.getBestCmap()
    em, height = font["head"].unitsPerEm, font["OS/2"].sCapHeight
    scale = SIZE * em / icons["head"].unitsPerEm
    bottom, top = icons["hhea"].descent, icons["hhea"].ascent
    shift = height / 2 - scale * (bottom + top) / 2
    order = font.getGlyphOrder()
    for name, code in names.items():
        pen = TTGlyphPen(None)
        glyphs[codes[code]].draw(TransformPen(pen, (scale, 0, 0, scale, 0, shift)))
        glyph = f"icon_{name}"
        order.append(glyph)
        font["glyf"][glyph] = pen.glyph()
        font["hmtx"][glyph] = (round(scale * icons["hmtx"][codes[code]][0]), 0)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[code] = glyph
    font.setGlyphOrder(order)


if __name__ == "__main__":
    for weight in WEIGHTS:
        made = make(Path(sys.argv[1]), Path(sys.argv[2]), weight)
        made.save(Path(__file__).parent / f"Inter-{weight}.ttf")
