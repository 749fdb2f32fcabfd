"""What a report says: verdict, uncertainty, limits, header."""

import io
import math
from dataclasses import replace

import numpy as np
import pypdf
import pytest

from graingraph.engine.declare.injected import Mark, RunInfo
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Image, Labels, MeasuredField, PerImage, Result, Scale, Table
from graingraph.engine.values.notes import Note
from graingraph.nodes.imaging.stereology.statistics import Statistic, statistics_columns
from graingraph.nodes.learning.model.card import Answer
from graingraph.nodes.report.report import corrected_by_hand
from graingraph.nodes.reporting import findings
from graingraph.nodes.reporting.conformity import decide, limit_of
from graingraph.nodes.reporting.findings import Content
from graingraph.nodes.reporting.header import LINES, per_cent, read_header
from graingraph.nodes.reporting.report_pdf import build_report
from graingraph.nodes.reporting.uncertainty_budget import Sources, budget_of

LENGTH = Result("Mean intercept by circles", "µm", 10.0, 9.4, 10.6, 5, spread=0.48, needed=2, per_scale=10.0)
FIELD = MeasuredField(400, 600, Scale(0.5, "scale bar", uncertainty=0.01), 120, 30, "a.png")


def content(*notes: Note, results: tuple[Result, ...] = (LENGTH,), **more: object) -> Content:
    run = RunInfo("steel", recipe_file.dump(Recipe(name="steel")), "0" * 32, {"a.png": "0"})
    table = Table({"Image": np.array(["a.png"], object)}, {}, "fields", results=results, fields=(FIELD,))
    image = Image(np.full((400, 600), 90, np.uint8), FIELD.scale)
    made = Content("Steel", "", "a.png", image, None, None, None, None, table, notes, run)
    return replace(made, **more)  # type: ignore[arg-type]


def first_page(made: Content) -> str:
    return pypdf.PdfReader(io.BytesIO(build_report(made))).pages[0].extract_text()


def test_the_first_line_is_the_result_with_what_its_interval_is_over() -> None:
    page = first_page(content())
    assert page.splitlines()[2] == "Mean intercept by circles 10.00 ± 0.60 µm (95 % CI over 5 fields)"
    assert "The results relate only to the items tested." in page
    assert "a.png 0.5 1 scale bar 0.06 120 30" in page


def test_the_first_line_says_not_reportable_and_why() -> None:
    why = Note("not reportable", "2 fields of at least 5.")
    assert first_page(content(why)).splitlines()[2] == "Not reportable: 2 fields of at least 5."


def test_the_budget_adds_the_squares_of_fields_and_pixel_size() -> None:
    budget = budget_of(LENGTH, [FIELD])
    assert [one.standard for one in budget.contributions][:2] == pytest.approx([0.3, 0.1])
    assert budget.expanded == pytest.approx(2 * math.hypot(0.3, 0.1))
    settled = Sources(moved={LENGTH.quantity: 0.2})
    assert budget_of(LENGTH, [FIELD], settled).expanded == pytest.approx(2 * math.hypot(0.3, 0.1, 0.2))


def test_the_budget_holds_the_certificate_the_model_and_what_the_laboratory_states() -> None:
    """Certificate 1 % (k = 2) and a model 4 % too long on two held-out images that differ by nothing, of 10 µm."""
    measured = replace(LENGTH, column="Mean intercept circles")
    answers = (Answer("size", "Mean intercept circles", "µm", (10.4, 20.8), (10.0, 20.0)),)
    sources = Sources(0.01, {}, answers, {"operator_uncertainty": 0.02}, corrections=3)
    found = {one.source: one.standard for one in budget_of(measured, [FIELD], sources).contributions}
    assert found["Calibration, by its certificate"] == pytest.approx(0.05)
    assert found["Model, on held-out images"] == pytest.approx(10 * math.hypot(0.6, 0.2828 / 2**0.5) / 15, rel=0.01)
    of_materials = replace(sources, answers=(replace(answers[0], alike=False),))  # the specimen is like one of the two
    (model,) = (c for c in budget_of(measured, [FIELD], of_materials).contributions if c.source.startswith("Model"))
    assert model.standard == pytest.approx(10 * math.hypot(0.6, 0.2828) / 15, rel=0.01)
    assert found["Operator and choice of fields"] == pytest.approx(0.2)
    assert math.isnan(found["Focus"])
    assert math.isnan(found["Corrections by hand"])
    assert budget_of(replace(measured, column="G circles"), [FIELD], sources).contributions[4].standard != 0


def test_a_stated_calibration_is_in_the_budget_and_no_deviation() -> None:
    unknown = replace(FIELD, scale=Scale(0.5))
    plain = content()
    table = replace(plain.tables[0], fields=(unknown,))
    bare, stated = (replace(plain, fields=table, header=lines) for lines in ({}, {"calibration_uncertainty": "0,5 %"}))
    assert any("pixel size is not stated" in one for one in findings.deviations(bare))
    assert not any("pixel size is not stated" in one for one in findings.deviations(stated))
    assert stated.budget(LENGTH).contributions[2].standard == pytest.approx(10 * 0.0025)
    with pytest.raises(Problem, match="percentage"):
        per_cent("half a micrometre", "calibration uncertainty")


def test_every_page_has_the_report_number_and_says_which_of_how_many_it_is() -> None:
    pdf = pypdf.PdfReader(io.BytesIO(build_report(content(header={"report_number": "R-7", "operator": "A. Smith"}))))
    for number, page in enumerate(pdf.pages, 1):
        assert "Report R-7" in page.extract_text()
        assert f"page {number} of {len(pdf.pages)}" in page.extract_text()
    whole = "".join(page.extract_text() for page in pdf.pages)
    assert whole.count("Signature") == 2
    assert "A. Smith" in whole


def test_what_is_not_stated_is_no_zero() -> None:
    unstated = replace(FIELD, scale=Scale(0.5))
    assert math.isnan(budget_of(LENGTH, [unstated]).contributions[1].standard)
    assert budget_of(replace(LENGTH, per_scale=0.0), [unstated]).contributions[1].standard == 0
    assert math.isnan(budget_of(replace(LENGTH, low=math.nan, high=math.nan), [FIELD]).expanded)


@pytest.mark.parametrize(
    ("at_least", "at_most", "rule", "found"),
    [
        ("9.5", "", "simple acceptance", "pass"),
        ("9.5", "", "guarded acceptance", "fail"),
        ("9", "11", "guarded acceptance", "pass"),
        ("", "9,9", "simple acceptance", "fail"),
    ],
)
def test_a_limit_is_decided_by_its_rule(at_least: str, at_most: str, rule: str, found: str) -> None:
    limit = limit_of("mean intercept", at_least, at_most, rule)  # type: ignore[arg-type]
    assert content(limit=limit).decision(LENGTH) == found
    assert decide(limit, replace(LENGTH, reasons=("2 fields",)), 0.1) == "not reportable"  # type: ignore[arg-type]


def test_a_limit_without_a_number_or_a_quantity_is_a_problem() -> None:
    assert limit_of("", "", "", "simple acceptance") is None
    for quantity, low in (("G", ""), ("", "5"), ("G", "five")):
        with pytest.raises(Problem):
            limit_of(quantity, low, "", "simple acceptance")
    for no_number in ("nan", "inf"):
        with pytest.raises(Problem, match="is no number"):
            limit_of("G", no_number, "5", "simple acceptance")


def test_a_header_file_fills_lines_by_name_or_label_and_may_add_its_own() -> None:
    toml = b'laboratory = "Ours"\n"Report number" = 7\ncalibration_date = 2026-03-01\nOrder = "4711"\nat_least = 5.5\n'
    assert read_header(toml, "h.toml") == {
        "laboratory": "Ours",
        "report_number": "7",
        "calibration_date": "2026-03-01",
        "Order": "4711",
        "at_least": "5.5",
    }
    assert read_header(b'{"operator": "A"}', "h.json") == {"operator": "A"}


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"[", "h.toml"),
        (b"[1]", "h.json"),
        (b"a = [1]", "h.toml"),
        (b"a='" + b"x" * 2000 + b"'", "h.toml"),
        (b"#" * 70_000, "h.toml"),
        (b"\xff", "h.toml"),
    ],
    ids=range(6),
)
def test_a_bad_header_file_is_a_problem(data: bytes, name: str) -> None:
    with pytest.raises(Problem, match=r"h\."):
        read_header(data, name)


def test_a_filled_header_stands_on_the_first_page_with_what_is_missing() -> None:
    page = first_page(content(header=dict.fromkeys(LINES, "") | {"customer": "Forge 12", "Order": "4711"}))
    assert "Customer Forge 12" in page
    assert "Order 4711" in page
    assert "Laboratory not stated" in page


def test_corrections_are_counted_with_the_features_that_they_touched() -> None:
    labels = np.zeros((10, 10), np.int32)
    labels[1:4, 1:4], labels[6:9, 6:9] = 1, 2
    marks = [Mark("m", "pen", np.array([[2.0, 2.0], [5.0, 5.0]], np.float32))]

    def get(name: str) -> Labels:
        if name == "moved away since":
            raise Problem("There is no file of that name.")
        return Labels(labels, None, count=2)

    drawn = {"a": marks, "moved away since": marks}
    run = RunInfo("steel", b"", "0" * 32, corrections=lambda: drawn, touched={"moved away since": 1}.__getitem__)
    found = corrected_by_hand(run, PerImage([*drawn], get), Table({"Label": np.array([1, 2, 1, 2])}, {}))
    assert (found.strokes, found.images, found.touched, found.features) == (2, 2, 2, 4)
    assert "touched 50.0 % of the features" in " ".join(findings.deviations(content(corrected=found)))


def test_what_must_not_be_reported_stands_as_such_in_place_of_its_value() -> None:
    why = ("3 fields of at least 5", "the relative accuracy is 12 %, not 10 % or better")
    bad = replace(LENGTH, quantity="Grains per area", value=123.4, reasons=why)
    table = findings.results_table(content(results=(LENGTH, bad, replace(bad, quantity="G"))))
    assert list(table["Result"]) == [
        "10.00 ± 0.60 µm",
        f"not reportable: {'; '.join(why)}",
        "not reportable, as above",
    ]
    assert list(table["95 % CI"]) == ["9.40 to 10.60 µm", "–", "–"]
    page = first_page(content(results=(bad,)))
    assert "3 fields of at least 5" in page
    assert "123" not in page
    assert "95 % CI" not in page


def test_reasons_that_differ_in_numbers_only_are_said_once() -> None:
    def poor(name: str, per_cent: int) -> Result:
        return replace(LENGTH, quantity=name, reasons=(f"the relative accuracy is {per_cent} %, not 10 % or better",))

    found = content(results=(poor("D10", 12), poor("D50", 40), poor("D90", 25), poor("Mean", 12)))
    assert found.reasons == ["D10, Mean, 2 more: the relative accuracy is 12 to 40 %, not 10 % or better"]
    named = [replace(LENGTH, quantity=f"a{k}", reasons=(f"field_{k}.tif is empty",)) for k in (1, 2)]
    assert content(results=tuple(named)).reasons == ["a1: field_1.tif is empty", "a2: field_2.tif is empty"]


def test_a_long_reason_stands_at_the_top_alone() -> None:
    bad = replace(LENGTH, reasons=("many words " * 20,))
    assert list(findings.results_table(content(results=(bad,)))["Result"]) == ["not reportable, as said at the top"]


def test_statistics_are_printed_without_what_must_not_be_reported() -> None:
    rows = [Statistic("Number of fields", 3.0, ""), Statistic("Mean", 123.4, "µm", refused=True)]
    rows.append(Statistic("Mean intercept", 10.0, "µm"))
    table = Table(statistics_columns(rows), {}, rows="statistics", results=(LENGTH,))
    printed = findings.printed_statistics(table)
    assert list(printed.columns["Value"]) == ["3", "not reportable", "10.00"]
    assert list(printed.columns) == ["Statistic", "Value", "Unit"]
    assert list(table.columns["Remark"]) == ["", "not reportable", ""]


def test_what_has_no_value_is_not_printed_unless_it_is_an_answer() -> None:
    unknown = Result("Largest pore", "µm", math.nan, math.nan, math.nan, 5)
    names = ("Largest pore", "Largest pore, 95 % CI over fields, from", "Number of fields")
    rows = [Statistic(name, value, "") for name, value in zip(names, (math.nan, math.nan, 5.0), strict=True)]
    table = Table(statistics_columns(rows), {}, rows="statistics", results=(unknown,))
    assert findings.printed_statistics(table).columns["Statistic"].tolist() == ["Largest pore", "Number of fields"]


def test_an_angle_has_no_relative_accuracy_and_a_small_field_is_in_square_micrometres() -> None:
    angle = Result("Circular mean", "°", 0.5, -2.0, 3.0, 5)
    small = MeasuredField(200, 200, Scale(0.02), image="a.png")
    made = content(fields=Table({}, {}, "fields", results=(angle,), fields=(small,)))
    assert findings.results_table(made)["%RA"].tolist() == ["–"]
    assert findings.fields_table(made)["Area (µm²)"].tolist() == ["16"]


def test_the_heading_says_what_an_assessor_looks_for_and_a_specimen_by_two_names_is_told() -> None:
    header = {"report_number": "2026-7", "laboratory": "Ours, Kiel", "specimen": "S7"}
    made = content(results=(replace(LENGTH, specimen="steel_in"),), header=header)
    page = first_page(made)
    assert "Test report 2026-7 · Ours, Kiel · issued 20" in page
    assert "%RA" in page
    said = " ".join(findings.deviations(made))
    assert "states the specimen S7, while the images are told as steel_in" in said
    assert "sampling" in said
    same = content(results=(replace(LENGTH, specimen="S7"),), header=header)
    assert "while the images" not in " ".join(findings.deviations(same))


def test_the_pixel_size_is_known_by_one_of_two_lines() -> None:
    unstated = replace(FIELD, scale=Scale(0.5, "typed"))
    table = Table({"Image": np.array(["a.png"], object)}, {}, "fields", results=(LENGTH,), fields=(unstated,))
    certified = findings.budget_table(content(measurements=table, fields=None, header={"calibration_uncertainty": "1"}))
    assert certified.iloc[1].tolist()[1] == "in the next line"
    assert findings.budget_table(content()).iloc[2].tolist()[1] == "in the line above"


def test_a_limit_on_what_was_not_measured_is_told() -> None:
    elsewhere = content(limit=limit_of("Area fraction", "5", "", "simple acceptance"))
    assert "limit is on Area fraction, which is not among the results" in " ".join(findings.deviations(elsewhere))
    here = content(limit=limit_of("mean intercept", "5", "", "simple acceptance"))
    assert "limit is on" not in " ".join(findings.deviations(here))
