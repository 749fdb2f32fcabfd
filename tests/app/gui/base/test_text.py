"""Texts in the room there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graingraph.app.gui.base.text import LINE, fitted, flowing, joined, shortened_apart


def width_of(text: str, size: float) -> float:
    return 0.55 * size * len(text)


@given(st.text("ab CD", max_size=60), st.floats(20, 300), st.floats(8, 120), st.floats(6, 20))
def test_a_text_stays_in_its_box_and_is_whole_wherever_that_can_be(text: str, wide: float, high: float, wanted: float):
    size, lines = fitted(text, (wide, high), (wanted, 6.0), width_of)
    assert 6 <= size <= wanted
    assert all(width_of(line, size) <= wide for line in lines)
    assert len(lines) <= max(1, high / (LINE * size))
    if width_of(text, wanted) <= wide and high >= LINE * wanted:
        assert lines == [text.strip()]
    if not any("…" in line for line in lines):
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "wide", "lines"),
    [
        ("FlattenBackground", 100, ["FlattenBackground"]),
        ("FlattenBackground", 60, ["Flatten", "Background"]),
        ("Pores in the weld", 40, ["Pores in", "the weld"]),
        ("unbreakable", 24, ["unbreak", "able"]),
    ],
)
def test_names_break_at_their_words(text: str, wide: float, lines: list[str]):
    assert fitted(text, (wide, 16), (8.0, 6.0), width_of)[1] == lines


def test_names_that_would_read_the_same_show_where_they_differ():
    names = [f"2026-11-03_Probe_{number:03d}_Querschliff_geätzt.tif" for number in range(30)] + ["p0.tif"]
    short = shortened_apart(names, 16, len)
    assert len(set(short)) == len(names)
    assert short[7] == "…robe_007_Quers…"
    assert short[30] == "p0.tif"
    assert all(len(one) <= 16 for one in short)
    assert shortened_apart(["a1", "a11", "a1"], 16, len) == ["a1", "a11", "a1"]


@given(st.text("ab \n", max_size=80).map(lambda text: "\n".join(" ".join(line.split()) for line in text.split("\n"))))
def test_a_text_broken_for_its_field_comes_back_as_it_was(text: str):
    broken = flowing(text, 12, len)
    assert all(len(line) <= 13 or " " not in line.strip() for line in broken.split("\n"))
    assert joined(broken) == text
