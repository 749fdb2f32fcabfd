"""Where a font lies that has every sign a measurement needs (µ, ², °, →): DejaVu Sans, from Matplotlib."""

from importlib.util import find_spec
from pathlib import Path


def dejavu(bold: bool = False) -> Path:
    """The TrueType file of DejaVu Sans (Bitstream Vera licence), found without importing Matplotlib."""
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("Matplotlib is not installed")
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / name
