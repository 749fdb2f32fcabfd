import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow

from graingraph.engine.declare.injected import Source
from graingraph.nodes.imaging.reading.pixel_size import micrometres, resolution_scale
from graingraph.nodes.imaging.reading.read_image import read_header
from graingraph.nodes.input.load import load

PIXELS = np.arange(600, dtype=np.uint16).reshape(20, 30)


def scale_of(path):
    scale = load(source=Source(path.name, "hash", path)).scale
    header = read_header(path)
    assert header.scale == scale
    assert (header.width, header.height) == (30, 20)
    assert scale is None or scale.origin == "file metadata"
    return scale and scale.um_per_px


def tiff(path, **options):
    tifffile.imwrite(path, PIXELS, photometric="minisblack", metadata=None, **options)
    return path


@pytest.mark.parametrize(("resolution", "unit", "expected"), [
    ((44404.97, 44404.97), "CENTIMETER", 0.2252),
    ((112788.6, 112788.6), "INCH", 0.2252),
    ((254, 254), "CENTIMETER", 39.370079),
])  # fmt: skip
def test_resolution_tags_of_a_microscope(tmp_path, resolution, unit, expected):
    assert scale_of(tiff(tmp_path / "a.tif", resolution=resolution, resolutionunit=unit)) == pytest.approx(
        expected, rel=1e-4
    )


@pytest.mark.parametrize(("resolution", "unit"), [
    ((72, 72), "INCH"), ((96, 96), "INCH"), ((300, 300), "INCH"), ((1, 1), "INCH"), ((600, 600), "INCH"),
    ((118.11, 118.11), "CENTIMETER"), ((28.35, 28.35), "CENTIMETER"), ((44404.97, 44404.97), "NONE"),
    ((44404.97, 22202.5), "CENTIMETER"), ((0, 0), "CENTIMETER"),
])  # fmt: skip
def test_print_and_screen_resolutions_are_no_pixel_size(tmp_path, resolution, unit):
    assert scale_of(tiff(tmp_path / "a.tif", resolution=resolution, resolutionunit=unit)) is None


@pytest.mark.parametrize(("unit", "per_unit", "expected"), [
    ("micron", 4, 0.25), ("um", 4, 0.25), ("\\u00B5m", 4, 0.25), ("nm", 0.05, 0.02), ("mm", 4000, 0.25),
    ("cm", 40000, 0.25), ("pixel", 4, None), ("inch", 72, None),
])  # fmt: skip
def test_imagej(tmp_path, unit, per_unit, expected):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, PIXELS, imagej=True, resolution=(per_unit, per_unit), metadata={"unit": unit})
    assert scale_of(path) == (expected and pytest.approx(expected, rel=1e-5))


def test_ome(tmp_path):
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(path, PIXELS, metadata={"axes": "YX", "PhysicalSizeX": 125.0, "PhysicalSizeXUnit": "nm"})
    assert scale_of(path) == pytest.approx(0.125)


@pytest.mark.parametrize("tag", [34682, 34680])
def test_fei_goes_before_the_resolution_tags(tmp_path, tag):
    text = b"[User]\r\nDate=01/02/2026\r\n[Scan]\r\nPixelWidth=3.37143e-009\r\nPixelHeight=3.37143e-009\r\n\0"
    path = tiff(tmp_path / "a.tif", extratags=[(tag, "s", 0, text, True)], resolution=(10000, 10000), resolutionunit=3)
    assert scale_of(path) == pytest.approx(3.37143e-3)


@pytest.mark.parametrize(("line", "expected"), [
    ("AP_IMAGE_PIXEL_SIZE\r\nImage Pixel Size = 111.6 nm", 0.1116),
    ("AP_IMAGE_PIXEL_SIZE\r\nImage Pixel Size = 1.116 \xb5m", 1.116),
    ("AP_PIXEL_SIZE\r\nPixel Size = 9.3 nm", 0.0093),
])  # fmt: skip
def test_zeiss(tmp_path, line, expected):
    text = f"0\r\n0\r\n0\r\nDP_ZOOM\r\nZoom = Off\r\n{line}\r\n".encode("latin-1")
    path = tiff(tmp_path / "a.tif", extratags=[(34118, "s", 0, text, True)])
    assert scale_of(path) == pytest.approx(expected)


def test_jeol_sem_text_beside_the_image(tmp_path):
    path = tiff(tmp_path / "a.tif", resolution=(96, 96))
    (tmp_path / "a.txt").write_text("$SEM_DATA_VERSION 1\n$CM_MAG 1000\n$$SM_MICRON_BAR 130\n$$SM_MICRON_MARKER 10um\n")
    assert scale_of(path) == pytest.approx(10 / 130)
    (tmp_path / "a.txt").write_text("notes of the operator")
    assert scale_of(path) is None


def test_jeol_tem_magnification(tmp_path):
    text = "<TemReporter><ModeString>MAG</ModeString><SelectorValue>50000</SelectorValue></TemReporter>"
    tags = [(270, "s", 0, text, True), (271, "s", 0, "JEOL Ltd.", True)]
    path = tiff(tmp_path / "a.tif", extratags=tags, resolution=(1000, 1000), resolutionunit=3)
    assert scale_of(path) == pytest.approx(10 / 50_000)


@pytest.mark.parametrize("suffix", ["png", "bmp", "jpg"])
def test_plain_files_tell_a_scale_only_with_an_unusual_resolution(tmp_path, suffix):
    picture = Pillow.fromarray(PIXELS.astype(np.uint8))
    for dpi in (72, 96, 300):
        picture.save(tmp_path / f"a.{suffix}", dpi=(dpi, dpi))
        assert scale_of(tmp_path / f"a.{suffix}") is None
    picture.save(tmp_path / f"a.{suffix}", dpi=(50_000, 50_000))
    assert scale_of(tmp_path / f"a.{suffix}") == pytest.approx(25_400 / 50_000, rel=1e-3)


def test_nonsense_is_no_scale():
    assert resolution_scale(float("nan"), float("nan"), 1e4) is None
    assert resolution_scale(float("inf"), float("inf"), 1e4) is None
    assert micrometres("wide", "nm") is None
    assert micrometres(5, "parsec") is None
