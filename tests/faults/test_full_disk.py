"""A disk that is full and a folder that goes: one sentence, nothing torn, and the next run goes on."""

import shutil
from pathlib import Path

import pytest

from graingraph.app.cli.run import run_recipe
from graingraph.app.library.user_library import open_existing, open_library
from graingraph.engine.batch.image_job import BatchPaths
from graingraph.engine.batch.run import Progress, run_images
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from tests.faults.kill_batch import RECIPE, make_images, tables
from tests.support.small_disk import enlarge, fill, small_disk


def test_out_on_a_full_disk_ends_with_a_sentence_and_goes_on_once_there_is_room(tmp_path: Path) -> None:
    images = str(make_images(tmp_path / "images", 5))
    assert run_recipe(RECIPE, [images], tmp_path / "wanted", workers=1) == 0
    with small_disk(tmp_path / "disk", 200) as disk:
        with pytest.raises(Problem, match=r"cannot be written \(No space left on device\)"):
            run_recipe(RECIPE, [images], disk / "out", workers=1)
        assert not list(disk.rglob("*.graingraph.tmp"))
        enlarge(disk, 50_000)
        assert run_recipe(RECIPE, [images], disk / "out", workers=1) == 0
        assert tables(disk / "out") == tables(tmp_path / "wanted")


def test_full_folders_of_the_user_stop_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images, shelf = str(make_images(tmp_path / "images", 1)), tmp_path / "shelf"
    shelf.mkdir()
    with small_disk(tmp_path / "home", 64) as home:
        for variable in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
            monkeypatch.setenv(variable, str(home / variable))
        fill(home)
        assert run_recipe(RECIPE, [images], tmp_path / "out", workers=1) == 0
        assert open_library(str(shelf)).versions() == []
        assert open_existing(str(shelf)).newest() == []


def test_an_out_that_vanishes_ends_the_run_and_is_named(tmp_path: Path) -> None:
    images = ImageSet.of_files(sorted(make_images(tmp_path / "images", 4).iterdir()))
    place = BatchPaths(tmp_path / "out")

    def remove(progress: Progress) -> None:
        if len(progress.rows) == 1:
            shutil.rmtree(place.out)

    done: list[int] = []
    with pytest.raises(Problem, match=r"The folder .*out has gone.*run again"):
        run_images(
            recipe_file.load(RECIPE), images, place, on_row=lambda progress: (done.append(1), remove(progress))[0]
        )
    assert len(done) == 1
