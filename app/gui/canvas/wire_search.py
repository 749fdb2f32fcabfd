"""Laying a wire by the keys: a list of all pins that those of a node can be wired to."""

from collections.abc import Iterator

from graingraph.app.document import commands
from graingraph.app.document.names import title_in
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.search_popup import Entry, SearchPopup, best
from graingraph.app.gui.canvas.editing import Editing
from graingraph.engine.recipe.parts import Wire

WIRE_TO = "Wire to"
FROM_PIN = "From {pin}"
INTO_PIN = "Into {pin}"
TAKES_PLACE = "Takes the place of the wire from {node}."


class WireSearch(SearchPopup):
    """Shown while ``canvas.wiring`` names a node; it follows the canvas, which knows nothing of it."""

    def __init__(self, app: AppContext, canvas: Editing) -> None:
        super().__init__(app, WIRE_TO, self._fitting, self._lay, self._give_up)
        self._canvas = canvas
        self._node = ""
        self._wires: dict[Entry, list[Wire]] = {}

    def refresh(self, corner: tuple[float, float], area: tuple[float, float]) -> None:
        """Open at a pixel of the window, or close, as the canvas asks."""
        node = self._canvas.wiring
        if node == self._node:
            return
        self._node = node
        if node:
            self._wires = dict(self._possible())
            self.open(corner, area)
        else:
            self.hide()

    def _fitting(self, typed: str) -> list[Entry]:
        return best(typed, self._wires)

    def _possible(self) -> Iterator[tuple[Entry, list[Wire]]]:
        """Every wire that can be laid from an output of the node, then those into its inputs.

        Into an input of a group that feeds several in it go several at once.
        """
        recipe, spots = self._app.session.recipe, list(dict.fromkeys(self._canvas.scene.spots.values()))
        own = sorted((spot for spot in spots if spot.node == self._node), key=lambda spot: not spot.is_output)
        for pin in own:
            heading = (FROM_PIN if pin.is_output else INTO_PIN).format(pin=pin.label)
            for other in (spot for spot in spots if spot.is_output != pin.is_output):
                wires = [one.wire_to(*two[:2]) for one in pin.ends for two in other.ends]
                if wires[0] not in recipe.wires and not any(map(recipe.reason_against, wires)):
                    takes = recipe.wire_into(wires[0].target, wires[0].input)
                    instead = TAKES_PLACE.format(node=title_in(recipe, takes.source)) if takes else ""
                    box = self._canvas.scene.boxes[other.node]
                    yield Entry(f"{box.title}: {other.label}", heading, help=instead), wires

    def _lay(self, entry: Entry) -> None:
        self._canvas.wiring = ""
        session = self._app.session
        self._app.attempt(lambda: session.do(commands.connect(session.recipe, *self._wires[entry])))

    def _give_up(self) -> None:
        self._canvas.wiring = ""
