"""Applying models: every size and depth, no seams, foreign models accepted or refused with a reason."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from graingraph.engine.declare.injected import Context  # noqa: E402
from graingraph.engine.problem import Cancelled, Problem  # noqa: E402
from graingraph.engine.values import Image, Model, PixelClass  # noqa: E402
from graingraph.engine.values.notes import texts  # noqa: E402
from graingraph.nodes.learn.deep_segment import deep_segment  # noqa: E402
from graingraph.nodes.learning.apply import segment as inference  # noqa: E402
from graingraph.nodes.learning.model.backends import Runner  # noqa: E402
from graingraph.nodes.learning.model.card import KEY, Card  # noqa: E402
from graingraph.nodes.learning.model.file import load_model, model_card  # noqa: E402
from graingraph.nodes.learning.model.network_input import picture_at, unit_range  # noqa: E402
from tests.support.models import save_model  # noqa: E402


def write_model(path: Path, *, channels: int = 1, planes: int = 2, kernel: int = 9, size: int | None = None) -> Model:
    """An ONNX model of one blurring convolution whose output planes are scores (or one plane of a mask)."""
    weights = np.zeros((planes, channels, kernel, kernel), np.float32)
    weights[-1] = 8.0 / (channels * kernel * kernel)
    bias = np.zeros(planes, np.float32)
    bias[-1] = -4.0
    pad = [kernel // 2] * 4
    graph = helper.make_graph(
        [helper.make_node("Conv", ["picture", "w", "b"], ["scores"], pads=pad)],
        "foreign",
        [
            helper.make_tensor_value_info(
                "picture", TensorProto.FLOAT, [1 if size else "n", channels, size or "h", size or "w"]
            )
        ],
        [
            helper.make_tensor_value_info(
                "scores", TensorProto.FLOAT, [1 if size else "n", planes, size or "h", size or "w"]
            )
        ],
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(bias, "b")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return load_model(path)


def halves(shape: tuple[int, int], dtype: type = np.uint8, top: float = 255) -> Image:
    pixels = np.zeros(shape, dtype)
    pixels[:, shape[1] // 2 :] = top
    return Image(pixels, range=(0.0, float(top)))


@pytest.mark.parametrize("processor", ["CPU", "automatic"])
def test_a_foreign_model_segments_bright_from_dark(tmp_path: Path, processor: str) -> None:
    model = write_model(tmp_path / "foreign.onnx")
    found = deep_segment(halves((100, 140)), model, processor=processor, context=Context())
    assert (found.classes.pixels[:, :60] == 0).all()
    assert (found.classes.pixels[:, 80:] == 1).all()
    assert np.allclose(found.probabilities.pixels.sum(axis=2), 1, atol=1e-4)
    assert [item.name for item in found.classes.classes] == ["class 0", "class 1"]


def test_rows_without_a_specimen_are_told(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (200, 140)).astype(np.uint8)
    pixels[-20:] = 0
    model = write_model(tmp_path / "foreign.onnx")
    found = deep_segment(Image(pixels), model, context=Context())
    assert any("The last 20 of 200 rows are blank" in note for note in texts(found.classes.notes))
    cropped = deep_segment(Image(pixels[:-20]), model, context=Context())
    assert not any("blank" in note for note in texts(cropped.classes.notes))


def test_one_output_plane_is_a_mask(tmp_path: Path) -> None:
    found = deep_segment(halves((64, 64)), write_model(tmp_path / "mask.onnx", planes=1), context=Context())
    assert (found.classes.pixels[5:-5, 40:-5] == 1).all()
    assert (found.classes.pixels[5:-5, 5:20] == 0).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (7, 5), (63, 129), (130, 257), (200, 64)])
def test_no_seams_at_any_size(tmp_path: Path, shape: tuple[int, int]) -> None:
    model = write_model(tmp_path / "foreign.onnx", kernel=15)
    image = Image(np.random.default_rng(2).integers(0, 256, shape, np.uint8).astype(np.uint8))
    tiled = deep_segment(image, model, processor="CPU", tile=64, overlap=32, context=Context()).probabilities.pixels
    whole = deep_segment(image, model, processor="CPU", tile=4096, context=Context()).probabilities.pixels
    assert tiled.shape == (*shape, 2)
    inner = np.s_[: max(1, shape[0] - 8), : max(1, shape[1] - 8)]  # beyond, the two pad differently
    assert np.abs(tiled[inner] - whole[inner]).max() < 1e-3


def test_magnified_features_are_found_that_were_too_small_for_the_network(tmp_path: Path) -> None:
    model = write_model(tmp_path / "bands.onnx")
    pixels = np.zeros((40, 60), np.uint8)
    pixels[:, 30:33] = 255
    seen = [
        deep_segment(Image(pixels), model, magnification=times, processor="CPU", context=Context()).classes.pixels
        for times in (1.0, 4.0)
    ]
    assert not seen[0].any()
    assert seen[1].shape == pixels.shape
    assert (seen[1][8:-8] == (pixels[8:-8] > 0)).all()


def test_a_picture_magnified_beyond_all_bounds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="choose a smaller magnification"):
        deep_segment(
            Image(np.zeros((2000, 2000), np.uint8)),
            write_model(tmp_path / "m.onnx"),
            magnification=8.0,
            context=Context(),
        )


def test_every_depth_and_colour_reads_the_same(tmp_path: Path) -> None:
    grey = write_model(tmp_path / "grey.onnx")
    colour = write_model(tmp_path / "colour.onnx", channels=3)
    base = halves((64, 96))
    others = [halves((64, 96), np.uint16, 65535), halves((64, 96), np.float32, 2.5)]
    others.append(Image(np.repeat(base.pixels[:, :, None], 3, axis=2)))
    wanted = deep_segment(base, grey, processor="CPU", context=Context()).probabilities.pixels
    for image in [base, *others]:
        for model in (grey, colour):
            found = deep_segment(image, model, processor="CPU", context=Context()).probabilities.pixels
            assert np.allclose(found, wanted, atol=1e-4)


def test_twelve_bit_data_in_a_sixteen_bit_file_is_not_taken_for_dark() -> None:
    image = Image(np.array([[0, 4095]], np.uint16), range=(0.0, 65535.0))
    assert unit_range(image).max() == pytest.approx(1)


def test_a_model_of_fixed_size_is_fed_its_size(tmp_path: Path) -> None:
    model = write_model(tmp_path / "fixed.onnx", size=48)
    for shape in ((30, 100), (48, 48), (97, 50)):
        found = deep_segment(halves(shape), model, context=Context())
        assert found.classes.shape == shape
        assert (found.classes.pixels[5:-5, shape[1] // 2 + 6 : -5] == 1).all()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: write_model(path, channels=4), "1 or 3"),
        (lambda path: write_model(path, kernel=8), "not one plane a class of the size"),
        (lambda path: (path.write_bytes(b"no model"), load_model(path))[1], "not a usable ONNX model"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(tmp_path: Path, make: object, reason: str) -> None:
    model = make(tmp_path / "odd.onnx")
    with pytest.raises(Problem, match=reason):
        deep_segment(halves((64, 64)), model, context=Context())


def test_no_model_and_a_missing_model_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="choose a model file"):
        deep_segment(halves((8, 8)), context=Context())
    with pytest.raises(Problem, match=r"gone\.onnx is missing"):
        deep_segment(halves((8, 8)), Model(tmp_path / "gone.onnx", "0"), context=Context())


def test_cancel_is_noticed_between_tiles(tmp_path: Path) -> None:
    model = write_model(tmp_path / "foreign.onnx")
    asked: list[float] = []
    context = Context(report=lambda part, text: asked.append(part), cancelled=lambda: len(asked) >= 3)
    with pytest.raises(Cancelled):
        deep_segment(halves((300, 300)), model, tile=64, overlap=0, context=context)
    assert len(asked) == 3


def test_after_cancel_no_tile_is_begun(tmp_path: Path) -> None:
    engine = inference.load(write_model(tmp_path / "foreign.onnx"), "CPU")
    begun: list[int] = []

    def runner(batch: np.ndarray) -> np.ndarray:
        begun.append(len(batch))
        time.sleep(0.05)
        return engine.opened(1)(batch)

    slow = inference.Engine(engine.card, lambda callers: runner, None, threads=2)
    context = Context(cancelled=lambda: len(begun) >= 3)
    with pytest.raises(Cancelled):
        inference.probability_planes(slow, np.zeros((300, 300, 1), np.float32), context, tile=64, overlap=0)
    assert len(begun) <= 6


def test_a_smaller_batch_is_tried_when_memory_runs_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = write_model(tmp_path / "foreign.onnx")
    engine = inference.load(model, "CPU")
    plain, sizes = engine.opened(1), list[int]()

    def runner(batch: np.ndarray) -> np.ndarray:
        sizes.append(len(batch))
        if len(batch) > 2:
            raise RuntimeError("Failed to allocate memory for requested buffer")
        return plain(batch)

    scarce = inference.Engine(engine.card, lambda callers: runner, None, batch=8)
    pixels = np.random.default_rng(0).random((150, 150, 1), dtype=np.float32)
    found = inference.probability_planes(scarce, pixels, Context(), tile=64, overlap=16)
    assert np.allclose(found, inference.probability_planes(engine, pixels, Context(), tile=64, overlap=16), atol=1e-5)
    assert sizes[0] == 8
    assert max(sizes[-4:]) == 2


def test_what_fails_on_every_tile_is_told_with_the_model_and_the_tile(tmp_path: Path) -> None:
    engine, sizes = inference.load(write_model(tmp_path / "foreign.onnx"), "CPU"), list[int]()

    def runner(batch: np.ndarray) -> np.ndarray:
        sizes.append(len(batch))
        raise RuntimeError("No such kernel")

    failing = replace(engine, opened=lambda callers: runner, batch=4, threads=1)
    with pytest.raises(Problem, match=r"foreign\.onnx fails on a tile of 64 × 64 px \(No such kernel\); choose tiles"):
        inference.probability_planes(failing, np.zeros((150, 150, 1), np.float32), Context(), tile=64, overlap=16)
    assert (sizes[0], set(sizes)) == (4, {4, 2, 1})


def test_fewer_tiles_at_a_time_are_tried_when_memory_runs_out(tmp_path: Path) -> None:
    engine = inference.load(write_model(tmp_path / "foreign.onnx"), "CPU")
    asked: list[int] = []

    def opened(callers: int) -> Runner:
        asked.append(callers)
        if callers == 1:
            return engine.opened(1)
        raise MemoryError

    pixels = np.random.default_rng(0).random((200, 200, 1), dtype=np.float32)
    found = inference.probability_planes(
        inference.Engine(engine.card, opened, None, threads=4), pixels, Context(), tile=64, overlap=0
    )
    assert asked == [4, 2, 1]
    assert (found == inference.probability_planes(engine, pixels, Context(), tile=64, overlap=0)).all()


@pytest.mark.parametrize("processor", ["CPU", "automatic"])
def test_tiles_computed_side_by_side_give_the_same_numbers(tmp_path: Path, processor: str) -> None:
    engine = inference.load(write_model(tmp_path / "foreign.onnx"), processor)
    pixels = np.random.default_rng(0).random((150, 250, 1), dtype=np.float32)
    one, three = (
        inference.probability_planes(replace(engine, threads=threads), pixels, Context(), tile=64, overlap=16)
        for threads in (1, 3)
    )
    assert (one == three).all()


@pytest.mark.parametrize(
    ("tiles", "threads", "callers"), [(1, 8, 1), (35, 1, 1), (35, 2, 2), (3, 2, 1), (35, 6, 6), (100, 64, 8)]
)
def test_how_many_tiles_are_computed_at_a_time(tiles: int, threads: int, callers: int) -> None:
    assert inference.callers_for(tiles, threads) == callers


@pytest.mark.parametrize("shape", [(90, 120), (91, 121), (1, 300)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("factor", [0.5, 2 / 3, 1.0, 2.0])
def test_an_image_brought_to_size_in_strips_is_the_same(
    shape: tuple[int, int], dtype: type, factor: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = float(np.iinfo(dtype).max)
    pixels = np.random.default_rng(4).integers(0, 200, (*shape, 3), dtype)
    image, card = Image(pixels, range=(0.0, top)), Card((), channels=3, size_factor=factor)
    whole = inference.network_pixels(image, card)
    monkeypatch.setattr(inference, "STRIP_PIXELS", 500)
    assert (inference.network_pixels(image, card) == whole).all()
    assert np.allclose(whole, picture_at(unit_range(image), whole.shape[:2]), atol=1e-6)


def test_the_card_of_a_foreign_model_says_so(tmp_path: Path) -> None:
    facts, text = model_card(write_model(tmp_path / "foreign.onnx").path)
    assert facts["ours"] is False
    assert "not trained here" in text


def test_a_card_that_names_other_classes_than_the_network_has_is_refused(tmp_path: Path) -> None:
    model = write_model(tmp_path / "lying.onnx")
    file = onnx.load(str(model.path))
    onnx.helper.set_model_props(file, {KEY: Card(tuple(PixelClass(name) for name in "abc")).to_json()})
    onnx.save(file, str(model.path))
    with pytest.raises(Problem, match="differ"):
        deep_segment(halves((64, 64)), load_model(model.path), context=Context())


def reformed(path: Path, form: str) -> Model:
    """The model of ``write_model`` in another form, with the same answers."""
    file = onnx.load(str(write_model(path, kernel=1).path))
    graph, (inside, outside) = file.graph, ("picture", "scores")
    given, made = ["n", 1, "h", "w"], ["n", 2, "h", "w"]
    kind = TensorProto.FLOAT
    if form == "channels last":
        given, made = ["n", "h", "w", 1], ["n", "h", "w", 2]
        graph.node.insert(0, helper.make_node("Transpose", ["given"], ["picture"], perm=[0, 3, 1, 2]))
        graph.node.append(helper.make_node("Transpose", ["scores"], ["made"], perm=[0, 2, 3, 1]))
        inside, outside = "given", "made"
    elif form == "half floats":
        kind = TensorProto.FLOAT16
        graph.node.insert(0, helper.make_node("Cast", ["given"], ["picture"], to=TensorProto.FLOAT))
        inside = "given"
    elif form == "four at a time":
        given, made = [4, 1, 48, "w"], [4, 2, 48, "w"]
    del graph.input[:], graph.output[:]
    graph.input.append(helper.make_tensor_value_info(inside, kind, given))
    graph.output.append(helper.make_tensor_value_info(outside, TensorProto.FLOAT, made))
    onnx.save(file, str(path))
    return load_model(path)


@pytest.mark.parametrize("processor", ["CPU", "automatic"])
@pytest.mark.parametrize("form", ["channels last", "half floats", "four at a time"])
def test_models_of_every_form_give_the_same(form: str, processor: str, tmp_path: Path) -> None:
    picture = halves((100, 140))
    found = deep_segment(picture, reformed(tmp_path / "m.onnx", form), processor=processor, context=Context())
    assert np.array_equal(found.classes.pixels == 1, picture.pixels > 0)


def test_a_model_that_fails_on_a_tile_says_so_in_a_sentence(tmp_path: Path) -> None:
    node = helper.make_node("Add", ["picture", "places"], ["out"])
    model = made_of(tmp_path / "m.onnx", node, planes=1, places=np.zeros((1, 1, 96, 96)))
    with pytest.raises(
        Problem, match=r"fails on a tile of 128 × 128 px \(.*Attempting to broadcast .*\); choose tiles"
    ):
        deep_segment(halves((100, 110)), model, processor="CPU", context=Context())


@pytest.mark.parametrize("keepdims", [0, 1])
def test_class_numbers_in_whole_numbers_are_classes(tmp_path: Path, keepdims: int) -> None:
    path = write_model(tmp_path / "numbers.onnx").path
    file = onnx.load(str(path))
    file.graph.node.append(helper.make_node("ArgMax", ["scores"], ["numbers"], axis=1, keepdims=keepdims))
    del file.graph.output[:]
    file.graph.output.append(helper.make_tensor_value_info("numbers", TensorProto.INT64, None))
    onnx.save(file, str(path))
    picture = halves((64, 64))
    found = deep_segment(picture, load_model(path), processor="CPU", context=Context())
    wanted = deep_segment(picture, write_model(tmp_path / "scores.onnx"), processor="CPU", context=Context())
    assert (found.classes.pixels == wanted.classes.pixels).all()
    assert [item.name for item in found.classes.classes] == ["class 0", "class 1"]


def test_more_classes_than_can_be_told_apart_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="gives 255 planes, and at most 254"):
        model_card(write_model(tmp_path / "many.onnx", planes=255, kernel=1).path)
    assert len(model_card(write_model(tmp_path / "most.onnx", planes=254, kernel=1).path)[0]["classes"]) == 254


def made_of(path: Path, *nodes: onnx.NodeProto, planes: int, **weights: np.ndarray) -> Model:
    """A model for grey pictures of these nodes, with its numbers by name."""
    return load_model(save_model(path, nodes, weights, planes))


def bright_above(path: Path, level: float, slope: float) -> Model:
    """Two score planes: the second wins above this number of its input."""
    weights = np.array([-slope, slope]).reshape(2, 1, 1, 1)
    conv = helper.make_node("Conv", ["picture", "w", "b"], ["out"])
    return made_of(path, conv, planes=2, w=weights, b=np.array([slope * level, -slope * level]))


@pytest.mark.parametrize(
    ("levels", "threshold", "slope"),
    [
        ("0 to 1", 0.5, 20.0),
        ("0 to 255", 128.0, 0.1),
        ("as for ImageNet", (0.5 - 0.449) / 0.226, 5.0),
        ("mean 0, spread 1", 0.0, 5.0),
    ],
)
def test_a_model_is_given_the_grey_levels_that_it_takes(
    levels: str, threshold: float, slope: float, tmp_path: Path
) -> None:
    model = bright_above(tmp_path / "m.onnx", threshold, slope)
    found = deep_segment(halves((64, 80)), model, grey_levels=levels, processor="CPU", context=Context())
    assert (found.classes.pixels == (halves((64, 80)).pixels > 0)).all()
    assert not [note for note in found.classes.notes if "everywhere" in note.text]


def test_one_class_everywhere_is_remarked(tmp_path: Path) -> None:
    found = deep_segment(halves((64, 80)), bright_above(tmp_path / "m.onnx", 128, 0.1), context=Context())
    assert [note.text for note in found.classes.notes if "finds class 0 everywhere" in note.text]


def thirds() -> Image:
    return Image(np.repeat(np.array([0, 128, 255], np.uint8), 30)[None].repeat(64, axis=0))


@pytest.mark.parametrize("scores", [False, True])
def test_of_several_sigmoids_a_pixel_may_be_none(scores: bool, tmp_path: Path) -> None:
    last = ["scores"] if scores else ["Sigmoid"]
    nodes = [helper.make_node("Conv", ["picture", "w", "b"], ["out" if scores else "scores"])]
    nodes += [] if scores else [helper.make_node(last[0], ["scores"], ["out"])]
    weights = np.array([40.0, -40.0]).reshape(2, 1, 1, 1)  # the bright, the dark; what is grey is neither
    model = made_of(tmp_path / "m.onnx", *nodes, planes=2, w=weights, b=np.array([-30.0, 10.0]))
    asked = {"output": "sigmoid scores"} if scores else {}
    found = deep_segment(thirds(), model, processor="CPU", context=Context(), **asked)
    assert [item.name for item in found.classes.classes] == ["class 0", "class 1", "class 2"]
    assert found.classes.pixels[0].tolist() == [2] * 30 + [0] * 30 + [1] * 30
    assert np.allclose(found.probabilities.pixels.sum(axis=2), 1, atol=1e-5)


def test_class_numbers_in_floats_are_classes(tmp_path: Path) -> None:
    nodes = [helper.make_node("Mul", ["picture", "three"], ["wide"]), helper.make_node("Floor", ["wide"], ["out"])]
    model = made_of(tmp_path / "m.onnx", *nodes, planes=1, three=np.array([2.999]))
    found = deep_segment(thirds(), model, processor="CPU", context=Context())
    assert [item.name for item in found.classes.classes] == ["class 0", "class 1", "class 2"]
    assert found.classes.pixels[0].tolist() == [0] * 30 + [1] * 30 + [2] * 30
    with pytest.raises(Problem, match=r"gives class number 2, where 2 classes count to 1; .* 3 or more"):
        deep_segment(thirds(), model, output="class numbers", class_count=2, context=Context())


def test_planes_that_cannot_be_read_so_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="2 planes, one a class"):
        deep_segment(thirds(), write_model(tmp_path / "m.onnx"), output="class numbers", context=Context())
    with pytest.raises(Problem, match="one plane"):
        deep_segment(thirds(), write_model(tmp_path / "o.onnx", planes=1), output="scores", context=Context())
