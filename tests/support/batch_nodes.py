"""Nodes for batch tests in worker processes: one of them takes its whole process down."""

import os
import time

import numpy as np

from graingraph.engine.declare.injected import Source
from graingraph.engine.declare.node import node
from graingraph.engine.problem import Problem
from graingraph.engine.values import Document, Image, PerImage, Table


@node("BatchLoad", category="Test")
def batch_load(*, source: Source) -> Image:
    """Load."""
    if source.name.startswith("deadly"):
        os._exit(9)
    if source.name.startswith("slow"):
        time.sleep(300)
    if source.name.startswith("bad"):
        raise Problem("It is bad; use a good one.")
    return Image(np.array(source.pixels), name=source.name)


@node("BatchMeasure", category="Test")
def batch_measure(image: Image, *, times: int = 1) -> Table:
    """Measure.

    Settings:
        times: How often.
    """
    areas = [float(image.pixels.sum()) * times, 1.0]
    return Table({"Label": np.array([1, 2]), "Area": np.array(areas)}, {"Area": "px²"})


@node("BatchShape", category="Test")
def batch_shape(image: Image) -> Table:
    """Measure something else of the same features."""
    return Table({"Label": np.array([2, 1]), "Length": np.array([20.0, 10.0])}, {"Length": "px"})


@node("BatchPool", category="Test")
def batch_pool(tables: PerImage[Table]) -> Table:
    """Pool."""
    return Table({"n": np.array([sum(1 for _ in tables.good())])}, {}, rows="statistics")


@node("BatchNote", category="Test")
def batch_note(tables: PerImage[Table]) -> Document:
    """A file that wants a name that is taken."""
    return Document("fields.csv", b"mine")
