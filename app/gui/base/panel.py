"""What a panel of the window is."""

from typing import Protocol

from graingraph.app.gui.base.context import AppContext


class Panel(Protocol):
    """A panel. Only the main thread calls it; work of over 50 ms goes to a thread and comes by ``AppContext.post``.

    ``title`` names its tab where several panels share a place.
    """

    title: str

    def __init__(self, app: AppContext) -> None: ...

    def build(self, parent: int | str) -> None:
        """Make the widgets inside a window item."""

    def refresh(self) -> None:
        """Show what changed in the session since last time; called every frame, so compare before touching widgets."""
