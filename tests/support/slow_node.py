"""A node that takes its time and can be stopped, for tests of progress and cancel."""

import time

from graingraph.engine.declare.injected import Context
from graingraph.engine.declare.node import node
from graingraph.engine.values import Image


@node("Wait", category="Enhance")
def wait(image: Image, *, seconds: float = 1.0, context: Context) -> Image:
    """Hand the image on after a while.

    Settings:
        seconds: How long.
    """
    start = time.monotonic()
    while (passed := time.monotonic() - start) < seconds:
        context.check(passed / seconds, "Waiting.")
        time.sleep(0.01)
    return image
