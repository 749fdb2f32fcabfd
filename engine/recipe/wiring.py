"""Who feeds whom: all that follows from the types of a recipe's steps and its wires, whatever the settings and layout.

Every edit gives a new recipe; those that change no step's type and no wire share one wiring, so that a row of edits
does not work it out, or keep it in the undo history, again and again.
"""

from collections.abc import Mapping
from functools import cached_property

import networkx as nx

from graingraph.engine.declare.injected import EveryImage, Source
from graingraph.engine.declare.node import Pin
from graingraph.engine.recipe.parts import Step, Wire
from graingraph.engine.values import Value


class Wiring:
    """The wiring of these steps. Everything is worked out when it is first asked for."""

    def __init__(self, steps: Mapping[str, Step], wires: tuple[Wire, ...]) -> None:
        self._steps, self._wires = steps, wires
        self._kinds: dict[tuple[str, str], tuple[type[Value], ...]] = {}
        self._ancestors: dict[str, frozenset[str]] = {}
        self._descendants: dict[str, frozenset[str]] = {}

    @cached_property
    def graph(self) -> "nx.DiGraph[str]":
        """The steps and who feeds whom, as a networkx graph."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self._steps)
        graph.add_edges_from((wire.source, wire.target) for wire in self._wires)
        return graph

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The step ids, every step after those that feed it."""
        return tuple(nx.lexicographical_topological_sort(self.graph))

    @cached_property
    def inputs(self) -> dict[tuple[str, str], Wire]:
        """The wire that ends at each input: by step and pin."""
        return {(wire.target, wire.input): wire for wire in self._wires}

    def ancestors(self, node: str) -> frozenset[str]:
        """Every step that the given one depends on."""
        if node not in self._ancestors:
            self._ancestors[node] = frozenset(nx.ancestors(self.graph, node))
        return self._ancestors[node]

    def descendants(self, node: str) -> frozenset[str]:
        """Every step that depends on the given one."""
        if node not in self._descendants:
            self._descendants[node] = frozenset(nx.descendants(self.graph, node))
        return self._descendants[node]

    def kinds(self, node: str, output: str) -> tuple[type[Value], ...]:
        """The value types that can come out of this output, following its input where the type follows one."""
        trail: list[tuple[str, str]] = []
        place = (node, output)
        while place not in self._kinds:
            trail.append(place)
            pin = self._output(*place)
            wire = self.inputs.get((place[0], pin.follows)) if pin and pin.follows else None
            if wire is None:
                break
            place = (wire.source, wire.output)
        arriving = self._kinds.get(place, (Value,))
        for place in reversed(trail):
            pin = self._output(*place)
            kinds = pin.kinds if pin else (Value,)
            arriving = tuple(kind for kind in kinds if issubclass(kind, arriving)) or kinds
            self._kinds[place] = arriving
        return arriving

    @cached_property
    def per_batch(self) -> frozenset[str]:
        """The steps that exist once per batch: they gather, or nothing of a single image reaches them.

        What gathers and asks for ``EveryImage`` exists once per image."""
        once: set[str] = set()
        for node in self.order:
            declared = self._steps[node].declared
            gathers = declared is not None and declared.gathers
            per_image = declared is not None and (declared.takes(Source) or declared.takes(EveryImage))
            if gathers or (not per_image and all(source in once for source in self.graph.predecessors(node))):
                once.add(node)
        return frozenset(once)

    def _output(self, node: str, output: str) -> Pin | None:
        declared = self._steps[node].declared
        return declared.output(output) if declared else None
