"""The parts of a recipe: its steps and wires, what operators see of them, and where they are on the canvas."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graingraph.engine.declare.node import NodeType


@dataclass(frozen=True)
class Step:
    """One node of a recipe: its type, the version of that type, every setting written out, and whether it is muted.

    ``declared`` is the node type among those that the recipe was made with; None makes the step a placeholder (unknown
    type, or newer than this program knows).
    """

    type: str
    version: int = 1
    settings: Mapping[str, Any] = field(default_factory=dict)
    muted: bool = False
    declared: NodeType | None = field(default=None, compare=False, repr=False)

    @property
    def unknown(self) -> str:
        """What to tell a person of a placeholder."""
        return f"Unknown node type {self.type} {self.version}; install its package, or update the program."

    @property
    def on_request(self) -> bool:
        """Whether it runs only when a person asks for it, as a training does."""
        return self.declared is not None and self.declared.on_request

    @property
    def gathers(self) -> bool:
        """Whether it takes the value of every image at an input, as it is set now."""
        inputs = self.declared.inputs if self.declared else ()
        return any(pin.gathers and pin.applies(self.settings) for pin in inputs)

    @property
    def untrained(self) -> bool:
        """Whether it is a training that has never been run."""
        return self.on_request and not self.product

    @property
    def product(self) -> str:
        """The reference of the model that a training made last; empty for none."""
        trained = self.declared.trained if self.declared else None
        return str(self.settings.get(trained.product, "")) if trained else ""


@dataclass(frozen=True, order=True)
class Wire:
    """A wire from an output pin of one step to an input pin of another."""

    source: str
    output: str
    target: str
    input: str


@dataclass(frozen=True)
class Exposed:
    """A setting that an operator sees, under a label of the author's choice."""

    node: str
    setting: str
    label: str


@dataclass(frozen=True)
class Frame:
    """A titled box behind nodes, or (``kind="note"``) a note: canvas units."""

    x: float
    y: float
    width: float
    height: float
    text: str = ""
    color: str = "#5f6368"
    kind: str = "frame"


@dataclass(frozen=True)
class Layout:
    """Where things are on the canvas and what they are called there; not part of a recipe's identity.

    ``titles`` are the names that a person gave to nodes, by their ids. ``reroutes`` are the points that a person leads
    a wire through, in order from its output to its input.
    """

    positions: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    frames: tuple[Frame, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    reroutes: Mapping[Wire, tuple[tuple[float, float], ...]] = field(default_factory=dict)
