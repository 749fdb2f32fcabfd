"""The policy of a folder: what is demanded of the recipes in it and below, in ``graingraph-policy.toml``.

::

    only_released = true     # runs and the operator's form take only released versions
    signatures = 2           # a review by one person and the release by another; 1: the release alone
    comment = true           # every change and every run says why
    audit = true             # every change and every run is recorded
    logs = "audit"           # in this folder, seen from here, where operators may write; beside each recipe if left out

    [signers]                # who may review and release, by public key (graingraph keys)
    "Ada Lovelace" = "ed25519:…"

Whoever may write this file may change the rules: keep it, as the recipes, where operators may only read.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graingraph.engine.problem import Problem
from graingraph.engine.release.log import SUFFIX

FILE = "graingraph-policy.toml"
MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Policy:
    """What a folder demands; nothing where no policy lies in it or above. ``signers`` are public keys by name."""

    only_released: bool = False
    signatures: int = 1
    comment: bool = False
    audit: bool = False
    logs: str = ""
    signers: Mapping[str, str] = field(default_factory=dict)
    path: Path | None = None

    @property
    def records(self) -> bool:
        """Whether changes and runs are recorded although nobody has begun a log."""
        return self.audit or self.only_released or self.comment

    def require_comment(self, why: str) -> None:
        """Raise ``CommentNeeded`` where a reason has to be given and is not."""
        if self.comment and not why.strip():
            raise CommentNeeded(f"{self.path} demands that every change and every run says why; say it (--why TEXT).")


class CommentNeeded(Problem):
    """The policy of the folder demands a reason, and none was given."""


def policy_of(recipe: Path) -> Policy:
    """The policy that holds for a recipe's file: that of its folder, or of the nearest one above.

    ``Problem`` where it cannot be read or says something that is not understood: a slip must not switch it off.
    """
    folder = recipe.absolute().resolve().parent
    for place in (folder, *folder.parents):
        path = place / FILE
        if path.exists() or path.is_symlink():
            return _read(path)
    return Policy()


def log_of(recipe: Path) -> Path:
    """The audit log of a recipe: ``brass.audit.jsonl`` beside it, or where the policy has it. Raises ``Problem``.

    In a folder of logs they lie as the recipes do below the policy.
    """
    policy = policy_of(recipe)
    if not policy.logs or policy.path is None:
        return log_beside(recipe)
    folder = policy.path.parent
    return folder / policy.logs / recipe.absolute().resolve().parent.relative_to(folder) / log_beside(recipe).name


def log_beside(recipe: Path) -> Path:
    """Where the log of a recipe lies if no policy has it elsewhere."""
    name = recipe.name.removesuffix(".json").removesuffix(".graingraph").removesuffix(".ggz")
    return recipe.with_name(name + SUFFIX)


def _read(path: Path) -> Policy:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError("it is too large")
        document = tomllib.loads(path.read_text("utf-8"))
        return _checked(document, path)
    except (OSError, ValueError, RecursionError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise Problem(f"The policy {path} cannot be followed ({error}); mend it before anything runs here.") from None


def _checked(document: Mapping[str, Any], path: Path) -> Policy:
    flags = {"only_released", "comment", "audit"}
    unknown = sorted(set(document) - flags - {"signatures", "signers", "logs"})
    if unknown:
        raise ValueError(f"it has no setting '{unknown[0][:40]}'")
    for name in flags & set(document):
        if not isinstance(document[name], bool):
            raise ValueError(f"{name} is true or false")
    signatures, signers = document.get("signatures", 1), document.get("signers", {})
    if isinstance(signatures, bool) or signatures not in (1, 2):
        raise ValueError("signatures is 1 or 2")
    logs = document.get("logs", "")
    if not isinstance(logs, str) or "\0" in logs:
        raise ValueError("logs is the name of a folder")
    if not isinstance(signers, dict) or not all(isinstance(key, str) for key in signers.values()):
        raise ValueError("signers are names with public keys")
    if len(set(signers.values())) < len(signers):
        raise ValueError("two signers have the same key")
    if document.get("only_released") and len(signers) < signatures:
        raise ValueError(f"only_released takes at least {signatures} of [signers]; see: graingraph keys")
    kept = {name: document[name] for name in flags & set(document)}
    return Policy(signatures=signatures, logs=logs, signers=signers, path=path, **kept)
