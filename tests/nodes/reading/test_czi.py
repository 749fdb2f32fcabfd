"""CZI files: planes as pages, tiles side by side, the scaling; what is damaged, huge or not offered is refused."""

import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from graingraph.engine.images.files import find_images
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.values import Scale
from graingraph.nodes.input.load import load
from graingraph.nodes.reading.read_image import read_header, read_pixels
from tests.support.czi_files import Block, metadata, write_czi

GREY = np.arange(24 * 32, dtype=np.uint16).reshape(24, 32) * 80
RED = np.zeros((24, 32, 3), np.uint8)
RED[..., 0] = 200


@pytest.mark.parametrize("compression", [0, 4, 5, 6])
def test_pixels_come_back_however_they_are_stored(tmp_path: Path, compression: int) -> None:
    path = write_czi(tmp_path / "a.czi", [Block(GREY, compression=compression)], metadata(x=2.5e-7, y=2.5e-7))
    pixels, header = read_pixels(path)
    np.testing.assert_array_equal(pixels, GREY)
    assert (header.format, header.width, header.height, header.pages) == ("CZI", 32, 24, 1)
    assert header.scale == Scale(0.25, "file metadata")
    assert header == read_header(path)


@pytest.mark.parametrize("samples", [3, 4])
def test_colours_are_red_green_blue_and_the_fourth_sample_is_no_transparency(tmp_path: Path, samples: int) -> None:
    stored = np.dstack([RED, np.zeros_like(RED[..., :1])])[..., :samples]
    pixels, _ = read_pixels(write_czi(tmp_path / "a.czi", [Block(np.ascontiguousarray(stored))]))
    np.testing.assert_array_equal(pixels, RED)


def test_tiles_lie_side_by_side_and_coarser_copies_are_passed_over(tmp_path: Path) -> None:
    left, right = GREY[:, :20], GREY[:, 20:]
    copy = Block(GREY[::2, ::2], {"X": -5, "Y": 7}, shown=(32, 24))
    blocks = [Block(left, {"X": -5, "Y": 7, "M": 0}), Block(right, {"X": 15, "Y": 7, "M": 1}), copy]
    pixels, _ = read_pixels(write_czi(tmp_path / "a.czi", blocks))
    np.testing.assert_array_equal(pixels, GREY)


def test_every_channel_and_depth_can_be_chosen_and_is_named(tmp_path: Path) -> None:
    blocks = [Block(GREY + np.uint16(10 * z + c), {"C": c, "Z": z}) for c in (0, 1) for z in (0, 1, 2)]
    path = write_czi(tmp_path / "a.czi", blocks, metadata(channels=("Bright", "DIC")))
    for page in range(1, 7):
        z, c = divmod(page - 1, 2)
        pixels, header = read_pixels(path, page)
        np.testing.assert_array_equal(pixels, GREY + np.uint16(10 * z + c))
        assert header.notes == (f"Page {page} is depth {z + 1}, channel {c + 1} ({('Bright', 'DIC')[c]}).",)
        assert header.scale.um_per_px == pytest.approx(0.1)
    with pytest.raises(Problem, match="6 pages, not 7"):
        read_header(path, 7)
    every = find_images([f"{path} [pages]"])
    assert [one.name for one in every] == [f"a.czi [page {page}]" for page in range(1, 7)]
    image_set = ImageSet.of_files(every)
    fourth = load(source=image_set["a.czi [page 4]"])
    np.testing.assert_array_equal(fourth.pixels, GREY + np.uint16(11))
    assert find_images([str(tmp_path)]) == [path]


def test_a_camera_of_12_bits_has_white_at_4095(tmp_path: Path) -> None:
    pixels = np.full((4, 4), 4095, np.uint16)
    read, _ = read_pixels(write_czi(tmp_path / "a.czi", [Block(pixels)], metadata(channels=("A",), bits=12)))
    assert read.max() == 65535


@pytest.mark.parametrize("xml", ["", "no xml", "<!DOCTYPE a><a/>", metadata(x=0, y=0), metadata(x=5, y=5)])
def test_without_a_scaling_that_can_be_the_picture_is_there_all_the_same(tmp_path: Path, xml: str) -> None:
    pixels, header = read_pixels(write_czi(tmp_path / "a.czi", [Block(GREY)], xml))
    assert header.scale is None
    np.testing.assert_array_equal(pixels, GREY)


def test_pixels_that_are_not_square_say_so(tmp_path: Path) -> None:
    scale = read_header(write_czi(tmp_path / "a.czi", [Block(GREY)], metadata(1e-7, 2e-7))).scale
    assert (scale.x, scale.y) == pytest.approx((0.1, 0.2))


def test_what_is_cut_off_or_overwritten_is_one_sentence(tmp_path: Path) -> None:
    whole = write_czi(tmp_path / "a.czi", [Block(GREY, compression=5), Block(GREY, {"C": 1})], metadata()).read_bytes()
    rng = np.random.default_rng(0)
    for number in range(300):
        damaged = bytearray(whole)
        for at in rng.integers(16, len(whole), 6):
            damaged[at] = rng.integers(0, 256)
        (tmp_path / "b.czi").write_bytes(damaged[: rng.integers(32, len(whole))] if number % 3 == 0 else damaged)
        with suppress(Problem):
            read_pixels(tmp_path / "b.czi")


def test_a_small_file_that_claims_a_huge_picture_is_refused(tmp_path: Path) -> None:
    far = [Block(GREY), Block(GREY, {"X": 30_000, "Y": 30_000})]
    with pytest.raises(Problem, match="claims"):
        read_pixels(write_czi(tmp_path / "a.czi", far))
    data = bytearray(write_czi(tmp_path / "a.czi", [Block(GREY)]).read_bytes())
    at = data.index(b"ZISRAWDIRECTORY") + 32
    data[at : at + 4] = struct.pack("<i", 2**30)
    (tmp_path / "a.czi").write_bytes(data)
    with pytest.raises(Problem, match="blocks"):
        read_pixels(tmp_path / "a.czi")


def test_the_scaling_is_that_of_the_picture_and_contradictions_are_not_believed(tmp_path: Path) -> None:
    def scaling(*metres: str) -> str:
        told = "".join(f'<Distance Id="{axis}"><Value>{m}</Value></Distance>' for m in metres for axis in "XY")
        return f"<Scaling><Items>{told}</Items></Scaling>"

    def size(inside: str) -> Scale | None:
        xml = f"<ImageDocument><Metadata>{inside}</Metadata></ImageDocument>"
        return read_header(write_czi(tmp_path / "a.czi", [Block(GREY)], xml)).scale

    camera = f"<Experiment><Camera>{scaling('6.5E-6')}</Camera></Experiment>"
    assert size(camera + scaling("2.5E-7")) == size(scaling("2.5E-7") + camera) == Scale(0.25, "file metadata")
    assert size(scaling("2.5E-7", "2.5E-7")) == Scale(0.25, "file metadata")
    for contradiction in (scaling("2.5E-7", "5E-7"), scaling("0"), scaling("-2.5E-7"), scaling("1")):
        assert size(contradiction) is None


def test_tiles_of_higher_numbers_lie_on_top_and_what_lies_between_tiles_is_told(tmp_path: Path) -> None:
    over, under = np.full((24, 20), 9, np.uint16), np.full((24, 20), 5, np.uint16)
    blocks = [Block(over, {"X": 10, "M": 1}), Block(under, {"X": 0, "M": 0}), Block(under, {"X": 40, "Y": 6, "M": 2})]
    pixels, header = read_pixels(write_czi(tmp_path / "a.czi", blocks))
    assert [int(pixels[8, x]) for x in (5, 15, 25, 35, 45)] == [5, 9, 9, 0, 5]
    share = 1 - (30 * 24 + 20 * 24) / (60 * 30)
    assert header.notes == (
        f"{100 * share:.2g} % of the picture, between its tiles, holds no pixels and is black; crop it.",
    )
