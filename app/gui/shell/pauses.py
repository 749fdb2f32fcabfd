"""Shorter pauses of the garbage collector, which stops every thread while it looks through all there is."""

import gc
import sys

MANY_MODULES = 30


class Pauses:
    """What imports bring stays until the end; it is set aside, so that it is not looked through again and again."""

    def __init__(self) -> None:
        self._modules = 0

    def shorten(self) -> None:
        """Set aside what is there, if much was imported since the last time; costs next to nothing otherwise."""
        modules = len(sys.modules)
        if modules > self._modules + MANY_MODULES:
            self._modules = modules
            gc.freeze()
