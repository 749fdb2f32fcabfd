"""German words of the trade in English: Korngröße is grain size, whatever it is put together from.

German joins words without a space, so what is known are the parts: a word is English where it is nothing but parts,
with the endings and joints that stand between them. Umlauts may be written ä, ae or a.
"""

from itertools import chain
from string import ascii_lowercase

LEAST_LETTERS = 7
"""A slip in shorter words makes another word too easily."""

_PARTS = {
    "abstand": "spacing", "analys": "", "anteil": "fraction", "anzahl": "count", "arm": "arm", "aufkohl": "case",
    "ausricht": "orientation", "ausscheid": "precipitates", "ausschneid": "crop", "ausschnitt": "crop",
    "austenit": "austenite", "balk": "bar", "band": "banding", "bericht": "report", "beschicht": "coating",
    "bild": "image", "binarisier": "binarise", "bindefehler": "lack of fusion", "carbid": "carbides",
    "dendrit": "dendrite", "dick": "thickness", "durchmesser": "diameter", "eindruck": "indentation",
    "einhart": "case", "einsatzhart": "case", "einschluss": "inclusions", "entkohl": "decarburisation",
    "entrausch": "noise", "extrem": "extreme", "farb": "colour", "ferrit": "ferrite", "flach": "area",
    "flachenanteil": "area fraction", "form": "shape", "glatt": "smooth", "graphit": "graphite", "graustuf": "grey",
    "grenz": "boundaries", "gross": "size", "guss": "cast iron", "gusseis": "cast iron", "hart": "hardness",
    "haufig": "histogram", "helligkeit": "brightness", "hintergrund": "background", "invertier": "invert",
    "kalibrier": "calibrate", "karbid": "carbides", "ki": "network", "kontrast": "contrast", "korn": "grain",
    "kreis": "circles", "kugel": "nodule", "lamell": "lamellae", "lang": "length", "lern": "train", "lineal": "ruler",
    "linienschnitt": "intercept", "loch": "holes", "lunk": "pores", "mal": "paint", "martensit": "martensite",
    "maske": "mask", "massstab": "scale bar", "mess": "measure", "mischkorn": "duplex", "mittel": "mean",
    "nachbar": "neighbours", "netz": "network", "neuronal": "", "nitrier": "nitriding", "oberflach": "surface",
    "orientier": "orientation", "oxid": "oxide", "partikel": "particle", "perlit": "pearlite", "phas": "phase",
    "pixel": "pixel", "por": "pores", "porositat": "porosity", "protokoll": "report", "pruf": "", "pulv": "powder",
    "punkt": "point", "rand": "", "rausch": "noise", "reinheitsgrad": "cleanliness",
    "restaustenit": "retained austenite", "richt": "direction", "rundheit": "roundness", "scharf": "sharpen",
    "schicht": "layer", "schlack": "inclusions", "schmelzbad": "melt pool", "schwell": "threshold",
    "schwerpunkt": "centroid", "segmentier": "segment", "sehn": "chord", "seiger": "segregation",
    "sieb": "particle size", "spharoguss": "nodularity", "spharolith": "nodule", "teilch": "particle",
    "tief": "depth", "trainier": "train", "trenn": "separate", "uberlapp": "overlap", "uberzug": "coating",
    "umfang": "perimeter", "umkehr": "invert", "verfahr": "", "verteil": "distribution", "volum": "volume",
    "wand": "wall", "wasserscheid": "watershed", "weichzeichn": "smooth", "wert": "", "winkel": "angle",
    "zahl": "count", "zeil": "banding", "zeilig": "banding", "zund": "oxide", "zuschneid": "crop",
    "zwilling": "twins",
}  # fmt: skip
_JOINTS = ("", "e", "en", "end", "er", "es", "keit", "n", "s", "ung", "ungen", "ungs")


def in_english(word: str) -> str | None:
    """A German word's English terms; None where it holds anything else than parts that are known."""
    plain = word.lower().translate(str.maketrans("äöü", "aou"))
    for written, sound in (("ß", "ss"), ("ae", "a"), ("oe", "o"), ("ue", "u")):
        plain = plain.replace(written, sound)
    return " ".join(filter(None, _parted(plain) or [])) or None


def nearly_in_english(word: str) -> str | None:
    """The same where one letter is missing, added, wrong or exchanged with the next; None for short words."""
    if len(word) < LEAST_LETTERS:
        return None
    places = [(word[:place], word[place:]) for place in range(1, len(word) + 1)]
    others = chain(
        (before + behind[1::-1] + behind[2:] for before, behind in places if len(behind) > 1),
        (before + behind[1:] for before, behind in places if behind),
        (before + letter + behind for before, behind in places for letter in ascii_lowercase),
        (before + letter + behind[1:] for before, behind in places if behind for letter in ascii_lowercase),
    )
    return next(filter(None, map(in_english, others)), None)


def _parted(word: str) -> list[str] | None:
    """The terms of its parts, one after the other; None where it cannot be parted."""
    if not word:
        return []
    for part in sorted(filter(word.startswith, _PARTS), key=len, reverse=True):
        for joint in _JOINTS:
            rest = word[len(part) :]
            behind = _parted(rest.removeprefix(joint)) if rest.startswith(joint) else None
            if behind is not None:
                return [_PARTS[part], *behind]
    return None
