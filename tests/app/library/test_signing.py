"""What is in a library is reviewed and released there, by the rules of its policy; no version is changed for it."""

from pathlib import Path

import pytest

from graingraph.app.library.signing import sign_in_library
from graingraph.app.library.user_library import fetched, open_library, recipe_in_library
from graingraph.app.library.versions import Library, Newer, Version
from graingraph.engine.batch.permission import stage_at
from graingraph.engine.problem import Problem
from graingraph.engine.release.keys import load_key, make_key
from graingraph.engine.release.policy import FILE
from graingraph.engine.release.stage import Act, Stage
from tests.app.library.conftest import Publish

pytest.importorskip("cryptography")


def test_a_version_is_reviewed_by_one_and_released_by_another(shelf: Library, publish: Publish, tmp_path: Path):
    keys = tmp_path / "keys"
    signers = "".join(f'{name} = "{make_key(name, folder=keys)}"\n' for name in ("Ada", "Bob"))
    make_key("Eve", folder=keys)
    draft = publish(shelf, 0.5, tags=("iron",))
    rules = f'only_released = true\nsignatures = 2\ncomment = true\nlogs = "audit"\n[signers]\n{signers}'
    (tmp_path / "shelf" / FILE).write_text(rules)

    def signed(version: Version, act: Act, name: str, why: str) -> tuple[Version, Stage]:
        return sign_in_library(shelf, version, act, load_key(name, folder=keys), why, author="somebody")

    for act, name, why, said in (
        ("released", "Ada", "for lot 7", "somebody else reviews it first"),
        ("reviewed", "Ada", "", f"shelf/{FILE} demands that every change"),
        ("reviewed", "Eve", "looks good", "does not list the key of Eve"),
    ):
        with pytest.raises(Problem, match=said):
            signed(draft, act, name, why)
    assert shelf.history("Chain") == [draft]

    reviewed, stage = signed(draft, "reviewed", "Ada", "checked")
    assert str(stage) == "reviewed by Ada"
    released, stage = signed(reviewed, "released", "Bob", "for lot 7")
    assert str(stage) == "released by Ada and Bob"
    assert (released.note, released.tags, released.after) == ("released by Bob: for lot 7", ("iron",), reviewed.id)
    assert shelf.recipe(released).id == shelf.recipe(draft).id
    publish(shelf, 0.6)
    assert stage_at(recipe_in_library(f"{tmp_path}/shelf#Chain")).name == "released"
    stages = [stage_at(fetched(open_library(shelf.place.url), one)).name for one in shelf.history("Chain")]
    assert stages == ["draft", "reviewed", "released", "draft"]
    with pytest.raises(Newer):
        signed(released, "withdrawn", "Bob", "a slip")
