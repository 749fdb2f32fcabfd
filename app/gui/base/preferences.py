"""How a person likes the window: kept from one start to the next in a small JSON file of the user."""

from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

import orjson

from graingraph.app.gui.base.panel_layout import LIMITS, Foldable, PanelLayout
from graingraph.engine.files import write_atomically
from graingraph.engine.problem import Problem

UI_SCALES = (0.5, 4.0)
SIDES = (500, 16_000)
"""The least and the largest side of the window, in pixels."""


@dataclass(frozen=True)
class Preferences:
    """Colours, what the wheel does, size of text and buttons (1 = normal), of the window in pixels, and its panels."""

    light: bool = False
    wheel_pans: bool = False
    ui_scale: float = 1.0
    size: tuple[int, int] = (1280, 800)
    layout: PanelLayout = field(default_factory=PanelLayout)


def at_first(screen_scale: float) -> Preferences:
    """What holds before anything was kept: text, buttons and window as large as the screen wants them."""
    usual, scale = Preferences(), _within(screen_scale, 1.0, UI_SCALES[1])
    return replace(usual, ui_scale=scale, size=(round(scale * usual.size[0]), round(scale * usual.size[1])))


def load(file: Path, otherwise: Preferences | None = None) -> Preferences:
    """What was kept; ``otherwise``, or the defaults, where there is nothing, or nothing that can be used."""
    try:
        found = orjson.loads(file.read_bytes())
        width, height = (round(_within(side, *SIDES)) for side in found["size"])
        shares: dict[str, Any] = {name: _within(found["layout"][name], *limits) for name, limits in LIMITS.items()}
        return Preferences(
            bool(found["light"]),
            bool(found["wheel_pans"]),
            _within(found["ui_scale"], *UI_SCALES),
            (width, height),
            PanelLayout(
                **shares,
                beside=bool(found["layout"].get("beside")),
                low=bool(found["layout"].get("low")),
                folded=_folded(found["layout"]),
            ),
        )
    except (OSError, ValueError, TypeError, LookupError):
        return otherwise or Preferences()


def save(file: Path, preferences: Preferences) -> None:
    """Keep them. The canvas is in sight again at the next start; where nothing can be written, nothing is kept."""
    shown = replace(preferences, layout=replace(preferences.layout, form=False))
    with suppress(Problem):
        write_atomically(file, orjson.dumps(asdict(shown)), durable=False)


def _folded(layout: dict[str, Any]) -> tuple[Foldable, ...]:
    """The places that were folded away."""
    return tuple(place for place in get_args(Foldable) if place in layout.get("folded", ()))


def _within(value: float, low: float, high: float) -> float:
    return min(max(float(value), low), high)
