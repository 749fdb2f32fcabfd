"""The printed report."""

import io

import cv2
import numpy as np
import pypdf
import pytest

from graingraph.engine.declare.injected import RunInfo
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Image, Labels, PerImage, Plot, Scale, Series, Table
from graingraph.engine.values.notes import Note
from graingraph.nodes.report.report import learnt_with, representative
from graingraph.nodes.reporting.findings import Content
from graingraph.nodes.reporting.pages import TOGETHER
from graingraph.nodes.reporting.report_pdf import build_report
from graingraph.nodes.reporting.scale_mark import length_text, round_length
from tests.support.paths import GRAPHS


def report(scale: Scale | None, size: tuple[int, int] = (300, 400)) -> str:
    image = Image(np.full(size, 90, np.uint8), scale)
    run = RunInfo("steel", recipe_file.dump(Recipe(name="steel")), "0" * 32)
    pdf = build_report(Content("Steel", "", "a.png", image, None, None, None, None, None, (), run))
    return pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


@pytest.mark.parametrize(("um_per_px", "said"), [(1.0, "50 µm"), (0.0005, "20 nm"), (25.0, "2 mm")])
def test_the_scale_bar_is_labelled_in_the_right_unit(um_per_px: float, said: str) -> None:
    assert said in report(Scale(um_per_px)).splitlines()


def test_the_scale_bar_is_that_of_what_was_measured() -> None:
    image = Image(np.full((300, 400), 90, np.uint8), Scale(1.0))
    features = Labels(np.zeros((300, 400), np.int32), Scale(25.0), count=0)
    run = RunInfo("steel", recipe_file.dump(Recipe(name="steel")), "0" * 32)
    pdf = build_report(Content("Steel", "", "a.png", image, features, None, None, None, None, (), run))
    assert "2 mm" in pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().splitlines()


def test_without_a_pixel_size_there_is_no_bar() -> None:
    assert "µm" not in report(None)
    assert "pixel size is not known" in report(None)


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1)])
def test_pictures_of_any_shape_can_be_printed(size: tuple[int, int]) -> None:
    assert "Pixel size" in report(Scale(1.0), size)


def test_a_length_is_round_and_in_the_unit_that_reads_best() -> None:
    assert [round_length(x) for x in (0.99, 1, 4.9, 5, 99)] == [0.5, 1, 2, 5, 50]
    assert [length_text(um) for um in (0.5, 1, 200, 2000)] == ["500 nm", "1 µm", "200 µm", "2 mm"]


@pytest.mark.parametrize("count", range(7, 24))
def test_no_page_holds_only_a_line_or_two_and_no_row_is_lost(count: int) -> None:
    names = [f"steel_{number:03d}.tif" for number in range(count)]
    recipe = recipe_file.dump(recipe_file.load(GRAPHS / "nodules.graingraph.json"))
    run = RunInfo("steel", recipe, "0" * 32, {name: f"{number:032x}" for number, name in enumerate(names)})
    columns = {"Image": np.array(names, object), "Mean diameter": np.arange(count) + 0.5}
    fields = Table(columns, {"Mean diameter": "µm"}, rows="fields")
    image = Image(np.full((300, 400), 90, np.uint8), Scale(1.0))
    pdf = build_report(Content("Steel", "", "a.png", image, None, None, None, None, fields, (), run))
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    assert min(len(page.splitlines()) for page in pages) > TOGETHER
    assert all("Mean diameter (µm)" in page for page in pages if ".tif 0.5" in page or ".tif 1" in page)
    whole = " ".join(pages)
    assert [whole.count(name) for name in names] == [2] * count  # in the table, and with its hash


def test_a_sign_that_the_font_lacks_does_not_stop_the_report() -> None:
    run = RunInfo("漢字", recipe_file.dump(Recipe(name="漢字")), "0" * 32)
    image = Image(cv2.cvtColor(np.zeros((20, 30), np.uint8), cv2.COLOR_GRAY2RGB))
    assert build_report(Content("漢字", "", "漢字.png", image, None, None, None, None, None, (), run))


@pytest.mark.parametrize("height", range(150, 340, 10))
def test_a_plot_and_its_caption_are_on_one_page(height: int) -> None:
    plot = Plot("Distribution of diameter", "Diameter", "Number", (Series("n", np.arange(3.0), np.ones(3)),))
    run = RunInfo("steel", recipe_file.dump(Recipe(name="steel")), "0" * 32)
    image = Image(np.full((height, 340), 90, np.uint8))
    notes = tuple(Note("advice", f"Remark {number}.") for number in range(12))
    pdf = build_report(Content("Steel", "", "a.png", image, None, None, None, plot, None, notes, run))
    pages = list(pypdf.PdfReader(io.BytesIO(pdf)).pages)
    drawn = [len(page.images) for page in pages]
    assert sum(drawn) == 2
    page = next(number for number, page in enumerate(pages) if plot.title in page.extract_text())
    assert drawn[page] >= 1
    assert sum(drawn[: page + 1]) == 2, "the last picture, the plot, is on this page"


def test_images_whose_files_have_gone_since_are_passed_over_and_their_drawn_pictures_do() -> None:
    there = {"b.png": Image(np.zeros((20, 30), np.uint8))}

    def get(name: str) -> Image:
        if name not in there:
            raise Problem(f"There is no file {name}.")
        return there[name]

    jpeg = cv2.imencode(".jpg", np.full((20, 30, 3), 90, np.uint8))[1].tobytes()
    run = RunInfo("steel", b"{}", "0" * 32, overlay={"c.png": jpeg}.get)
    counted = Table({"Image": np.array(["a.png", "a.png", "b.png", "c.png"], object)}, {})
    images = PerImage(["a.png", "b.png", "c.png"], get)
    assert representative(images, None, [counted], run)[:2] == ("b.png", there["b.png"])
    there.clear()
    name, shown, _ = representative(images, None, [counted], run)
    assert (name, shown.shape) == ("c.png", (20, 30))


def named(*names: str) -> str:
    image = Image(np.full((300, 400), 90, np.uint8), None)
    run = RunInfo("steel", recipe_file.dump(Recipe(name="steel")), "0" * 32, dict.fromkeys(names, "0"))
    table = Table({"Image": np.array(names, object), "d": np.ones(len(names))}, {}, rows="fields")
    pdf = build_report(Content(names[0], "", names[0], image, None, None, None, None, table, (), run))
    return "".join("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def test_chinese_japanese_and_korean_names_are_printed() -> None:
    names = ("微.png", "组.png", "かな.png", "한국어.png", "Größe_Łódź.png")
    said = named(*names)
    assert all(said.count(name) >= 2 for name in names)
    assert "Nofont" not in said


def test_letters_that_no_font_has_are_named_and_names_stay_different(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graingraph.nodes.reporting.fonts._others", lambda: iter(()))
    said = named("微.png", "组.png")
    assert "<5FAE>.png" in said
    assert "<7EC4>.png" in said
    assert "Nofontonthismachinehastheletters" in said


def test_a_training_is_printed_as_its_model_says_whatever_the_recipe_has_now() -> None:
    recipe = recipe_file.load(GRAPHS / "twinned_brass.graingraph.json")
    folders = ModelFolders((GRAPHS / "models",))
    changed = recipe.with_setting("train", "epochs", 7).with_setting("train", "noise", 0.2)
    ran = learnt_with(changed, folders)
    image = Image(np.full((300, 400), 90, np.uint8))
    run = RunInfo("brass", recipe_file.dump(changed), "0" * 32)
    pdf = build_report(Content("Brass", "", "a.png", image, None, None, None, None, None, (), run, ran))
    text = " ".join("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())
    assert "epochs (0 = automatic) 240" in text
    assert "noise 0.03" in text
    assert "automatic) 7" not in text
    lost = changed.with_setting("train", "model", f"lost.onnx@{'0' * 32}")
    assert learnt_with(lost, folders) == {}
