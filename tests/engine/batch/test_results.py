"""What a batch leaves: pooled tables with units, a row an image, files that do not overwrite each other, a manifest."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pandas as pd
import pytest

from graingraph.engine.batch.image_job import BatchPaths, Pictures
from graingraph.engine.batch.manifest import CHAIN, SEAL, _seal, verify, with_other_code
from graingraph.engine.batch.output import PROOF, NotOurs, OutputFolder, one_run
from graingraph.engine.batch.results import write_results
from graingraph.engine.batch.run import run_images
from graingraph.engine.declare import node as node_module
from graingraph.engine.declare.injected import Mark, Marks, Source
from graingraph.engine.declare.roles import DrawnOn
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.files import hash_file
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Image, Table
from graingraph.engine.values.notes import Note
from tests.support.paths import ROOT

NODES = ROOT / "tests" / "support" / "batch_nodes.py"


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_module, "REGISTRY", {})
    exec(compile(NODES.read_text(), str(NODES), "exec"), {"__name__": "batch_nodes"})


def recipe(*names: str, feeding: dict[str, str] | None = None) -> Recipe:
    """Nodes of these types, each fed by the first of those before it whose output fits, or by the one named."""
    made = Recipe()
    for name in names:
        made, added = made.add(name)
        pin = next(iter(made.steps[added].declared.inputs), None)
        wires = [
            Wire(source, step.declared.outputs[0].name, added, pin.name)
            for source, step in made.steps.items()
            if pin and source == (feeding or {}).get(added, source)
        ]
        made = next((made.connect(wire) for wire in wires if made.reason_against(wire) is None), made)
    return made


def draw(evaluation: Evaluation, image: str) -> Pictures:
    evaluation.value("batch_load", image=image)
    return Pictures({f"overlays/{image}.jpg": image.encode()}, (f"A remark on {image}.",))


def image_set(out: Path, *names: str) -> ImageSet:
    files = []
    for number, name in enumerate(names):
        path = out.parent / f"{name}.png"
        path.write_bytes(bytes([number]))
        files.append(path)
    return ImageSet(
        {
            name: replace(source, pixels=np.full((2, 2), i + 1, np.uint8))
            for i, (name, source) in enumerate(ImageSet.of_files(files).items())
        }
    )


def finished(out: Path, made: Recipe, *names: str, overwrite: bool = False) -> list[Problem]:
    images, place = image_set(out, *names), BatchPaths(out, overwrite=overwrite)
    return write_results(made, images, place, run_images(made, images, place, draw=draw))


def test_features_of_all_images_are_pooled_with_units_and_failures_are_rows(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert finished(out, recipe("BatchLoad", "BatchMeasure"), "a", "bad", "c") == []
    features, fields = pd.read_csv(out / "measurements.csv"), pd.read_csv(out / "fields.csv")
    assert list(features.columns) == ["Image", "Label", "Area (px²)"]
    assert list(features["Image"]) == ["a.png", "a.png", "c.png", "c.png"]
    assert list(features["Area (px²)"]) == [4, 1, 12, 1]
    assert list(fields["Status"]) == ["ok", "failed", "ok"]
    assert fields["Message"][1] == "It is bad; use a good one."
    assert np.isnan(fields["mean Area (px²)"][1])


def test_a_batch_that_goes_on_writes_the_same_tables(tmp_path: Path) -> None:
    made = recipe("BatchLoad", "BatchMeasure")
    finished(tmp_path / "out", made, "a", "b", "c")
    whole = (tmp_path / "out" / "measurements.csv").read_bytes()
    next((tmp_path / "out" / ".graingraph" / "rows").iterdir()).unlink()
    finished(tmp_path / "out", made, "a", "b", "c")
    assert (tmp_path / "out" / "measurements.csv").read_bytes() == whole
    assert verify(BatchPaths(tmp_path / "out")) == []


def test_measurements_of_the_same_features_are_side_by_side_and_others_in_a_table_of_their_own(tmp_path: Path) -> None:
    same = recipe("BatchLoad", "BatchMeasure", "BatchShape")
    finished(tmp_path / "same", same, "a")
    together = pd.read_csv(tmp_path / "same" / "measurements.csv")
    assert list(together["Label"]) == [1, 2]
    assert list(together["Length (px)"]) == [10, 20]
    other = recipe("BatchLoad", "BatchLoad", "BatchMeasure", "BatchShape", feeding={"batch_shape": "batch_load_2"})
    finished(tmp_path / "other", other, "a")
    assert "Length (px)" not in pd.read_csv(tmp_path / "other" / "measurements.csv")
    assert list(pd.read_csv(tmp_path / "other" / "measurements_batch_shape.csv")["Length (px)"]) == [20, 10]


def test_files_that_want_the_same_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = recipe("BatchLoad", "BatchMeasure", "BatchPool", "BatchNote")
    steps = {"fields" if k == "batch_pool" else k: v for k, v in made.steps.items()}
    wires = tuple(
        sorted(Wire(w.source, w.output, w.target.replace("batch_pool", "fields"), w.input) for w in made.wires)
    )
    finished(out, Recipe(steps=steps, wires=wires), "a", "b")
    assert list(pd.read_csv(out / "fields.csv")["Image"]) == ["a.png", "b.png"]
    assert list(pd.read_csv(out / "fields_table.csv")["n"]) == [2]
    assert (out / "batch_note_fields.csv").read_bytes() == b"mine"


def test_a_batch_without_a_good_image_still_has_its_rows(tmp_path: Path) -> None:
    out = tmp_path / "out"
    finished(out, recipe("BatchLoad", "BatchMeasure", "BatchPool"), "bad", "bad2")
    assert list(pd.read_csv(out / "fields.csv")["Status"]) == ["failed", "failed"]
    assert not (out / "measurements.csv").exists()


def test_a_per_batch_node_that_fails_is_a_problem_and_the_tables_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(tables: object) -> None:
        raise Problem("It cannot; mend it.")

    registry = node_module.REGISTRY
    monkeypatch.setitem(registry, "BatchPool", replace(registry["BatchPool"], function=fail))
    (problem,) = finished(tmp_path / "out", recipe("BatchLoad", "BatchMeasure", "BatchPool"), "a")
    assert (problem.node, problem.message) == ("batch_pool", "It cannot; mend it.")
    assert (tmp_path / "out" / "measurements.csv").exists()
    assert verify(BatchPaths(tmp_path / "out")) == []


def test_the_manifest_names_everything_by_hash_and_verify_finds_every_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, made = tmp_path / "out", recipe("BatchLoad", "BatchMeasure", "BatchPool")
    monkeypatch.chdir(tmp_path)
    finished(Path("out"), made, "a", "b", "c")
    monkeypatch.chdir("/")
    manifest = orjson.loads((out / "manifest.json").read_bytes())
    assert manifest["recipe"]["id"] == made.id
    overlays = {f"overlays/{name}.png.jpg" for name in "abc"}
    tables = {"measurements.csv", "fields.csv", "batch_pool.csv"}
    assert set(manifest["outputs"]) == {*tables, *overlays, "recipe.graingraph.json", "ro-crate-metadata.json"}
    assert set(manifest["images"]) == {"a.png", "b.png", "c.png"}
    assert verify(BatchPaths(out)) == []
    (out / "fields.csv").write_bytes(b"x")
    (out / "measurements.csv").unlink()
    (tmp_path / "a.png").write_bytes(b"another")
    (tmp_path / "b.png").unlink()
    said = " ".join(verify(BatchPaths(out)))
    assert "fields.csv was changed" in said
    assert "measurements.csv is missing" in said
    assert "a.png is no longer the one" in said
    assert "b.png is no longer at" in said
    assert "c.png" not in said


def test_verify_notices_that_a_model_was_changed_or_is_gone(tmp_path: Path) -> None:
    out, model = tmp_path / "out", tmp_path / "m.onnx"
    finished(out, recipe("BatchLoad", "BatchMeasure"), "a")
    model.write_bytes(b"1")
    manifest = orjson.loads((out / "manifest.json").read_bytes())
    manifest["models"] = {f"m.onnx@{hash_file(model)}": {"hash": hash_file(model), "path": str(model)}}
    manifest[SEAL] = _seal(manifest)
    (out / "manifest.json").write_bytes(orjson.dumps(manifest))
    assert verify(BatchPaths(out)) == []
    model.write_bytes(b"2")
    assert verify(BatchPaths(out)) == ["The model m.onnx is no longer the one that was applied."]
    model.unlink()
    assert verify(BatchPaths(out)) == [f"The model m.onnx is no longer at {model}."]


def places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """The way to everything in a JSON document that holds nothing itself."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way for key, part in inside for way in places(part, (*path, key))] or [path]


def test_verify_notices_every_change_of_the_manifest_itself_but_not_of_its_layout(tmp_path: Path) -> None:
    out = tmp_path / "out"
    finished(out, recipe("BatchLoad", "BatchMeasure"), "a", "bad")
    whole = (out / "manifest.json").read_bytes()
    (out / "manifest.json").write_bytes(orjson.dumps(orjson.loads(whole)))
    assert verify(BatchPaths(out)) == []
    for *way, last in places(orjson.loads(whole)):
        changed = holder = orjson.loads(whole)
        for key in way:
            holder = holder[key]
        if isinstance(holder[last], dict | list):  # an empty one
            continue
        holder[last] = f"{holder[last]}0"
        (out / "manifest.json").write_bytes(orjson.dumps(changed))
        if way == [] and last in ("format", "version"):
            with pytest.raises(Problem):
                verify(BatchPaths(out))
            continue
        part = f"in what it says of: {way[0]}" if way and way[0] in CHAIN else ""
        said = " ".join(verify(BatchPaths(out)))
        assert f"manifest.json itself was changed after the run{', ' * bool(part)}{part}" in said, (*way, last)
    without = {name: value for name, value in orjson.loads(whole).items() if name != SEAL}
    (out / "manifest.json").write_bytes(orjson.dumps(without))
    assert [said.startswith("manifest.json does not tell its own hash") for said in verify(BatchPaths(out))] == [True]


def test_verify_notices_what_was_drawn_or_changed_since(tmp_path: Path) -> None:
    @node_module.node("BatchEdit", category="Test", drawn_on=DrawnOn(corrects=True))
    def batch_edit(image: Image, *, marks: Marks) -> Image:
        """Edit."""
        return image.with_pixels(image.pixels + len(marks.marks))

    out, made = (
        tmp_path / "out",
        recipe("BatchLoad", "BatchEdit", "BatchMeasure", feeding={"batch_measure": "batch_edit"}),
    )
    images, place = image_set(out, "a", "b"), BatchPaths(out, tmp_path / "marks")
    stroke = Mark("1", "pen", np.array([[0.5, 0.5], [1.5, 0.5]], np.float32), 1.0)
    store = MarkStore(place.marks)
    store.add(images["a.png"].drawn_as, "batch_edit", stroke)
    write_results(made, images, place, run_images(made, images, place))
    assert verify(place) == []
    manifest = orjson.loads((out / "manifest.json").read_bytes())
    assert set(manifest["marks"]["images"]["a.png"]) == {"batch_edit"}
    assert manifest["results"]["corrected"] == {"images": 1, "strokes": 1, "touched": 0, "features": 4}
    store.add(images["b.png"].drawn_as, "batch_edit", stroke)
    assert verify(place) == ["What is drawn on b.png for batch_edit was drawn since the run."]
    store.add(images["a.png"].drawn_as, "batch_edit", replace(stroke, id="2"))
    assert "What is drawn on a.png for batch_edit was changed since the run." in verify(place)
    next((tmp_path / "marks").glob(f"{images['a.png'].drawn_as}*")).unlink()
    assert "What is drawn on a.png for batch_edit is gone since the run." in verify(place)


def test_nodes_whose_code_is_another_by_now_are_named(tmp_path: Path) -> None:
    out = tmp_path / "out"
    finished(out, recipe("BatchLoad", "BatchMeasure"), "a")
    types = dict(node_module.REGISTRY)
    assert with_other_code(BatchPaths(out), types) == []

    def other(source: Source) -> Image:
        raise Problem(f"{source.name} is measured otherwise now.")

    types["BatchLoad"] = replace(types["BatchLoad"], function=other)
    assert with_other_code(BatchPaths(out), types) == ["batch_load"]
    del types["BatchMeasure"]
    assert with_other_code(BatchPaths(out), types) == ["batch_load", "batch_measure"]
    assert verify(BatchPaths(out)) == []


def test_an_image_whose_name_is_no_text_is_found_again(tmp_path: Path) -> None:
    name = os.fsdecode(b"bad\xff name")
    try:
        (tmp_path / f"{name}.png").write_bytes(b"")
    except OSError:
        pytest.skip("this file system takes only names that are text")
    finished(tmp_path / "out", recipe("BatchLoad", "BatchMeasure"), name)
    (tmp_path / "out" / "fields.csv").read_text(encoding="utf-8")
    assert verify(BatchPaths(tmp_path / "out")) == []
    (tmp_path / f"{name}.png").write_bytes(b"another")
    assert "no longer the one" in " ".join(verify(BatchPaths(tmp_path / "out")))


@pytest.mark.parametrize(
    "damage",
    [
        None,
        b"",
        b"[]",
        b'{"outputs": {}}',
        b'{"format": "graingraph manifest", "version": 2, "outputs": 3, "images": {}}',
        b'{"format": "graingraph manifest", "version": 2, "outputs": {}}',
    ],
)
def test_a_manifest_that_cannot_be_read_is_a_problem(tmp_path: Path, damage: bytes | None) -> None:
    if damage is not None:
        (tmp_path / "manifest.json").write_bytes(damage)
    expected = "holds no manifest.json" if damage is None else r"manifest.json cannot be read .* run the batch again"
    with pytest.raises(Problem, match=expected):
        verify(BatchPaths(tmp_path))


def test_remarks_on_pictures_stand_in_the_row_of_the_image(tmp_path: Path) -> None:
    finished(tmp_path / "out", recipe("BatchLoad", "BatchMeasure"), "a")
    assert list(pd.read_csv(tmp_path / "out" / "fields.csv")["Notes"]) == ["A remark on a.png."]


def test_overlays_of_images_that_are_no_result_any_more_go_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, made = tmp_path / "out", recipe("BatchLoad", "BatchMeasure", "BatchPool")
    overlays = out / "overlays"
    finished(out, made, "a", "b", "c", "d")
    (overlays / "mine.jpg").write_bytes(b"of someone else")
    (overlays / "d.png.jpg").write_bytes(b"with an arrow drawn on it")
    really = node_module.REGISTRY["BatchLoad"].function

    def fail_on_c(source: Source) -> Image:
        if source.name.startswith("c"):
            raise Problem("It cannot; mend it.")
        return really(source=source)

    failing = replace(node_module.REGISTRY["BatchLoad"], function=fail_on_c, version=2)
    monkeypatch.setitem(node_module.REGISTRY, "BatchLoad", failing)
    finished(out, recipe("BatchLoad", "BatchMeasure", "BatchPool"), "a", "c")
    assert sorted(path.name for path in overlays.iterdir()) == ["a.png.jpg", "d.png.jpg", "mine.jpg"]
    assert verify(BatchPaths(out)) == []


@pytest.mark.parametrize("name", ["overlays/../kept.jpg", "kept.jpg", "overlays/deep/kept.jpg", "/overlays/kept.jpg"])
def test_a_manifest_from_elsewhere_can_name_no_other_file_to_be_removed(tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    (out / "overlays" / "deep").mkdir(parents=True)
    kept = out / name.lstrip("/")
    kept.write_bytes(b"kept")
    manifest = {"format": "graingraph manifest", "outputs": {name: hash_file(kept)}, "images": {}}
    (out / "manifest.json").write_bytes(orjson.dumps(manifest))
    finished(out, recipe("BatchLoad", "BatchMeasure"), "a")
    assert kept.read_bytes() == b"kept"


def test_what_must_not_be_reported_stands_in_its_own_column_and_in_the_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, made = tmp_path / "out", recipe("BatchLoad", "BatchMeasure", "BatchPool")
    finished(out, made, "a", "b")
    assert "Not reportable" not in pd.read_csv(out / "fields.csv").columns
    really = node_module.REGISTRY["BatchMeasure"].function
    reason = Note("not reportable", "The network is open.")

    def refuse_b(image: Image, times: int) -> Table:
        return really(image, times=times).with_note(*[reason] * image.name.startswith("b"))

    refusing = replace(node_module.REGISTRY["BatchMeasure"], function=refuse_b, version=2)
    monkeypatch.setitem(node_module.REGISTRY, "BatchMeasure", refusing)
    pool = node_module.REGISTRY["BatchPool"].function
    pooling = replace(
        node_module.REGISTRY["BatchPool"], function=lambda tables: pool(tables).with_note(reason), version=2
    )
    monkeypatch.setitem(node_module.REGISTRY, "BatchPool", pooling)
    finished(out, recipe("BatchLoad", "BatchMeasure", "BatchPool"), "a", "b")
    fields = pd.read_csv(out / "fields.csv", keep_default_na=False)
    assert fields["Not reportable"].tolist() == ["", "The network is open."]
    assert "not reportable: The network is open." in fields["Notes"][1]
    manifest = orjson.loads((out / "manifest.json").read_bytes())
    assert manifest["run"]["not reportable"] == {"batch_pool": ["The network is open."]}
    assert [one["Not reportable"] for one in manifest["images"].values()] == ["", "The network is open."]


def test_what_gathers_takes_the_finished_images_only(tmp_path: Path) -> None:
    out, made = tmp_path / "out", recipe("BatchLoad", "BatchMeasure", "BatchPool")
    images, place = image_set(out, "a", "bad", "c", "d"), BatchPaths(out)
    progress = run_images(made, images, place, fail_fast=True)
    assert write_results(made, images, place, progress) == []
    assert list(pd.read_csv(out / "batch_pool.csv")["n"]) == [1]
    assert set(pd.read_csv(out / "measurements.csv")["Image"]) == {"a.png"}


def test_a_run_that_was_stopped_leaves_the_tables_of_what_is_finished_and_no_report(tmp_path: Path) -> None:
    out, made = tmp_path / "out", recipe("BatchLoad", "BatchMeasure", "BatchPool")
    finished(out, made, "a", "b")
    images, place, seen = image_set(out, "a", "b", "c", "d"), BatchPaths(out), []
    progress = run_images(made, images, place, on_row=lambda progress: seen.append(1), cancelled=lambda: bool(seen))
    assert write_results(made, images, place, progress) == []
    assert len(pd.read_csv(out / "fields.csv")) == 3
    there = {path.name for path in out.iterdir() if path.is_file()}
    assert there == {"fields.csv", "measurements.csv", *PROOF}
    assert verify(BatchPaths(out)) == []


def test_nothing_of_an_earlier_run_stays_when_every_image_fails(tmp_path: Path) -> None:
    out = tmp_path / "out"
    finished(out, recipe("BatchLoad", "BatchMeasure", "BatchPool"), "a", "b")
    finished(out, recipe("BatchLoad", "BatchMeasure", "BatchPool"), "bad")
    assert {path.name for path in out.iterdir() if path.name[0] != "."} == {"fields.csv", *PROOF}
    assert verify(BatchPaths(out)) == []


def test_a_second_recipe_takes_the_place_of_the_first(tmp_path: Path) -> None:
    out = tmp_path / "out"
    finished(out, recipe("BatchLoad", "BatchMeasure", "BatchPool"), "a", "b")
    (out / "notes.csv").write_bytes(b"of someone else")
    finished(out, recipe("BatchLoad"), "a")
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if ".graingraph" not in path.parts}
    assert there == {"fields.csv", "notes.csv", "overlays", "overlays/a.png.jpg", *PROOF}


@pytest.mark.parametrize(
    "name",
    ["fields.csv", "measurements.csv", "batch_pool.csv", "manifest.json", "overlays/a.jpg", "exports/a_x.png"],
)
def test_a_file_of_somebody_else_stops_the_run_before_anything_is_done(tmp_path: Path, name: str) -> None:
    out, made = tmp_path / "out", recipe("BatchLoad", "BatchMeasure", "BatchPool")
    (out / name).parent.mkdir(parents=True)
    (out / name).write_bytes(b"mine")
    with pytest.raises(Problem, match=r"was not written by a run.*--overwrite"):
        finished(out, made, "a")
    assert (out / name).read_bytes() == b"mine"
    assert not (out / ".graingraph" / "rows").exists()
    finished(out, made, "a", overwrite=True)
    assert verify(BatchPaths(out)) == []


def test_a_file_of_somebody_else_whose_name_is_known_in_the_end_only_stays_and_is_a_problem(tmp_path: Path) -> None:
    out, made = tmp_path / "out", recipe("BatchLoad", "BatchMeasure", "BatchNote")
    out.mkdir()
    (out / "batch_note_fields.csv").write_bytes(b"mine")
    (problem,) = finished(out, made, "a")
    assert "batch_note_fields.csv" in problem.message
    assert (out / "batch_note_fields.csv").read_bytes() == b"mine"
    assert verify(BatchPaths(out)) == []


def test_a_table_that_was_edited_is_not_overwritten_unasked(tmp_path: Path) -> None:
    out, made = tmp_path / "out", recipe("BatchLoad", "BatchMeasure")
    finished(out, made, "a")
    (out / "fields.csv").write_bytes(b"with a remark of mine")
    with pytest.raises(Problem, match=r"fields\.csv"):
        finished(out, made, "a", "b")
    assert (out / "fields.csv").read_bytes() == b"with a remark of mine"


def test_files_of_a_run_that_was_killed_are_known_to_be_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, made = tmp_path / "out", recipe("BatchLoad", "BatchMeasure", "BatchPool")

    def killed(*_: object) -> None:
        raise SystemExit(9)

    with monkeypatch.context() as patch:
        patch.setattr("graingraph.engine.batch.results.write_manifest", killed)
        with pytest.raises(SystemExit):
            finished(out, made, "a", "b")
    assert (out / "batch_pool.csv").exists()
    assert not (out / "manifest.json").exists()
    finished(out, recipe("BatchLoad"), "b")
    assert not (out / "batch_pool.csv").exists()
    assert not (out / "overlays" / "a.png.jpg").exists()


def test_one_run_at_a_time_has_the_folder(tmp_path: Path) -> None:
    with one_run(tmp_path), pytest.raises(Problem, match=f"Another run .process {os.getpid()} on"), one_run(tmp_path):
        pass
    with one_run(tmp_path):
        pass


def test_the_lock_of_a_process_that_was_killed_holds_nobody_up(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from graingraph.engine.batch.output import PROOF, one_run\n"
        "with one_run(Path(sys.argv[1])): print('in', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"in\n"
        with pytest.raises(Problem, match=f"process {process.pid} on"), one_run(tmp_path):
            pass
        process.kill()
        process.wait()
    with one_run(tmp_path):
        pass


def test_what_is_written_after_the_ledgers_were_put_together_is_ours_after_a_kill(tmp_path: Path) -> None:
    output = OutputFolder(tmp_path, tmp_path / ".graingraph")
    output.write("report.pdf", b"of the first images")
    output.tidy()
    output.write("report.pdf", b"of all that came while the folder was watched")
    OutputFolder(tmp_path, tmp_path / ".graingraph").require_ours("report.pdf")


def test_what_another_process_of_the_run_has_written_since_is_ours(tmp_path: Path) -> None:
    mine = OutputFolder(tmp_path, tmp_path / ".graingraph")
    another = OutputFolder(tmp_path, tmp_path / ".graingraph")
    another.write("overlays/a.jpg", b"by one that died before its row")
    mine.write("overlays/a.jpg", b"the same again")
    (tmp_path / "overlays" / "a.jpg").write_bytes(b"by somebody")
    with pytest.raises(NotOurs):
        another.write("overlays/a.jpg", b"the same again")
