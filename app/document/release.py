"""What is written down of runs and changes of a recipe, and what the policy of its folder demands before a change.

A recipe's folder without policy demands nothing; where somebody has begun a log all the same (by a signature), it is
kept on.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from graingraph.engine.batch.image_job import BatchPaths
from graingraph.engine.batch.manifest import SEAL, read_manifest
from graingraph.engine.batch.permission import packed_log, policy_for, stage_at
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.diff import differences
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.release.log import Entry, Facts, append, read_log
from graingraph.engine.release.policy import log_of, policy_of
from graingraph.engine.release.stage import signatures_of, stage_of
from graingraph.engine.values.wording import counted

ACTS = {"run": "ran it", "started": "began a run of it", "begun": "began the log", "changed": "changed it"}
"""What entries of the log are called in words; signatures as they are."""


def stage_in_words(path: Path | None) -> str:
    """The stage of the version in a recipe's file, for an operator; empty where nobody asks for releases."""
    try:
        if path is None or not path.exists() or not _is_recorded(path):
            return ""
        stage = stage_at(path)
        return f"This version is {'a ' if stage.name == 'draft' else ''}{stage}."
    except Problem as problem:
        return problem.message


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
    packed = packed_log(path) if path is not None and path.exists() else []
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
        images, failed = entry["images"] or 0, entry["failed"] or 0
        words += f", on {counted(images, 'image')} ({failed} failed) into {entry['out']}"
        if corrected.get("strokes"):
            share = 100 * corrected.get("touched", 0) / max(corrected.get("features", 0), 1)
            words += f", {share:.1f} % of the features corrected by hand"
    changes = "".join(f"\n    {change}" for change in entry["changes"] or ())
    why = f": {entry['why']}" if entry["why"] else ""
    return f"{words}{why}{changes}"
