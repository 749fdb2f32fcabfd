"""A pretrained encoder is taken from a checkpoint as it is, learns on, is exported; anything else is refused."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from graingraph.engine.declare.injected import Context  # noqa: E402
from graingraph.engine.declare.models import ModelFolders, reference  # noqa: E402 - after the checks for what training needs
from graingraph.engine.problem import Problem  # noqa: E402
from graingraph.nodes.learn.deep_segment import deep_segment  # noqa: E402
from graingraph.nodes.learn.train import train  # noqa: E402
from graingraph.nodes.learning.train import training  # noqa: E402
from graingraph.nodes.learning.train.encoder import Encoder, EncoderUNet, read_encoder  # noqa: E402
from tests.support.pictures import discs, image_set  # noqa: E402


def checkpoint(path: Path, *, bottleneck: bool = False, prefix: str = "") -> Path:
    """A ResNet as published: with a last stage and a classifier that are not used here."""
    torch.manual_seed(3)
    weights = Encoder((1, 2, 1), bottleneck).state_dict()
    more = {"layer4.0.conv1.weight": torch.zeros(8, 8, 3, 3), "fc.weight": torch.zeros(1000, 512)}
    torch.save({"epoch": 7, "state_dict": {f"{prefix}{k}": v for k, v in {**weights, **more}.items()}}, path)
    return path


@pytest.mark.parametrize("bottleneck", [False, True])
@pytest.mark.parametrize("prefix", ["", "module.", "encoder."])
def test_the_weights_of_a_checkpoint_are_taken_as_they_are(tmp_path: Path, bottleneck: bool, prefix: str) -> None:
    found = read_encoder(checkpoint(tmp_path / "resnet.pth", bottleneck=bottleneck, prefix=prefix))
    torch.manual_seed(3)
    wanted = Encoder((1, 2, 1), bottleneck).state_dict()
    assert all(torch.equal(value, wanted[name]) for name, value in found.state_dict().items())
    assert found.widths == ([64, 256, 512, 1024] if bottleneck else [64, 64, 128, 256])


@pytest.mark.parametrize("channels", [1, 3])
def test_the_levels_halve_and_the_scores_have_the_size_of_the_picture(channels: int) -> None:
    network = EncoderUNet(channels, 3, Encoder((1, 1, 1), bottleneck=True)).eval()
    levels = network.encoder(torch.zeros(1, 3, 64, 96))
    assert [tuple(level.shape[2:]) for level in levels] == [(32, 48), (16, 24), (8, 12), (4, 6)]
    assert network(torch.rand(2, channels, 64, 96)).shape == (2, 3, 64, 96)


def test_the_encoder_has_the_weights_of_a_resnet_34_by_name_and_number() -> None:
    weights = Encoder((3, 4, 6), bottleneck=False).state_dict()
    assert weights["layer2.0.downsample.0.weight"].shape == (128, 64, 1, 1)
    assert weights["layer3.5.conv2.weight"].shape == (256, 256, 3, 3)
    learnt = sum(v.numel() for k, v in weights.items() if "running" not in k and "num_batches" not in k)
    assert learnt == 8_170_304  # of torchvision's 21 797 672, less 13 114 368 of layer4 and 513 000 of the classifier


def test_a_training_starts_from_an_encoder_and_its_model_is_applied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.set_num_threads(1)
    monkeypatch.setattr(training, "EPOCH_STEPS", 4)
    chosen = reference(checkpoint(tmp_path / "resnet.pth"))
    settings = {"size_factor": 1.0, "tile_grid": 2, "epochs": 6, "processor": "CPU", "held_out": 0}
    pairs = image_set([discs(1), discs(2)])
    folders = ModelFolders((tmp_path, tmp_path / "models"))
    context = Context(models=tmp_path / "models", model_folders=folders)
    model = train(*pairs, **settings, encoder=chosen, context=context)
    image, truth = discs(9)
    found = deep_segment(image, model, processor="CPU", context=Context())
    assert np.mean(found.classes.pixels == truth.pixels) > 0.9
    with pytest.raises(Problem, match=r"pretrained \(resnet\.pth\)"):
        train(*pairs, **settings, start_from=reference(model.path), context=context)


class Intruder:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("1 + 1",)


@pytest.mark.parametrize(
    "content",
    [{"anything": torch.zeros(3)}, [1, 2], {"state_dict": 5}, {"layer1.0.conv1.weight": torch.zeros(1)}, Intruder()],
)
def test_what_is_no_encoder_is_refused_and_runs_no_code(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "odd.pth")
    with pytest.raises(Problem, match=r"odd\.pth"):
        read_encoder(tmp_path / "odd.pth")


def test_a_file_that_torch_cannot_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.pth").write_bytes(b"no checkpoint")
    with pytest.raises(Problem, match="read safely"):
        read_encoder(tmp_path / "odd.pth")
