import numpy as np
import pytest

from graingraph.nodes.imaging.picture.lettering import write
from graingraph.nodes.imaging.picture.measured_lines import DRAWN, LETTERS, MeasuredLine, with_lines


def written(words: str, at: tuple[int, int] = (20, 40), shape: tuple[int, int] = (60, 160)) -> np.ndarray:
    picture = np.zeros((*shape, 3), np.uint8)
    write(picture, words, at, 16, (255, 0, 0))
    return picture[..., 0]


@pytest.mark.parametrize(("sign", "other"), [("5 µm", "5 um"), ("45°", "45 deg"), ("mm²", "mm2"), ("Körner", "Korner")])
def test_signs_of_measurements_are_written_as_they_are(sign: str, other: str) -> None:
    assert written(sign).max() == 255
    assert not np.array_equal(written(sign), written(other))


@pytest.mark.parametrize("at", [(159, 59), (0, 0), (400, -50)])
def test_words_are_moved_into_the_picture_whole(at: tuple[int, int]) -> None:
    found, whole = written("90.14 µm", at), written("90.14 µm")
    assert int(found.sum()) == int(whole.sum())


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_words_stand_out_from_what_they_are_written_on(grey: int) -> None:
    picture = np.full((60, 160, 3), grey, np.uint8)
    write(picture, "5 µm", (20, 40), 16, DRAWN)
    assert np.ptp(picture.mean(axis=2)) > 100


def test_words_longer_than_the_picture_are_cut() -> None:
    assert written("90.14 µm", shape=(5, 20)).any()


def test_a_line_has_its_words_at_its_end() -> None:
    grey, line = np.zeros((100, 200), np.uint8), np.array([(10.0, 10.0), (50.0, 60.0)])
    expected = with_lines(grey, (0, 255), [MeasuredLine(line)])
    write(expected, "50 µm", (54, 64), LETTERS, DRAWN)
    np.testing.assert_array_equal(with_lines(grey, (0, 255), [MeasuredLine(line, "50 µm")]), expected)
