"""Marks of two people are compared image by image and merged as one edit, by the command line too.

Oracle: sets of strokes put there on purpose: one drawn by both, one by each alone, two crossing each other.
"""

import time
from pathlib import Path

import cv2
import numpy as np
import orjson
import pytest

from graingraph.app.cli.main import main
from graingraph.app.document.merging import compare, merge_edit
from graingraph.app.document.session import Session
from graingraph.app.services.merge_job import MergeJob
from graingraph.engine.declare.injected import Mark
from graingraph.engine.evaluation import workspace
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.merge import settle
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from tests.support.recipes import chain

NODE = "manual_edit"


def pen(name: str, *points: tuple[float, float]) -> Mark:
    return Mark(name, "pen", np.array(points, np.float32), 3.0)


SHARED = pen("shared", (5, 5), (20, 5))
MINE, THEIRS = pen("mine", (5, 50), (20, 50)), pen("theirs", (40, 50), (60, 50))
CROSSING = pen("a", (40, 10), (60, 30)), pen("b", (60, 10), (40, 30))


class Desks:
    """Two people with one recipe and one image each."""

    def __init__(self, folder: Path) -> None:
        self.image = folder / "a.png"
        cv2.imwrite(str(self.image), np.random.default_rng(0).integers(0, 255, (80, 90), np.uint8))
        self.files = {name: folder / name / "recipe.graingraph.json" for name in ("me", "you")}
        self.recipe = chain(("Load", "Threshold", "ManualEdit"))
        for file in self.files.values():
            file.parent.mkdir()
            recipe_file.save(self.recipe, file)
        self.image_set = ImageSet.of_files([self.image])
        self.hash = self.image_set["a.png"].hash
        self.draw("me", SHARED, MINE, CROSSING[0])
        self.draw("you", SHARED, THEIRS, CROSSING[1])

    def store(self, who: str) -> MarkStore:
        return workspace.open_marks(self.files[who])

    def draw(self, who: str, *marks: Mark) -> None:
        for mark in marks:
            self.store(who).add(self.hash, NODE, mark, drawn_on="under")

    def ids(self, who: str = "me") -> list[str]:
        return [mark.id for mark in self.store(who).load(self.hash, NODE).marks]


@pytest.fixture
def desks(tmp_path: Path) -> Desks:
    return Desks(tmp_path)


def test_each_image_is_summed_up(desks: Desks):
    (one,) = compare(desks.recipe, desks.store("me"), desks.image_set, desks.files["you"])
    assert (one.image, one.node, one.new, one.same) == ("a.png", NODE, 1, 1)
    (dispute,) = one.disputes
    assert (dispute.ours, dispute.theirs, dispute.whys) == (("a",), ("b",), ("both changed the same place",))
    folder = desks.store("you").folder
    assert len(compare(desks.recipe, desks.store("me"), desks.image_set, folder)) == 1
    assert len(compare(desks.recipe, desks.store("me"), desks.image_set, next(folder.iterdir()))) == 1


def test_a_file_by_any_name_goes_to_the_one_node_that_is_drawn_on(desks: Desks, tmp_path: Path):
    store = MarkStore(tmp_path / "other")
    store.add(desks.hash, "her_edit", THEIRS)
    file = next((tmp_path / "other").glob("*.marks.jsonl")).rename(tmp_path / "hers.jsonl")
    (one,) = compare(desks.recipe, desks.store("me"), desks.image_set, file)
    assert (one.node, one.new, one.disputes) == (NODE, 1, ())


@pytest.mark.parametrize(
    ("choice", "kept"), [("mine", {"a"}), ("theirs", {"b"}), ("both", {"a", "b"}), (None, {"a", "b"})]
)
def test_a_merge_is_one_edit_that_keeps_what_was_chosen_and_is_undone_as_one(desks: Desks, choice, kept):
    session = Session(desks.recipe, marks=desks.store("me"))
    compared = compare(session.recipe, session.marks, desks.image_set, desks.files["you"])
    before, hashed = desks.ids(), session.marks.load(desks.hash, NODE).hash
    choices = {(desks.hash, NODE, compared[0].disputes[0]): choice} if choice else {}
    session.do(merge_edit(compared, choices))
    assert set(desks.ids()) == {"shared", "mine", "theirs", *kept}
    assert compare(desks.recipe, desks.store("me"), desks.image_set, desks.files["you"])[0].new == 0
    session.undo()
    assert (desks.ids(), session.marks.load(desks.hash, NODE).hash) == (before, hashed)
    session.redo()
    assert set(desks.ids()) == {"shared", "mine", "theirs", *kept}


def test_a_stroke_that_one_removed_is_in_dispute_and_can_be_brought_back(desks: Desks):
    desks.store("you").remove(desks.hash, NODE, "shared")
    (one,) = compare(desks.recipe, desks.store("me"), desks.image_set, desks.files["you"])
    gone = next(d for d in one.disputes if d.ours == ("shared",))
    kept = {
        choice: "shared" in settle(one.ours, one.theirs, {gone: choice}).marks for choice in ("mine", "theirs", "both")
    }
    assert kept == {"mine": True, "theirs": False, "both": True}


def test_one_stroke_with_two_contents_can_be_either_or_both(desks: Desks):
    desks.draw("me", pen("x", (70, 70), (75, 75)))
    desks.draw("you", pen("x", (10, 70), (15, 75)))
    (one,) = compare(desks.recipe, desks.store("me"), desks.image_set, desks.files["you"])
    two = next(d for d in one.disputes if d.ours == d.theirs == ("x",))

    def starts(choice: str) -> list[float]:
        marks = settle(one.ours, one.theirs, {two: choice}).marks.values()
        return sorted(float(m.points[0, 0]) for m in marks if m.points[0, 1] == 70)

    assert [starts(choice) for choice in ("mine", "theirs", "both")] == [[70], [10], [10, 70]]


def annotate(desks: Desks, *options: str) -> int:
    mine, theirs = str(desks.files["me"]), str(desks.files["you"])
    with pytest.raises(SystemExit) as ended:
        main(["annotate", "merge", mine, str(desks.image), "--annotations", theirs, *options])
    return int(ended.value.code or 0)


def test_the_command_line_merges_once_conflicts_are_decided(desks: Desks, capsys: pytest.CaptureFixture[str]):
    before = desks.ids()
    assert annotate(desks, "--json") == 2
    said = orjson.loads(capsys.readouterr().out)
    assert (said["merged"], said["images"][0]["new"], len(said["images"][0]["conflicts"])) == (False, 1, 1)
    assert desks.ids() == before
    assert annotate(desks, "--keep", "theirs") == 0
    assert "1 new, 1 the same, 1 in conflict" in capsys.readouterr().out
    assert set(desks.ids()) == {"shared", "mine", "theirs", "b"}
    assert annotate(desks, "--keep", "neither") == 1


def test_comparing_in_a_thread_tells_how_far_it_is_and_finds_the_same(desks: Desks):
    told: list[tuple[float, str]] = []
    job = MergeJob(desks.recipe, desks.store("me"), [desks.image], desks.files["you"])
    job.changed = lambda: told.append((job.part, job.words))
    job.start()
    job.wait(30)
    assert (job.running, job.problem) == (False, None)
    assert job.compared is not None
    (there,) = compare(desks.recipe, desks.store("me"), desks.image_set, desks.files["you"])
    assert [one.row() for one in job.compared] == [there.row()]
    stages = list(dict.fromkeys(words.split(":")[0] for _, words in told))
    assert stages == ["Reading the images", "Reading what was drawn", "Comparing what was drawn"]


def test_a_comparison_that_is_cancelled_reads_no_more_images_and_finds_nothing(desks: Desks, monkeypatch):
    read: list[Path] = []
    images = [desks.image.with_name(f"{number}.png") for number in range(2000)]
    job = MergeJob(desks.recipe, desks.store("me"), images, desks.files["you"])

    def slow_hash(path: Path) -> str:
        read.append(path)
        time.sleep(0.01)
        return "0"

    monkeypatch.setattr("graingraph.app.services.merge_job.content_hash", slow_hash)
    job.changed = lambda: job.cancel() if job.part > 0 else None
    job.start()
    job.wait(30)
    assert (job.running, job.compared, job.problem) == (False, None, None)
    assert len(read) < 200


def test_what_cannot_be_compared_is_the_job_s_problem(desks: Desks):
    job = MergeJob(desks.recipe, desks.store("me"), [desks.image], desks.image.parent / "nowhere")
    job.start()
    job.wait(30)
    assert (job.running, job.compared) == (False, None)
    assert "no marks" in str(job.problem)


def test_marks_that_cannot_be_read_or_are_of_other_images_are_refused_and_nothing_changes(desks: Desks):
    before = desks.ids()
    with pytest.raises(Problem, match="no marks"):
        compare(desks.recipe, desks.store("me"), desks.image_set, desks.image.parent / "nowhere")
    with pytest.raises(Problem, match="open those images"):
        compare(
            desks.recipe, desks.store("me"), ImageSet.of_arrays({"b": np.zeros((4, 4), np.uint8)}), desks.files["you"]
        )
    file = next(desks.store("you").folder.iterdir())
    file.write_bytes(file.read_bytes() + b'{"op": "explode"}\n')
    assert annotate(desks, "--keep", "both") == 1
    assert desks.ids() == before
