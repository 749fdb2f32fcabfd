"""``graingraph train`` in a process of its own, and what is left when that process is killed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest

from tests.support.paths import GRAPHS, ROOT

pytest.importorskip("torch")
pytest.importorskip("onnx")

from graingraph.app.cli.main import main
from graingraph.app.cli.recipes import open_recipe
from graingraph.app.cli.train import _scores_notes, _with_what_was_set, train_recipe
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.problem import Cancelled, Problem
from graingraph.nodes.learning.model import file as model_file
from graingraph.nodes.learning.model.card import Card
from graingraph.nodes.learning.model.export import read_weights
from graingraph.nodes.learning.model.rewriting import write_card
from tests.support.pictures import discs

SETTINGS = {"epochs": 3, "size_factor": 1.0, "tile_grid": 2, "held_out": 0.2, "processor": "CPU"}


@pytest.fixture
def traced(tmp_path: Path) -> Path:
    """Two small images and, in a folder beside them, their classes as label images of the same names."""
    for name in ("images", "classes"):
        (tmp_path / name).mkdir()
    for seed in (1, 2):
        image, truth = discs(seed)
        cv2.imwrite(str(tmp_path / "images" / f"{seed}.png"), image.pixels)
        classes = truth.pixels.copy()
        classes[0, 0] = 255  # not traced, which tells label values from a mask of 0 and 1
        cv2.imwrite(str(tmp_path / "classes" / f"{seed}.png"), classes)
    return tmp_path


def start(traced: Path, folder: Path) -> "subprocess.Popen[str]":
    """Begin to train the recipe of a folder; both trainings of one test have the same settings and seed."""
    folder.mkdir(exist_ok=True)
    recipe = folder / "recipe.graingraph.json"
    if not recipe.exists():
        shutil.copyfile(GRAPHS / "colony_basketweave.graingraph.json", recipe)
    command = [sys.executable, "-m", "graingraph.app.cli.main", "train", recipe, traced / "images"]
    command += ["--annotations", traced / "classes", "--node", "train"]
    command += [part for key, value in SETTINGS.items() for part in ("--set", f"train.{key}={value}")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(list(map(str, command)), env=environment, stderr=subprocess.PIPE, text=True)


def epochs_shown(process: "subprocess.Popen[str]") -> list[str]:
    """Wait for the end of a training and return the epoch of each line of its progress."""
    _, lines = process.communicate(timeout=240)
    assert process.returncode == 0, lines
    return [line.split("Epoch ")[1].split()[0] for line in lines.splitlines() if "Epoch " in line]


def weights(folder: Path) -> dict[str, np.ndarray]:
    (file,) = (folder / "models").glob("*.onnx")
    return read_weights(file)


@pytest.mark.slow
def test_a_training_killed_within_an_epoch_goes_on_to_the_model_of_an_undisturbed_one(traced: Path) -> None:
    whole, parts = traced / "whole", traced / "parts"
    assert epochs_shown(start(traced, whole))[0] == "1"

    killed = start(traced, parts)
    assert killed.stderr
    within = [line for line in iter(killed.stderr.readline, "") if "Epoch 2 of" in line and not killed.kill()]
    assert killed.wait(60) < 0
    assert within
    assert not list((parts / "models").glob("*.onnx"))

    assert epochs_shown(start(traced, parts))[0] == "2"
    found, wanted = weights(parts), weights(whole)
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value, atol=1e-6, err_msg=name)
    assert not list((parts / "models").glob("*.ckpt*"))


def train_briefly(traced: Path, *images: Path, sets: tuple[str, ...] = ()) -> None:
    recipe = shutil.copyfile(GRAPHS / "colony_basketweave.graingraph.json", traced / "r.graingraph.json")
    settings = [f"train.{key}={value}" for key, value in (SETTINGS | {"epochs": 1, "size_factor": 0.5}).items()]
    names = list(map(str, images or (traced / "images",)))
    train_recipe(
        recipe, names, traced / "classes", "auto", False, traced / "m.onnx", [*settings, *sets], "train", None, False
    )


@pytest.mark.slow
def test_label_values_are_learnt_as_the_classes_of_trace(traced: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train_briefly(traced, sets=("distribution.column=Area fraction lamellae",))
    card = model_file.read_card(traced / "m.onnx")
    assert [item.name for item in card.classes] == ["colony", "basketweave"]
    (share,) = (item for item in card.answers if item.quantity == "Area fraction basketweave")
    held_out = cv2.imread(str(traced / "classes" / next(iter(card.held_out))), cv2.IMREAD_GRAYSCALE)
    assert share.true == pytest.approx([100 * np.mean(held_out[held_out != 255])])
    said = capsys.readouterr().out
    assert "Trace has" not in said
    assert "The model's classes are colony, basketweave; the steps behind it name lamellae." in said


@pytest.mark.slow
def test_classes_that_do_not_fit_those_of_trace_are_said(traced: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (traced / "classes").iterdir():
        truth = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        truth[:10], truth[10:20] = 2, 3
        cv2.imwrite(str(path), truth)
    train_briefly(traced)
    said = capsys.readouterr().out
    assert (
        "The model's classes are background, class 1, class 2, class 3; the recipe's Trace has colony, basketweave."
        in said
    )


def test_an_annotation_that_two_images_of_one_name_fit_is_refused(traced: Path) -> None:
    (traced / "again").mkdir()
    shutil.copy(traced / "images" / "2.png", traced / "again" / "1.png")
    with pytest.raises(Problem, match=r"1\.png may be of .*images.1\.png or of .*again.1\.png"):
        train_briefly(traced, traced / "images", traced / "again")


def test_a_class_that_is_hardly_found_is_said() -> None:
    found = [("colony", 0.8, 60.0), ("pore", 0.0, 2.0), ("crack", 0.0, 0.0), ("inclusion", None, None)]
    scores = [{"name": name, "iou": iou, "true_fraction": share} for name, iou, share in found]
    (note,) = _scores_notes(Card((), scores=scores))
    assert note.startswith("On held-out images hardly any pore is found (IoU 0.00)")


def test_what_a_training_was_told_is_recorded_with_its_model_and_nothing_else() -> None:
    path = GRAPHS / "colony_basketweave.graingraph.json"
    sets = ["train.epochs=7", "load.color=grey", "segment.magnification=2"]
    ran = open_recipe(path, sets).recipe
    before = open_recipe(path).recipe
    recorded = _with_what_was_set(before, ran, "train", sets)
    assert recorded.steps["train"].settings["epochs"] == 7
    assert recorded.steps["load"] == ran.steps["load"] != before.steps["load"]
    assert recorded.steps["segment"] == before.steps["segment"]


def test_ctrl_c_before_anything_is_learnt_is_one_sentence(traced: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise Cancelled

    monkeypatch.setattr(Evaluation, "train", stopped)
    with pytest.raises(Problem, match="Stopped before anything was learnt"):
        train_briefly(traced)


@pytest.mark.parametrize("error", [KeyboardInterrupt, Cancelled])
def test_ctrl_c_at_any_other_moment_is_one_too(
    error: type[BaseException], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object) -> None:
        raise error

    monkeypatch.setattr("graingraph.app.cli.train.train_recipe", stopped)
    with pytest.raises(SystemExit) as ended:
        main(["train", str(GRAPHS / "nodules.graingraph.json"), "images"])
    assert ended.value.code == 130
    assert capsys.readouterr().err == "Stopped.\n"


@pytest.mark.parametrize(("record", "kept"), [(None, True), (True, False)])
def test_a_stopped_training_replaces_a_better_model_only_where_that_is_asked_for(
    traced: Path, record: bool | None, kept: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = Path(shutil.copyfile(GRAPHS / "colony_basketweave.graingraph.json", traced / "r.graingraph.json"))
    (traced / "models").mkdir()
    for file in (GRAPHS / "models").glob("colony*"):
        shutil.copy(file, traced / "models")
    new = traced / "models" / "new.onnx"
    shutil.copyfile(file, new)
    card = model_file.read_card(new)
    write_card(new, replace(card, scores=[{**score, "iou": 0.2, "boundary_f1": 0.2} for score in card.scores]))

    @contextmanager
    def stopped() -> Iterator[Event]:
        event = Event()
        event.set()
        yield event

    monkeypatch.setattr("graingraph.app.cli.train._stopped_by_ctrl_c", stopped)
    monkeypatch.setattr(Evaluation, "train", lambda *_, **__: model_file.load_model(new))
    before = recipe.read_bytes()
    train_recipe(recipe, [str(traced / "images")], traced / "classes", "auto", False, None, [], "train", record, False)
    assert (recipe.read_bytes() == before) == kept
    assert ("The recipe keeps the model it had" in capsys.readouterr().out) == kept
