import numpy as np

from graingraph.app.rendering.appearance import ColoredLabels, RenderStyle
from graingraph.app.rendering.compose import CHOSEN, auto_levels, compose, put_part
from graingraph.app.rendering.palettes import measured_palette
from graingraph.app.rendering.resample import ClassPyramid, Pyramid
from graingraph.app.rendering.view import View
from graingraph.engine.declare.injected import PixelBox
from graingraph.engine.values import UNLABELLED, ClassMap, Image, Labels, Mask, PixelClass, Probabilities

SIZE = (40, 30)
VIEW = View(1.0, 0.0, 0.0)


def grey(level: int = 100) -> tuple[Image, Pyramid]:
    pixels = np.full((30, 40), level, np.uint8)
    return Image(pixels), Pyramid(pixels)


def colored(labels: np.ndarray, count: int) -> tuple[Labels, ColoredLabels]:
    value = Labels(labels, count=count)
    return value, ColoredLabels(value)


def test_without_features_the_grey_levels_are_exact():
    pixels = np.arange(1200, dtype=np.uint8).reshape(30, 40)
    picture = compose((Image(pixels), Pyramid(pixels)), None, RenderStyle(), VIEW, SIZE)
    assert (picture == pixels[..., None]).all()


def test_sixteen_bits_are_shown_between_the_black_and_white_of_the_image():
    pixels = np.full((30, 40), 30000, np.uint16)
    image = Image(pixels, range=(0.0, 65535.0))
    assert compose((image, Pyramid(pixels)), None, RenderStyle(), VIEW, SIZE)[0, 0].tolist() == [116] * 3
    stretched = RenderStyle(levels=(20000.0, 40000.0))
    assert compose((image, Pyramid(pixels)), None, stretched, VIEW, SIZE)[0, 0].tolist() == [127] * 3


def test_a_mask_is_mixed_by_its_opacity_and_only_where_it_is():
    mask = np.zeros((30, 40), bool)
    mask[:, :10] = True
    picture = compose(grey(), (Mask(mask), Pyramid(mask)), RenderStyle(opacity=0.5, color=(200, 0, 0)), VIEW, SIZE)
    assert picture[5, 5].tolist() == [150, 50, 50]
    assert picture[5, 20].tolist() == [100, 100, 100]
    off = compose(grey(), (Mask(mask), Pyramid(mask)), RenderStyle(style="off"), VIEW, SIZE)
    assert (off == 100).all()


def test_a_network_of_thin_lines_is_seen_at_full_strength_however_far_zoomed_out():
    mask = np.zeros((600, 800), bool)
    mask[:, ::100] = True
    image = Image(np.full((600, 800), 100, np.uint8))
    look = RenderStyle(opacity=0.3, color=(200, 0, 0))
    for zoom in (0.1, 0.3, 0.7, 1.0):
        picture = compose((image, Pyramid(image.pixels)), (Mask(mask), Pyramid(mask)), look, View(zoom, 0, 0), SIZE)
        assert (picture[10] == (200, 0, 0)).all(axis=1).any(), zoom
        assert (picture[10] == (100, 100, 100)).all(axis=1).any(), zoom


def test_zoomed_out_texture_of_lines_is_mixed_by_its_share_of_the_pixel():
    mask = np.zeros((60, 80), bool)
    mask[:, ::2] = True
    image = Image(np.full((60, 80), 100, np.uint8))
    look = RenderStyle(opacity=1.0, color=(200, 100, 100))
    picture = compose((image, Pyramid(image.pixels)), (Mask(mask), Pyramid(mask)), look, View(0.5, 0, 0), SIZE)
    # Below one pixel per pixel the line and the ground between are both in every panel pixel.
    assert abs(int(picture[10:20, 10:30, 0].mean()) - 150) <= 2


def test_an_outline_leaves_the_inside_free():
    labels = np.zeros((30, 40), np.int32)
    labels[5:25, 5:25] = 1
    picture = compose(grey(), colored(labels, 1), RenderStyle(style="outline"), VIEW, SIZE)
    assert (picture[15, 15] == 100).all()
    assert (picture[15, 24] != 100).any()


def test_the_chosen_feature_has_a_rim():
    labels = np.zeros((30, 40), np.int32)
    labels[5:25, 5:25] = 7
    picture = compose(grey(), colored(labels, 7), RenderStyle(chosen=7), VIEW, SIZE)
    assert picture[15, 5].tolist() == list(CHOSEN)
    assert picture[15, 15].tolist() != list(CHOSEN)


def test_a_hidden_class_and_unlabelled_pixels_show_the_micrograph():
    classes = (PixelClass("a", "#ff0000"), PixelClass("b", "#00ff00"))
    pixels = np.full((30, 40), UNLABELLED, np.uint8)
    pixels[:, :10], pixels[:, 10:20] = 0, 1
    cover = np.full(256, 255, np.uint8)
    cover[1] = 0
    picture = compose(
        grey(),
        (ClassMap(pixels, classes=classes), ClassPyramid(pixels)),
        RenderStyle(opacity=1.0, cover=cover),
        VIEW,
        SIZE,
    )
    assert picture[5, 5].tolist() == [255, 0, 0]
    assert picture[5, 15].tolist() == [100] * 3
    assert picture[5, 30].tolist() == [100] * 3


def test_probabilities_are_shown_by_the_plane_asked_for():
    planes = np.zeros((30, 40, 2), np.float32)
    planes[..., 1] = 1.0
    value = Probabilities(planes, classes=(PixelClass("a"), PixelClass("b")))
    low, high = (
        compose(None, (value, Pyramid(planes[..., i])), RenderStyle(), VIEW, SIZE)[0, 0].tolist() for i in (0, 1)
    )
    assert low[2] > low[1]
    assert high[0] > high[2]


def test_colours_by_measurement_run_from_low_to_high_and_missing_rows_are_grey():
    values = np.array([1.0, 2.0, 3.0, np.nan])
    palette, (low, high) = measured_palette(np.array([1, 2, 3, 4]), values, 5)
    assert 1.0 <= low < high <= 3.0
    assert palette[1].tolist() != palette[3].tolist()
    assert palette[4].tolist() == palette[5].tolist() == [110, 110, 110]
    labels = np.full((30, 40), 3, np.int32)
    look = RenderStyle(opacity=1.0, palette=palette)
    picture = compose(grey(), colored(labels, 5), look, VIEW, SIZE)
    assert picture[5, 5].tolist() == palette[3].tolist()


def test_stretching_ignores_the_brightest_and_darkest_pixels():
    pixels = np.random.default_rng(0).normal(100, 5, (200, 200)).astype(np.float32)
    pixels[0, 0], pixels[0, 1] = -1e6, 1e6
    low, high = auto_levels(Pyramid(pixels))
    assert 80 < low < high < 120


def test_a_newer_part_is_drawn_as_if_the_features_had_changed_there():
    rng = np.random.default_rng(3)
    classes = (PixelClass("a", "#ff0000"), PixelClass("b", "#00ff00"))
    before = rng.integers(0, 2, (60, 80)).astype(np.uint8)
    newer, box = 1 - before[20:50, 10:70], PixelBox(20, 10, 50, 70)
    after = before.copy()
    after[box.top : box.bottom, box.left : box.right] = newer
    image = Image(rng.integers(0, 256, (60, 80), np.uint8))
    base = (image, Pyramid(image.pixels))
    for view in (View(), View(3.0, 12.5, 24.25), View(2.0, -7, -3), View(1.0, 200, 200)):
        look = RenderStyle(style="fill", opacity=0.5)
        shown = [(ClassMap(one, classes=classes), ClassPyramid(one)) for one in (before, newer, after)]
        picture = compose(base, shown[0], look, view, SIZE)
        put_part(picture, base, shown[1], box, look, view)
        wanted = compose(base, shown[2], look, view, SIZE)
        assert (
            np.mean(np.abs(picture.astype(int) - wanted).max(axis=2) > 2) < 0.02
        )  # pixels cut by the frame of the box
