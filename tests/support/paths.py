"""Where the tests find the program's own files, and real micrographs where there are some."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GRAPHS, ASSETS = ROOT / "graphs", ROOT / "assets"
SHARED = ROOT.parent / "shared"
"""Other people's micrographs, for benchmarks and optional tests (skipped where they are not)."""
