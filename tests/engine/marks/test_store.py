"""Marks survive crashes, undo leaves no trace, and damaged files are refused whole.

Oracle: a plain list that is edited the same way; prefixes of the strokes that were drawn.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graingraph.engine.declare.injected import Mark, Marks
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks import drawing, file
from graingraph.engine.marks import store as store_file
from graingraph.engine.marks.drawing import Layer, digest
from graingraph.engine.marks.store import MarkStore, content_hash, make_marks, new_mark_id
from graingraph.engine.problem import Problem
from tests.support.paths import ROOT

IMAGE, NODE = "ab" * 16, "trace_1"


def pen(mark_id: str, *points: tuple[float, float], tool: str = "pen", layer: str = "crack", **more) -> Mark:
    return Mark(mark_id, tool, np.array(points or [(1.5, 2.5), (7, 8)], np.float32), 3.0, layer, **more)


def same(a: Marks, b: Marks) -> bool:
    return [(m.id, m.author, digest(m)) for m in a.marks] == [(m.id, m.author, digest(m)) for m in b.marks] and (
        a.hash,
        a.drawn_on,
    ) == (b.hash, b.drawn_on)


def test_a_stroke_outlives_the_store_that_took_it(tmp_path):
    drawn = MarkStore(tmp_path).add(IMAGE, NODE, pen("a", author="me"), drawn_on="feed")
    again = MarkStore(tmp_path).load(IMAGE, NODE)
    assert same(drawn, again)
    assert again.marks[0].points.tolist() == [[1.5, 2.5], [7, 8]]
    assert (again.drawn_on, again.marks[0].layer, again.marks[0].author) == ("feed", "crack", "me")


def test_what_was_undone_leaves_no_trace_in_the_hash(tmp_path):
    store = MarkStore(tmp_path)
    before = store.add(IMAGE, NODE, pen("a"), drawn_on="feed")
    store.add(IMAGE, NODE, pen("b", (3, 3), (4, 4)))
    assert store.load(IMAGE, NODE).hash != before.hash
    assert store.remove(IMAGE, NODE, "b").hash == before.hash
    assert store.remove(IMAGE, NODE, "a") == Marks()
    assert MarkStore(tmp_path).load(IMAGE, NODE) == Marks()


def test_the_order_of_strokes_counts_and_their_ids_do_not():
    a, b = pen("a"), pen("b", (3, 3), (4, 4))
    assert make_marks([a, b]).hash != make_marks([b, a]).hash
    assert make_marks([a]).hash == make_marks([pen("z")]).hash
    assert make_marks([a]).hash != make_marks([a], drawn_on="feed").hash


@pytest.mark.parametrize("change", [{"tool": "brush"}, {"layer": "pore"}, {"points": ((1.5, 2.5), (7, 8.0001))}])
def test_anything_that_changes_pixels_changes_the_hash(change):
    points = change.pop("points", ((1.5, 2.5), (7, 8)))
    assert make_marks([pen("a")]).hash != make_marks([pen("a", *points, **change)]).hash


@given(st.lists(st.tuples(st.sampled_from("aru"), st.integers(0, 9)), max_size=30), st.booleans())
@settings(max_examples=60)
def test_any_sequence_of_edits_is_the_list_edited_the_same_way(steps, compact):
    with tempfile.TemporaryDirectory() as folder:
        store, memory, model = MarkStore(Path(folder)), MarkStore(), []
        for step, i in steps:
            if step == "a" and f"m{i}" not in model:
                before = model[i % len(model)] if model and i % 2 else ""
                model.insert(model.index(before) if before else len(model), f"m{i}")
                for target in (store, memory):
                    target.add(IMAGE, NODE, pen(f"m{i}", (i, i)), before=before, drawn_on="feed")
            elif step != "a" and model:
                gone = model.pop() if step == "u" else model.pop(i % len(model))
                for target in (store, memory):
                    target.remove(IMAGE, NODE, gone)
        expected = make_marks([pen(name, (int(name[1:]), int(name[1:]))) for name in model], "feed" if model else "")
        if compact:
            store.compact(IMAGE, NODE)
        assert same(store.load(IMAGE, NODE), expected)
        assert same(memory.load(IMAGE, NODE), expected)
        assert same(MarkStore(Path(folder)).load(IMAGE, NODE), expected)


def test_a_file_cut_anywhere_gives_the_strokes_before_the_cut_and_takes_more(tmp_path):
    whole = MarkStore(tmp_path / "whole")
    states = [whole.load(IMAGE, NODE)]
    for i in range(4):
        states.append(whole.add(IMAGE, NODE, pen(f"m{i}", (i, 0), (i, 9.25)), drawn_on="feed"))
    data = whole.path(IMAGE, NODE).read_bytes()
    ends = [i + 1 for i, byte in enumerate(data) if byte == 10]
    for cut in range(len(data) + 1):
        store = MarkStore(tmp_path / "cut")
        path = store.path(IMAGE, NODE)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data[:cut])
        finished = max(0, sum(end <= cut for end in ends) - 1)
        assert same(store.load(IMAGE, NODE), states[finished])
        store.add(IMAGE, NODE, pen("next"), drawn_on="feed")
        assert [m.id for m in MarkStore(tmp_path / "cut").load(IMAGE, NODE).marks] == [
            *(f"m{i}" for i in range(finished)),
            "next",
        ]


def test_every_acknowledged_stroke_survives_a_kill(tmp_path):
    code = """
import sys, pathlib, numpy as np
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.declare.injected import Mark
store = MarkStore(pathlib.Path(sys.argv[1]))
for i in range(10000):
    store.add("ab" * 16, "trace_1", Mark(str(i), "pen", np.ones((50, 2)) * i))
    print(i, flush=True)
"""
    root = ROOT
    with subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, cwd=root) as child:
        while child.stdout.readline() != b"20\n":
            pass
        time.sleep(0.013)
        os.kill(child.pid, signal.SIGKILL)
        said = child.stdout.read().split()
    last = int(said[-1]) if said else 20
    kept = [m.id for m in MarkStore(tmp_path).load(IMAGE, NODE).marks]
    assert kept == [str(i) for i in range(len(kept))]
    assert len(kept) in (last + 1, last + 2)


def test_review_moves_what_the_marks_are_drawn_on(tmp_path):
    store = MarkStore(tmp_path)
    store.add(IMAGE, NODE, pen("a"), drawn_on="old")
    assert store.add(IMAGE, NODE, pen("b"), drawn_on="new").drawn_on == "old"
    assert store.accept(IMAGE, NODE, "new").drawn_on == "new"
    assert MarkStore(tmp_path).load(IMAGE, NODE).drawn_on == "new"


def test_many_marks_come_in_at_once_or_not_at_all(tmp_path):
    store = MarkStore(tmp_path)
    store.add(IMAGE, NODE, pen("a"), drawn_on="feed")
    with pytest.raises(Problem):
        store.add_all(IMAGE, NODE, [pen("x"), pen("y", tool="laser")])
    assert len(MarkStore(tmp_path).load(IMAGE, NODE).marks) == 1
    for _ in range(2):
        drawn = store.add_all(IMAGE, NODE, [pen("x"), pen("y", (9, 9))], drawn_on="beef")
    assert (len(drawn.marks), drawn.drawn_on) == (5, "feed")
    assert same(MarkStore(tmp_path).load(IMAGE, NODE), drawn)


@pytest.mark.parametrize("start", ["memory", "folder"])
def test_marks_move_with_the_recipe(tmp_path, start):
    store = MarkStore(tmp_path / "old" if start == "folder" else None)
    drawn = store.add(IMAGE, NODE, pen("a"), drawn_on="feed")
    store = MarkStore(tmp_path / "old") if start == "folder" else store
    store.move_to(tmp_path / "new")
    store.add(IMAGE, "other", pen("b"))
    assert same(MarkStore(tmp_path / "new").load(IMAGE, NODE), drawn)
    assert MarkStore(tmp_path / "new").load(IMAGE, "other")


def test_marks_stay_with_an_image_that_is_renamed_and_moved(tmp_path):
    image = tmp_path / "a.png"
    cv2.imwrite(str(image), np.arange(600, dtype=np.uint8).reshape(20, 30))
    (tmp_path / "a.txt").write_text("PixelSize=500\n")  # as some microscopes write it; it may stay behind
    drawn = MarkStore(tmp_path / "marks").add(ImageSet.of_files([image])["a.png"].drawn_as, NODE, pen("a"))
    (tmp_path / "elsewhere").mkdir()
    moved = image.rename(tmp_path / "elsewhere" / "b.png")
    found = MarkStore(tmp_path / "marks").load(ImageSet.of_files([moved])["b.png"].drawn_as, NODE)
    assert same(found, drawn)


def test_an_image_may_not_hold_more_than_a_file_may(tmp_path, monkeypatch):
    monkeypatch.setattr("graingraph.engine.marks.drawing.MAX_POINTS", 5)
    store = MarkStore(tmp_path)
    store.add(IMAGE, NODE, pen("a"))
    store.add(IMAGE, NODE, pen("b"))
    with pytest.raises(Problem, match="5 points"):
        store.add(IMAGE, NODE, pen("c"))
    store.remove(IMAGE, NODE, "a")
    assert len(store.add(IMAGE, NODE, pen("c")).marks) == 2


def test_two_windows_see_each_others_strokes(tmp_path):
    one, two = MarkStore(tmp_path), MarkStore(tmp_path)
    one.add(IMAGE, NODE, pen("a"))
    assert [m.id for m in two.load(IMAGE, NODE).marks] == ["a"]
    two.add(IMAGE, NODE, pen("b"))
    assert [m.id for m in one.load(IMAGE, NODE).marks] == ["a", "b"]
    assert one.images(NODE) == [IMAGE]
    assert one.images("other") == []


def test_layers_are_kept_and_change_no_hash(tmp_path):
    store = MarkStore(tmp_path)
    drawn = store.add(IMAGE, NODE, pen("a"))
    store.set_layer(IMAGE, NODE, Layer("crack", visible=False, opacity=0.25))
    store.compact(IMAGE, NODE)
    again = MarkStore(tmp_path)
    assert again.layers(IMAGE, NODE) == {"crack": Layer("crack", visible=False, opacity=0.25)}
    assert again.load(IMAGE, NODE).hash == drawn.hash


DAMAGE = {
    "not json": b"{nonsense}\n",
    "not an object": b"[1, 2]\n",
    "unknown operation": b'{"op": "explode"}\n',
    "unknown tool": b'{"op": "add", "id": "x", "tool": "laser", "points": [1, 2]}\n',
    "odd points": b'{"op": "add", "id": "x", "tool": "pen", "points": [1, 2, 3]}\n',
    "no points": b'{"op": "add", "id": "x", "tool": "pen", "points": []}\n',
    "far point": b'{"op": "add", "id": "x", "tool": "pen", "points": [1e30, 2]}\n',
    "text point": b'{"op": "add", "id": "x", "tool": "pen", "points": ["a", 2]}\n',
    "null point": b'{"op": "add", "id": "x", "tool": "pen", "points": [null, 2]}\n',
    "number in quotes": b'{"op": "add", "id": "x", "tool": "pen", "points": ["1", 2]}\n',
    "truth for a number": b'{"op": "add", "id": "x", "tool": "pen", "points": [true, 2]}\n',
    "pairs of points": b'{"op": "add", "id": "x", "tool": "pen", "points": [[1, 2], [3, 4]]}\n',
    "nested points": b'{"op": "add", "id": "x", "tool": "pen", "points": [[1, 2]]}\n',
    "same id": b'{"op": "add", "id": "a", "tool": "pen", "points": [1, 2]}\n',
    "unknown id": b'{"op": "remove", "id": "nobody"}\n',
    "no id": b'{"op": "remove"}\n',
    "negative width": b'{"op": "add", "id": "x", "tool": "pen", "points": [1, 2], "width": -1}\n',
    "short region": b'{"op": "add", "id": "x", "tool": "region", "points": [0, 0, 2, 2], "runs": [3]}\n',
    "negative run": b'{"op": "add", "id": "x", "tool": "region", "points": [0, 0, 2, 2], "runs": [-1, 5]}\n',
    "huge run": b'{"op": "add", "id": "x", "tool": "region", "points": [0, 0, 2, 2], "runs": [1e40]}\n',
    "runs whose sum begins anew": b'{"op": "add", "id": "x", "tool": "complete", "points": [0, 0, 50, 40], '
    b'"runs": [2147483648, 9223372036854775807, 9223372034707294161]}\n',
    "box like no image": b'{"op": "add", "id": "x", "tool": "complete", "points": [0, 0, 1000000, 1000000], '
    b'"runs": [1000000000000]}\n',
    "runs on a pen": b'{"op": "add", "id": "x", "tool": "pen", "points": [0, 0], "runs": [1]}\n',
    "two corners": b'{"op": "add", "id": "x", "tool": "polygon", "points": [0, 0, 2, 2]}\n',
    "two objects": b'{"op": "remove", "id": "a"},{"op": "remove", "id": "a"}\n',
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_line_is_refused_naming_the_file_and_nothing_is_used(tmp_path, damage):
    store = MarkStore(tmp_path)
    store.add(IMAGE, NODE, pen("a"))
    path = store.path(IMAGE, NODE)
    path.write_bytes(path.read_bytes() + damage + b'{"op": "remove", "id": "a"}\n')
    for reader in (store, MarkStore(tmp_path)):
        with pytest.raises(Problem, match="line 3") as refused:
            reader.load(IMAGE, NODE)
        assert str(path) in str(refused.value)


def test_a_stroke_that_cannot_be_kept_changes_nothing(tmp_path):
    store = MarkStore(tmp_path)
    drawn = store.add(IMAGE, NODE, pen("a"))
    for bad in (pen("b", (float("nan"), 1)), pen("b", tool="laser"), pen("a"), pen("")):
        with pytest.raises(Problem):
            store.add(IMAGE, NODE, bad)
    with pytest.raises(Problem):
        store.remove(IMAGE, NODE, "nobody")
    assert same(MarkStore(tmp_path).load(IMAGE, NODE), drawn)


@pytest.mark.parametrize("image", ["../../etc", "", "AB" * 8, "ab/cd" * 4])
def test_image_hashes_cannot_leave_the_folder(tmp_path, image):
    with pytest.raises(Problem):
        MarkStore(tmp_path).load(image, NODE)


@pytest.mark.parametrize("node", ["../x", "", "a.b", "Trace", "a/b", "a\n"])
def test_node_ids_cannot_leave_the_folder(tmp_path, node):
    with pytest.raises(Problem):
        MarkStore(tmp_path).add(IMAGE, node, pen("a"))


def test_a_file_of_another_image_is_not_taken_for_this_one(tmp_path):
    store = MarkStore(tmp_path)
    store.add(IMAGE, NODE, pen("a"))
    store.path(IMAGE, NODE).rename(store.path("cd" * 16, NODE))
    with pytest.raises(Problem, match="another image"):
        store.load("cd" * 16, NODE)


def test_undone_strokes_do_not_fill_the_disk(tmp_path):
    store = MarkStore(tmp_path)
    scribble = np.random.default_rng(0).random((20_000, 2))
    for i in range(12):
        store.add(IMAGE, NODE, Mark(f"m{i}", "pen", scribble))
        store.remove(IMAGE, NODE, f"m{i}")
    assert store.path(IMAGE, NODE).stat().st_size < 3_000_000


def test_strokes_that_were_undone_do_not_count_as_points(tmp_path, monkeypatch):
    for module in (file, drawing):
        monkeypatch.setattr(module, "MAX_POINTS", 1000)
    store = MarkStore(tmp_path)
    for i in range(5):
        store.add(IMAGE, NODE, Mark(f"m{i}", "pen", np.zeros((900, 2), np.float32), 3.0))
        store.remove(IMAGE, NODE, f"m{i}")
    store.add(IMAGE, NODE, pen("a"))
    assert [mark.id for mark in MarkStore(tmp_path).load(IMAGE, NODE).marks] == ["a"]


def test_a_block_with_many_boundaries_is_not_written_anew_with_every_stroke(tmp_path, monkeypatch):
    store, written = MarkStore(tmp_path), []
    runs = np.ones(1_000_000, np.int32)
    box = np.array([(0, 0), (1000, 1000)], np.float32)
    store.add(IMAGE, NODE, Mark("block", "complete", box, runs=runs))
    monkeypatch.setattr(store_file, "whole_file", lambda *facts: written.append(facts))
    for i in range(3):
        store.add(IMAGE, NODE, pen(f"m{i}"))
    assert not written


@pytest.mark.parametrize(("strokes", "each"), [(1, 1_000_000), (20_000, 50)])
def test_a_million_points_load_within_a_second(tmp_path, strokes, each):
    points = np.random.default_rng(1).random((each, 2), np.float32) * 4000
    drawing = MarkStore().drawing(IMAGE, NODE)
    for i in range(strokes):
        drawing.add(Mark(f"m{i}", "pen", points, 3.0, "crack"))
    MarkStore(tmp_path).replace(IMAGE, NODE, drawing)
    seconds = []
    for _ in range(3):
        start = time.process_time()  # what other programs do at the same time does not count
        marks = MarkStore(tmp_path).load(IMAGE, NODE)
        seconds.append(time.process_time() - start)
    assert len(marks.marks) == strokes
    assert np.array_equal(marks.marks[-1].points, points)
    assert min(seconds) < 1.0


def test_content_hash_tells_shape_and_type_apart():
    a = np.arange(12, dtype=np.uint8)
    hashes = {content_hash(x) for x in (a, a.reshape(3, 4), a.reshape(4, 3), a.view(np.int8), a + 1)}
    assert len(hashes) == 5
    assert content_hash(a.reshape(3, 4).T) == content_hash(np.ascontiguousarray(a.reshape(3, 4).T))


def test_ids_sort_by_time():
    first, second = new_mark_id(), new_mark_id()
    assert first != second
    assert first[:16] <= second[:16]


def test_an_empty_or_headless_file_is_no_marks_and_a_foreign_one_is_refused(tmp_path):
    store = MarkStore(tmp_path)
    store.path(IMAGE, NODE).write_bytes(b"")
    assert not store.load(IMAGE, NODE)
    store.path(IMAGE, NODE).write_bytes(b'{"some": "thing"}\n')
    with pytest.raises(Problem, match="header"):
        store.load(IMAGE, NODE)


@pytest.mark.parametrize("foreign", [b'{"some": "thing"}', b"II*\0" + bytes(90), b'{"format":"other"'])
def test_a_foreign_file_of_one_line_is_not_taken_for_an_unfinished_one(tmp_path, foreign):
    store = MarkStore(tmp_path)
    store.path(IMAGE, NODE).write_bytes(foreign)
    with pytest.raises(Problem, match="header"):
        store.add(IMAGE, NODE, pen("a"))
    assert store.path(IMAGE, NODE).read_bytes() == foreign


def test_a_folder_in_the_place_of_a_file_is_a_sentence_until_it_is_moved_away(tmp_path):
    store = MarkStore(tmp_path)
    path = store.path(IMAGE, NODE)
    path.mkdir()
    for ask in (lambda: store.load(IMAGE, NODE), lambda: store.add(IMAGE, NODE, pen("a"))):
        with pytest.raises(Problem, match="cannot be read") as refused:
            ask()
        assert str(path) in str(refused.value)
    path.rename(tmp_path / "away")
    assert len(store.add(IMAGE, NODE, pen("a")).marks) == 1


def test_a_damaged_file_is_read_once_until_it_changes(tmp_path, monkeypatch):
    store, read = MarkStore(tmp_path), []
    reader = store_file.read_file
    monkeypatch.setattr(store_file, "read_file", lambda path: read.append(path) or reader(path))
    path = store.path(IMAGE, NODE)
    path.write_bytes(b"{}\n")
    for _ in range(3):
        with pytest.raises(Problem, match="header"):
            store.load(IMAGE, NODE)
    assert len(read) == 1
    path.unlink()
    assert not store.load(IMAGE, NODE)


def test_strokes_of_several_windows_at_one_moment_are_all_kept(tmp_path):
    for attempt in range(5):
        folder, count = tmp_path / str(attempt), 8
        stores, start = [MarkStore(folder) for _ in range(count)], threading.Barrier(count)

        def draw(number: int, stores=stores, start=start) -> None:
            start.wait()
            for step in range(3):
                stores[number].add(IMAGE, NODE, pen(f"{number}.{step}"))

        threads = [threading.Thread(target=draw, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wanted = {f"{number}.{step}" for number in range(count) for step in range(3)}
        for store in (*stores, MarkStore(folder)):
            assert {mark.id for mark in store.load(IMAGE, NODE).marks} == wanted


def test_a_file_that_two_programs_began_is_read(tmp_path):
    store = MarkStore(tmp_path)
    store.add(IMAGE, NODE, pen("a"))
    path = store.path(IMAGE, NODE)
    first, *others = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + first + b"".join(others))
    assert [mark.id for mark in MarkStore(tmp_path).load(IMAGE, NODE).marks] == ["a"]


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "marks").write_text("a file where the folder should be")
    with pytest.raises(Problem, match=r"cannot be kept in .*; save the recipe in another folder"):
        MarkStore(tmp_path / "marks").add(IMAGE, NODE, pen("a"))


def test_drawings_read_anew_are_compared_without_comparing_arrays(tmp_path):
    long = pen("a", *((float(n), 2.0) for n in range(30)))
    MarkStore(tmp_path).add(IMAGE, NODE, long)
    one, two = (MarkStore(tmp_path).load(IMAGE, NODE) for _ in range(2))
    assert one == two
    assert (one.marks == two.marks) in (True, False)
    assert one != Marks()


def test_many_strokes_put_in_front_of_each_other_are_read_in_their_order(tmp_path):
    """With work that grows as the square of their number this would take hours."""
    count = 60_000
    lines = [file.header(IMAGE, "trace"), *(stroke_line(str(i), str(i - 1) if i else "") for i in range(count))]
    lines += [file.line({"op": "remove", "id": "7"}), stroke_line("last", ""), stroke_line("first", str(count - 1))]
    path = tmp_path / f"{IMAGE}.trace.marks.jsonl"
    path.write_bytes(b"".join(lines))
    found = [mark.id for mark in MarkStore(tmp_path).load(IMAGE, "trace").marks]
    assert found == ["first", *(str(i) for i in reversed(range(count)) if i != 7), "last"]


def stroke_line(mark_id, before):
    return file.line(
        {"op": "add", "id": mark_id, "tool": "pen", "points": [1, 2], "width": 1.0}
        | ({"before": before} if before else {})
    )
