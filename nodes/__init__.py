"""The nodes that ship with Graingraph; importing this package declares them all.

Every module of the packages named here declares one node or a tight family. Shared number-crunching lives in
``graingraph.nodes.imaging``, which is imported only when it is needed.
"""

import importlib
import pkgutil

PACKAGES = ("input", "enhance", "segment", "clean", "measure", "draw", "learn", "report")

for _package in PACKAGES:
    _home = importlib.import_module(f"graingraph.nodes.{_package}")
    for _module in pkgutil.iter_modules(_home.__path__, f"graingraph.nodes.{_package}."):
        importlib.import_module(_module.name)
