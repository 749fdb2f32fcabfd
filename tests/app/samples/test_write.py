"""Samples as files: the pixel size travels in the metadata, and a seed is a file byte for byte."""

import cv2
import numpy as np
import pytest
import tifffile

from graingraph.app.samples import brass, titanium
from graingraph.app.samples.optics import Micrograph
from graingraph.app.samples.write import write_micrograph, write_samples, write_truth
from graingraph.engine.problem import Problem


def test_a_reader_finds_the_pixel_size(tmp_path):
    sample = brass.make(1, (128, 160), um_per_px=0.437)
    write_micrograph(tmp_path / "a.tif", sample)
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        page = file.pages[0]
        np.testing.assert_array_equal(page.asarray(), sample.pixels)
        over, under = page.tags["XResolution"].value
        assert page.tags["ResolutionUnit"].value == 3
        assert 1e4 * under / over == pytest.approx(0.437, rel=1e-6)


@pytest.mark.parametrize(
    "raster",
    [
        np.array([[True, False], [False, True]]),
        np.array([[0, 1], [1, 0]], np.uint8),
        np.array([[0, 70], [300, 65535]], np.int32),
    ],
)
def test_truth_is_stored_without_loss(tmp_path, raster):
    write_truth(tmp_path / "t.png", raster)
    stored = cv2.imread(str(tmp_path / "t.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(stored, raster * 255 if raster.dtype == bool else raster)


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for folder in ("a", "b"):
        paths = write_samples(tmp_path / folder, "brass", [2])
    assert [path.name for path in paths] == ["brass_002.tif"]
    names = sorted(str(path.relative_to(tmp_path / "a")) for path in (tmp_path / "a").rglob("*.*"))
    truths = ("boundaries", "grains", "twins")
    assert names == ["brass_002.tif", *(f"truth/{name}/brass_002.png" for name in truths)]
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in names)


def test_a_truth_table_becomes_comma_separated(tmp_path, monkeypatch):
    table = np.array([[1, 2, 0.25], [3, 1, 12345.5]])
    sample = Micrograph(np.zeros((4, 4), np.uint8), 1.0, {"overlap": table})
    monkeypatch.setattr(titanium, "make", lambda seed: sample)
    write_samples(tmp_path, "titanium", [1])
    np.testing.assert_array_equal(np.loadtxt(tmp_path / "truth/overlap/titanium_001.csv", delimiter=","), table)


def test_bad_calls_are_told_in_one_sentence(tmp_path, monkeypatch):
    with pytest.raises(Problem, match="choose one of bands, brass"):
        write_samples(tmp_path, "granite", [1])
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(titanium, "make", lambda seed: Micrograph(np.zeros((4, 4), np.uint8), 1.0))
    with pytest.raises(Problem, match="name another folder"):
        write_samples(tmp_path / "file", "titanium", [1])
