import struct

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow

from graingraph.engine.declare.injected import Source
from graingraph.engine.images.files import content_hash
from graingraph.nodes.input.load import load
from graingraph.nodes.reading.pixel_size import micrometres, resolution_size
from graingraph.nodes.reading.read_image import read_header

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
    ("cm", 40000, 0.25), ("pixel", 4, None), ("inch", 72, None), ("inch", 101600, 0.25), ("cm", 118.11, None),
    ("nanometer", 0.004, 0.25), ("millimeter", 4000, 0.25), ("meter", 4e6, 0.25), ("A", 4e-4, 0.25),
    ("microns", 4, 0.25), ("&#181;m", 4, 0.25), ("\\u03bcm", 4, 0.25),
    ("inches", 300, None), ("sec", 4, None), ("micrometers", 4, 0.25),
])  # fmt: skip
def test_imagej(tmp_path, unit, per_unit, expected):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, PIXELS, imagej=True, resolution=(per_unit, per_unit), metadata={"unit": unit})
    assert scale_of(path) == (expected and pytest.approx(expected, rel=1e-5))


def test_imagej_with_pixels_that_are_not_square(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", PIXELS, imagej=True, resolution=(4, 2), metadata={"unit": "micron"})
    scale = read_header(tmp_path / "a.tif").scale
    assert (scale.x, scale.y) == (0.25, 0.5)


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
    ("AP_PIXEL_SIZE\r\nPixel Size = 9.3 nm", 0.0093 * 1024 / 30),
])  # fmt: skip
def test_zeiss(tmp_path, line, expected):
    text = f"0\r\n0\r\n0\r\nDP_ZOOM\r\nZoom = Off\r\n{line}\r\n".encode("latin-1")
    path = tiff(tmp_path / "a.tif", extratags=[(34118, "s", 0, text, True)])
    assert scale_of(path) == pytest.approx(expected)


def tagged(path, *tags, pages=1, **options):
    """A TIFF of so many pages, the last with these tags: code, and a text, bytes, or a number."""
    with tifffile.TiffWriter(path) as out:
        for number in range(pages):
            extra = []
            for code, value in tags if number == pages - 1 else ():
                if isinstance(value, str):
                    extra.append((code, "s", 0, value.encode(), True))
                elif isinstance(value, bytes):
                    extra.append((code, "B", len(value), value, True))
                else:
                    extra.append((code, "d", 1, value, True))
            out.write(PIXELS, photometric="minisblack", metadata=None, extratags=extra, **options)
    return path


ZEISS = "0\r\n0\r\n0\r\n{screen}\r\n0\r\nDP_ZOOM\r\nZoom = Off\r\n{lines}\r\n"


@pytest.mark.parametrize(("lines", "expected"), [
    ("AP_PIXEL_SIZE\r\nPixel Size = 5.825 nm\r\nAP_WIDTH\r\nWidth = 30.6 µm", 1.02),
    ("AP_PIXEL_SIZE\r\nPixel Size = 5.825 nm", 5.825e-3 * 1024 / 30),
    ("AP_MAG\r\nMag = 50.00 K X", 2e-3 * 1024 / 30),
    ("AP_IMAGE_PIXEL_SIZE\r\nImage Pixel Size = 1.02 µm\r\nAP_WIDTH\r\nWidth = 30.6 µm", 1.02),
    ("AP_IMAGE_PIXEL_SIZE\r\nImage Pixel Size = 1.02 µm\r\nAP_WIDTH\r\nWidth = 61.2 µm", None),
])  # fmt: skip
def test_zeiss_tells_two_pixel_sizes_of_which_one_is_the_screens(tmp_path, lines, expected):
    text = ZEISS.format(screen="2e-9", lines=lines).encode("latin-1")
    path = tiff(tmp_path / "a.tif", extratags=[(34118, "s", 0, text, True)])
    assert scale_of(path) == (expected and pytest.approx(expected, rel=1e-6))


def fei(*lines):
    return "\r\n".join(lines) + "\r\n"


PHENOM = '<?xml version="1.0"?><FeiImage><pixelWidth unit="nm">100</pixelWidth>{}</FeiImage>'
THERMO = (
    "<Metadata xmlns='urn:x'><BinaryResult><PixelSize><X unit='m'>1e-07</X><Y unit='m'>{}</Y></PixelSize>"
    "</BinaryResult></Metadata>"
)
NIS = '<variant><no_name><dCalibration runtype="double" value="0.1"/></no_name></variant>'
LEXT = (
    "<TiffTagDescData><HeightInfo><HeightDataPerPixelX>100000</HeightDataPerPixelX>"
    "<HeightDataPerPixelY>{}</HeightDataPerPixelY></HeightInfo></TiffTagDescData>"
)
SCN = (
    '<scn xmlns="urn:l"><collection><image><pixels><dimension sizeX="30" sizeY="20" ifd="0"/></pixels>'
    '<view sizeX="3000" sizeY="{}"/></image></collection></scn>'
)
ZEN = (
    '<ImageMetadata><Scaling><Items><Distance Id="X"><Value>1E-07</Value></Distance><Distance Id="Y">'
    "<Value>{}</Value></Distance></Items></Scaling></ImageMetadata>"
)
LEICA = (
    '<Data><DimensionDescription DimID="1" NumberOfElements="30" Length="2.9e-06" Unit="m"/>'
    '<DimensionDescription DimID="2" NumberOfElements="20" Length="{}" Unit="m"/></Data>'
)
META = (
    '<MetaData><prop id="spatial-calibration-x" value="0.1"/>'
    '<prop id="spatial-calibration-y" value="{}"/><prop id="spatial-calibration-units" value="um"/>'
    "</MetaData>"
)


@pytest.mark.parametrize(("tags", "x", "y"), [
    ([(34682, fei("[Scan]", "PixelWidth=1e-7", "PixelHeight=2e-7"))], 0.1, 0.2),
    ([(34682, fei("[Beam]", "Scan=EScan", "[IScan]", "PixelWidth=9e-7", "[EScan]", "PixelWidth=1e-7"))], 0.1, 0.1),
    ([(34682, fei("[EScan]", "HorFieldsize=3e-6", "VerFieldsize=1.8e-6"))], 0.1, 0.1),  # a data bar below
    ([(34682, fei("[EScan]", "HorFieldsize=3e-6", "VerFieldsize=3e-6"))], 0.1, 0.15),  # a tilted scan
    ([(34682, fei("[EBeam]", "HFW=3e-6"))], 0.1, 0.1),
    ([(34683, PHENOM.format('<pixelHeight unit="nm">200</pixelHeight>'))], 0.1, 0.2),
    ([(34683, THERMO.format("1e-07"))], 0.1, 0.1),
    ([(34683, THERMO.format("2e-07"))], 0.1, 0.2),
    ([(50431, b"\0\0[MAIN]\nDevice=TESCAN\nPixelSizeX=1e-07\nPixelSizeY=2e-07\n")], 0.1, 0.2),
    ([(65003, "nm"), (65004, "nm"), (65009, 100.0), (65010, 100.0)], 0.1, 0.1),
    ([(65003, "\u00b5m"), (65004, "\u00b5m"), (65009, 0.1), (65010, 0.2)], 0.1, 0.2),
    ([(65003, "1/nm"), (65004, "1/nm"), (65009, 0.1), (65010, 0.1)], None, None),  # a diffraction pattern
    ([(65332, NIS)], 0.1, 0.1),
    ([(65330, NIS.encode())], 0.1, 0.1),
    ([(65326, 0.1)], 0.1, 0.1),
    ([(270, LEXT.format(100000))], 0.1, 0.1),
    ([(270, LEXT.format(200000))], 0.1, 0.2),
    ([(270, SCN.format(2000))], 0.1, 0.1),
    ([(270, ZEN.format("1E-07"))], 0.1, 0.1),
    ([(270, ZEN.format("2E-07"))], 0.1, 0.2),
    ([(270, LEICA.format("1.9e-06"))], 0.1, 0.1),
    ([(270, META.format("0.1"))], 0.1, 0.1),
    ([(270, "Aperio Image Library v12\r\n30x20 |AppMag = 20|MPP = 0.1000|Left = 1")], 0.1, 0.1),
    ([(270, "<!DOCTYPE a [<!ENTITY b 'c'>]>" + ZEN.format("1E-07"))], None, None),
    ([(34683, "<FeiImage><pixelWidth unit='nm'>")], None, None),
])  # fmt: skip
def test_tags_of_makers(tmp_path, tags, x, y):
    scale = read_header(tagged(tmp_path / "a.tif", *tags, resolution=(72, 72), resolutionunit=2)).scale
    assert (scale and (scale.x, scale.y)) == (x and pytest.approx((x, y), rel=1e-6))


def test_what_another_page_says_holds_for_pages_as_large(tmp_path):
    sis = b"SIS0" + bytes(6) + struct.pack("<5h", 0, 0, 1, 1, 120) + bytes(6) + bytes(32) + struct.pack("<H", 1)
    path = tmp_path / "a.tif"
    tagged(path, (33560, sis + struct.pack("<hhI", 1, 1, 0) + bytes(120)), pages=2)
    data = bytearray(path.read_bytes())
    at = data.index(b"SIS0")
    struct.pack_into("<I", data, at + len(sis) + 4, at + len(sis) + 8)
    struct.pack_into("<10xhdd", data, at + len(sis) + 8, -6, 0.1, 0.2)
    path.write_bytes(data)
    for page in (1, 2):
        scale = read_header(path, page).scale
        assert (scale.x, scale.y) == pytest.approx((0.1, 0.2))


OME = '<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">{}</OME>'


def pixels(ifd, size, attributes, number=0):
    data = f'<TiffData IFD="{ifd}" PlaneCount="1"/>' if ifd is not None else "<TiffData/>"
    return (
        f'<Image ID="Image:{number}"><Pixels DimensionOrder="XYCZT" Type="uint16" SizeX="{size[0]}" SizeY="{size[1]}"'
        f' SizeC="1" SizeZ="1" SizeT="1" {attributes}>{data}</Pixels></Image>'
    )


@pytest.mark.parametrize(("attributes", "x", "y"), [
    ('PhysicalSizeX="0.5" PhysicalSizeY="0.5"', 0.5, 0.5),
    ("PhysicalSizeX='500' PhysicalSizeXUnit='nm' PhysicalSizeY='0.5'", 0.5, 0.5),
    ('PhysicalSizeX="0.5" PhysicalSizeXUnit="&#181;m" PhysicalSizeY="1" PhysicalSizeYUnit="&#xB5;m"', 0.5, 1.0),
    ('PhysicalSizeX="0.5"', 0.5, 0.5),
    ('PhysicalSizeX="0.5" PhysicalSizeXUnit="&micro;m"', 0.5, 0.5),
    ('PhysicalSizeX="5000" PhysicalSizeXUnit="&Aring;"', 0.5, 0.5),
    ('PhysicalSizeX="1.0" PhysicalSizeY="1.0" PhysicalSizeZ="1.0"', None, None),
    ('PhysicalSizeX="1.0" PhysicalSizeY="1.0" PhysicalSizeZ="2.0"', 1.0, 1.0),
    ('PhysicalSizeX="1.0" PhysicalSizeXUnit="pixel" PhysicalSizeY="1.0" PhysicalSizeYUnit="pixel"', None, None),
    ('PhysicalSizeX="0" PhysicalSizeY="0"', None, None),
    ("", None, None),
])  # fmt: skip
def test_ome_as_written_by_any_program(tmp_path, attributes, x, y):
    text = OME.format(pixels(0, (30, 20), attributes))
    scale = read_header(tagged(tmp_path / "a.tif", (270, text))).scale
    assert (scale and (scale.x, scale.y)) == (x and pytest.approx((x, y)))


def test_ome_with_several_images_each_has_its_own(tmp_path):
    sizes = ((30, 20), 'PhysicalSizeX="8"'), ((30, 20), 'PhysicalSizeX="0.5"'), ((99, 99), 'PhysicalSizeX="3"')
    placed = "".join(pixels(i, size, text, i) for i, (size, text) in enumerate(sizes))
    with tifffile.TiffWriter(tmp_path / "a.tif") as out:
        for i in range(3):
            extra = [(270, "s", 0, OME.format(placed), True)] if not i else []
            out.write(PIXELS, photometric="minisblack", metadata=None, extratags=extra)
    found = [read_header(tmp_path / "a.tif", page).scale for page in (1, 2, 3)]
    assert [scale and scale.x for scale in found] == [8, 0.5, None]  # the third is told to have another size
    overview_first = OME.format(
        pixels(None, (99, 99), 'PhysicalSizeX="8"') + pixels(None, (30, 20), 'PhysicalSizeX="2"', 1)
    )
    assert scale_of(tagged(tmp_path / "b.tif", (270, overview_first))) == 2


@pytest.mark.parametrize(("name", "text", "expected"), [
    ("a.txt", "[SemImageFile]\r\nInstructName=SU5000\r\nPixelSize=100\r\nDataSize=30x20\r\n", 0.1),
    ("a.txt", "\ufeff[SemImageFile]\r\nPixelSize=100.0\r\n", 0.1),
    ("a.txt", "[SemImageFile]\r\nPixelSize=100\r\nDataSize=60x40\r\n", None),  # of a larger picture
    ("a.tif.txt", "[SemImageFile]\r\nPixelSize=100\r\n", 0.1),
    ("a.hdr", "[MAIN]\nDevice=VEGA3 TESCAN\nPixelSizeX=1e-07\nPixelSizeY=1e-07\n", 0.1),
    ("a-tif.hdr", "[MAIN]\nPixelSizeX=1e-07\nPixelSizeY=1e-07\n", 0.1),
    ("a_metadata.xml", ZEN.format("1E-07"), 0.1),
    ("a.tif_metadata.xml", ZEN.format("1E-07"), 0.1),
    ("a.xml", LEICA.format("1.9e-06"), 0.1),
    ("a.xml", "<a>", None),
    ("a.txt", "$CM_FULL_SIZE 60 40\n$$SM_MICRON_BAR 100\n$$SM_MICRON_MARKER 10um\n", None),
])  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_texts_beside_the_image(tmp_path, name, text, expected, encoding):
    path = tiff(tmp_path / "a.tif", resolution=(96, 96))
    before = content_hash(path)
    (tmp_path / name).write_text(text, encoding)
    assert scale_of(path) == (expected and pytest.approx(expected))
    assert content_hash(path) != before


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
    assert resolution_size(float("nan"), float("nan"), 1e4) is None
    assert resolution_size(float("inf"), float("inf"), 1e4) is None
    assert micrometres("wide", "nm") is None
    assert micrometres(5, "parsec") is None


def test_a_size_that_no_pixel_can_have_is_said_and_not_used(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, PIXELS, imagej=True, resolution=(4000, 4000), metadata={"unit": "A"})
    image = load(source=Source("a.tif", "hash", path))
    assert image.scale is None
    assert "2.5e-08 × 2.5e-08 µm, which cannot be" in image.notes[0].text
