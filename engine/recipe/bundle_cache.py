"""Keeping the folder in which bundles lie unpacked from growing without end: the ones not used for longest go."""

import os
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

MOST_BYTES = 5_000_000_000
AT_WORK_S = 24 * 3600.0
"""What was used within so many seconds (s) stays: a run may be at work with it."""


def touch(folder: Path) -> None:
    """Note that an unpacked bundle is used now."""
    with suppress(OSError):
        os.utime(folder)


def used(folder: Path, most: int = MOST_BYTES, at_work: float = AT_WORK_S) -> None:
    """Note that an unpacked bundle is used now, and remove others beside it while all take more than ``most`` bytes.

    What cannot be looked at or removed, as by another program that does the same, is left as it is.
    """
    touch(folder)
    sizes: dict[Path, int] = {}
    ages: dict[Path, float] = {}
    with suppress(OSError):
        for other in folder.parent.iterdir():
            with suppress(OSError):
                ages[other] = time.time() - other.stat().st_mtime
                sizes[other] = sum(file.lstat().st_size for file in other.rglob("*"))
    total = sum(sizes.values())
    for other in sorted(sizes, key=lambda one: ages[one], reverse=True):
        if total <= most or ages[other] < at_work:
            return
        if other != folder:
            total -= sizes[other]
            _remove(other)


def _remove(folder: Path) -> None:
    """Out of the way at once, so that nobody finds half of it; then away."""
    gone = folder.with_name(f".{secrets.token_hex(8)}.gone") if not folder.name.endswith(".gone") else folder
    with suppress(OSError):
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
