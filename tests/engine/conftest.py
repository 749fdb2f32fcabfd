"""A small world for engine tests: nodes whose work can be counted, and arrays as images."""

from pathlib import Path
from typing import Annotated, TypeVar

import numpy as np
import pytest

from graingraph.engine.declare import node as node_module
from graingraph.engine.declare.injected import Context, Source
from graingraph.engine.declare.node import node
from graingraph.engine.declare.roles import Trained
from graingraph.engine.declare.settings import ModelFile, Range, When
from graingraph.engine.values import Image, Labels, Mask, Model, PerImage, Table
from graingraph.engine.values.pooling import pooled

NO_MODEL = ModelFile("")
Region = TypeVar("Region", Mask, Labels)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Declare the test nodes in a registry of their own; gives the list of what ran, in order."""
    ran: list[str] = []
    monkeypatch.setattr(node_module, "REGISTRY", {})
    _declare(ran)
    return ran


def _declare(ran: list[str]) -> None:
    from graingraph.engine.problem import Problem

    @node("Load", category="Test")
    def load(*, source: Source) -> Image:
        """Load."""
        ran.append(f"load {source.name}")
        if source.name.startswith("bad"):
            raise Problem("It is bad; use a good one.")
        return Image(np.array(source.pixels), name=source.name)

    @node("Add", category="Test")
    def add(
        image: Image,
        *,
        amount: Annotated[int, Range(0, 9)] = 1,
        twice: bool = False,
        again: Annotated[int, When(twice=True)] = 0,
    ) -> Image:
        """Add.

        Settings:
            amount: What is added.
            twice: Whether it is added again.
            again: What is added again.
        """
        ran.append(f"add {amount}")
        return image.with_pixels(image.pixels + amount + (again if twice else 0))

    @node("Bright", category="Test")
    def bright(image: Image) -> Mask:
        """Bright."""
        ran.append("bright")
        return Mask(image.pixels > 2)

    @node("Keep", category="Test")
    def keep(region: Region) -> Region:
        """Keep."""
        ran.append("keep")
        return region

    @node("Measure", category="Test")
    def measure(region: Mask | Labels) -> Table:
        """Measure."""
        ran.append("measure")
        return Table({"Area": np.array([float(region.pixels.sum())])}, {"Area": "px²"}).with_note("few")

    @node("Pool", category="Test")
    def pool(tables: PerImage[Table], *, context: Context) -> Table:
        """Pool."""
        ran.append("pool")
        return pooled(dict(tables.good()))

    @node("Scale", category="Test")
    def scale(table: Table, image: Image) -> Table:
        """Scale."""
        ran.append("scale")
        return table

    @node("Study", category="Test", trained=Trained(product="model"))
    def study(images: PerImage[Image], *, model: ModelFile = NO_MODEL) -> Model:
        """Study.

        Settings:
            model: What was learnt.
        """
        ran.append("study")
        return Model(Path("learnt.onnx"), "0" * 32)

    @node("Recall", category="Test")
    def recall(image: Image, learnt: Model | None = None) -> Image:
        """Recall."""
        ran.append("recall" if learnt is None else "recall learnt")
        return image
