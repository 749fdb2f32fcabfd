"""What a panel of the window is, and the register of all panels, from which the window is built."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from graingraph.app.gui.base.context import AppContext, Target
from graingraph.app.rendering.geometry import Point

Place = Literal["left", "viewer", "right", "bottom"]
"""Where a panel is; several in one place become tabs, but the viewer has its place to itself."""


class Panel:
    """A panel. Only the main thread calls it; work of over 50 ms goes to a thread and comes by ``AppContext.post``."""

    def __init__(self, app: AppContext) -> None:
        self._app = app

    def build(self, parent: int | str) -> None:
        """Make the widgets inside a window item."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Show what changed in the session since last time; called every frame, so compare before touching widgets."""

    def key(self, name: str) -> bool:
        """Take a key pressed while the pointer is over the panel, such as ``Ctrl+A``; False where it is of no use."""
        return False

    @property
    def first_widget(self) -> int | str | None:
        """The widget that the keyboard goes to first; None for whichever Dear ImGui finds."""
        return None

    def pointed(self, at: Point) -> Target | None:
        """What of the panel lies at a pixel of the window, for the menu of a right click; None for nothing."""
        return None

    def give_up(self) -> bool:
        """Escape: end the topmost thing that the panel has begun or opened; False where there is none."""
        return False


@dataclass(frozen=True)
class PanelType:
    """A declared panel: its title (also of its tab), its place, and its rank among the tabs there."""

    title: str
    place: Place
    order: int
    make: Callable[[AppContext], Panel]
    module: str


PANELS: dict[str, PanelType] = {}
P = TypeVar("P", bound=type[Panel])


def panel(title: str, *, place: Place, order: int = 100) -> Callable[[P], P]:
    """Declare the decorated class as a panel: lower ``order`` comes first. Those that ship have 10, 20, 30 and so on.

    Raises ``TypeError`` where another module has a panel of this title, or the viewer's place is taken.
    """

    def declare(make: P) -> P:
        module = make.__module__
        for other in PANELS.values():
            same = other.title == title or (place == "viewer" and other.place == "viewer")
            if same and other.module != module:
                raise TypeError(f"the panel {title} cannot have its title or place: {other.module} has it already")
        PANELS[title] = PanelType(title, place, order, make, module)
        return make

    return declare


def panels_at(place: Place) -> list[PanelType]:
    """The panels declared for a place, in the order of their tabs."""
    return sorted((found for found in PANELS.values() if found.place == place), key=lambda found: found.order)
