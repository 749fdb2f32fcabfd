import imagecodecs
import numpy as np
import pytest

from graingraph.app.rendering.palettes import place_palette
from graingraph.app.rendering.thumbnails import HEIGHT, WIDTH, thumbnail_of, thumbnail_of_file
from graingraph.engine.values import ClassMap, Image, Labels, Mask, PixelClass, Probabilities
from graingraph.engine.values.classes import boundary_of, core_of


@pytest.mark.parametrize(
    "value",
    [
        Image(np.zeros((3000, 2000, 3), np.uint8)),
        Image(np.full((50, 500), 7.0, np.float32), range=(7.0, 7.0)),
        Image(np.zeros((10, 10), np.uint16), range=(0, 65535)),
        Mask(np.ones((300, 100), bool)),
        Labels(np.ones((1, 3000), np.int32), count=1),
    ],
)
def test_thumbnails_fit_and_keep_the_shape(value):
    picture = thumbnail_of(value)
    height, width = picture.shape[:2]
    assert picture.dtype == np.uint8
    assert (width <= WIDTH, height <= HEIGHT, picture.shape[2]) == (True, True, 4)
    rows, columns = value.shape
    assert max(abs(width - columns * height / rows), abs(height - rows * width / columns)) <= max(rows, columns)


def test_a_thumbnail_shows_thin_lines():
    mask = np.zeros((2000, 3000), bool)
    mask[:, ::300] = True
    picture = thumbnail_of(Mask(mask))
    assert picture is not None
    assert picture[:, :, 0].max() > 200 > 60 > picture[:, :, 0].mean()


def test_a_thumbnail_of_faint_lines_is_not_black():
    strength = np.zeros((400, 600), np.float32)
    strength[:, ::30] = 0.06
    picture = thumbnail_of(Image(strength, range=(0.0, 1.0)))
    assert picture is not None
    assert picture[:, :, :3].max() == 255
    bright = thumbnail_of(Image(np.full((40, 60), 0.5, np.float32), range=(0.0, 1.0)))
    assert bright is not None
    assert bright[0, 0, 0] == 127


def test_a_thumbnail_of_a_class_map_shows_thin_lines_whole():
    pixels = np.zeros((2000, 3000), np.uint8)
    pixels[:, 1::300] = 1
    classes = (PixelClass("grain", "#000000"), PixelClass("boundary", "#ff0000"))
    picture = thumbnail_of(ClassMap(pixels, classes=classes))
    assert picture is not None
    red = picture[:, :, 0] > 0
    assert (red.all(axis=0).sum() >= 10, red.mean() < 0.2) == (True, True)


def blobs(kept: int) -> tuple[np.ndarray, int]:
    """Squares of 20 px, of which every so manyth is left out, numbered without gaps."""
    labels, number = np.zeros((400, 600), np.int32), 0
    for index in range(20 * 13):
        row, column = divmod(index, 20)
        if index % kept:
            number += 1
            labels[30 * row : 30 * row + 20, 30 * column : 30 * column + 20] = number
    return labels, number


def test_neighbouring_features_have_different_colours_and_background_is_black():
    colors = place_palette(*blobs(1000)).astype(int)
    assert (colors[0] == 0).all()
    apart = np.abs(np.diff(colors[1:], axis=0)).sum(axis=1)
    assert (apart > 30).mean() > 0.9


def test_a_feature_keeps_its_colour_when_others_go_and_its_edge_moves():
    (before, many), (after, few) = blobs(1000), blobs(7)
    after[::30] = 0  # each begins a row further down
    first, second = place_palette(before, many)[before], place_palette(after, few)[after]
    both = (after > 0) & (before > 0)
    same = (first[both] == second[both]).all(axis=1)
    assert same.mean() > 0.85


def test_no_feature_and_no_pixel_have_no_colour():
    assert place_palette(np.zeros((3, 4), np.int32), 0).tolist() == [[0, 0, 0]]
    assert len(place_palette(np.zeros((0, 0), np.int32), 0)) == 1


def test_a_thumbnail_of_probabilities_shows_the_boundaries_and_else_what_was_traced_last():
    def shown(*classes: PixelClass) -> int:
        levels = np.linspace(0.2, 0.8, len(classes)).astype(np.float32)
        planes = np.ascontiguousarray(np.broadcast_to(levels, (20, 30, len(classes))))
        picture = thumbnail_of(Probabilities(planes, classes=classes))
        assert picture is not None
        return round((picture[0, 0, 0] / 255 - 0.2) / 0.6 * (len(classes) - 1))

    assert shown(boundary_of("grain"), PixelClass("grain"), core_of("grain")) == 0
    assert shown(PixelClass("colony"), PixelClass("basketweave")) == 1
    assert shown(PixelClass("pore"), boundary_of("pore"), PixelClass("metal"), core_of("pore")) == 1


@pytest.mark.parametrize("channels", [2, 4])
def test_a_file_has_the_thumbnail_that_load_shows_also_where_it_is_partly_transparent(tmp_path, channels):
    pixels = np.full((30, 40, channels), 200, np.uint8)
    pixels[:10, :, -1], pixels[20:, :, -1] = 0, 255
    pixels[10:20, :, :-1], pixels[10:20, :, -1] = 100, 255
    file = tmp_path / "see through.png"
    file.write_bytes(imagecodecs.png_encode(pixels))
    picture = thumbnail_of_file(file)
    assert picture.shape == (30, 40, 4)
    assert [picture[row, 20].tolist() for row in (5, 15, 25)] == [[0, 0, 0, 255], [127, 127, 127, 255], [255] * 4]


def test_a_file_of_one_level_has_a_thumbnail_of_this_level(tmp_path):
    file = tmp_path / "flat.tif"
    imagecodecs.imwrite(file, np.full((30, 40), 120, np.uint8))
    assert np.unique(thumbnail_of_file(file)[..., :3]).tolist() == [120]
