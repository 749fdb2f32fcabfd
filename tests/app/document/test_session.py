import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graingraph.app.document import commands, groups
from graingraph.app.document import journal as recovery
from graingraph.app.document.edit import Change
from graingraph.app.document.recent import RecentFiles
from graingraph.app.document.session import Session
from graingraph.app.document.start import recover_newest, start_session
from graingraph.app.document.status import NodeStatus, OutputRef
from graingraph.app.gui.canvas.scene import Scene
from graingraph.engine.declare.models import reference
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.groups import Level
from graingraph.engine.recipe.parts import Frame, Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.support.paths import ROOT
from tests.support.recipes import chain


def random_change(draw: st.DrawFn, recipe: Recipe) -> Change | None:
    """An edit that a person could make now."""
    nodes = sorted(recipe.steps)
    chosen = draw(st.sampled_from(nodes)) if nodes else None
    kinds = ["add", "frame"] + (
        ["remove", "dissolve", "move", "set", "copy", "connect", "insert", "group"] if chosen else []
    )
    kinds += ["mute"] if chosen and recipe.steps[chosen].declared.without_stand_in is None else []
    kinds += ["ungroup", "copy a group"] if recipe.layout.groups else []
    kinds += ["cut"] if recipe.wires else []
    kind = draw(st.sampled_from(kinds))
    if kind == "add":
        return commands.add(recipe, draw(st.sampled_from(["Load", "Invert", "Threshold", "Combine"])), (0, 0)).change
    if kind == "frame":
        return commands.set_frames(recipe, [Frame(0, 0, draw(st.integers(80, 90)), 60)], "Frame")
    if kind == "cut":
        return commands.cut(recipe, [draw(st.sampled_from(recipe.wires))])
    assert chosen
    if kind == "group":
        level = Level(recipe, recipe.layout.holder.get(chosen, ""))
        return groups.group(recipe, draw(st.sets(st.sampled_from(level.items), min_size=1))).change
    if kind in ("ungroup", "copy a group"):
        group = draw(st.sampled_from(sorted(recipe.layout.groups)))
        if kind == "ungroup":
            return groups.ungroup(recipe, [group]).change
        inside = draw(st.sampled_from(["", *sorted(recipe.layout.groups)]))
        return commands.paste(recipe, recipe.part([group]), (5, 5), inside=inside).change
    if kind == "connect":
        spots = list(Scene(recipe).spots.values())
        start, end = draw(st.sampled_from(spots)), draw(st.sampled_from(spots))
        wire = Wire(start.end.node, start.end.pin, end.end.node, end.end.pin)
        ok = start.is_output and not end.is_output and recipe.reason_against(wire) is None
        return commands.connect(recipe, wire) if ok else None
    if kind == "insert":
        return commands.insert(recipe, chosen, draw(st.sampled_from(recipe.wires))) if recipe.wires else None
    if kind == "set":
        declared = recipe.steps[chosen].declared
        names = [s.name for s in declared.settings if s.kind is float and s.range]
        if not names:
            return None
        limits = declared.setting(names[0]).range
        return commands.set_value(recipe, chosen, names[0], draw(st.sampled_from([limits.low, limits.high])))
    simple = {
        "remove": lambda: commands.remove(recipe, [chosen]),
        "dissolve": lambda: commands.dissolve(recipe, [chosen]),
        "move": lambda: commands.move(recipe, {chosen: (draw(st.integers(-9, 9)), 1.0)}, merge="nudge"),
        "mute": lambda: commands.mute(recipe, [chosen]),
        "copy": lambda: commands.paste(recipe, recipe.part([chosen]), (5, 5)).change,
    }
    return simple[kind]()


@settings(max_examples=60)
@given(st.data())
def test_undo_all_is_the_start_redo_all_the_end_and_the_file_equals_the_model(data: st.DataObject):
    start = chain(("Load", "Filter", "Threshold"))
    with tempfile.TemporaryDirectory() as folder:
        session = Session(start, journal=recovery.Journal(Path(folder)))
        states = [start]
        for _ in range(data.draw(st.integers(1, 12))):
            step = data.draw(st.sampled_from(["edit", "edit", "edit", "undo", "redo", "seal", "save"]))
            if step == "edit":
                change = random_change(data.draw, session.recipe)
                if change:
                    session.do(change)
            elif step == "save":
                session.save(Path(folder) / "saved.graingraph.json")
                assert recipe_file.load(session.path) == session.recipe
            else:
                getattr(session, step)()
            states.append(session.recipe)
            assert recipe_file.parse(recipe_file.dump(session.recipe)) == session.recipe
            levels = [Scene(session.recipe, None, group) for group in ("", *session.recipe.layout.groups)]
            assert {wire for level in levels for wire in level.all_of(level.curves)} == set(session.recipe.wires)
        end = states[-1]
        draft = session.draft()
        while session.redo_label:
            session.redo()
        furthest = session.recipe
        while session.undo_label:
            session.undo()
        assert session.recipe == start
        while session.redo_label:
            session.redo()
        assert session.recipe == furthest
        restored = Session()
        restored.restore(draft)
        assert restored.recipe == end
        while restored.undo_label:
            restored.undo()
        assert restored.recipe == start
        session.close()


def test_a_slider_drag_is_one_edit_and_the_next_drag_another():
    session = Session(commands.set_value(chain(), "threshold", "method", "manual").after)
    before = session.recipe
    for level in (0.3, 0.4, 0.5):
        session.do(commands.set_value(session.recipe, "threshold", "level", level))
    session.seal()
    session.do(commands.set_value(session.recipe, "threshold", "level", 0.9))
    session.undo()
    assert session.recipe.steps["threshold"].settings["level"] == 0.5
    session.undo()
    assert session.recipe == before


def test_undo_survives_saving_and_knows_what_is_saved(tmp_path: Path):
    session = Session(chain())
    session.do(commands.mute(session.recipe, ["filter"]))
    assert session.dirty
    session.save(tmp_path / "a.graingraph.json")
    assert not session.dirty
    session.undo()
    assert session.dirty
    assert not session.recipe.steps["filter"].muted
    session.redo()
    assert not session.dirty


def test_saving_without_a_name_says_what_to_do():
    with pytest.raises(Problem, match="Save as"):
        Session().save()


def test_deleting_a_node_lets_go_of_it():
    session = Session(chain())
    session.select(["filter", "load"])
    session.view("filter")
    session.do(commands.remove(session.recipe, ["filter"]))
    assert session.selection == {"load"}
    assert session.viewed is None


def test_an_edit_that_changes_nothing_is_not_remembered():
    session = Session(chain())
    session.do(
        commands.set_value(session.recipe, "threshold", "method", session.recipe.steps["threshold"].settings["method"])
    )
    assert session.undo_label == ""


def test_the_journal_keeps_history_tray_and_view(tmp_path: Path):
    session = Session(chain(), journal=recovery.Journal(tmp_path))
    session.add_images([tmp_path / "one.png", tmp_path / "two.png", tmp_path / "one.png"])
    session.view("threshold")
    session.do(commands.mute(session.recipe, ["filter"]))
    session.do(commands.remove(session.recipe, ["load"]))
    session.undo()
    assert recovery.abandoned(tmp_path) == []
    session.journal.close(keep=True)
    (path,) = recovery.abandoned(tmp_path)
    restored = Session()
    restored.restore(recovery.read(path))
    assert restored.recipe == session.recipe
    assert [image.name for image in restored.images] == ["one.png", "two.png"]
    assert restored.viewed == OutputRef("threshold", "mask")
    assert (restored.undo_label, restored.redo_label) == ("Mute", "Delete Load")
    restored.redo()
    assert "load" not in restored.recipe.steps


def test_nothing_is_lost_when_the_process_is_killed(tmp_path: Path):
    program = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        from graingraph.app.document import commands, groups
        from graingraph.app.document.edit import Change
        from graingraph.app.document.start import start_session
        from tests.support.recipes import chain
        session = start_session(Path(sys.argv[1]))
        session.do(Change("Build", session.recipe, chain()))
        session.do(commands.mute(session.recipe, ["filter"]))
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == -signal.SIGKILL
    session = start_session(tmp_path)
    assert session.recipe.steps["filter"].muted
    assert session.dirty
    assert "recovered" in session.messages[-1].text
    session.undo()
    assert session.recipe == chain()
    session.save(tmp_path / "a.graingraph.json")
    session.close()
    assert start_session(tmp_path).recipe == Recipe()


def test_an_image_that_ends_the_program_when_it_is_read_does_not_do_so_at_every_start(tmp_path: Path):
    deadly, good = tmp_path / "böse.tif", tmp_path / "good.tif"
    lost = start_session(tmp_path / "state", images=[deadly, good])
    lost.do(commands.add(lost.recipe, "Invert", (0, 0)).change)
    with lost.journal.while_reading(good):
        pass
    reading = lost.journal.while_reading(deadly)
    reading.__enter__()  # and the program dies of it
    lost.journal.close(keep=True)
    session = start_session(tmp_path / "state")
    assert (session.images, session.image) == ((good,), good)
    assert "Invert" in {step.type for step in session.recipe.steps.values()}
    assert "böse.tif" in session.messages[-1].text
    session.journal.close(keep=True)
    again = start_session(tmp_path / "state")
    assert again.images == (good,)
    again.close()
    assert not [*(tmp_path / "state").rglob("*.reading")]


def test_unsaved_work_of_another_recipe_is_kept_for_later(tmp_path: Path):
    recipe_file.save(chain(), tmp_path / "a.graingraph.json")
    lost = start_session(tmp_path / "state")
    lost.do(commands.add(lost.recipe, "Load", (0, 0)).change)
    lost.journal.close(keep=True)
    other = start_session(tmp_path / "state", tmp_path / "a.graingraph.json")
    assert other.recipe == chain()
    assert "kept" in other.messages[-1].text
    other.close()
    assert "load" in start_session(tmp_path / "state").recipe.steps


def test_a_damaged_journal_is_told_and_put_aside(tmp_path: Path):
    folder = tmp_path / "journals"
    folder.mkdir()
    (folder / f"1{recovery.SUFFIX}").write_bytes(b"no database at all, but long enough to look like one" * 40)
    session = start_session(tmp_path)
    assert "damaged" in session.messages[0].text
    session.close()
    assert start_session(tmp_path).messages == []


def test_a_recipe_that_cannot_be_opened_becomes_a_message(tmp_path: Path):
    session = start_session(tmp_path, tmp_path / "missing.graingraph.json")
    assert "cannot be read" in session.messages[0].text


def test_recent_files_are_newest_first_and_exist(tmp_path: Path):
    recent = RecentFiles(tmp_path / "recent.json")
    for name in ("a", "b", "a"):
        (tmp_path / name).touch()
        recent.add(tmp_path / name)
    assert [path.name for path in recent.paths] == ["a", "b"]
    (tmp_path / "a").unlink()
    assert [path.name for path in recent.paths] == ["b"]
    (tmp_path / "recent.json").write_text("{broken")
    assert recent.paths == []


def test_memory_is_flat_over_a_thousand_edits_of_one_slider():
    session = Session(commands.set_value(chain(), "threshold", "method", "manual").after)

    def edit(count: int) -> None:
        for i in range(count):
            session.do(commands.set_value(session.recipe, "threshold", "level", (i % 100) / 100))

    edit(100)
    tracemalloc.start()
    edit(1000)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 200_000


@pytest.mark.parametrize("over", [False, True])
def test_a_write_protected_recipe_is_not_replaced(tmp_path: Path, over: bool):
    file = tmp_path / "released.graingraph.json"
    recipe_file.save(chain(), file)
    released = file.read_bytes()
    file.chmod(0o444)
    session = Session()
    session.open(file)
    session.do(commands.lock(session.recipe, True))
    with pytest.raises(Problem, match="write-protected"):
        session.save(over=over)
    assert file.read_bytes() == released
    assert session.dirty
    session.save(tmp_path / "mine.graingraph.json")
    assert not session.dirty
    file.chmod(0o644)
    session.save(file, over=True)
    assert file.read_bytes() != released


@pytest.mark.parametrize("journal", [False, True])
def test_a_copy_whose_strokes_are_damaged_is_not_opened_and_what_was_open_stays(tmp_path: Path, journal: bool):
    session = Session(journal=recovery.Journal(tmp_path / "state") if journal else None)
    mine, theirs = tmp_path / "mine.graingraph.json", tmp_path / "theirs.pdf"
    recipe_file.save(chain(), mine)
    session.open(mine)
    session.do(commands.lock(session.recipe, True))
    before = (session.recipe, session.path, session.document, session.undo_label, session.marks.folder)
    copied = recipe_file.dump(Recipe())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipe_file, "attached", lambda *facts: copied)
        theirs.write_bytes(b"%PDF")
        (tmp_path / "theirs.marks").mkdir()
        damaged = tmp_path / "theirs.marks" / f"{'ab' * 16}.trace.marks.jsonl"
        damaged.write_bytes(b"{}\n")
        (damaged.parent / "notes of mine.marks.jsonl").write_bytes(b"a stranger")
        with pytest.raises(Problem, match="damaged") as said:
            session.open(theirs)
        assert str(damaged) in said.value.message
        assert (session.recipe, session.path, session.document, session.undo_label, session.marks.folder) == before
        damaged.unlink()
        session.open(theirs)
    assert (session.path, session.origin) == (None, theirs)


def test_unsaved_work_survives_closing_and_opening_something_else(tmp_path: Path):
    recipe_file.save(chain(), tmp_path / "a.graingraph.json")
    session = start_session(tmp_path / "state")
    session.do(commands.add(session.recipe, "Load", (0, 0)).change)
    session.open(tmp_path / "a.graingraph.json")
    assert session.recipe == chain()
    recover_newest(session)
    assert set(session.recipe.steps) == {"load"}
    assert session.dirty
    session.close()
    again = start_session(tmp_path / "state")
    assert set(again.recipe.steps) == {"load"}
    again.undo()
    again.new()
    again.close()
    assert not start_session(tmp_path / "state").dirty


def test_recovering_when_nothing_was_left_is_said(tmp_path: Path):
    session = start_session(tmp_path)
    recover_newest(session)
    assert "no unsaved work" in session.messages[-1].text


def test_the_models_beside_a_recipe_are_found_and_go_along_where_it_is_saved(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "grains.onnx").write_bytes(b"model")
    model = reference(tmp_path / "models" / "grains.onnx")
    recipe_file.save(Recipe().add("DeepSegment", model=model)[0], tmp_path / "a.graingraph.json")

    session = Session()
    session.open(tmp_path / "a.graingraph.json")
    assert session.models.resolve(model).path.parent == tmp_path / "models"
    (tmp_path / "for_a_colleague").mkdir()
    session.save(tmp_path / "for_a_colleague" / "b.graingraph.json")
    assert (tmp_path / "for_a_colleague" / "models" / "grains.onnx").read_bytes() == b"model"


def test_a_state_folder_that_cannot_be_written_is_said_and_the_work_goes_on(tmp_path: Path):
    (tmp_path / "state").write_text("a file where the folder should be")
    session = start_session(tmp_path / "state")
    assert session.journal is None
    assert any("Nothing can be kept in" in message.text for message in session.messages)
    assert all("report it" not in message.text for message in session.messages)
    session.do(commands.add(session.recipe, "Load", (0, 0)).change)
    session.save(tmp_path / "a.graingraph.json")
    assert recipe_file.load(tmp_path / "a.graingraph.json") == session.recipe
    session.close()


def test_a_journal_that_can_no_longer_be_written_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    session = start_session(tmp_path / "state")
    assert session.journal
    session.journal._database.execute("PRAGMA query_only = ON")  # as a disk that has become read-only
    for _ in range(3):
        session.do(commands.add(session.recipe, "Load", (0, 0)).change)
    said = [message.text for message in session.messages if "Nothing can be kept in" in message.text]
    assert len(said) == 1
    assert len(session.recipe.steps) == 3
    session.journal._database.execute("PRAGMA query_only = OFF")
    session.do(commands.add(session.recipe, "Load", (0, 0)).change)
    session.journal.close(keep=True)
    assert len(start_session(tmp_path / "state").recipe.steps) == 4


def test_a_message_about_a_node_that_was_mended_is_not_the_latest():
    session = Session(chain())
    session.say("All is well.")
    session.statuses["filter"] = NodeStatus("failed", "It failed.")
    session.report(Problem("It failed.", node="filter"), while_failed=True)
    assert session.latest == "It failed."
    session.statuses["filter"] = NodeStatus("fresh")
    assert session.latest == "All is well."
    session.report(Problem("The model cannot be read.", node="filter"))
    assert session.latest == "The model cannot be read."


def test_what_a_node_does_on_request_is_shown_before_the_state_of_its_result():
    session = Session(chain())
    session.statuses["filter"] = NodeStatus("needs training", "Needs training.")
    session.at_work["filter"] = NodeStatus("running", "Epoch 1 of 3", progress=0.2)
    assert session.status("filter").state == "running"
    session.at_work = {}
    assert session.status("filter").state == "needs training"
    assert session.status("load") == NodeStatus()
