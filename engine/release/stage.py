"""From draft over reviewed to released: signatures in the audit log say which version of a recipe is what."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import orjson

from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.release.keys import Key, is_signed
from graingraph.engine.release.log import Entry, Facts, append, read_log
from graingraph.engine.release.policy import Policy, log_of, policy_of

Act = Literal["reviewed", "released", "withdrawn"]
ACTS: tuple[Act, ...] = get_args(Act)
StageName = Literal["draft", "reviewed", "released"]


@dataclass(frozen=True)
class Stage:
    """How far a version of a recipe is, and who has signed for that."""

    name: StageName = "draft"
    signers: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} by {' and '.join(self.signers)}" if self.signers else self.name

    @property
    def predicate(self) -> str:
        """How a sentence goes on that says what a version is: "a draft", "released by Anna"."""
        return f"a {self}" if self.name == "draft" else str(self)


@dataclass(frozen=True)
class Signature:
    """What somebody signed for a version, and when: ``name`` is what the policy calls the key, or else the signer."""

    act: Act
    key: str
    name: str
    at: str
    why: str = ""


def stage_of(recipe_id: str, entries: Iterable[Entry], policy: Policy) -> Stage:
    """The stage of the version of this id.

    A signature counts by whom the policy lists, or by anybody where it lists none. Where two signatures are demanded,
    the review and the release have to be by two keys.
    """
    reviewed: dict[str, str] = {}
    released: dict[str, str] = {}
    for one in signatures_of(recipe_id, entries, policy):
        if one.act == "reviewed":
            reviewed[one.key] = one.name
        elif one.act == "withdrawn":
            reviewed, released = {}, {}
        elif policy.signatures == 1 or any(other != one.key for other in reviewed):
            released = {**{other: n for other, n in reviewed.items() if other != one.key}, one.key: one.name}
    if released:
        return Stage("released", tuple(released.values()))
    return Stage("reviewed", tuple(reviewed.values())) if reviewed else Stage()


def signatures_of(recipe_id: str, entries: Iterable[Entry], policy: Policy) -> Iterator[Signature]:
    """What was signed for a version by those who may, oldest first."""
    names = {key: name for name, key in policy.signers.items()}
    for entry in entries:
        key = str(entry["key"])
        act = next((one for one in ACTS if one == entry["what"]), None)
        if act is None or entry["recipe"] != recipe_id or (names and key not in names):
            continue
        if is_signed(key, _signed_part(entry.facts), str(entry["signature"])):
            name = names.get(key, str(entry["signer"]))
            yield Signature(act, key, name, str(entry["at"]), str(entry["why"]))


def _signed_part(facts: Facts) -> bytes:
    """What is signed of an entry: all but the signature, the hash of the entry before included."""
    return orjson.dumps({k: v for k, v in facts.items() if k != "signature"}, option=orjson.OPT_SORT_KEYS)


def sign_version(path: Path, recipe: Recipe, act: Act, key: Key, why: str) -> Stage:
    """Review, release or withdraw the version of a recipe that is in its file; its stage then.

    ``Problem`` where the policy of the folder has it otherwise, or the log cannot be added to.
    """
    policy = policy_of(path)
    policy.require_comment(why)
    if policy.signers and key.public not in policy.signers.values():
        raise Problem(f"{policy.path} does not list the key of {key.name} among its signers: {key.public}")

    def build(entries: list[Entry], facts: Facts) -> Facts:
        now = stage_of(recipe.id, [*entries, _signed(facts, "released", recipe, key, why)], policy)
        if act == "released" and now.name != "released":
            raise Problem("Two people have to sign here: somebody else reviews it first (graingraph release --review).")
        return _signed(facts, act, recipe, key, why).facts

    append(log_of(path), build)
    return stage_of(recipe.id, read_log(log_of(path)), policy)


def _signed(facts: Facts, act: Act, recipe: Recipe, key: Key, why: str) -> Entry:
    said = {**facts, "what": act, "recipe": recipe.id, "why": why, "signer": key.name, "key": key.public}
    said["document"] = recipe.to_json()
    return Entry({**said, "signature": key.sign(_signed_part(said))}, "")
