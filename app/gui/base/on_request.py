"""What runs the nodes that run only when a person asks for it: the canvas has the buttons, a panel does the work."""

from typing import Protocol


class OnRequest(Protocol):
    """What runs such nodes, and stops them."""

    def label(self, node: str) -> str:
        """What the button of the node says."""

    def press(self, node: str) -> None:
        """Do what it says."""


class NothingRuns:
    """Where there is no panel for them."""

    def label(self, node: str) -> str:
        """No button."""
        return ""

    def press(self, node: str) -> None:
        """Nothing happens."""
