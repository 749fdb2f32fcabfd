"""Measure micrographs with recipes that are wired as graphs.

>>> from importlib.resources import files
>>> import graingraph
>>> nodules = files("graingraph.graphs") / "nodules.graingraph.json"
>>> results = graingraph.run(nodules, files("graingraph.assets") / "nodules")
>>> results.images
('nodules_001.tif', 'nodules_002.tif')
>>> list(results.table("measure"))[:2]  # a pandas DataFrame, a row a feature, units in the headings
['Image', 'Label']

Names are loaded when they are first asked for, so that ``import graingraph`` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graingraph.engine.batch.from_python import Results, load, run
    from graingraph.engine.recipe.recipe import Recipe

_HOMES = {
    "load": "graingraph.engine.batch.from_python",
    "run": "graingraph.engine.batch.from_python",
    "Results": "graingraph.engine.batch.from_python",
    "Recipe": "graingraph.engine.recipe.recipe",
}

__version__: str
"""The version of the program that is installed, of which every result keeps a note."""

__all__ = ["Recipe", "Results", "__version__", "load", "run"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("graingraph")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
