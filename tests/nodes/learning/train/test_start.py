"""What a training starts from: another model's weights, whatever its channels and the order of its classes."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from graingraph.engine.declare.injected import Context  # noqa: E402 - after the checks for what training needs
from graingraph.engine.declare.models import ModelFolders  # noqa: E402
from graingraph.engine.values import ClassMap, Image, Model, PixelClass  # noqa: E402
from graingraph.nodes.learn.train import train  # noqa: E402
from graingraph.nodes.learning.model.file import read_card  # noqa: E402
from graingraph.nodes.learning.model.general import GENERAL_MODEL  # noqa: E402
from graingraph.nodes.learning.train import training  # noqa: E402
from graingraph.nodes.learning.train.network import adopt_weights, matching_classes, new_network  # noqa: E402
from graingraph.nodes.learning.train.request import start_advice  # noqa: E402
from tests.support.paths import GRAPHS  # noqa: E402
from tests.support.pictures import image_set  # noqa: E402

BOUNDARY = PixelClass("Korngrenze", role="boundary", of="Korn")
GRAIN = PixelClass("Korn")


def test_classes_are_matched_by_name_and_else_by_the_only_role() -> None:
    known = (PixelClass("grain boundary", role="boundary", of="grain"), PixelClass("grain"))
    core = PixelClass("Korn core", role="core", of="Korn")
    assert matching_classes(known, known[::-1]) == (1, 0)
    assert matching_classes(known, (GRAIN, BOUNDARY, core)) == (1, 0, None)
    assert matching_classes(known, (known[1], PixelClass("pore"), BOUNDARY)) == (1, None, 0)
    assert matching_classes((PixelClass("a"), PixelClass("b")), (PixelClass("c"), PixelClass("d"))) == (None, None)
    assert matching_classes((), (GRAIN,)) == (None,)
    assert matching_classes(known, (PixelClass("particle"),)) == (None,)  # a grain is what boundaries part


def test_a_grey_network_answers_the_same_as_one_for_colour_with_its_classes_in_another_order() -> None:
    grey, colour = new_network(1, 2, "small", 1).eval(), new_network(3, 3, "small", 2).eval()
    fresh = colour.head.weight[2].clone()
    adopt_weights(colour, {name: value.numpy() for name, value in grey.state_dict().items()}, (1, 0, None))
    picture = torch.rand(1, 1, 64, 96)
    with torch.no_grad():
        wanted, found = grey(picture), colour(picture.expand(-1, 3, -1, -1))
        again = new_network(1, 2, "small", 3).eval()
        adopt_weights(again, {name: value.numpy() for name, value in colour.state_dict().items()}, (1, 0))
    assert torch.allclose(found[:, [1, 0]], wanted, atol=1e-5)
    assert torch.equal(colour.head.weight[2], fresh)  # a class that the other never learnt
    with torch.no_grad():
        assert torch.allclose(again(picture), wanted, atol=1e-5)


def honeycomb(colour: bool) -> tuple[Image, ClassMap]:
    """Dark lines between brick-shaped grains, grey or in the colour of brass."""
    truth = np.zeros((128, 160), np.uint8)
    truth[15::32] = 1
    for row in range(0, 128, 32):
        truth[row : row + 32, 20 + (row // 2) % 40 :: 40] = 1
    grey = np.where(truth, 70, 180) + np.random.default_rng(1).normal(0, 6, truth.shape)
    pixels = np.clip(grey[..., None] * (1, 0.8, 0.4), 0, 255).astype(np.uint8) if colour else grey.astype(np.uint8)
    return Image(pixels, name="honeycomb"), ClassMap(truth, classes=(GRAIN, BOUNDARY))


@pytest.mark.parametrize("colour", [False, True])
def test_boundaries_are_learnt_from_the_general_model_unless_told_otherwise(
    colour: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.set_num_threads(1)
    monkeypatch.setattr(training, "EPOCH_STEPS", 1)
    losses: dict[bool, float] = {}
    for general in (True, False):

        def publish(name: str, value: dict[str, list[float]], general: bool = general) -> None:
            if name == "curve":
                losses[general] = value["loss"][0]

        context = Context(models=tmp_path, publish=publish)
        settings = {"size_factor": 1.0, "tile_grid": 1, "epochs": 1, "held_out": 0, "processor": "CPU"}
        model = train(*image_set([honeycomb(colour)]), **settings, from_general_model=general, context=context)
        card = read_card(model.path)
        assert card.started_from == (GENERAL_MODEL if general else "")
        assert not card.settings["standardise"]  # it sees pictures in their own light either way
    assert losses[True] < 0.5 * losses[False]


def test_learning_on_at_another_size_is_remarked() -> None:
    brass = Model(next((GRAPHS / "models").glob("grain_boundary-grain-*.onnx")), "")
    learnt_at = read_card(brass.path).size_factor
    assert not start_advice("mine.onnx@0", brass, learnt_at)
    said = start_advice("mine.onnx@0", brass, 1.5 * learnt_at)
    assert "1.5 times as large" in said
    assert f"set size factor to {learnt_at:g}" in said
    assert not start_advice(GENERAL_MODEL, brass, 1.5 * learnt_at)  # that knows all sizes


def test_the_general_model_is_the_file_that_ships() -> None:
    model = ModelFolders().resolve(GENERAL_MODEL)
    assert read_card(model.path).channels == 1
    assert model.path.name.endswith(f"-{model.hash[:8]}.onnx")
