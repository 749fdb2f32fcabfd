"""German words of the trade in English: Korngröße is grain size, whatever it is put together from.

German joins words without a space, so what is known are the parts: a word is English where it is nothing but parts,
with the endings and joints that stand between them. Umlauts may be written ä, ae or a.
"""

_PARTS = {
    "abstand": "spacing", "anteil": "fraction", "anzahl": "count", "arm": "arm", "aufkohl": "case",
    "ausricht": "orientation", "ausscheid": "precipitates", "ausschnitt": "crop", "austenit": "austenite",
    "balk": "bar", "bericht": "report", "beschicht": "coating", "bild": "image", "binarisier": "binarise",
    "bindefehler": "lack of fusion", "carbid": "carbides", "dendrit": "dendrite", "dick": "thickness",
    "durchmesser": "diameter", "eindruck": "indentation", "einhart": "case", "einsatzhart": "case",
    "einschluss": "inclusions", "entkohl": "decarburisation", "ferrit": "ferrite", "flach": "area",
    "flachenanteil": "area fraction", "form": "shape", "glatt": "smooth", "graphit": "graphite",
    "grenz": "boundaries", "gross": "size", "gusseis": "cast iron", "hart": "hardness", "haufig": "histogram",
    "helligkeit": "brightness", "hintergrund": "background", "kalibrier": "calibrate", "karbid": "carbides",
    "kontrast": "contrast", "korn": "grain", "kreis": "circles", "kugel": "nodule", "lamell": "lamellae",
    "lang": "length", "linienschnitt": "intercept", "loch": "holes", "lunk": "pores", "martensit": "martensite",
    "maske": "mask", "massstab": "scale bar", "mess": "measure", "mittel": "mean", "nachbar": "neighbours",
    "nitrier": "nitriding", "oberflach": "surface", "orientier": "orientation", "partikel": "particle",
    "perlit": "pearlite", "phas": "phase", "por": "pores", "porositat": "porosity", "protokoll": "report",
    "pruf": "", "pulv": "powder", "punkt": "point", "rand": "", "rausch": "noise", "reinheitsgrad": "cleanliness",
    "restaustenit": "retained austenite", "richt": "direction", "rundheit": "roundness", "scharf": "sharpen",
    "schicht": "layer", "schlack": "inclusions", "schmelzbad": "melt pool", "schwell": "threshold",
    "schwerpunkt": "centroid", "seiger": "segregation", "spharolith": "nodule", "teilch": "particle",
    "tief": "depth", "trenn": "separate", "uberzug": "coating", "umfang": "perimeter", "verfahr": "",
    "verteil": "distribution", "volum": "volume", "wand": "wall", "wert": "", "winkel": "angle", "zahl": "count",
    "zeil": "banding", "zeilig": "banding", "zuschneid": "crop", "zwilling": "twins",
}  # fmt: skip
_JOINTS = ("", "e", "en", "end", "er", "es", "keit", "n", "s", "ung", "ungen", "ungs")


def in_english(word: str) -> str | None:
    """A German word's English terms; None where it holds anything else than parts that are known."""
    plain = word.lower().translate(str.maketrans("äöü", "aou"))
    for written, sound in (("ß", "ss"), ("ae", "a"), ("oe", "o"), ("ue", "u")):
        plain = plain.replace(written, sound)
    return " ".join(filter(None, _parted(plain) or [])) or None


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
