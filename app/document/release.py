"""What the policy of a recipe's folder demands before a run and a change, and what of both is written down.

A recipe's folder without policy demands nothing; where somebody has begun a log all the same (by a signature), it is
kept on.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from graingraph.app.document.lock import require_allowed
from graingraph.engine.batch.image_job import BatchPaths
from graingraph.engine.batch.manifest import SEAL, read_manifest
from graingraph.engine.evaluation import workspace
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import bundle
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.diff import differences
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.release.log import Entry, Facts, append, read_log
from graingraph.engine.release.policy import Policy, log_beside, log_of, policy_of
from graingraph.engine.release.stage import Stage, signatures_of, stage_of

ACTS = {"run": "ran it", "started": "began a run of it", "begun": "began the log", "changed": "changed it"}
"""What entries of the log are called in words; signatures as they are."""


def stage_at(path: Path, entries: Sequence[Entry] | None = None) -> Stage:
    """How far the version is that a recipe's file holds. Raises ``Problem``.

    ``entries`` are those of its log, where they have been read already.
    """
    known = read_log(log_of(path)) if entries is None else entries
    return stage_of(recipe_file.load(path).id, [*known, *_packed(path)], policy_for(path))


def _packed(path: Path) -> list[Entry]:
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


def stage_in_words(path: Path | None) -> str:
    """The stage of the version in a recipe's file, for an operator; empty where nobody asks for releases."""
    try:
        if path is None or not path.exists() or not _is_recorded(path):
            return ""
        stage = stage_at(path)
        return f"This version is {'a ' if stage.name == 'draft' else ''}{stage}."
    except Problem as problem:
        return problem.message


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


def note_start(path: Path | None, recipe: Recipe, place: BatchPaths, why: str) -> None:
    """Record that a run begins, where runs are recorded: it may be killed. ``Problem`` where that cannot be."""
    if path is not None and _is_recorded(path):
        said = {"what": "started", "recipe": recipe.id, "why": why, "out": place.where}
        append(log_of(path), lambda entries, facts: {**facts, **said})


def require_may_unlock(path: Path | None) -> None:
    """Raise ``Problem`` where a released version is to be unlocked and only those may run: it stays as it is."""
    policy = policy_of(path) if path is not None else None
    if path is not None and policy is not None and policy.only_released and stage_at(path).name == "released":
        raise Problem(
            f"{path.name} is released and stays locked here; save a copy in a folder of your own to change it."
        )


def note_change(path: Path, before: Recipe | None, after: Recipe, why: str = "") -> None:
    """Record a change of a recipe's file, where changes are recorded: who, when, why, old → new, and the new version.

    Call it before the file is written: without the record there must be no change. ``before`` is what the file held.
    """
    if not _is_recorded(path) or (before is not None and before == after):
        return
    policy_of(path).require_comment(why)

    def build(entries: list[Entry], facts: Facts) -> Facts:
        return {
            **facts,
            "what": "changed" if before else "begun",
            "recipe": after.id,
            "before": before.id if before else "",
            "changes": differences(before, after) if before else [],
            "why": why,
            "document": after.to_json(),
        }

    append(log_of(path), build)


def about_run(path: Path | None, recipe: Recipe, why: str) -> dict[str, Any]:
    """What the manifest says of a run's release: why it was made, the stage of its version and who signed, its log.

    The stage is that of the version in the file, as a run may have other values of the settings that it exposes.
    """
    packed = _packed(path) if path is not None and path.exists() else []
    recorded = path is not None and _is_recorded(path)
    if path is None or not (recorded or packed):
        return {"why": why} if why else {}
    entries = read_log(log_of(path))
    known = recipe_file.load(path).id, [*entries, *packed], policy_for(path)
    said = {"why": why, "stage": str(stage_of(*known)), "signatures": [asdict(one) for one in signatures_of(*known)]}
    if not recorded:
        return said
    log = {"file": str(log_of(path).absolute()), "entries": len(entries), "head": entries[-1].hash if entries else ""}
    return {**said, "audit": log}


def note_run(path: Path | None, recipe: Recipe, why: str, place: BatchPaths) -> None:
    """Record a run, where runs are recorded: who, when, why, what was set for it, and what came out."""
    if path is None or not _is_recorded(path):
        return
    saved, manifest = recipe_file.load(path), read_manifest(place)
    rows = manifest["images"].values()

    def build(entries: list[Entry], facts: Facts) -> Facts:
        return {
            **facts,
            "what": "run",
            "recipe": recipe.id,
            "file": saved.id,
            "changes": differences(saved, recipe),
            "why": why,
            "out": place.where,
            "images": len(rows),
            "failed": sum(row.get("Status") == "failed" for row in rows),
            "interrupted": manifest["run"]["interrupted"],
            "corrected": manifest["results"]["corrected"],
            "manifest": manifest[SEAL],
        }

    append(log_of(path), build)


def _is_recorded(path: Path) -> bool:
    return policy_for(path).records or log_of(path).exists()


def in_words(entry: Entry) -> str:
    """An entry as a line for people: when, who, what, why, and what it changed."""
    what = ACTS.get(entry["what"], entry["what"])
    signer = f" ({entry['signer']})" if entry["signer"] else ""
    words = f"{entry['at']}  {entry['by']}{signer} {what}, version {str(entry['recipe'])[:8]}"
    if entry["what"] == "started":
        words += f", into {entry['out']}"
    if entry["what"] == "run":
        corrected = entry["corrected"] or {}
        words += f", on {entry['images']} images ({entry['failed']} failed) into {entry['out']}"
        if corrected.get("strokes"):
            share = 100 * corrected.get("touched", 0) / max(corrected.get("features", 0), 1)
            words += f", {share:.1f} % of the features corrected by hand"
    changes = "".join(f"\n    {change}" for change in entry["changes"] or ())
    why = f": {entry['why']}" if entry["why"] else ""
    return f"{words}{why}{changes}"
