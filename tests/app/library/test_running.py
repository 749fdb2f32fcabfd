"""A recipe runs straight from a library, under its policy, and manifest and report say which version that was."""

from pathlib import Path

import orjson
import pypdf
import pytest

from graingraph.app.cli.library import add
from graingraph.app.cli.recipes import recipe_named
from graingraph.app.cli.run import run_recipe
from graingraph.app.library.drafts import draft_of
from graingraph.app.library.user_library import (
    address_of,
    open_library,
    recipe_in_library,
    remember_library,
    usual_library,
)
from graingraph.app.library.versions import Library, Version
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.release.keys import load_key, make_key
from graingraph.engine.release.policy import FILE
from graingraph.engine.release.stage import sign_version
from tests.app.library.conftest import Publish
from tests.engine.batch.test_cluster import nodules
from tests.support.paths import GRAPHS


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("GRAINGRAPH_LIBRARY", raising=False)


def published(shelf: Library, folder: Path, threshold: float, signer: str = "") -> Version:
    """The recipe for nodules with another threshold, signed or not."""
    folder.mkdir()
    path = folder / "nodules.graingraph.json"
    recipe = recipe_file.load(GRAPHS / "nodules.graingraph.json")
    node = next(name for name, step in recipe.steps.items() if step.type == "Threshold")
    recipe = recipe.with_setting(node, "method", "manual").with_setting(node, "level", threshold)
    recipe_file.save(recipe, path)
    if signer:
        sign_version(path, recipe, "released", load_key(signer, folder=folder.parent / "keys"), "for lot 7")
    return shelf.publish(draft_of(path, folder, name="Nodules")[0], author="Ada")


def test_the_newest_released_version_runs_and_is_named(shelf: Library, tmp_path: Path):
    key = make_key("Bob", folder=tmp_path / "keys")
    first = published(shelf, tmp_path / "first", 0.5, "Bob")
    second = published(shelf, tmp_path / "second", 0.4)
    images = nodules(tmp_path / "images", 1)
    files = [str(source.path) for source in images.values()]
    remember_library(shelf.place.url)

    assert run_recipe(recipe_named("library:Nodules"), files, tmp_path / "out", workers=1) == 0
    run = orjson.loads((tmp_path / "out" / "manifest.json").read_bytes())["run"]
    assert (run["library"]["version"], run["library"]["name"]) == (second.id, "Nodules")

    (tmp_path / "shelf" / FILE).write_text(f'only_released = true\n[signers]\n"Bob Noyce" = "{key}"\n')
    assert run_recipe(recipe_named("library:Nodules"), files, tmp_path / "out", workers=1) == 0
    run = orjson.loads((tmp_path / "out" / "manifest.json").read_bytes())["run"]
    assert (run["library"]["version"], run["stage"]) == (first.id, "released by Bob Noyce")
    (report,) = (tmp_path / "out").glob("*.pdf")
    text = " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(report).pages).split())
    assert "This version of the recipe is released by Bob Noyce." in text
    assert "Released by Bob Noyce" in text
    assert "for lot 7" in text
    assert first.id in text

    with pytest.raises(Problem, match="is a draft"):
        run_recipe(recipe_named(address_of(shelf, second)), files, tmp_path / "other", workers=1)
    (tmp_path / "shelf" / FILE).write_text("only_releasd = true")
    with pytest.raises(Problem, match="cannot be followed"):
        run_recipe(recipe_named(address_of(shelf, first)), files, tmp_path / "other", workers=1)
    (tmp_path / "shelf" / FILE).unlink()
    assert recipe_in_library(f"{tmp_path}/shelf#Nodules@{second.short}").parent.name == second.id


def test_a_policy_and_words_hold_under_a_url_too(bucket: str, publish: Publish, tmp_path: Path):
    library = open_library(bucket)
    publish(library, 0.3, tags=("iron",))
    publish(library, 0.4)
    key = make_key("Bob", folder=tmp_path / "keys")
    image = next(iter(nodules(tmp_path / "images", 1).values())).path
    library.place.add(FILE, f'only_released = true\n[signers]\n"Bob" = "{key}"\n'.encode())
    assert [one.name for one in library.newest(["IRON"])] == ["Chain"]
    with pytest.raises(Problem, match="lets only released versions run"):
        run_recipe(recipe_named(f"{bucket}#Chain"), [str(image)], tmp_path / "out", workers=1)


def test_what_is_no_library_is_said_to_be_that(tmp_path: Path, shelf: Library, publish: Publish):
    for where, said in {
        "nowhere": "There is nothing at",
        "others": "holds other things and no library",
        "file/x": "cannot be reached",
    }.items():
        (tmp_path / "others").mkdir(exist_ok=True)
        (tmp_path / "others" / "holiday.txt").write_text("")
        (tmp_path / "file").write_text("")
        with pytest.raises(Problem, match=said):
            recipe_in_library(f"{tmp_path / where}#Chain")
        with pytest.raises(Problem, match=said):
            add(str(tmp_path / where), GRAPHS / "nodules.graingraph.json")
    assert not (tmp_path / "nowhere").exists()
    assert list((tmp_path / "others").iterdir()) == [tmp_path / "others" / "holiday.txt"]
    add(str(tmp_path / "others"), GRAPHS / "nodules.graingraph.json", new=True)
    add(str(tmp_path / "others"), GRAPHS / "porosity.graingraph.json")
    (tmp_path / "empty").mkdir()
    assert Library(shelf.place, tmp_path).missing() == f"There is nothing at {tmp_path}/shelf yet."
    with pytest.raises(Problem, match="No library is known here"):
        recipe_in_library("library:Chain")
    remember_library("webdav://lab:secret@host/recipes")
    assert usual_library() == "webdav://host/recipes"  # a password is not written down
