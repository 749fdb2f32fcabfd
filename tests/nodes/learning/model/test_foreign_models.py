"""Models as other programs export them are applied as they are meant, or refused with the reason."""

from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper  # noqa: E402

from graingraph.engine.declare.injected import Context  # noqa: E402
from graingraph.engine.problem import Problem  # noqa: E402
from graingraph.engine.values import Image  # noqa: E402
from graingraph.nodes.learn.deep_segment import Segmented, deep_segment  # noqa: E402
from graingraph.nodes.learning.model.backends import open_session  # noqa: E402
from graingraph.nodes.learning.model.card import KEY, Card  # noqa: E402
from graingraph.nodes.learning.model.file import load_model, read_card  # noqa: E402
from graingraph.nodes.learning.model.foreign_size import enlarged, times_smaller  # noqa: E402
from tests.support.foreign_models import ACCEPTED, BANDS, REFUSED, SIDE, Foreign, write  # noqa: E402


@pytest.fixture(autouse=True)
def known_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """These models end: no process is begun for each to see whether it does."""
    monkeypatch.setattr("graingraph.nodes.learning.model.file.require_it_ends", lambda path: None)


def applied(model: Foreign, path: Path, picture: np.ndarray = BANDS, **settings: object) -> Segmented:
    given = {**model.settings, **settings}
    return deep_segment(Image(picture), load_model(write(model, path)), context=Context(), **given)


@pytest.mark.parametrize("processor", ["CPU", "automatic"])
@pytest.mark.parametrize("name", ACCEPTED)
def test_models_as_they_are_exported_tell_dark_grey_and_bright_apart(name: str, processor: str, tmp_path: Path) -> None:
    model = ACCEPTED[name]
    found = applied(model, tmp_path / "m.onnx", **{"processor": processor, **model.settings})
    middles = found.classes.pixels[:, SIDE // 2 :: SIDE]
    assert np.array_equal(middles, np.broadcast_to(model.expected, middles.shape))
    assert np.allclose(found.probabilities.pixels.sum(axis=2), 1, atol=1e-4)


@pytest.mark.parametrize("name", REFUSED)
def test_what_gives_no_classes_is_refused_with_the_reason(name: str, tmp_path: Path) -> None:
    assert isinstance(REFUSED[name].expected, str)
    with pytest.raises(Problem, match=REFUSED[name].expected):
        applied(REFUSED[name], tmp_path / "m.onnx")


def test_planes_beside_lists_are_read_where_a_person_says_that_they_are_classes(tmp_path: Path) -> None:
    found = applied(REFUSED["prototypes beside objects"], tmp_path / "m.onnx", output_name="parts")
    assert found.classes.pixels[0, SIDE // 2 :: SIDE].tolist() == [0, 1, 2]


@pytest.mark.parametrize("shape", [(33, 47), (130, 257), (200, 64)])
@pytest.mark.parametrize("name", ["a quarter", "an eighth, probabilities", "a quarter, class numbers"])
def test_tiles_of_smaller_maps_leave_no_seams(name: str, shape: tuple[int, int], tmp_path: Path) -> None:
    picture = np.random.default_rng(2).integers(0, 256, shape, np.uint8)
    tiled, whole = (
        applied(
            ACCEPTED[name], tmp_path / "m.onnx", picture, processor="CPU", tile=tile, overlap=32
        ).probabilities.pixels
        for tile in (64, 4096)
    )
    assert tiled.shape == (*shape, 3)
    assert np.abs(tiled - whole).max() < 1e-3


def test_a_smaller_map_gives_what_the_model_gives_that_enlarges_its_scores_itself(tmp_path: Path) -> None:
    """Oracle: the operator Resize of ONNX, before the softmax."""
    coarse = "small = AveragePool <kernel_shape = [4, 4], strides = [4, 4]> (x) c = Conv(small, w, b)"
    how = 'mode = "linear", coordinate_transformation_mode = "half_pixel"'
    steps = f"{coarse} s = Resize <{how}> (c, , quadrupled) y = Softmax <axis = 1> (s)"
    by_itself = ACCEPTED["softmax"]._replace(steps=steps)
    picture = np.random.default_rng(3).integers(0, 256, (96, 128), np.uint8)
    wanted = applied(by_itself, tmp_path / "a.onnx", picture, processor="CPU")
    found = applied(ACCEPTED["a quarter"], tmp_path / "b.onnx", picture, processor="CPU")
    assert np.allclose(found.probabilities.pixels, wanted.probabilities.pixels, atol=1e-4)


@pytest.mark.parametrize(
    ("made", "size"), [((6, 9), (24, 36)), ((5, 9), (17, 33)), ((9, 9), (35, 35)), ((1, 2), (8, 16))]
)
def test_enlarged_as_onnx_does(made: tuple[int, int], size: tuple[int, int], tmp_path: Path) -> None:
    """Oracle: the operator Resize of ONNX; first and last values are at the corners where 4 px lie between all."""
    corners = made == (5, 9)
    mode = "align_corners" if corners else "half_pixel"
    planes = np.random.default_rng(0).random((2, 3, *made), np.float32)
    sides = helper.make_tensor("sides", TensorProto.INT64, [4], [2, 3, *size])
    node = helper.make_node("Resize", ["x", "", "", "sides"], ["y"], mode="linear", coordinate_transformation_mode=mode)
    shapes = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("x", "y")]
    graph = helper.make_graph([node], "g", shapes[:1], shapes[1:], [sides])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), tmp_path / "m.onnx")
    wanted = open_session(tmp_path / "m.onnx").run(None, {"x": planes})[0]
    assert np.allclose(enlarged(planes, size), wanted, atol=1e-5)


@pytest.mark.parametrize(
    ("size", "sides", "times"),
    [
        ((96, 64), (96, 64), 1),
        ((96, 64), (24, 16), 4),
        ((518, 518), (37, 37), 14),
        ((513, 513), (65, 65), 8),
        ((350, 350), (88, 88), 4),
        ((96, 64), (24, 32), 0),
        ((96, 96), (97, 97), 0),
        ((572, 572), (388, 388), 0),
        ((96, 96), (1, 1), 0),
    ],
)
def test_by_how_much_a_map_is_smaller(size: tuple[int, int], sides: tuple[int, int], times: int) -> None:
    assert times_smaller(size, sides) == times


def test_a_model_whose_maps_change_their_part_of_the_size_is_told_with_the_tile_and_what_to_do(tmp_path: Path) -> None:
    steps = 'small = Resize <mode = "linear"> (x, , , always_24) y = Conv(small, w, b)'
    model = ACCEPTED["scores"]._replace(steps=steps)
    found = applied(model, tmp_path / "m.onnx", processor="CPU")
    assert found.classes.pixels[0, SIDE // 2 :: SIDE].tolist() == [0, 1, 2]
    with pytest.raises(
        Problem, match=r"m\.onnx gives shape .* for a tile of 224 × 96 px.*; choose another size of tiles"
    ):
        applied(model, tmp_path / "m.onnx", np.zeros((96, 200), np.uint8), processor="CPU")


def test_how_a_model_is_read_is_remarked_where_nobody_has_said_it(tmp_path: Path) -> None:
    scores, smaller = "planes look like scores of classes and are read so", "one value for 4 × 4 px"
    notes = [note.text for note in applied(ACCEPTED["a quarter"], tmp_path / "m.onnx").classes.notes]
    assert [scores in notes[0], smaller in notes[1], len(notes)] == [True, True, 2]
    said = [note.text for note in applied(ACCEPTED["a quarter"], tmp_path / "m.onnx", output="scores").classes.notes]
    assert said == notes[1:]
    assert smaller in read_card(tmp_path / "m.onnx").note


def test_a_card_of_ours_on_a_network_of_smaller_maps_is_refused(tmp_path: Path) -> None:
    path = write(ACCEPTED["a quarter"], tmp_path / "m.onnx")
    card = Card(read_card(path).classes, channels=3)
    file = onnx.load(path)
    helper.set_model_props(file, {KEY: card.to_json()})
    onnx.save(file, path)
    with pytest.raises(Problem, match="description and its network differ"):
        read_card(path)
