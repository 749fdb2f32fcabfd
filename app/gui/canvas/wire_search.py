"""Laying a wire by the keys: a list of all pins that those of a node can be wired to."""

from collections.abc import Iterator

from graingraph.app.document import commands
from graingraph.app.document.names import title_in
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.search_popup import Entry, SearchPopup, best
from graingraph.app.gui.canvas.editing import Editing
from graingraph.engine.recipe.parts import Wire


class WireSearch(SearchPopup):
    """Shown while ``canvas.wiring`` names a node; it follows the canvas, which knows nothing of it."""

    def __init__(self, app: AppContext, canvas: Editing) -> None:
        super().__init__(app, "Wire to", self._fitting, self._lay, self._give_up)
        self._canvas = canvas
        self._node = ""
        self._wires: dict[Entry, Wire] = {}

    def refresh(self, corner: tuple[float, float], area: tuple[float, float]) -> None:
        """Open at a pixel of the window, or close, as the canvas asks."""
        node = self._canvas.wiring
        if node == self._node:
            return
        self._node = node
        if node:
            self.open(corner, area)
        else:
            self.hide()

    def _fitting(self, typed: str) -> list[Entry]:
        self._wires = dict(self._possible())
        return best(typed, self._wires)

    def _possible(self) -> Iterator[tuple[Entry, Wire]]:
        """Every wire that can be laid from an output of the node, then those into its inputs."""
        recipe, spots = self._app.session.recipe, self._canvas.scene.spots.values()
        own = sorted((spot for spot in spots if spot.node == self._node), key=lambda spot: not spot.is_output)
        for pin in own:
            end = commands.WireEnd(pin.node, pin.name, pin.is_output)
            heading = f"From {pin.name}" if pin.is_output else f"Into {pin.name}"
            for other in (spot for spot in spots if spot.is_output != pin.is_output):
                wire = end.wire_to(other.node, other.name)
                if wire not in recipe.wires and recipe.reason_against(wire) is None:
                    takes = recipe.wire_into(wire.target, wire.input)
                    instead = f"Takes the place of the wire from {title_in(recipe, takes.source)}." if takes else ""
                    yield Entry(f"{title_in(recipe, other.node)}: {other.name}", heading, help=instead), wire

    def _lay(self, entry: Entry) -> None:
        self._canvas.wiring = ""
        session = self._app.session
        self._app.attempt(lambda: session.do(commands.connect(session.recipe, self._wires[entry])))

    def _give_up(self) -> None:
        self._canvas.wiring = ""
