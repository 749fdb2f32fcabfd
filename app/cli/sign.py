"""The commands that sign and tell who did: ``keys``, ``release``, ``audit``, ``sign``, and ``verify`` of a report."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from graingraph.app.cli.answers import print_json
from graingraph.app.document.origin import require_own
from graingraph.app.document.release import in_words
from graingraph.engine.batch.permission import policy_for, stage_at
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.files import write_atomically
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.release.keys import (
    Key,
    is_in_keyring,
    keys_folder,
    known_keys,
    load_key,
    make_key,
    signing_certificate,
)
from graingraph.engine.release.log import read_log
from graingraph.engine.release.policy import log_of
from graingraph.engine.release.stage import Act, sign_version
from graingraph.engine.values.wording import counted

if TYPE_CHECKING:
    from pyhanko.sign.signers import SimpleSigner


def _passphrase(*, new: bool = False) -> bytes | None:
    """The passphrase of a key: ``GRAINGRAPH_PASSPHRASE``, or what is typed on a terminal; None for none."""
    given = os.environ.get("GRAINGRAPH_PASSPHRASE")
    if given is None and sys.stdin.isatty():
        text = "Passphrase (empty for none)"
        given = typer.prompt(text, default="", hide_input=True, show_default=False, confirmation_prompt=new, err=True)
    return given.encode() if given else None


def _passphrase_of(key: str) -> bytes | None:
    """That of a person's keys; what is in the keyring needs none."""
    return None if is_in_keyring(key) else _passphrase()


def key_of(name: str) -> Key:
    """The key that a person signs recipes with; its passphrase is asked for where it has one. Raises ``Problem``."""
    return load_key(name, _passphrase_of(name))


def signer_of(key: str) -> "SimpleSigner":
    """What signs reports for a person, or with a certificate file that is named. Raises ``Problem``."""
    from graingraph.nodes.reporting.signature import open_signer

    return open_signer(signing_certificate(key), _passphrase_of(key))


def show_keys(name: str | None, in_keyring: bool, as_json: bool) -> None:
    """List the public keys of this user, or make new ones first."""
    if name is not None:
        make_key(name, None if in_keyring else _passphrase(new=True), in_keyring=in_keyring)
    known = known_keys()
    kept = [person for person in known if is_in_keyring(person)]
    if as_json:
        print_json({"folder": str(keys_folder()), "keys": known, "in the keyring": kept})
        return
    for person, public in known.items():
        typer.echo(f'"{person}" = "{public}"')
    in_them = f", those of {', '.join(kept)} in the keyring" if kept else ""
    lies = f"They lie in {keys_folder()}{in_them}; the lines go below [signers] of a policy (graingraph-policy.toml)."
    typer.echo(lies if known else "This user has no keys; make some with: graingraph keys --new NAME", err=True)


def release_recipe(path: Path, key: str, act: Act, why: str, as_json: bool) -> None:
    """Review, release or withdraw the version of a recipe that its file holds, by a signature in its audit log."""
    load_plugins()
    require_own(path)
    recipe = recipe_file.load(path)
    stage = sign_version(path, recipe, act, key_of(key), why)
    if as_json:
        answer = {"recipe": recipe.id, "stage": stage.name, "signers": stage.signers, "log": str(log_of(path))}
        print_json(answer)
    else:
        typer.echo(f"{path.name}, version {recipe.id[:8]}, is {stage}; signed in {log_of(path).name}.")


def show_audit(path: Path, as_json: bool) -> int:
    """Print the audit log of a recipe and its stage; a log that is not whole is a ``Problem`` (exit code 1)."""
    load_plugins()
    recipe, entries, policy = recipe_file.load(path), read_log(log_of(path)), policy_for(path)
    stage = stage_at(path, entries)
    outside = bool(entries) and not any(entry["recipe"] == recipe.id for entry in entries if "document" in entry.facts)
    if as_json:
        answer = {
            "recipe": recipe.id,
            "stage": stage.name,
            "signers": stage.signers,
            "policy": str(policy.path or ""),
            "changed outside": outside,
            "entries": [dict(entry.facts) for entry in entries],
        }
        print_json(answer)
        return 0
    for entry in entries:
        typer.echo(in_words(entry))
    if outside:
        typer.echo("The file holds a version that the log does not know: it was changed outside of Graingraph.")
    entries_said = f"{counted(len(entries), 'entry', 'entries')}, each follows from the last"
    typer.echo(f"{path.name}, version {recipe.id[:8]}, is {stage.predicate}; {entries_said}.")
    return 0


def sign_file(report: Path, key: str, out: Path | None, reason: str) -> None:
    """Write a signed copy of a report."""
    from graingraph.nodes.reporting.signature import sign_report

    target = out or report.with_name(f"{report.stem}_signed.pdf")
    if target.exists():
        raise Problem(f"{target} is there already; choose another name with -o.")
    try:
        data = report.read_bytes()
    except OSError as error:
        raise Problem(f"{report} cannot be read ({error.strerror}); check the name and the folder.") from None
    write_atomically(target, sign_report(data, signer_of(key), reason))
    typer.echo(f"Signed: {target}")


def verify_report(report: Path, as_json: bool) -> int:
    """Print who signed a report, and whether it is as it was signed; exit code 1 where it is not, or nobody has."""
    from graingraph.nodes.reporting.signature import signatures_of

    found = signatures_of(report)
    whole = bool(found) and all(one.whole for one in found)
    if as_json:
        answer = {"verified": whole, "signatures": [vars(one) for one in found]}
        print_json(answer)
    else:
        for one in found:
            typer.echo(str(one))
        if not found:
            typer.echo(f"{report.name} is not signed.")
    return 0 if whole else 1
