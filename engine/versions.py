"""The versions of everything that makes the numbers, for reports and manifests."""

import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from types import MappingProxyType

LIBRARIES = ("graingraph", "numpy", "opencv-python-headless", "scikit-image", "numba", "onnxruntime", "onnxruntime-gpu")

_BESIDES = ("scipy", "networkx", "tifffile", "imagecodecs", "pillow", "matplotlib", "fpdf2")
"""What computes, reads or draws as well, and is not worth a line in every report."""


@cache
def versions() -> Mapping[str, str]:
    """Version by name: Python, the platform, this program and the libraries it computes with."""
    system = {"python": platform.python_version(), "platform": platform.platform()}
    return MappingProxyType(system | installed(LIBRARIES))


def installed(packages: Iterable[str]) -> dict[str, str]:
    """The version of each of these packages that is installed."""
    found = {}
    for name in packages:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


@cache
def libraries() -> str:
    """One text that changes with the version of any library that could change a result; part of every key.

    The program's own version is none of it: its code is (``engine.code``).
    """
    return "; ".join(f"{name} {version}" for name, version in installed((*LIBRARIES[1:], *_BESIDES)).items())
