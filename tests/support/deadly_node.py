"""A node that takes its whole process down, for tests of what survives it."""

import os

from graingraph.engine.declare.node import node
from graingraph.engine.values import Image


@node("Deadly", category="Enhance")
def deadly(image: Image) -> Image:
    """Hand an image on, or die of one whose name begins with "deadly"."""
    if image.name.startswith("deadly"):
        os._exit(9)
    return image
