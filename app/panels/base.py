"""What a panel of the window is."""

from typing import Protocol

from app.window.desk import Desk


class Panel(Protocol):
    """A panel. Only the main thread calls it; work that takes over 50 ms goes to a thread and comes by ``Desk.post``.

    ``title`` names its tab where several panels share a place.
    """

    title: str

    def __init__(self, desk: Desk) -> None: ...

    def build(self, parent: int | str) -> None:
        """Make the widgets inside a window item."""

    def refresh(self) -> None:
        """Show what changed in the session since last time; called every frame, so compare before touching widgets."""
