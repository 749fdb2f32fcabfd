import struct

import cv2
import numpy as np
import pytest
import tifffile

from graingraph.engine.declare.injected import Source
from graingraph.engine.problem import Problem
from graingraph.nodes.input.load import load
from graingraph.nodes.reading.read_image import read_header
from graingraph.nodes.segment.threshold import threshold

RNG = np.random.default_rng(7)
GREY8 = RNG.integers(0, 256, (40, 60), np.uint8)
GREY16 = RNG.integers(0, 65536, (40, 60), np.uint16)
RGB8 = RNG.integers(0, 256, (40, 60, 3), np.uint8)
RGB16 = RNG.integers(0, 65536, (40, 60, 3), np.uint16)
FLOAT = RNG.normal(3, 2, (40, 60)).astype(np.float32)


def open_file(path, **settings):
    return load(source=Source(path.name, "hash", path), **settings)


def open_array(pixels, **settings):
    return load(source=Source("array", "hash", pixels=pixels), **settings)


def write_cv2(path, rgb):
    order = {2: lambda a: a, 3: lambda a: a[..., ::-1], 4: lambda a: a[..., [2, 1, 0, 3]]}
    cv2.imwrite(str(path), np.ascontiguousarray(order[rgb.ndim if rgb.ndim == 2 else rgb.shape[2]](rgb)))
    return path


@pytest.mark.parametrize("pixels", [GREY8, RGB8, GREY16, RGB16], ids=["grey8", "rgb8", "grey16", "rgb16"])
@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
def test_lossless_files_come_back_exactly(tmp_path, pixels, suffix):
    if suffix == "bmp" and pixels.dtype == np.uint16:
        pytest.skip("BMP has no 16 bits")
    path = tmp_path / f"a.{suffix}"
    if suffix == "tif":
        tifffile.imwrite(path, pixels, photometric="rgb" if pixels.ndim == 3 else "minisblack")
    else:
        write_cv2(path, pixels)
    image = open_file(path)
    np.testing.assert_array_equal(image.pixels, pixels)
    assert image.pixels.dtype == pixels.dtype
    assert image.range == (0, np.iinfo(pixels.dtype).max)
    assert image.name == path.name
    assert not image.pixels.flags.writeable


@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "zstd", "packbits"])
@pytest.mark.parametrize("layout", ["strips", "tiles", "planes", "big-endian", "bigtiff"])
def test_tiff_layouts_and_compressions(tmp_path, compression, layout):
    options = {
        "strips": {"rowsperstrip": 7},
        "tiles": {"tile": (16, 16)},
        "planes": {"planarconfig": "separate"},
        "big-endian": {"byteorder": ">"},
        "bigtiff": {"bigtiff": True},
    }[layout]
    pixels = RGB16 if layout != "planes" else np.moveaxis(RGB16, -1, 0)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, pixels, photometric="rgb", compression=compression, **options)
    np.testing.assert_array_equal(open_file(path).pixels, RGB16)


def test_jpeg_is_decoded_as_opencv_does(tmp_path):
    smooth = cv2.GaussianBlur(RGB8, (0, 0), 5)
    path = write_cv2(tmp_path / "a.jpg", smooth)
    reference = cv2.imread(str(path))[..., ::-1].astype(int)
    assert np.abs(open_file(path).pixels - reference).max() <= 2
    grey = write_cv2(tmp_path / "g.jpg", smooth[..., 0])
    assert open_file(grey).pixels.shape == (40, 60)


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.uint32, np.float32, np.float64, np.float16])
def test_other_numbers_become_float32_with_the_limits_found(tmp_path, dtype):
    pixels = (FLOAT * 100 + (2000 if np.dtype(dtype).kind == "u" else 0)).astype(dtype)
    tifffile.imwrite(tmp_path / "a.tif", pixels)
    image = open_file(tmp_path / "a.tif")
    assert image.pixels.dtype == np.float32
    np.testing.assert_array_equal(image.pixels, pixels.astype(np.float32))
    assert image.range == (pixels.astype(np.float32).min(), pixels.astype(np.float32).max())


def test_twelve_bits_in_sixteen_keep_their_levels(tmp_path):
    pixels = GREY16 >> 4
    tifffile.imwrite(tmp_path / "a.tif", pixels)
    np.testing.assert_array_equal(open_file(tmp_path / "a.tif").pixels, pixels)


def test_one_bit_palette_and_white_is_zero(tmp_path):
    tifffile.imwrite(tmp_path / "bit.tif", GREY8 > 99, photometric="minisblack")
    np.testing.assert_array_equal(open_file(tmp_path / "bit.tif").pixels, np.where(GREY8 > 99, 255, 0))
    colors = RNG.integers(0, 256, (3, 256), np.uint16)
    tifffile.imwrite(tmp_path / "palette.tif", GREY8, photometric="palette", colormap=colors * 257)
    np.testing.assert_array_equal(open_file(tmp_path / "palette.tif").pixels, np.moveaxis(colors, 0, -1)[GREY8])
    tifffile.imwrite(tmp_path / "white.tif", GREY8, photometric="miniswhite")
    np.testing.assert_array_equal(open_file(tmp_path / "white.tif").pixels, 255 - GREY8)
    from PIL import Image as Pillow

    picture = Pillow.fromarray(RGB8).quantize(16)
    picture.save(tmp_path / "palette.png")
    picture.save(tmp_path / "palette.bmp")
    for name in ("palette.png", "palette.bmp"):
        np.testing.assert_array_equal(open_file(tmp_path / name).pixels, np.asarray(picture.convert("RGB")))


def test_pages_count_from_one(tmp_path):
    stack = np.stack([GREY8, 255 - GREY8, GREY8 // 2])
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack")
    assert read_header(tmp_path / "a.tif").pages == 3
    np.testing.assert_array_equal(open_file(tmp_path / "a.tif", page=2).pixels, stack[1])
    assert "a.tif [pages]" in open_file(tmp_path / "a.tif").notes[0].text
    third = open_file(tmp_path / "a.tif [page 3]")
    np.testing.assert_array_equal(third.pixels, stack[2])
    assert (third.name, third.notes) == ("a.tif [page 3]", ())
    with pytest.raises(Problem, match=r"3 pages, not 4; set page"):
        open_file(tmp_path / "a.tif", page=4)
    with pytest.raises(Problem, match="set page to 1"):
        open_file(write_cv2(tmp_path / "a.png", GREY8), page=2)


def test_alpha(tmp_path):
    opaque = np.dstack([RGB8, np.full((40, 60), 255, np.uint8)])
    image = open_file(write_cv2(tmp_path / "opaque.png", opaque))
    np.testing.assert_array_equal(image.pixels, RGB8)
    assert image.notes == ()
    half = opaque.copy()
    half[:20, :, 3] = 0
    image = open_file(write_cv2(tmp_path / "half.png", half))
    assert not image.pixels[:20].any()
    np.testing.assert_array_equal(image.pixels[20:], RGB8[20:])
    assert "Transparent" in image.notes[0].text
    hidden = np.dstack([RGB8, np.zeros((40, 60), np.uint8)])
    np.testing.assert_array_equal(open_file(write_cv2(tmp_path / "hidden.png", hidden)).pixels, RGB8)
    tifffile.imwrite(tmp_path / "rgba.tif", opaque, photometric="rgb", extrasamples=["unassalpha"])
    np.testing.assert_array_equal(open_file(tmp_path / "rgba.tif").pixels, RGB8)


def test_equal_channels_are_grey_and_colour_becomes_luminance(tmp_path):
    assert open_file(write_cv2(tmp_path / "a.png", np.dstack([GREY8] * 3))).pixels.shape == (40, 60)
    grey = open_file(write_cv2(tmp_path / "b.png", RGB8), color="grey").pixels
    assert np.abs(grey / 257 - RGB8 @ [0.299, 0.587, 0.114]).max() <= 0.006


def test_exif_orientation_is_applied(tmp_path):
    from PIL import Image as Pillow

    picture = np.zeros((40, 60), np.uint8)
    picture[:20, :30] = 255
    exif = Pillow.Exif()
    exif[0x0112] = 6
    Pillow.fromarray(picture).save(tmp_path / "a.jpg", exif=exif)
    turned = open_file(tmp_path / "a.jpg").pixels
    assert turned.shape == (60, 40)
    assert turned[:30, 20:].mean() > 250  # turned clockwise: top left goes to top right
    assert turned[:30, :20].mean() < 5


@pytest.mark.parametrize("orientation", range(1, 9))
def test_tiff_orientation_agrees_with_pillow(tmp_path, orientation):
    from PIL import Image as Pillow
    from PIL import ImageOps

    tifffile.imwrite(tmp_path / "a.tif", GREY8, extratags=[(274, "H", 1, orientation, True)])
    picture = Pillow.fromarray(GREY8)
    picture.getexif()[274] = orientation
    np.testing.assert_array_equal(open_file(tmp_path / "a.tif").pixels, ImageOps.exif_transpose(picture))


def test_a_few_nan_pixels_are_filled_from_around_and_many_become_the_darkest_level(tmp_path):
    pixels = FLOAT.copy()
    pixels[3, 4], pixels[5, 6], pixels[7, 8] = np.nan, np.inf, -np.inf
    tifffile.imwrite(tmp_path / "a.tif", pixels)
    image = open_file(tmp_path / "a.tif")
    around = np.sort(np.delete(FLOAT[2:5, 3:6].ravel(), 4))
    assert around[3] <= image.pixels[3, 4] <= around[4]
    assert image.notes[0].text.startswith("3 pixel values are not numbers")
    assert "filled" in image.notes[0].text
    pixels[20:] = np.nan
    image = open_array(pixels)
    assert (image.pixels[20:] == np.nanmin(np.where(np.isinf(pixels), np.nan, pixels))).all()
    assert "darkest" in image.notes[0].text
    with pytest.raises(Problem, match="No pixel of the image is a number"):
        open_array(np.full((4, 4), np.nan, np.float32))


def test_arrays_load_like_files():
    image = load(source=Source("a", "h", pixels=GREY16, um_per_px=0.25))
    np.testing.assert_array_equal(image.pixels, GREY16)
    assert str(image.scale) == "0.25 µm/px (typed)"
    assert open_array(GREY8 > 9).pixels.max() == 255
    with pytest.raises(Problem, match="shape"):
        open_array(np.zeros((2, 3, 4, 5)))
    with pytest.raises(Problem, match="type"):
        open_array(np.zeros((5, 5), complex))


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "tif"])
def test_one_pixel_and_constant_images_load(tmp_path, suffix):
    one = open_file(write_cv2(tmp_path / f"one.{suffix}", np.full((1, 1), 77, np.uint8)))
    assert one.pixels.shape == (1, 1)
    assert open_array(np.full((5, 5), 2.0)).range == (2.0, 3.0)


def test_content_decides_not_the_suffix(tmp_path):
    path = write_cv2(tmp_path / "a.png", GREY8).rename(tmp_path / "a.tif")
    np.testing.assert_array_equal(open_file(path).pixels, GREY8)


DISCS = np.zeros((60, 80), bool)
for _y, _x in ((15, 20), (40, 25), (30, 60)):
    DISCS |= np.hypot(*(np.indices(DISCS.shape) - np.array([[[_y]], [[_x]]]))) < 9


@pytest.mark.parametrize("bits", [2, 4, 10, 12, 14])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
def test_any_number_of_bits_fills_the_range(tmp_path, bits, photometric):
    white = 2**bits - 1
    levels = np.where(DISCS, round(0.78 * white), round(0.235 * white)).astype(np.uint8 if bits < 8 else np.uint16)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, levels, photometric=photometric, bitspersample=bits, metadata=None)
    image = open_file(path)
    seen = white - levels.astype(int) if photometric == "miniswhite" else levels
    assert image.range[1] == np.iinfo(image.pixels.dtype).max
    np.testing.assert_allclose(image.pixels / image.range[1], seen / white, atol=1e-5)
    np.testing.assert_array_equal(threshold(image, method="manual").pixels, DISCS ^ (photometric == "miniswhite"))


@pytest.mark.parametrize(("told", "white"), [(4095, 4095), (1023, 65535), (3967, 65535), (65535, 65535)])
def test_max_sample_value_is_believed_where_it_is_the_end_of_fewer_bits(tmp_path, told, white):
    levels = np.where(DISCS, 3200, 960).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", levels, metadata=None, extratags=[(281, "H", 1, told, True)])
    np.testing.assert_allclose(open_file(tmp_path / "a.tif").pixels / 65535, levels / white, atol=1e-5)


@pytest.mark.parametrize("disturb", ["nothing", "hot", "a little hot", "nodata", "sentinel", "tagged", "nan"])
@pytest.mark.parametrize("scaled", [1.0, 255.0, 65535.0, 0.01])
def test_one_picture_as_float_with_a_few_odd_pixels(tmp_path, scaled, disturb):
    levels = (np.where(DISCS, 0.75, 0.25) + RNG.normal(0, 0.02, DISCS.shape)) * scaled
    levels = (np.rint(levels) if scaled > 1 else levels).astype(np.float32)
    block, tags = np.s_[2:5, 50:53], []
    if disturb == "hot":
        levels[3, 50] = 1e6 * scaled
    elif disturb == "a little hot":
        levels[3, 50] = 5 * scaled
    elif disturb == "tagged":
        levels[:, -8:] = -1.0
        tags = [(42113, "s", 0, "-1", True)]
    elif disturb != "nothing":
        levels[block] = {"nodata": np.finfo(np.float32).min, "sentinel": -9999 * scaled, "nan": np.nan}[disturb]
    tifffile.imwrite(tmp_path / "a.tif", levels, metadata=None, extratags=tags)
    image = open_file(tmp_path / "a.tif")
    for settings in ({"method": "manual"}, {"method": "otsu"}):
        wrong = threshold(image, **settings).pixels ^ DISCS
        assert wrong.sum() <= (disturb == "a little hot")
    if scaled in (1, 255, 65535):
        assert image.range == (0, scaled)
    assert bool(image.notes) == (disturb not in ("nothing", "a little hot"))


def test_whole_numbers_of_32_bits_have_the_levels_of_the_picture(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", GREY8.astype(np.uint32) * 0x01010101)
    image = open_file(tmp_path / "a.tif")
    np.testing.assert_allclose(image.pixels / image.range[1], GREY8 / 255, atol=1e-6)


def test_a_few_small_bright_particles_are_no_defects():
    levels = np.random.default_rng(0).normal(0.2, 0.004, (300, 300))
    levels[100:103, 100:103] = 0.6
    image = open_array(levels.astype(np.float32))
    assert image.pixels[101, 101] == np.float32(0.6)


def test_colour_maps_of_eight_bits(tmp_path):
    colors = RNG.integers(0, 256, (3, 256), np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", GREY8, photometric="palette", colormap=colors)
    np.testing.assert_array_equal(open_file(tmp_path / "a.tif").pixels, np.moveaxis(colors, 0, -1)[GREY8])


def test_ycbcr_without_jpeg(tmp_path):
    ycc = cv2.cvtColor(cv2.GaussianBlur(RGB8, (0, 0), 3), cv2.COLOR_RGB2YCrCb)[..., [0, 2, 1]]
    tags = [(530, "H", 2, (1, 1), True)]
    tifffile.imwrite(tmp_path / "a.tif", np.ascontiguousarray(ycc), photometric="ycbcr", metadata=None, extratags=tags)
    expected = cv2.cvtColor(ycc[..., [0, 2, 1]], cv2.COLOR_YCrCb2RGB).astype(int)
    assert np.abs(open_file(tmp_path / "a.tif").pixels - expected).max() <= 2


@pytest.mark.parametrize(("extra", "note"), [("assocalpha", "count as black"), ("unspecified", "no transparency")])
def test_premultiplied_alpha_and_further_detectors_multiply_nothing(tmp_path, extra, note):
    rgba = np.dstack([RGB8, np.full((40, 60), 99, np.uint8)])
    tifffile.imwrite(tmp_path / "a.tif", rgba, photometric="rgb", extrasamples=[extra])
    image = open_file(tmp_path / "a.tif")
    np.testing.assert_array_equal(image.pixels, RGB8)
    assert note in image.notes[0].text
    two = np.dstack([GREY8, 255 - GREY8])
    tifffile.imwrite(
        tmp_path / "b.tif", two, photometric="minisblack", planarconfig="contig", extrasamples=["unspecified"]
    )
    image = open_file(tmp_path / "b.tif")
    np.testing.assert_array_equal(image.pixels, GREY8)
    assert "2 channels" in image.notes[0].text


def test_sound_files_of_other_kinds_are_not_called_damaged(tmp_path):
    from PIL import Image as Pillow

    picture = Pillow.fromarray(RGB8)
    for kind in ("gif", "webp", "jp2", "pdf", "ppm"):
        picture.save(tmp_path / f"a.{kind}")
        with pytest.raises(Problem, match=r"not read here.*export it"):
            open_file((tmp_path / f"a.{kind}").rename(tmp_path / "a.png"))
    tifffile.imwrite(tmp_path / "c.tif", GREY8.astype(np.complex64))
    picture.convert("LAB").save(tmp_path / "lab.tif")
    tifffile.imwrite(tmp_path / "odd.tif", GREY8, metadata=None)
    with tifffile.TiffFile(tmp_path / "odd.tif", mode="r+") as tif:
        tif.pages[0].tags["Compression"].overwrite(34925 + 1000)
    for name in ("c.tif", "lab.tif", "odd.tif"):
        with pytest.raises(Problem, match=r"not offered.*export it"):
            open_file(tmp_path / name)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_the_size_told_is_the_size_seen(tmp_path, suffix, orientation):
    from PIL import Image as Pillow
    from PIL import ImageOps

    exif = Pillow.Exif()
    exif[0x0112] = orientation
    picture = Pillow.fromarray(cv2.GaussianBlur(GREY8, (0, 0), 4))
    path = tmp_path / f"a.{suffix}"
    if suffix == "tif":
        tifffile.imwrite(path, np.asarray(picture), extratags=[(274, "H", 1, orientation, True)])
    else:
        picture.save(path, exif=exif)
    header, pixels = read_header(path), open_file(path).pixels
    assert pixels.shape == (header.height, header.width)
    picture.getexif()[0x0112] = orientation
    assert np.abs(pixels - np.asarray(ImageOps.exif_transpose(picture)).astype(int)).max() <= 3


def test_pixels_that_are_turned_turn_their_size_too(tmp_path):
    text = b"[Scan]\r\nPixelWidth=1e-7\r\nPixelHeight=2e-7\r\n\0"
    tags = [(274, "H", 1, 6, True), (34682, "s", 0, text, True)]
    tifffile.imwrite(tmp_path / "a.tif", GREY8, metadata=None, extratags=tags)
    scale = open_file(tmp_path / "a.tif").scale
    assert (scale.x, scale.y) == pytest.approx((0.2, 0.1))


@pytest.mark.parametrize("what", ["StripByteCounts", "StripOffsets"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_a_strip_that_was_never_written_is_refused(tmp_path, what, compression):
    tifffile.imwrite(tmp_path / "a.tif", GREY8, rowsperstrip=10, compression=compression, metadata=None)
    with tifffile.TiffFile(tmp_path / "a.tif", mode="r+") as tif:
        tag = tif.pages[0].tags[what]
        tag.overwrite((*tag.value[:2], 0, tag.value[3]))
    with pytest.raises(Problem, match="1 of the 4 parts"):
        open_file(tmp_path / "a.tif")


def test_a_strip_that_is_half_there_is_refused(tmp_path):
    for compression in (None, "zlib", "lzw", "packbits"):
        tifffile.imwrite(tmp_path / "a.tif", GREY8, rowsperstrip=10, compression=compression, metadata=None)
        with tifffile.TiffFile(tmp_path / "a.tif", mode="r+") as tif:
            tag = tif.pages[0].tags["StripByteCounts"]
            tag.overwrite((*tag.value[:2], tag.value[2] // 2, tag.value[3]))
        with pytest.raises(Problem, match=r"damaged|parts"):
            open_file(tmp_path / "a.tif")


def test_tiny_tiles_are_refused_at_once(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((64, 64), np.uint8), tile=(16, 16), metadata=None)
    with tifffile.TiffFile(tmp_path / "a.tif", mode="r+") as tif:
        for tag, value in (("TileWidth", 1), ("TileLength", 1), ("ImageWidth", 4096), ("ImageLength", 4096)):
            tif.pages[0].tags[tag].overwrite(value)
    with pytest.raises(Problem, match="parts"):
        open_file(tmp_path / "a.tif")


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 2}], ids=str)
@pytest.mark.parametrize("color", [False, True])
def test_a_jpeg_that_was_cut_and_closed_is_refused(tmp_path, options, color):
    from PIL import Image as Pillow

    pixels = cv2.resize(cv2.GaussianBlur(RGB8, (0, 0), 3), (300, 200))
    pixels[150:] = 30  # a plain end, such as a data bar, is no sign of a cut
    Pillow.fromarray(pixels if color else pixels[..., 0]).save(tmp_path / "a.jpg", **options)
    assert open_file(tmp_path / "a.jpg").shape == (200, 300)
    data = (tmp_path / "a.jpg").read_bytes()
    for kept in (0.5, 0.8):
        (tmp_path / "b.jpg").write_bytes(data[: int(len(data) * kept)].rstrip(b"\xff") + b"\xff\xd9")
        with pytest.raises(Problem, match="copy"):
            open_file(tmp_path / "b.jpg")


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "tif"])
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.98])
def test_truncated_files_are_refused_in_one_sentence(tmp_path, suffix, kept):
    path = write_cv2(tmp_path / f"a.{suffix}", cv2.resize(RGB8, (300, 200)))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(Problem, match=r"damaged|not an image"):
        open_file(path)


@pytest.mark.parametrize("start", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"BM", b"II*\0", b"MM\0*", b"II+\0"])
def test_nonsense_after_a_good_beginning(tmp_path, start):
    for seed in range(5):
        path = tmp_path / f"{seed}.tif"
        path.write_bytes(start + np.random.default_rng(seed).bytes(5000))
        with pytest.raises(Problem):
            open_file(path)


def test_files_that_are_no_images(tmp_path):
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("not an image")
    for name, sentence in {
        "empty.png": "empty",
        "text.png": "not an image",
        "none.png": "no file",
        ".": "folder",
    }.items():
        with pytest.raises(Problem, match=sentence):
            open_file(tmp_path / name)


def test_a_damaged_file_of_any_kind_ends_in_a_problem_or_an_image(tmp_path, capfd):
    for suffix in ("png", "jpg", "bmp", "tif"):
        path = write_cv2(tmp_path / f"a.{suffix}", RGB8)
        data = bytearray(path.read_bytes())
        for seed in range(60):
            rng = np.random.default_rng(seed)
            damaged = data.copy()
            for at in rng.integers(0, len(data) if seed % 2 else 300, 4):
                damaged[at] = rng.integers(256)
            path.write_bytes(damaged)
            try:
                assert open_file(path).pixels.size
            except Problem as problem:
                assert "\n" not in problem.message  # noqa: PT017 - either outcome is right
    said = capfd.readouterr().err
    assert not any(noise in said for noise in ("Traceback", "libpng", "tifffile"))


def test_bombs_are_refused_before_decoding(tmp_path):
    def chunk(kind, data):
        import zlib

        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    for side, sentence in ((100_000, "crop it"), (2**31 - 1, "crop it"), (30_000, "no micrograph")):
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
        (tmp_path / "b.png").write_bytes(
            b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"x" * 50) + chunk(b"IEND", b"")
        )
        with pytest.raises(Problem, match=sentence):
            open_file(tmp_path / "b.png")
    tifffile.imwrite(tmp_path / "b.tif", GREY8, compression="zlib")
    with tifffile.TiffFile(tmp_path / "b.tif", mode="r+") as tif:
        for tag in ("ImageWidth", "ImageLength", "RowsPerStrip"):
            tif.pages[0].tags[tag].overwrite(60_000)
    with pytest.raises(Problem, match="crop it"):
        open_file(tmp_path / "b.tif")


def test_cmyk_is_refused_with_a_remedy(tmp_path):
    from PIL import Image as Pillow

    for name in ("a.jpg", "a.tif"):
        Pillow.fromarray(RGB8).convert("CMYK").save(tmp_path / name)
        with pytest.raises(Problem, match="RGB or grey"):
            open_file(tmp_path / name)
    tifffile.imwrite(
        tmp_path / "five.tif", np.zeros((9, 9, 5), np.uint8), photometric="minisblack", planarconfig="contig"
    )
    with pytest.raises(Problem, match="5 channels"):
        open_file(tmp_path / "five.tif")


@pytest.mark.parametrize("level", [-9999.0, -32768.0, -1e6])
def test_a_large_part_without_data_is_no_part_of_the_grey_levels(tmp_path, level):
    pixels = np.tile(np.linspace(0.2, 0.8, 50, dtype=np.float32), (40, 1))
    pixels[:20] = level
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack", metadata=None)
    image = open_file(tmp_path / "a.tif")
    assert image.range == (0.0, 1.0)
    assert image.pixels.min() == pytest.approx(0.2)
    assert "no data" in image.notes[0].text


def test_depths_below_a_surface_are_no_missing_data(tmp_path):
    pixels = np.tile(np.linspace(-9999, -300, 50, dtype=np.float32), (40, 1))
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack", metadata=None)
    assert open_file(tmp_path / "a.tif").notes == ()


def test_bits_of_a_camera_are_never_guessed(tmp_path):
    levels = RNG.integers(0, 4096, (40, 60), np.uint16)
    levels[0, 0] = 4095
    told, untold = tmp_path / "told.tif", tmp_path / "untold.tif"
    tifffile.imwrite(untold, levels)
    tifffile.imwrite(told, levels, extratags=[(281, 3, 1, 4095, True)])
    image = open_file(untold)
    np.testing.assert_array_equal(image.pixels, levels)
    assert "uses 12: if the camera has 12, say so in Load (bits of the camera)" in image.notes[0].text
    said, by_file = open_file(untold, bits=12), open_file(told)
    np.testing.assert_array_equal(said.pixels, by_file.pixels)
    np.testing.assert_array_equal(open_array(levels, bits=12).pixels, by_file.pixels)
    assert said.pixels.max() == 65535
    assert not said.notes
    assert not by_file.notes
    np.testing.assert_array_equal(open_file(told, bits=12).pixels, by_file.pixels)  # the file has said it already
    np.testing.assert_array_equal(open_file(untold, bits=16).pixels, levels)
    with pytest.raises(Problem, match="reach 4095, more than 10 bits hold"):
        open_file(untold, bits=10)
    assert not open_array(GREY16).notes
    assert open_array(GREY8, bits=12).range == (0, 255)
