"""The versions of everything that makes the numbers, for reports and manifests."""

import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from types import MappingProxyType

LIBRARIES = ("graingraph", "numpy", "opencv-python-headless", "scikit-image", "numba", "onnxruntime", "onnxruntime-gpu")


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
    """One text that changes with the version of anything that could change a number; part of every key."""
    return "; ".join(f"{name} {versions()[name]}" for name in LIBRARIES if name in versions())
