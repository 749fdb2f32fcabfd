"""The report as one page: nothing of it is fetched from elsewhere, and no name can break out of it."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import cv2
import numpy as np

from graingraph.engine.declare.injected import RunInfo
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Image, Labels, MeasuredField, Plot, Result, Scale, Series, Table
from graingraph.engine.values.notes import Note
from graingraph.nodes.reporting.findings import Content
from graingraph.nodes.reporting.report_html import MAX_ROWS, build_page

EVIL = '<img src="http://x.example/a.png" onerror=alert(1)>"\'&.tif'


class Page(HTMLParser):
    """Tags with their attributes, and the texts, of a page; every tag that is opened is closed."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(data.decode())
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def content(name: str = "a.tif", rows: int = 3, overlay: bytes | None = None) -> Content:
    labels = np.zeros((60, 80), np.int32)
    labels[10:30, 10:30] = 1
    scale = Scale(0.5, "typed")
    images = {name: "0", "b.tif": "1"}
    run = RunInfo(name, recipe_file.dump(Recipe(name=name)), "0" * 32, images, overlay=lambda image: overlay)
    result = Result("Mean diameter", "µm", 10.0, 9.0, 11.0, 5)
    measured = Table(
        {"Image": np.full(rows, name, object), "Diameter": np.append(np.arange(rows - 1.0), np.nan)},
        {"Diameter": "µm"},
        results=(result,),
        fields=(MeasuredField(60, 80, scale, 1, 2, name),),
    )
    plot = Plot("Distribution", "Diameter (µm)", "Number", (Series("n", np.arange(3.0), np.ones(2), "bars"),))
    image = Image(np.full((60, 80), 90, np.uint8), scale)
    found = Labels(labels, scale, count=1)
    return Content(name, name, name, image, found, measured, None, plot, None, (Note("advice", name),), run)


def test_all_of_it_is_in_the_file() -> None:
    drawn = cv2.imencode(".jpg", np.zeros((1500, 1200, 3), np.uint8))[1].tobytes()
    page = Page(build_page(content(overlay=drawn)))
    sources = [attrs["src"] for tag, attrs in page.tags if tag == "img"]
    assert len(sources) == 3
    assert all(source and source.startswith("data:image/") for source in sources)
    assert not [tag for tag, attrs in page.tags if tag == "link" or "href" in attrs or (tag == "script" and attrs)]
    policy = next(attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv"))
    assert policy and policy.startswith("default-src 'none'")  # noqa: PT018
    assert "url(" not in build_page(content()).decode()


def test_names_are_texts_and_nothing_else() -> None:
    page = Page(build_page(content(EVIL)))
    assert all(attrs.keys() <= {"alt", "src", "class"} for tag, attrs in page.tags if tag == "img")
    assert EVIL in "".join(page.texts)


def test_numbers_sort_as_numbers_and_long_tables_say_so() -> None:
    page = build_page(content(rows=MAX_ROWS + 5)).decode()
    assert f"The first {MAX_ROWS} of {MAX_ROWS + 5} rows" in page
    assert re.search(r'<td data-number="10\.0">10</td>', page)
    missing = build_page(content()).decode()
    assert '<td data-number="nan">–</td>' in missing


def test_texts_stand_at_the_left_and_numbers_at_the_right() -> None:
    page = build_page(content("001.tif")).decode()
    assert '<th class="text"><button>Image</button></th><th><button>Diameter (µm)</button></th>' in page
    assert '<td class="text">001.tif</td><td data-number="0.0">0</td>' in page
    assert '<td class="text">Mean diameter</td><td>10.0 ± 1.0 µm</td>' in page


def test_it_says_the_same_as_the_paper() -> None:
    why = (Note("not reportable", "2 fields of at least 5."),)
    text = " ".join(Page(build_page(replace(content(), notes=why))).texts)
    assert "Not reportable: 2 fields of at least 5." in text
    assert "The results relate only to the items tested." in text
    assert "10.0 ± 1.0 µm" in text


def test_pictures_have_a_scale_bar_of_a_round_length() -> None:
    page = build_page(content()).decode()
    found = re.search(r'<span class="bar" style="width:([\d.]+)%">([^<]*)</span>', page)
    assert found is not None
    # The picture is 80 px of 0.5 µm, so 40 µm wide.
    assert found.group(2) == "5 µm"
    assert float(found.group(1)) == 12.5
