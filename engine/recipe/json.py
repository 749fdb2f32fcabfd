"""A recipe as plain JSON values: what its file holds, and what its identity is made of."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graingraph.engine.recipe.recipe import Recipe

FORMAT = "graingraph recipe"
FORMAT_VERSION = 1


def to_json(recipe: "Recipe") -> dict[str, Any]:
    """The recipe as plain JSON values."""
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "name": recipe.name,
        "description": recipe.description,
        "nodes": {
            node: {"type": s.type, "version": s.version, "settings": dict(s.settings), "muted": s.muted}
            for node, s in recipe.steps.items()
        },
        "wires": [{"from": f"{w.source}.{w.output}", "to": f"{w.target}.{w.input}"} for w in recipe.wires],
        "exposed": [asdict(item) for item in recipe.exposed],
        "locked": recipe.locked,
        "layout": {
            "positions": {node: list(at) for node, at in recipe.layout.positions.items()},
            "frames": [asdict(frame) for frame in recipe.layout.frames],
        },
    }
