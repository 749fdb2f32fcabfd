"""An attended run asks for every image once, goes on where it was killed, and gives what a headless run gives.

Oracle: the same recipe run headless over the same images and marks.
"""

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from graingraph.app.document import commands
from graingraph.app.services.attended_run import Attended, stops_of
from graingraph.app.services.batch_job import BatchJob
from graingraph.engine.batch.image_job import BatchPaths
from graingraph.engine.batch.results import write_results
from graingraph.engine.batch.run import run_images
from graingraph.engine.declare.injected import Mark
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.store import MarkStore, new_mark_id
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe
from tests.support.paths import GRAPHS
from tests.support.recipes import chain


def dots(folder: Path, *counts: int) -> list[Path]:
    paths = []
    for count in counts:
        picture = np.zeros((60, 20 * count + 20), np.uint8)
        for i in range(count):
            cv2.circle(picture, (20 + 20 * i, 30), 6, 255, -1)
        paths.append(folder / f"{count}.png")
        cv2.imwrite(str(paths[-1]), picture)
    return paths


@pytest.fixture
def recipe() -> Recipe:
    return chain(("Load", "Threshold", "ManualEdit", "LabelFeatures", "MeasureFeatures"))


class Person:
    """Answers an attended run as a person would, from another thread than the run's."""

    def __init__(self, recipe: Recipe, images: list[Path], out: Path) -> None:
        self.marks = MarkStore(out.with_suffix(".marks"))
        self.attended = Attended(recipe, Store(), self.marks)
        self.job = BatchJob(recipe, images, out, marks=self.marks.folder, workers=1, attended=self.attended)
        self.hashes = {name: source.hash for name, source in ImageSet.of_files(images).items()}
        self.asked: list[str] = []

    def start(self) -> "Person":
        self.job.start()
        return self

    def wait(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < end
            assert self.job.running, self.job.problems
            time.sleep(0.01)

    def look(self, *, delete_first: bool = False) -> str:
        """Wait until an image is shown; remove its first dot on request."""
        self.wait(lambda: self.attended.current and self.attended.ready)
        image = self.attended.current.image
        self.asked.append(image)
        if delete_first:
            dot = Mark(new_mark_id(), "delete", np.array([[20, 30]], np.float32))
            self.marks.add(self.hashes[image], "manual_edit", dot)
        return image

    def finish(self) -> BatchJob:
        self.job.wait(60)
        assert not self.job.running
        return self.job


def headless(recipe: Recipe, images: list[Path], out: Path, marks: Path) -> None:
    image_set, place = ImageSet.of_files(images), BatchPaths(out, marks)
    progress = run_images(recipe, image_set, place)
    assert not write_results(recipe, image_set, place, progress)


def test_an_attended_run_gives_what_a_headless_run_gives_with_the_same_marks(tmp_path: Path, recipe: Recipe):
    images = dots(tmp_path, 2, 3, 4)
    person = Person(recipe, images, tmp_path / "out").start()
    for number in range(3):
        person.look(delete_first=number != 1)
        person.attended.go_on()
    job = person.finish()
    assert person.asked == ["2.png", "3.png", "4.png"]
    assert (job.interrupted, job.failed, len(job.rows), job.resumed) == (False, [], 3, 0)
    headless(recipe, images, tmp_path / "alone", person.marks.folder)
    table = (tmp_path / "out" / "measurements.csv").read_bytes()
    assert table == (tmp_path / "alone" / "measurements.csv").read_bytes()
    assert len(table.splitlines()) == 1 + 1 + 3 + 3


def test_images_seen_are_measured_and_the_next_ones_prepared_while_the_person_looks(tmp_path: Path, recipe: Recipe):
    person = Person(recipe, dots(tmp_path, 2, 3, 4, 5, 6), tmp_path / "out").start()
    person.look()
    assert person.attended.eta is None
    person.attended.go_on()
    person.wait(lambda: "2.png" in person.job.rows and person.attended.ready)
    assert person.attended.current.image == "3.png"
    assert person.attended.left == 4
    assert person.attended.eta > 0
    assert "1 of 5 seen, 1 measured" in person.job.words()
    person.job.stop()
    assert person.finish().interrupted


def test_a_run_that_was_killed_goes_on_at_the_first_image_not_seen(tmp_path: Path, recipe: Recipe):
    images = dots(tmp_path, 2, 3, 4)
    first = Person(recipe, images, tmp_path / "out").start()
    first.look(delete_first=True)
    first.attended.go_on()
    first.look(delete_first=True)
    first.job.stop()  # the second image is drawn on, but nobody said that it is done
    first.finish()
    again = Person(recipe, images, tmp_path / "out").start()
    for _ in range(2):
        again.look()
        again.attended.go_on()
    assert len(again.finish().rows) == 3
    assert again.asked == ["3.png", "4.png"]
    once_more = Person(recipe, images, tmp_path / "out").start()
    assert once_more.look() == "2.png"  # a run that came to its end asks for every image again
    once_more.job.stop()
    once_more.finish()


def test_with_two_nodes_to_draw_on_each_image_is_shown_at_both_and_taken_up_between_them(tmp_path: Path):
    recipe = chain(("Load", "Threshold", "ManualEdit", "LabelFeatures", "ManualEdit", "MeasureFeatures"))
    images = dots(tmp_path, 2, 3)
    first = Person(recipe, images, tmp_path / "out").start()
    first.look(delete_first=True)
    first.attended.go_on()
    stop = first.attended.current
    assert (stop.image, stop.node) == ("2.png", "manual_edit_2")
    assert first.attended.left == 2
    first.job.stop()
    first.finish()
    again = Person(recipe, images, tmp_path / "out").start()
    again.look()
    stops = []
    while (stop := again.attended.current) is not None:
        stops.append((stop.image, stop.node))
        again.attended.go_on()
    assert stops == [("2.png", "manual_edit_2"), ("3.png", "manual_edit"), ("3.png", "manual_edit_2")]
    assert len(again.finish().rows) == 2
    headless(recipe, images, tmp_path / "alone", first.marks.folder)
    same = [(tmp_path / name / "measurements.csv").read_bytes() for name in ("out", "alone")]
    assert same[0] == same[1]


def test_what_changed_underneath_is_shown_again(tmp_path: Path, recipe: Recipe):
    images = dots(tmp_path, 2, 3)
    person = Person(recipe, images, tmp_path / "out").start()
    person.look()
    person.attended.go_on()
    person.look()
    person.job.stop()
    person.finish()
    changed = commands.set_value(recipe, "threshold", "method", "manual").after
    again = Person(changed, images, tmp_path / "out").start()
    assert again.look() == "2.png"
    again.job.stop()
    again.finish()


def test_a_skipped_image_is_left_out_and_the_rest_can_be_left_to_the_program(tmp_path: Path, recipe: Recipe):
    images = dots(tmp_path, 2, 3, 4, 5)
    person = Person(recipe, images, tmp_path / "out").start()
    person.look()
    person.attended.skip()
    person.look(delete_first=True)
    person.attended.go_on()
    person.attended.go_unattended()
    job = person.finish()
    assert sorted(job.rows) == ["3.png", "4.png", "5.png"]
    assert "1 skipped" in job.words()
    headless(recipe, images[1:], tmp_path / "alone", person.marks.folder)
    same = [(tmp_path / name / "measurements.csv").read_bytes() for name in ("out", "alone")]
    assert same[0] == same[1]


def test_nobody_is_asked_about_an_image_that_fails(tmp_path: Path, recipe: Recipe):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    person = Person(recipe, [tmp_path / "bad.png", *dots(tmp_path, 2)], tmp_path / "out").start()
    assert person.look() == "2.png"
    person.attended.go_on()
    assert [row["Image"] for row in person.finish().failed] == ["bad.png"]


def test_a_run_pauses_where_a_person_is_needed():
    shipped = GRAPHS
    stops = {
        path.name.partition(".")[0]: stops_of(recipe_file.load(path)) for path in shipped.glob("*.graingraph.json")
    }
    assert stops["twinned_brass"] == ("correct",)
    assert stops["etched_steel_grain_size"] == ()
    assert stops["melt_pool_overlap"] == ("trace",)
    recipe = chain(("Load", "Threshold", "ManualEdit", "LabelFeatures"))
    assert stops_of(recipe) == ("manual_edit",)
    assert stops_of(commands.set_value(recipe, "manual_edit", "review", False).after) == ()
    assert stops_of(recipe.with_muted("manual_edit", True)) == ()
