"""Training learns, is repeatable, survives stop and crash, and writes a model that says what it is."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from graingraph.engine.values.notes import texts

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from graingraph.engine.declare.injected import Context  # noqa: E402 - after the checks for what training needs
from graingraph.engine.declare.models import ModelFolders  # noqa: E402
from graingraph.engine.problem import Cancelled, Problem  # noqa: E402
from graingraph.engine.values import UNLABELLED, ClassMap, Image, Model, PixelClass  # noqa: E402
from graingraph.engine.values.classes import Role  # noqa: E402
from graingraph.nodes.learn.deep_segment import deep_segment  # noqa: E402
from graingraph.nodes.learn.train import train  # noqa: E402
from graingraph.nodes.learning.model.export import read_weights  # noqa: E402
from graingraph.nodes.learning.model.file import read_card  # noqa: E402
from graingraph.nodes.learning.train import training, training_run  # noqa: E402
from graingraph.nodes.learning.train.gather import make_samples  # noqa: E402
from graingraph.nodes.learning.train.network import new_network  # noqa: E402
from graingraph.nodes.learning.train.sample import make_sample  # noqa: E402
from graingraph.nodes.learning.train.settings import TrainSettings  # noqa: E402
from tests.support.pictures import STRIPED, discs, image_set, patches, plain, textured  # noqa: E402

SMALL = {"size_factor": 1.0, "tile_grid": 2, "epochs": 3, "processor": "CPU", "from_general_model": False}
"""So few steps that a network which knows grains has not unlearnt them yet."""


@pytest.fixture(autouse=True, scope="module")
def _short_epochs_on_one_thread() -> Iterator[None]:
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "EPOCH_STEPS", 2)
        yield


def teach(folder: Path, pairs: list, **changes: object) -> Model:
    context = changes.pop("context", None) or Context(models=folder)
    return train(*image_set(pairs), **{**SMALL, **changes}, context=context)


def weights(model: Model) -> np.ndarray:
    return np.concatenate([value.ravel() for _, value in sorted(read_weights(model.path).items())])


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return teach(tmp_path_factory.mktemp("models"), [discs(1), discs(2), discs(3)], epochs=4)


def test_a_few_epochs_find_the_discs_of_a_new_image(taught: Model) -> None:
    image, truth = discs(9)
    found = deep_segment(image, taught, processor="CPU", context=Context())
    assert np.mean(found.classes.pixels == truth.pixels) > 0.97
    assert found.probabilities.pixels.shape == (*image.shape, 2)
    assert np.allclose(found.probabilities.pixels.sum(axis=2), 1, atol=1e-4)


def test_the_card_tells_images_held_out_image_scores_and_versions(taught: Model) -> None:
    card = read_card(taught.path)
    assert [item.name for item in card.classes] == ["matrix", "nodule"]
    assert len(card.images) == 2
    assert len(card.held_out) == 1
    assert not set(card.images) & set(card.held_out)
    assert card.scores[1]["iou"] > 0.8
    assert 0 <= card.calibration["error_after"] <= card.calibration["error_before"] + 0.01
    assert card.calibration["temperature"] > 0
    assert "torch" in card.versions
    assert {"onnxruntime", "onnxruntime-gpu"} & set(card.versions)


def test_two_trainings_with_one_seed_agree_and_are_named_after_what_they_are(tmp_path: Path) -> None:
    first, second = (teach(tmp_path, [discs(1)], held_out=0, epochs=2) for _ in range(2))
    assert (first.path == second.path) == (first.hash == second.hash)
    assert all(model.path.stem.endswith(f"-{model.hash[:8]}") for model in (first, second))
    assert np.allclose(weights(first), weights(second), atol=1e-6)
    other = teach(tmp_path, [discs(1)], held_out=0, epochs=2, seed=2)
    assert not np.allclose(weights(first), weights(other), atol=1e-3)


def test_a_stopped_training_keeps_its_model_and_goes_on_to_the_same_end(tmp_path: Path) -> None:
    whole = teach(tmp_path / "whole", [discs(1)], held_out=0)
    seen: list[float] = []

    def stop_in_the_second_epoch() -> bool:
        return bool(seen and seen[-1] > 0.3)

    stopping = Context(
        models=tmp_path / "parts", report=lambda part, text: seen.append(part), cancelled=stop_in_the_second_epoch
    )
    stopped = teach(tmp_path, [discs(1)], held_out=0, context=stopping)
    assert any("Stopped after 1 of 3" in note for note in texts(stopped.notes))
    assert list((tmp_path / "parts").glob("*.ckpt"))
    resumed = teach(tmp_path / "parts", [discs(1)], held_out=0)
    assert np.allclose(weights(resumed), weights(whole), atol=1e-6)
    assert not list((tmp_path / "parts").glob("*.ckpt"))
    assert stopped.path.is_file()


def test_stopping_before_anything_was_learnt_makes_no_model(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        teach(tmp_path, [discs(1)], context=Context(models=tmp_path, cancelled=lambda: True))
    assert not list(tmp_path.glob("*.onnx"))


def test_what_is_drawn_as_unlabelled_changes_nothing(tmp_path: Path) -> None:
    image, truth = discs(1)
    sparse = patches(truth)
    filled = sparse.pixels.copy()
    assert np.mean(filled != UNLABELLED) < 0.05
    model = teach(tmp_path, [(image, sparse)], held_out=0, epochs=4)
    new, wanted = discs(9)
    found = deep_segment(new, model, processor="CPU", context=Context())
    assert np.mean(found.classes.pixels == wanted.pixels) > 0.95


def test_held_out_patches_do_not_say_how_sure_it_is_elsewhere(tmp_path: Path) -> None:
    pairs = [(image, patches(truth)) for image, truth in (discs(1), discs(2))]
    card = read_card(teach(tmp_path, pairs, epochs=1).path)
    assert len(card.held_out) == 1
    assert card.calibration == {"temperature": 1.0, "error_before": None, "error_after": None}


def test_patches_continued_by_texture_teach_the_same_when_stopped_and_resumed(tmp_path: Path) -> None:
    pairs = [textured(1, STRIPED.astype(np.uint8), count=12)]
    whole = teach(tmp_path / "whole", pairs, held_out=0, extend_patches=True)
    plain = teach(tmp_path / "plain", pairs, held_out=0, extend_patches=False)
    assert not np.allclose(weights(whole), weights(plain), atol=1e-3)
    seen: list[float] = []
    stopping = Context(
        models=tmp_path / "parts",
        report=lambda part, _: seen.append(part),
        cancelled=lambda: bool(seen and seen[-1] > 0.3),
    )
    teach(tmp_path, pairs, held_out=0, extend_patches=True, context=stopping)
    resumed = teach(tmp_path / "parts", pairs, held_out=0, extend_patches=True)
    assert np.allclose(weights(resumed), weights(whole), atol=1e-6)


def test_images_without_traces_are_skipped(tmp_path: Path) -> None:
    image, truth = discs(2)
    empty = ClassMap(np.full(truth.shape, UNLABELLED, np.uint8), classes=truth.classes)
    model = teach(tmp_path, [discs(1), (image, empty)], epochs=1)
    assert list(read_card(model.path).images) == ["1"]
    assert any("held out" in note for note in texts(model.notes))


def test_starting_from_a_model_compares_on_the_same_held_out_image(taught: Model, tmp_path: Path) -> None:
    pairs = [discs(1), discs(2), discs(3), discs(4)]
    context = Context(models=tmp_path, model_folders=ModelFolders((taught.path.parent,)))
    again = teach(tmp_path, pairs, epochs=1, start_from=f"{taught.path.name}@{taught.hash}", context=context)
    card, before = read_card(again.path), read_card(taught.path)
    assert card.held_out == before.held_out
    assert card.started_from == f"{taught.path.name}@{taught.hash}"
    assert card.scores_before[1]["iou"] == pytest.approx(before.scores[1]["iou"], abs=1e-3)


def test_scores_on_what_the_model_before_had_learnt_are_said_to_be_too_good(taught: Model, tmp_path: Path) -> None:
    known = {str(k) for k in read_card(taught.path).images}
    pairs = [discs(k) for k in (1, 2, 3) if str(k) in known]
    context = Context(models=tmp_path, model_folders=ModelFolders((taught.path.parent,)))
    start = f"{taught.path.name}@{taught.hash}"
    again = teach(tmp_path, pairs, epochs=1, start_from=start, held_out=0.2, context=context)
    assert any("had learnt" in note for note in texts(again.notes)) == (len(pairs) > 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda image, truth: (image, replace(truth, pixels=np.zeros_like(truth.pixels))), "Only one class"),
        (lambda image, truth: (image, replace(truth, pixels=np.full_like(truth.pixels, 255))), "No image is traced"),
        (lambda image, truth: (image, replace(truth, pixels=truth.pixels[1:].copy())), "differ in size"),
    ],
)
def test_what_cannot_be_learnt_is_refused(change: object, words: str, tmp_path: Path) -> None:
    with pytest.raises(Problem, match=words):
        teach(tmp_path, [change(*discs(1))])


def test_openvino_leaves_the_classes_as_they_are(taught: Model) -> None:
    pytest.importorskip("openvino")
    image, _ = discs(11, (200, 300))
    fast = deep_segment(image, taught, processor="automatic", context=Context())
    exact = deep_segment(image, taught, processor="CPU", context=Context())
    assert np.mean(fast.classes.pixels == exact.classes.pixels) >= 0.999


def test_of_many_tiles_an_epoch_shows_a_part_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "MOST_STEPS", 1)
    samples = [make_sample(str(k), *discs(k), 1, 1.0, ()) for k in range(3)]
    settings = TrainSettings(tile_grid=4)
    trainer = training.Trainer(new_network(1, 2, "small", 1), samples, settings, np.array([0.8, 0.2]), ())
    assert (len(trainer.cells), trainer.batch, trainer.steps_per_epoch) == (48, 16, 1)
    shown = [id(cell) for epoch in range(3) for cell in trainer.order(epoch)]
    assert sorted(shown) == sorted(map(id, trainer.cells))
    assert trainer.order(1) == trainer.order(1) != trainer.order(4)


@pytest.mark.parametrize("images", [1, 6])
def test_left_to_itself_a_training_shows_as_many_pixels_however_many_images_there_are(images: int) -> None:
    samples = [make_sample(str(k), *discs(k), 1, 1.0, ()) for k in range(images)]
    trainer = training.Trainer(new_network(1, 2, "small", 1), samples, TrainSettings(), np.array([0.8, 0.2]), ())
    pixels = trainer.epochs * trainer.steps_per_epoch * trainer.batch * np.prod(trainer.shape)
    assert pixels == pytest.approx(training.BUDGET, rel=0.02)


def test_the_card_says_how_many_epochs_a_training_left_to_itself_took(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "BUDGET", 3e5)
        card = read_card(teach(tmp_path, [discs(1)], held_out=0, epochs=0).path)
    assert card.settings["epochs"] == card.settings["epochs trained"] > 1


@pytest.mark.parametrize(("unlike", "whole_areas"), [(True, True), (True, False), (False, True)])
def test_tiles_show_places_of_two_images_where_images_are_unlike_and_areas_traced_whole(
    unlike: bool, whole_areas: bool
) -> None:
    samples, settings = [plain(51, 0), plain(204, 1)], TrainSettings(tile_grid=1, unlike_images=unlike)
    network = new_network(1, 2, "small", 1)
    trainer = training.Trainer(network, samples, settings, np.array([0.5, 0.5]), (), whole_areas=whole_areas)
    both = any(len(tile.unique()) == 2 for _, labels in trainer.batches(0) for tile in labels)
    assert both == (unlike and whole_areas)


@pytest.mark.parametrize(("role", "counted"), [("boundary", (1,)), ("area", ())])
def test_gaps_count_in_boundaries_and_not_in_cracks_and_particles(role: Role, counted: tuple[int, ...]) -> None:
    labels = np.zeros((96, 96), np.uint8)
    labels[:, 40:43] = 1
    labels[10:16:2, 60:90:6] = 2
    kinds = PixelClass("grain"), PixelClass("line", role=role), PixelClass("particle")
    traced = {"one": (Image(labels * np.uint8(90)), ClassMap(labels, classes=kinds))}
    run = training_run.TrainingRun(*make_samples(traced, 1.0), TrainSettings(), context=Context())
    assert run.trainer.boundaries == counted


def test_two_cores_learn_what_one_learns() -> None:
    samples = [make_sample(str(k), *discs(k), 1, 1.0, ()) for k in range(2)]

    def learnt(cores: int) -> dict[str, torch.Tensor]:
        network = new_network(1, 2, "small", 1)
        trainer = training.Trainer(network, samples, TrainSettings(tile_grid=2), np.array([0.8, 0.2]), (1,))
        trainer.run_epoch(cores=cores)
        return trainer.average.state_dict()

    one, two = learnt(1), learnt(2)
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_training_takes_the_threads_that_are_free_and_gives_back_what_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []
    monkeypatch.setattr(training_run.cpu, "free", lambda own: 1 if own else 2)
    torch.set_num_threads(3)
    context = Context(models=tmp_path, report=lambda part, text: taken.append(torch.get_num_threads()))
    teach(tmp_path, [discs(1)], held_out=0, epochs=2, context=context)
    assert torch.get_num_threads() == 3
    torch.set_num_threads(1)
    assert list(dict.fromkeys(taken))[-2:] == [2, 1]
