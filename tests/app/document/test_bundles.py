"""A recipe in one file: it opens as it is, the file stays as it is, and what it lacks is named."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from graingraph.app.document import commands
from graingraph.app.document.bundles import needed_packages, pack_recipe, unpack_bundle, what_is_missing
from graingraph.app.document.origin import RECIPES, require_own
from graingraph.app.document.session import Session
from graingraph.app.document.start import start_session
from graingraph.app.rendering.recipe_thumbnail import SIZE, recipe_thumbnail
from graingraph.app.services.batch_place import place_for
from graingraph.engine.evaluation import workspace
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import bundle, models
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Group
from graingraph.engine.recipe.recipe import Recipe
from tests.support.recipes import chain

MELT_POOLS = RECIPES / f"melt_pools{recipe_file.SUFFIX}"


@pytest.fixture(autouse=True)
def _caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GRAINGRAPH_MODELS", str(tmp_path / "nobody's"))


def test_a_bundle_opens_with_its_models_and_marks_and_stays_as_it_is(tmp_path: Path):
    path = tmp_path / "pools.ggz"
    assert pack_recipe(MELT_POOLS, path) == []
    before, recipe = path.read_bytes(), recipe_file.load(MELT_POOLS)
    assert recipe_file.load(path) == recipe
    (model,) = set(models.applied(recipe).values())
    assert workspace.models_of(path).resolve(model).path.is_file()
    drawn = workspace.open_marks(MELT_POOLS).images("trace")
    assert drawn
    assert workspace.open_marks(path).images("trace") == drawn
    assert place_for(path, tmp_path / "out", workspace.models_of(path)).marks == workspace.marks_folder(path)
    session = Session()
    session.open(path)
    assert (session.path, session.title, session.messages) == (None, "pools.ggz (copy)", [])
    assert session.marks.images("trace") == drawn
    session.do(commands.mute(session.recipe, [session.recipe.order[1]]))
    with pytest.raises(Problem, match="Save as"):
        session.save()
    assert session.suggested_file == tmp_path / f"pools{recipe_file.SUFFIX}"
    session.save(session.suggested_file)
    assert workspace.models_of(session.path).resolve(model).path.parent == tmp_path / "models"
    assert path.read_bytes() == before
    with pytest.raises(Problem, match="graingraph unpack"):
        require_own(path)


def test_unpacked_it_is_a_recipe_of_ones_own_and_marks_go_along_only_if_wanted(tmp_path: Path):
    pack_recipe(MELT_POOLS, tmp_path / "a.ggz", marks=False)
    recipe = unpack_bundle(tmp_path / "a.ggz", tmp_path / "mine")
    assert recipe_file.load(recipe) == recipe_file.load(MELT_POOLS)
    assert sorted(path.name for path in recipe.parent.iterdir()) == [MELT_POOLS.name, "models"]
    for wrong in (MELT_POOLS, tmp_path / "a.ggz"):
        with pytest.raises(Problem):
            pack_recipe(MELT_POOLS, wrong)
    with pytest.raises(Problem, match="no bundle"):
        unpack_bundle(MELT_POOLS, tmp_path)


def test_a_missing_model_and_a_missing_package_are_named_and_the_recipe_opens(tmp_path: Path):
    recipe = Recipe().add("DeepSegment", model=f"lost.onnx@{'0' * 32}")[0]
    file, path = tmp_path / f"a{recipe_file.SUFFIX}", tmp_path / "a.ggz"
    recipe_file.save(recipe, file)
    (said,) = pack_recipe(file, path)
    assert said.startswith("Left out: The model lost.onnx is not on this machine")
    (problem,) = what_is_missing(path, recipe_file.load(path), workspace.models_of(path))
    assert (problem.node, "lost.onnx" in problem.message) == ("deep_segment", True)
    foreign = recipe_file.dump(recipe).replace(b'"DeepSegment"', b'"Elsewhere"')
    bundle.write(tmp_path / "b.ggz", file.name, {file.name: foreign}, {"Elsewhere": "the package else 1.2"})
    session = Session()
    session.open(tmp_path / "b.ggz")
    said = [message.text for message in session.messages]
    assert any("Unknown node type Elsewhere" in text for text in said)
    assert "Elsewhere comes from the package else 1.2, which is not installed here." in said
    assert [finding.node for finding in needed_packages(tmp_path / "b.ggz", session.recipe)] == ["deep_segment"]


def test_work_that_began_with_a_bundle_outlives_it(tmp_path: Path):
    recipe_file.save(chain(), tmp_path / f"a{recipe_file.SUFFIX}")
    pack_recipe(tmp_path / f"a{recipe_file.SUFFIX}", tmp_path / "a.ggz")
    session = start_session(tmp_path / "state", tmp_path / "a.ggz")
    session.do(commands.mute(session.recipe, ["filter"]))
    session.journal.close(keep=True)  # the process ends here
    (tmp_path / "a.ggz").unlink()
    again = start_session(tmp_path / "state")
    assert again.recipe.steps["filter"].muted
    again.close()


def test_a_damaged_bundle_leaves_the_open_document_alone(tmp_path: Path):
    path = tmp_path / "a.ggz"
    pack_recipe(MELT_POOLS, path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1  # within the model, which is looked at only when all is unpacked
    path.write_bytes(data)
    session = Session(chain())
    with pytest.raises(Problem, match=r"a\.ggz"):
        session.open(path)
    assert session.recipe == chain()


def grouped(name: str) -> Recipe:
    recipe = chain()
    groups = {"group-1": Group(name, frozenset(recipe.order[:2]))}
    return replace(recipe, layout=replace(recipe.layout, groups=groups))


@pytest.mark.parametrize("recipe", [Recipe(), chain(("Load",)), chain(), grouped("Körner\nzählen")])
def test_a_thumbnail_shows_the_nodes(recipe: Recipe):
    picture = Image.open(io.BytesIO(recipe_thumbnail(recipe)))
    assert picture.size == SIZE
    assert (len(np.unique(np.asarray(picture).reshape(-1, 3), axis=0)) > 1) == bool(recipe.steps)
