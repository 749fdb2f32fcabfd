"""Reviewing and releasing what is in a library: a signature makes a version of its own, as none is ever changed."""

import tempfile
from pathlib import Path

from graingraph.app.library.drafts import draft_of
from graingraph.app.library.versions import Library, Version
from graingraph.engine.files import write_atomically
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import bundle
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.release.keys import Key
from graingraph.engine.release.log import read_log
from graingraph.engine.release.policy import FILE as POLICY
from graingraph.engine.release.policy import log_beside, log_of
from graingraph.engine.release.stage import Act, Stage, sign_version


def sign_in_library(
    library: Library, version: Version, act: Act, key: Key, why: str, *, author: str
) -> tuple[Version, Stage]:
    """Publish a version with this signature in its audit log; it, and the stage of its recipe then.

    The rules are those of ``graingraph release``, by the policy of the library, or else by that which came with the
    version. ``Problem`` where they do not allow it, it is a model, a part is missing, or somebody has published since
    (``Newer``).
    """
    if version.kind != "recipe":
        raise Problem(f"{version.name} is a model and no recipe; only recipes are released.")
    with tempfile.TemporaryDirectory() as folder:
        fetched = library.fetch(version, Path(folder) / "fetched")
        if not bundle.is_bundle(fetched):
            raise Problem(f"{version.name} is no bundle here; publish it again.")
        recipe = bundle.unpacked(fetched, Path(folder) / "unpacked")
        rules = library.policy()
        if rules is not None:
            write_atomically(recipe.with_name(POLICY), rules)
        packed = log_beside(recipe)
        if log_of(recipe) != packed and read_log(packed):  # the policy has the logs in a folder of their own
            write_atomically(log_of(recipe), packed.read_bytes())
            packed.unlink()
        try:
            stage = sign_version(recipe, recipe_file.load(recipe), act, key, why)
        except Problem as problem:  # the policy is that of the library, wherever it lies just now
            raise Problem(problem.message.replace(str(recipe.parent), library.place.url)) from None
        example = version.more.get("report")
        (Path(folder) / "signed").mkdir()
        draft, _ = draft_of(
            recipe,
            Path(folder) / "signed",
            name=version.name,
            report=library.object(example) if example else None,
        )
        note = f"{act} by {key.name}{f': {why}' if why else ''}"
        return library.publish(draft, author=author, note=note, after=version.id), stage
