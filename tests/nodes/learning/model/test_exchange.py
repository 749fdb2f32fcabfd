"""Models travel: what other programs' own libraries check and read, and what comes back segments as before.

Oracles: ``bioimageio.core.test_model`` and ``czmodel``, where they are installed.
"""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from graingraph.app.cli.exchange_model import export_model, import_model
from graingraph.engine.problem import Problem
from graingraph.nodes.learning.model.backends import open_session
from graingraph.nodes.learning.model.bioimageio import import_bioimageio
from graingraph.nodes.learning.model.file import read_card
from tests.support.foreign_models import ACCEPTED, write
from tests.support.paths import GRAPHS

pytest.importorskip("onnx")
MODELS = sorted((GRAPHS / "models").glob("*.onnx"))
PICTURE = np.random.default_rng(1).random((1, 1, 512, 512), dtype=np.float32)


def applied(path: Path, picture: np.ndarray) -> np.ndarray:
    session = open_session(path)
    return session.run(None, {session.get_inputs()[0].name: picture})[0]


def archive(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return path


def description(**changes: Any) -> dict[str, Any]:
    axes = [{"type": "batch"}, {"type": "channel"}, {"type": "space", "id": "y"}, {"type": "space", "id": "x"}]
    return {"type": "model", "inputs": [{"axes": axes}], "weights": {"onnx": {"source": "w.onnx"}}} | changes


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem[:20])
def test_bioimageio_accepts_every_shipped_model_and_it_comes_back_as_it_was(model: Path, tmp_path: Path):
    export_model(model, tmp_path / "model.zip", "Ada", "CC-BY-4.0")
    import_model(tmp_path / "model.zip", tmp_path / "back.onnx")
    assert (tmp_path / "back.onnx").read_bytes() == model.read_bytes()
    with pytest.raises(Problem, match="is there already"):
        export_model(model, tmp_path / "model.zip", "Ada", "")


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem[:20])
def test_the_library_of_bioimageio_finds_nothing_wrong(model: Path, tmp_path: Path):
    core = pytest.importorskip("bioimageio.core")
    export_model(model, tmp_path / "model.zip", "Ada", "CC-BY-4.0")
    summary = core.test_model(tmp_path / "model.zip", weight_format="onnx")
    assert summary.status == "passed", [detail for detail in summary.details if detail.status != "passed"]


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem[:20])
def test_czann_is_read_by_the_library_of_its_makers_and_computes_the_same(model: Path, tmp_path: Path):
    export_model(model, tmp_path / "model.czann", "", "")
    card = read_card(model)
    picture = np.repeat(PICTURE, card.channels, axis=1)
    wanted = applied(model, picture)
    with zipfile.ZipFile(tmp_path / "model.czann") as file:
        assert sorted(file.namelist()) == ["model.json", "model.model"]
        facts = orjson.loads(file.read("model.json"))
        (tmp_path / "last.onnx").write_bytes(file.read("model.model"))
    assert facts["InputShape"] == [512, 512, card.channels]
    assert facts["OutputShape"] == [512, 512, len(card.classes)]
    last = applied(tmp_path / "last.onnx", np.moveaxis(picture, 1, 3).copy())
    assert np.array_equal(np.moveaxis(last, 3, 1), wanted)
    import_model(tmp_path / "model.czann", tmp_path / "back.onnx")
    for given in (
        picture,
        np.ascontiguousarray(picture[:, :, :96, :160]),
    ):  # in ZEN of one size only, here of any again
        assert np.array_equal(applied(tmp_path / "back.onnx", given), applied(model, given))
    assert read_card(tmp_path / "back.onnx") == card


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem[:20])
def test_czmodel_reads_back_what_was_written(model: Path, tmp_path: Path):
    extract = pytest.importorskip("czmodel.core.util._extract_model")
    export_model(model, tmp_path / "model.czann", "", "")
    (tmp_path / "out").mkdir()
    metadata, network = extract.extract_czann_model(str(tmp_path / "model.czann"), tmp_path / "out")
    card = read_card(model)
    assert metadata.classes == [item.name for item in card.classes]
    assert metadata.model_type.value == "MultiClassSemanticSegmentation"
    assert metadata.input_shape == [512, 512, card.channels]
    assert Path(network).name == "model.model"
    if card.um_per_px:
        assert metadata.scaling == pytest.approx((card.um_per_px / card.size_factor * 1e-6,) * 2)


def test_how_a_strange_model_is_meant_is_told(tmp_path: Path):
    facts = description()
    facts["inputs"][0]["preprocessing"] = [{"id": "zero_mean_unit_variance"}]
    parts = {"rdf.yaml": orjson.dumps(facts), "w.onnx": MODELS[0].read_bytes()}
    found = import_bioimageio(archive(tmp_path / "a.zip", parts))
    assert found.network == MODELS[0].read_bytes()
    assert "mean 0, spread 1" in found.advice[0]


def foreign_network() -> bytes:
    """A network of another program without a word on its classes: of a grey picture, two planes of probabilities."""
    from onnx import TensorProto, helper

    nodes = [
        helper.make_node("Concat", ["x", "x"], ["both"], axis=1),
        helper.make_node("Softmax", ["both"], ["y"], axis=1),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, "h", "w"])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2, "h", "w"])
    model = helper.make_model(helper.make_graph(nodes, "g", [x], [y]), opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return bytes(model.SerializeToString())


@pytest.mark.parametrize("names", [["matrix", "pore"], ["same", "same"], ["one", "two", "three", "four"], None])
def test_classes_of_another_program_keep_their_names(tmp_path: Path, names: list[str] | None):
    facts = description(outputs=[{"axes": [{"type": "batch"}, {"type": "channel", "channel_names": names}]}])
    parts = {"rdf.yaml": orjson.dumps(facts), "w.onnx": foreign_network()}
    import_model(archive(tmp_path / "a.zip", parts), tmp_path / "a.onnx")
    told = [item.name for item in read_card(tmp_path / "a.onnx").classes]
    assert told == (names if names == ["matrix", "pore"] else ["class 0", "class 1"])


def test_what_gives_smaller_maps_is_not_exported_as_if_they_were_whole(tmp_path: Path):
    model = write(ACCEPTED["a quarter"], tmp_path / "m.onnx")
    for name in ("m.zip", "m.czann"):
        with pytest.raises(Problem, match=r"m\.onnx gives maps that are smaller than the picture"):
            export_model(model, tmp_path / name, "Ada", "")


def test_weights_other_than_described_are_refused(tmp_path: Path):
    facts = description(weights={"onnx": {"source": "w.onnx", "sha256": "0" * 64}})
    path = archive(tmp_path / "a.zip", {"rdf.yaml": orjson.dumps(facts), "w.onnx": foreign_network()})
    with pytest.raises(Problem, match=r"weights in a\.zip are not those"):
        import_model(path, tmp_path / "a.onnx")


BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n".encode() for n in range(9)
)


@pytest.mark.parametrize(
    ("rdf", "reason"),
    [
        (BOMB, "more tangled than any"),
        (b"a: " + b"[" * 200 + b"]" * 200, "more tangled than any"),
        (b"!!python/object/apply:os.system ['touch harm']", "is damaged"),
        (b"\xff\xfe\x00", "is damaged"),
        (b"- 1", "describes no model"),
        (b"type: dataset", "describes no model"),
        (b"type: model", "no model with ONNX weights"),
        (b" " * 2_000_000, "larger than any"),
        (orjson.dumps(description(weights={"onnx": {"source": "https://host/w.onnx"}})), "from elsewhere"),
        (orjson.dumps(description(weights={"onnx": {"source": "../w.onnx"}})), "does not hold"),
        (orjson.dumps(description(inputs=[{"axes": "bczyx"}])), "takes other things"),
        (
            orjson.dumps(
                description(
                    inputs=[{"axes": "bcyx", "preprocessing": [{"name": "scale_linear", "kwargs": {"gain": "a lot"}}]}]
                )
            ),
            "no model with ONNX weights",
        ),
    ],
)
def test_a_description_that_would_do_harm_or_is_none_is_refused(tmp_path: Path, rdf: bytes, reason: str):
    path = archive(tmp_path / "a.zip", {"rdf.yaml": rdf, "w.onnx": MODELS[0].read_bytes()})
    with pytest.raises(Problem, match=reason):
        import_model(path, tmp_path / "out.onnx")
    assert not (tmp_path / "out.onnx").exists()


def test_archives_that_are_none_or_hold_no_segmentation_are_refused(tmp_path: Path):
    (tmp_path / "a.zip").write_bytes(b"no zip")
    with pytest.raises(Problem, match="damaged or is no zip"):
        import_model(tmp_path / "a.zip", tmp_path / "out.onnx")
    path = archive(tmp_path / "a.czann", {"model.json": b'{"Type": "Regression"}', "model.model": b"x"})
    with pytest.raises(Problem, match="a model for Regression"):
        import_model(path, tmp_path / "out.onnx")
    facts = b'{"Type": "MultiClassSemanticSegmentation"}'
    path = archive(tmp_path / "b.czann", {"model.json": facts, "model.model": b"x"})
    with pytest.raises(Problem, match="no ONNX model"):
        import_model(path, tmp_path / "out.onnx")
    bomb = io.BytesIO(bytes(50_000_000)).getvalue()
    path = archive(tmp_path / "c.zip", {"rdf.yaml": orjson.dumps(description()), "w.onnx": bomb})
    with pytest.raises(Problem, match="larger than any"):
        import_model(path, tmp_path / "out.onnx")
    with pytest.raises(Problem, match="no archive of a model"):
        import_model(tmp_path / "a.tar", tmp_path / "out.onnx")
