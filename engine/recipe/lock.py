"""A locked recipe: operators change what the author exposed and draw on images, and nothing else."""

from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe

LOCKED = "The recipe is locked; unlock it in the operator's form to change it."


def require_unlocked(recipe: Recipe) -> None:
    """Raise ``Problem`` where the recipe may not be edited."""
    if recipe.locked:
        raise Problem(LOCKED)


def require_settable(recipe: Recipe, node: str, name: str) -> None:
    """Raise ``Problem`` where the recipe is locked, and this setting is none of those that it exposes."""
    if recipe.locked and not any((one.node, one.setting) in recipe.linked(node, name) for one in recipe.exposed):
        allowed = ", ".join(f"{one.node}.{one.setting}" for one in recipe.exposed) or "nothing"
        raise Problem(f"This recipe is locked; it lets you set {allowed}.")


def require_allowed(before: Recipe, after: Recipe) -> None:
    """Raise ``Problem`` where a locked recipe would be changed in more than the values of its exposed settings."""
    if not before.locked:
        return
    allowed = before
    for item in before.exposed:
        if item.node in after.steps and item.node in allowed.steps:
            value = after.steps[item.node].settings.get(item.setting)
            if value != allowed.steps[item.node].settings.get(item.setting):
                allowed = allowed.with_setting(item.node, item.setting, value)
    if allowed != after:
        raise Problem(LOCKED)
