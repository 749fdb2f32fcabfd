"""Saving destroys nothing: no other file, no report, nothing that a colleague saved, nothing of the program's own."""

from pathlib import Path

import numpy as np
import pytest

from graingraph.app.document import commands
from graingraph.app.document import journal as recovery
from graingraph.app.document.mark_edits import Draw
from graingraph.app.document.origin import RECIPES
from graingraph.app.document.saving import NoFolder, Occupied, named
from graingraph.app.document.session import Session
from graingraph.app.document.start import start_session
from graingraph.engine.declare.injected import Mark
from graingraph.engine.marks.store import new_mark_id
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from tests.support.recipes import chain
from tests.support.reports import report_of

SUFFIX = recipe_file.SUFFIX


@pytest.mark.parametrize(
    ("typed", "file"),
    [
        ("a", f"a{SUFFIX}"),
        ("a.b", f"a.b{SUFFIX}"),
        ("a.graingraph", f"a{SUFFIX}"),
        (f"a{SUFFIX}", f"a{SUFFIX}"),
        ("a.json", "a.json"),
        ("micrograph.tif", f"micrograph.tif{SUFFIX}"),
        ("report.pdf", f"report.pdf{SUFFIX}"),
    ],
)
def test_a_name_gets_the_ending_of_recipes(typed: str, file: str):
    assert named(Path("/there") / typed) == Path("/there") / file


@pytest.mark.parametrize("name", ["a.json", f"b{SUFFIX}"])
@pytest.mark.parametrize("content", [b"", b"{}", b"[1, 2]", b"II*\0 a micrograph", b'{"format": "labelme"}'])
def test_what_is_no_recipe_is_never_replaced(tmp_path: Path, name: str, content: bytes):
    (tmp_path / name).write_bytes(content)
    for over in (False, True):
        with pytest.raises(Problem, match="is no recipe"):
            Session(chain()).save(tmp_path / name, over=over)
    assert (tmp_path / name).read_bytes() == content


def test_files_of_other_kinds_stay_beside_the_recipe_of_their_name(tmp_path: Path):
    image, folder = tmp_path / "image.tif", tmp_path / f"folder{SUFFIX}"
    image.write_bytes(b"II*\0 a micrograph")
    folder.mkdir()
    session = Session(chain())
    session.save(image)
    assert image.read_bytes() == b"II*\0 a micrograph"
    assert session.path == tmp_path / f"image.tif{SUFFIX}"
    with pytest.raises(Problem):
        session.save(folder)


def test_another_recipe_is_replaced_only_when_asked_for(tmp_path: Path):
    there = tmp_path / f"a{SUFFIX}"
    Session(chain(("Load",))).save(there)
    session = Session(chain())
    with pytest.raises(Occupied) as caught:
        session.save(there)
    assert caught.value.there == chain(("Load",))
    assert session.path is None
    assert recipe_file.load(there) == chain(("Load",))
    session.save(there, over=True)
    assert recipe_file.load(there) == chain()
    session.save()  # its own file from now on


def test_a_file_that_changed_since_it_was_opened_is_not_overwritten(tmp_path: Path):
    file = tmp_path / f"a{SUFFIX}"
    Session(chain()).save(file)
    mine, colleague = Session(), Session()
    for session in (mine, colleague):
        session.open(file)
    colleague.do(commands.set_value(colleague.recipe, "threshold", "level", 0.25))
    colleague.save()
    colleague.do(commands.mute(colleague.recipe, ["filter"]))
    colleague.save()
    mine.do(commands.mute(mine.recipe, ["fill_holes"]))
    with pytest.raises(Occupied) as caught:
        mine.save()
    assert caught.value.there == colleague.recipe
    before = mine.recipe
    mine.reload()
    assert mine.recipe == colleague.recipe
    assert not mine.dirty
    mine.undo()
    assert mine.recipe == before
    mine.save()  # what was there has been seen now
    assert recipe_file.load(file) == before


def test_the_same_recipe_saved_by_somebody_else_or_a_file_that_is_gone_is_no_question(tmp_path: Path):
    file = tmp_path / f"a{SUFFIX}"
    Session(chain()).save(file)
    session = Session()
    session.open(file)
    file.write_bytes(recipe_file.dump(chain()) + b"\n\n")
    session.save()
    file.unlink()
    session.save()
    assert recipe_file.load(file) == chain()


def test_a_change_meanwhile_is_noticed_after_a_crash_too(tmp_path: Path):
    file = tmp_path / f"a{SUFFIX}"
    Session(chain()).save(file)
    session = start_session(tmp_path / "state", file)
    session.do(commands.mute(session.recipe, ["filter"]))
    session.journal.close(keep=True)  # the process ends here
    recipe_file.save(chain(("Load",)), file)
    again = start_session(tmp_path / "state", file)
    assert again.recipe.steps["filter"].muted
    with pytest.raises(Occupied):
        again.save()
    again.close()


@pytest.mark.parametrize(
    ("name", "file"),
    [("", "recipe"), ("Nodules of GJS-400", "Nodules of GJS-400"), ("a/b: c?", "a_b_ c"), ("???", "recipe")],
)
def test_a_recipe_is_saved_under_its_name_unless_another_is_given(name: str, file: str):
    session = Session(recipe=chain().described(name, ""))
    assert session.suggested_file.name == f"{file}{SUFFIX}"


def test_what_was_said_of_one_recipe_is_over_with_the_next(tmp_path: Path):
    session = Session(recipe=chain(), journal=recovery.Journal(tmp_path))
    session.do(commands.rename(session.recipe, "filter", "Smooth"))
    session.say("Filter cannot be muted.", "warning")
    session.say("It is saved.")
    assert session.latest == "It is saved."
    session.do(commands.rename(session.recipe, "filter", "Smoother"))
    assert session.latest == "Filter cannot be muted."
    session.new()
    assert session.latest == "The unsaved work is kept: File, Recover unsaved work brings it back."
    session.new()
    assert session.latest == ""
    assert len(session.messages) == 3
    session.close()


def test_a_report_opens_as_a_copy_and_stays_a_report(tmp_path: Path):
    report = report_of(chain(), tmp_path / "report.pdf")
    before = report.read_bytes()
    session = Session()
    session.open(report)
    assert session.recipe.steps.keys() == chain().steps.keys()
    assert (session.path, session.title) == (None, "report.pdf (copy)")
    with pytest.raises(Problem, match="Save as"):
        session.save()
    assert session.suggested_file == tmp_path / f"report{SUFFIX}"
    session.save(session.suggested_file)
    assert report.read_bytes() == before


@pytest.mark.parametrize("kept", [True, False])
def test_what_came_with_the_program_is_never_written(tmp_path: Path, kept: bool):
    shipped = RECIPES / f"melt_pools{SUFFIX}"
    before = listing(RECIPES)
    session = start_session(tmp_path / "state") if kept else Session()
    session.open(shipped)
    drawn = {image: len(session.marks.load(image, "trace").marks) for image in session.marks.images("trace")}
    assert drawn, "the traces that ship with it"
    mark = Mark(new_mark_id(), "pen", np.array([(1, 1), (9, 9)], np.float32), 3.0, "border")
    session.do(Draw("ab" * 16, "trace", mark))
    assert session.path is None
    assert session.dirty
    with pytest.raises(Problem, match="came with the program"):
        session.save(shipped)
    file = tmp_path / f"mine{SUFFIX}"
    session.save(file)
    assert not session.dirty
    again = Session()
    again.open(file)
    assert set(again.marks.images("trace")) == {*drawn, "ab" * 16}
    assert listing(RECIPES) == before
    session.close()


def test_strokes_on_a_copy_come_back_after_a_crash(tmp_path: Path):
    session = start_session(tmp_path / "state", RECIPES / f"melt_pools{SUFFIX}")
    mark = Mark(new_mark_id(), "pen", np.array([(1, 1), (9, 9)], np.float32), 3.0, "border")
    session.do(Draw("ab" * 16, "trace", mark))
    session.journal.close(keep=True)
    again = start_session(tmp_path / "state")
    assert again.marks.load("ab" * 16, "trace").marks
    assert again.dirty
    again.close()


def listing(folder: Path) -> dict[str, int]:
    """Every file with its time."""
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if "__pycache__" not in path.parts}


def test_a_folder_is_made_only_when_asked_for(tmp_path: Path):
    session = Session(chain())
    with pytest.raises(NoFolder, match="no folder"):
        session.save(tmp_path / "nowhere" / "a")
    assert not (tmp_path / "nowhere").exists()
    session.save(tmp_path / "nowhere" / "a", over=True)
    assert session.path == tmp_path / "nowhere" / f"a{SUFFIX}"


def test_what_was_drawn_for_another_recipe_is_taken_over_only_when_asked_for(tmp_path: Path):
    other, mine = Session(chain(("Load", "Trace"))), Session(chain(("Load", "Trace")))
    other.save(tmp_path / "a")
    other.do(Draw("0" * 32, "trace", Mark(new_mark_id(), "pen", ((1.0, 1.0), (5.0, 5.0)), layer="Grain")))
    (drawn,) = (tmp_path / "a.marks").glob("*.marks.jsonl")
    before = drawn.read_bytes()
    mine.do(Draw("0" * 32, "trace", Mark(new_mark_id(), "pen", ((2.0, 2.0), (9.0, 9.0)), layer="Grain")))
    other.path.unlink()  # its strokes stay
    with pytest.raises(Occupied, match=r"a\.marks") as caught:
        mine.save(tmp_path / "a")
    assert caught.value.there is None
    assert drawn.read_bytes() == before
    other.save()  # its own are no question
    mine.save(tmp_path / "a", over=True)
    assert drawn.read_bytes() != before
