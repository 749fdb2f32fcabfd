"""Whether the recipe in a file may be run as it is: what the policy of its folder demands, wherever it is run from."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from graingraph.engine.evaluation import workspace
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import bundle
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.lock import require_allowed
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.release.log import Entry, read_log
from graingraph.engine.release.policy import Policy, log_beside, log_of, policy_of
from graingraph.engine.release.stage import Stage, stage_of


def stage_at(path: Path, entries: Sequence[Entry] | None = None) -> Stage:
    """How far the version is that a recipe's file holds. Raises ``Problem``.

    ``entries`` are those of its log, where they have been read already.
    """
    known = read_log(log_of(path)) if entries is None else entries
    return stage_of(recipe_file.load(path).id, [*known, *packed_log(path)], policy_for(path))


def packed_log(path: Path) -> list[Entry]:
    """The entries of the log that was packed with a bundle."""
    return read_log(log_beside(workspace.with_all_beside(path))) if bundle.is_bundle(path) else []


def policy_for(path: Path) -> Policy:
    """The policy that holds for a recipe's file; for a bundle where none lies, that which was packed with it."""
    policy = policy_of(path)
    if policy.path is None and bundle.is_bundle(path):
        inside = workspace.with_all_beside(path)
        packed = policy_of(inside)
        return packed if packed.path is not None and packed.path.parent == inside.resolve().parent else policy
    return policy


def require_may_run(path: Path | None, recipe: Recipe, why: str = "") -> None:
    """Raise ``Problem`` where the policy of the recipe's folder does not let it be run as it is.

    Where it lets only released versions run, no more than the exposed settings may be others than in the file.
    ``path`` is None for a recipe that has no file.
    """
    policy = policy_for(path) if path is not None else None
    if path is None or policy is None or policy.path is None:
        return
    policy.require_comment(why)
    if not policy.only_released:
        return
    stage = stage_at(path)
    if stage.name != "released":
        raise Problem(
            f"{path.name} is a {stage}, and {policy.path} lets only released versions run; "
            "have it released (graingraph release), or try it in a folder of your own (graingraph copy)."
        )
    try:
        require_allowed(replace(recipe_file.load(path), locked=True), replace(recipe, locked=True))
    except Problem:
        raise Problem(
            f"This is not the released version of {path.name}: more is changed than the settings that it exposes."
        ) from None
