import pytest

from graingraph.nodes.reading.bar_label import BarLabel, TextLine, label_of, length_in
from graingraph.nodes.reading.scale_bar import ScaleBar

BAR = ScaleBar(200, 100, 450)


@pytest.mark.parametrize(("text", "um"), [
    ("200 µm", 200), ("200μm", 200), ("1 mm", 1000), ("0,5 um", 0.5), ("50 nm", 0.05), ("10 мкм", 10), ("10 MKM", 10),
    ("20 微米", 20), ("|--- 500 µm ---|", 500), ("H 0.5 mm", 500), ("2.5 Microns", None), ("0.125 µm", 0.125),
])  # fmt: skip
def test_lengths_of_many_spellings(text, um):
    assert length_in(text) == (pytest.approx(um) if um else None)


@pytest.mark.parametrize(
    "text",
    ["1,000 µm", "12.500 nm", "00 µm", "5OO µm", "l0 µm", "x500", "200", "µm", "WD 9.8 mm", "20 pm", "3 m", "0 µm"],
)
def test_what_may_be_another_length_is_refused(text):
    assert length_in(text) is None


def line(text, left, top, sureness=0.9):
    return TextLine(text, sureness, left, top, left + 60, top + 20)


def test_the_label_is_the_text_nearest_to_the_bar():
    above = line("50 µm", 160, 420)
    assert label_of(BAR, [above]) == BarLabel("50 µm", 50)
    assert label_of(BAR, [above, line("9.8 mm", 400, 380), line("SEM", 160, 445)]) == BarLabel("50 µm", 50)
    assert label_of(BAR, [line("50 µm", 310, 440)]) == BarLabel("50 µm", 50)


def test_no_label_where_it_could_be_another():
    assert label_of(BAR, []) is None
    assert label_of(BAR, [line("50 µm", 160, 420, sureness=0.3)]) is None
    assert label_of(BAR, [line("50 µm", 160, 330)]) is None
    assert label_of(BAR, [line("5O µm", 160, 420), line("9.8 mm", 160, 400)]) is None
    assert label_of(BAR, [line("50 µm", 160, 420), line("9.8 mm", 160, 465)]) is None
