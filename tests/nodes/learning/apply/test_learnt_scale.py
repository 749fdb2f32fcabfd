"""A network sees an image at the pixel size that it learnt at.

Oracle: the same scene photographed at half, the same and twice the magnification measures the same.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("torch")
tifffile = pytest.importorskip("tifffile")

from graingraph.engine.batch.from_python import run  # noqa: E402
from graingraph.engine.values import Scale  # noqa: E402
from graingraph.nodes.learning.apply.learnt_scale import common_pixel_size, to_learnt_size  # noqa: E402
from graingraph.nodes.learning.model.file import read_card  # noqa: E402
from graingraph.nodes.learning.model.rewriting import write_card  # noqa: E402
from graingraph.nodes.learning.train.gather import make_samples  # noqa: E402
from tests.support.paths import ASSETS, GRAPHS  # noqa: E402
from tests.support.pictures import discs  # noqa: E402


@pytest.fixture
def brass_model(tmp_path: Path) -> Path:
    """The shipped model of brass, which knows that it learnt at 2 µm a pixel."""
    (shipped,) = (GRAPHS / "models").glob("grain_boundary*.onnx")
    path = Path(shutil.copyfile(shipped, tmp_path / "brass.onnx"))
    write_card(path, replace(read_card(path), um_per_px=2.0))
    return path


def measured(pixels: np.ndarray, um_per_px: float, model: Path, **settings: object) -> tuple[float, int]:
    """Mean diameter in µm and number of whole grains."""
    asked = {"segment.model": model} | {f"segment.{name}": value for name, value in settings.items()}
    results = run(GRAPHS / "twinned_brass.graingraph.json", {"a": pixels}, asked, um_per_px=um_per_px)
    table = results.table("measure_diameter")
    return table["Equivalent diameter (µm)"].mean(), len(table)


@pytest.mark.slow
def test_the_same_scene_measures_the_same_at_half_and_twice_the_magnification(brass_model: Path) -> None:
    pixels = tifffile.imread(ASSETS / "brass" / "brass_002.tif")[:512, :768]
    coarse = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    fine = cv2.resize(pixels, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    wanted, count = measured(pixels, 2.0, brass_model, match_scale=True)
    for image, size in ((coarse, 4.0), (fine, 1.0)):
        mean, found = measured(image, size, brass_model, match_scale=True)
        assert mean == pytest.approx(wanted, rel=0.02)
        assert found == count
    off, _ = measured(coarse, 4.0, brass_model, match_scale=False)
    assert off != pytest.approx(wanted, rel=0.05)


@pytest.mark.parametrize(
    ("size", "learnt", "factor", "said"),
    [
        (2.0, 1.0, 2.0, "saw it 2 times as large"),
        (0.5, 1.0, 0.5, "saw it 0.5 times as large"),
        (1.01, 1.0, 1.0, ""),
        (None, None, 1.0, ""),
        (None, 1.0, 1.0, "of this image is unknown"),
        (1.0, None, 1.0, "of the training images is unknown"),
        (100.0, 1.0, 1.0, "too far apart"),
    ],
)
def test_what_is_done_is_said(size: float | None, learnt: float | None, factor: float, said: str) -> None:
    found, notes = to_learnt_size(Scale(size) if size else None, learnt)
    assert found == pytest.approx(factor)
    assert len(notes) == bool(said)
    assert all(said in note.text for note in notes)
    assert all((note.kind == "not reportable") == ("too far" in said) for note in notes)


def test_pixels_that_are_not_square_have_no_size_to_bring_them_to() -> None:
    assert to_learnt_size(Scale(1.0, y=2.0), 1.0)[0] == 1.0
    assert common_pixel_size([Scale(1.0), Scale(1.0, y=2.0)]) is None


def test_training_images_of_several_magnifications_are_learnt_at_one() -> None:
    image, truth = discs(1)
    fine = [cv2.resize(item.pixels, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST) for item in (image, truth)]
    traced = {
        "a": (replace(image, scale=Scale(1.0)), truth),
        "b": (replace(image, scale=Scale(1.0)), truth),
        "c": (replace(image, pixels=fine[0], scale=Scale(0.5)), replace(truth, pixels=fine[1])),
    }
    assert common_pixel_size(item.scale for item, _ in traced.values()) == 1.0
    samples, _, _ = make_samples(traced, 0.5)
    assert [sample.labels.shape for sample in samples] == [(48, 64)] * 3
    unknown = {**traced, "b": (image, truth)}
    assert make_samples(unknown, 0.5)[0][2].labels.shape == (96, 128)
