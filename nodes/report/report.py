"""The printable report of a batch."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, cast, get_args

from graingraph.engine.declare.injected import Context, RunInfo
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Stated
from graingraph.engine.images.files import same_content
from graingraph.engine.marks.corrections import touched
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Document, Image, Labels, Mask, PerImage, Plot, Table
from graingraph.engine.values.notes import Note
from graingraph.nodes.reporting.conformity import DecisionRule
from graingraph.nodes.reporting.header import KNOWN, LIMIT, per_cent

if TYPE_CHECKING:
    from graingraph.nodes.learning.model.card import Answer
    from graingraph.nodes.reporting.findings import Corrected

Words = Annotated[str, Stated()]
"""What a person states about the work."""


class Report(NamedTuple):
    """The report on paper, and the same as one self-contained page."""

    document: Document
    page: Document


@node(
    "Report",
    category="Report",
    version=1,
    synonyms=(
        "PDF",
        "print",
        "document",
        "specification limit",
        "pass or fail",
        "conformity",
        "test report",
    ),
    files=("report.pdf", "report.html"),
)
def report(
    images: PerImage[Image],
    features: PerImage[Labels | Mask] | None = None,
    measurements: Table | None = None,
    statistics: Table | None = None,
    plot: Plot | None = None,
    fields: Table | None = None,
    *,
    title: Words = "",
    author: Words = "",
    laboratory: Words = "",
    report_number: Words = "",
    customer: Words = "",
    specimen: Words = "",
    sampling: Words = "",
    received: Words = "",
    measured: Words = "",
    place: Words = "",
    material: Words = "",
    heat_treatment: Words = "",
    plane: Words = "",
    preparation: Words = "",
    etchant: Words = "",
    microscope: Words = "",
    objective: Words = "",
    calibration_certificate: Words = "",
    calibration_date: Words = "",
    calibration_uncertainty: Words = "",
    operator: Words = "",
    checker: Words = "",
    standard: Words = "",
    edition: Words = "",
    clause: Words = "",
    focus_uncertainty: Words = "",
    preparation_uncertainty: Words = "",
    operator_uncertainty: Words = "",
    limit_on: Words = "",
    at_least: Words = "",
    at_most: Words = "",
    decision_rule: Annotated[DecisionRule, Stated()] = "simple acceptance",
    run: RunInfo,
    context: Context,
) -> Report:
    """Make the report, for paper (PDF) and for a browser (HTML): result, uncertainty, fields, picture, provenance.

    The first line is the result with its 95 % interval, or that it is not reportable, and why. The header holds what
    the laboratory fills in below, or in a file in a batch (``run --header FILE``). The picture is the image whose
    number of features is the median one, with the outlines of its features. The recipe lies in the PDF as an
    attachment, so the report can be opened like a recipe. The page holds all in one file: tables that sort, pictures
    that zoom.

    Settings:
        title: Heading of the report; empty takes the recipe's name.
        author: Who answers for the measurement; printed below the heading.
        laboratory: Name and address of the laboratory.
        report_number: The number of this report.
        customer: Whom the report is for, and how to reach them.
        specimen: What was received, and in which state.
        sampling: Where the specimen was taken from, and by which plan the fields were chosen.
        received: When the specimen was received.
        measured: When it was measured.
        place: Where it was measured, if not at the laboratory's address.
        material: Alloy, grade and condition.
        heat_treatment: Heat treatment of the specimen.
        plane: Plane of the section and direction in it.
        preparation: How the section was ground and polished.
        etchant: Etchant, time and temperature.
        microscope: Microscope and camera.
        objective: Objective and its numerical aperture.
        calibration_certificate: Certificate of the stage micrometer or standard that the pixel size was taken with.
        calibration_date: When the pixel size was calibrated.
        calibration_uncertainty: Expanded uncertainty (k = 2) that the certificate states, in per cent of the length.
        operator: Who measured.
        checker: Who checked the result.
        standard: Standard that was followed.
        edition: Its edition or year.
        clause: The clause with the procedure.
        focus_uncertainty: What focus adds to the standard uncertainty, in per cent of a length, if you know it.
        preparation_uncertainty: What preparation and etching add, in per cent of a length, if you know it.
        operator_uncertainty: What the choice of fields and operator add, in per cent of a length, if you know it.
        limit_on: Quantity that a specification limits, as the table of results names it or begins to name it.
        at_least: Lower specification limit; empty for none.
        at_most: Upper specification limit; empty for none.
        decision_rule: Whether the value decides as it is, or the limits are moved inwards by the uncertainty (k = 2).
    """
    from graingraph.nodes.reporting.conformity import limit_of
    from graingraph.nodes.reporting.findings import Content
    from graingraph.nodes.reporting.report_html import build_page
    from graingraph.nodes.reporting.report_pdf import build_report

    filled = {
        "laboratory": laboratory,
        "report_number": report_number,
        "customer": customer,
        "specimen": specimen,
        "sampling": sampling,
        "received": received,
        "measured": measured,
        "place": place,
        "material": material,
        "heat_treatment": heat_treatment,
        "plane": plane,
        "preparation": preparation,
        "etchant": etchant,
        "microscope": microscope,
        "objective": objective,
        "calibration_certificate": calibration_certificate,
        "calibration_date": calibration_date,
        "calibration_uncertainty": calibration_uncertainty,
        "operator": operator,
        "checker": checker,
        "standard": standard,
        "edition": edition,
        "clause": clause,
        "focus_uncertainty": focus_uncertainty,
        "preparation_uncertainty": preparation_uncertainty,
        "operator_uncertainty": operator_uncertainty,
        "limit_on": limit_on,
        "at_least": at_least,
        "at_most": at_most,
        "decision_rule": decision_rule,
    } | dict(run.header)
    quantity, low, high, rule = (filled.pop(name) for name in LIMIT)
    known = {name: per_cent(filled.pop(name), name.replace("_", " ")) for name in KNOWN}
    if rule not in get_args(DecisionRule):
        raise Problem(f"The decision rule is {' or '.join(get_args(DecisionRule))}, not '{rule}'.")
    limit = limit_of(quantity, low, high, cast("DecisionRule", rule))
    recipe = recipe_file.parse(run.recipe_json)
    context.check(0.1, "choosing a picture")
    tables = [table for table in (measurements, statistics, fields) if table is not None]
    name, image, outlined = representative(images, features, tables, run)
    context.check(0.3, "writing the PDF")
    said = [note for value in (*tables, *([plot] if plot else [])) for note in value.notes]
    noticed = (Note("advice", text) for text in (*run.moved.beyond, *same_content(run.images)))
    notes = tuple(dict.fromkeys([*noticed, *said]))
    content = Content(
        title=title or run.recipe_name or "Measurement",
        author=author,
        image_name=name,
        image=image,
        features=outlined,
        measurements=measurements,
        statistics=statistics,
        plot=plot,
        fields=fields,
        notes=notes,
        run=run,
        learnt_with=learnt_with(recipe, context.model_folders),
        known=known,
        answers=answers_of(recipe, context.model_folders),
        header=filled,
        limit=limit,
        corrected=corrected_by_hand(run, features, measurements),
    )
    context.check(0.7, "writing the page")
    return Report(Document("report.pdf", build_report(content)), Document("report.html", build_page(content)))


def learnt_with(recipe: Recipe, folders: ModelFolders) -> dict[str, Mapping[str, Any]]:
    """What the model of each training in the recipe was learnt with, by step; what a model does not tell is left out.

    The settings of the step may have been changed since: what counts is what the model says.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for name, step in recipe.steps.items():
        if step.product and step.declared and step.declared.trained:
            with suppress(Problem):  # a recipe runs without the model of a training that nothing is wired to
                found[name] = step.declared.trained.learnt_with(folders.resolve(step.product).path)
    return found


def answers_of(recipe: Recipe, folders: ModelFolders) -> tuple["Answer", ...] | None:
    """What the models that the recipe applies answered on held-out images; None where it applies none."""
    from graingraph.engine.recipe.models import applied
    from graingraph.nodes.learning.model.file import read_card

    references = set(applied(recipe).values())
    found: list[Answer] = []
    for reference in references:
        with suppress(Problem):
            found += read_card(folders.resolve(reference).path).answers
    return tuple(found) if references else None


def corrected_by_hand(
    run: RunInfo, features: PerImage[Labels | Mask] | None, measurements: Table | None
) -> "Corrected":
    """How much was corrected by hand; of an image whose file has gone since, as it was noted when it was measured."""
    from graingraph.nodes.reporting.findings import Corrected

    drawn, features_touched = run.corrections(), 0
    for name, marks in drawn.items():
        try:
            region = features.get(name) if features is not None else None
        except Problem:
            features_touched += run.touched(name)
        else:
            features_touched += touched(region, marks) if isinstance(region, Labels) else 0
    counts = measurements is not None and measurements.rows == "features" and features is not None
    every = measurements.count if measurements is not None and counts else 0
    return Corrected(sum(map(len, drawn.values())), len(drawn), features_touched, every)


def representative(
    images: PerImage[Image], features: PerImage[Labels | Mask] | None, tables: Sequence[Table], run: RunInfo
) -> tuple[str, Image, Labels | Mask | None]:
    """The image to show, by name, with its features: the median one by their number, or the next that can be had.

    Where the files of all have gone since they were measured, it is the picture that the batch has drawn of one.
    ``Problem`` where there is none either.
    """
    from graingraph.nodes.reporting.picture import image_of

    names = [name for name in dict.fromkeys([*_by_count(tables), *images]) if name in images]
    for name in names:
        with suppress(Problem):
            image, outlined = images[name], features.get(name) if features is not None else None
            return name, image, outlined if outlined is not None and outlined.shape == image.shape else None
    for name in names:
        scale = next((one.scale for table in tables for one in table.fields if one.image == name), None)
        if (drawn := image_of(run.overlay(name) or b"", scale)) is not None:
            return name, drawn, None
    return names[0], images[names[0]], None


def _by_count(tables: Sequence[Table]) -> list[str]:
    """The images by the number of their features (rows), the median one first; none where nothing was counted."""
    for table in tables:
        if "Image" in table.columns and table.count:
            counts = table.frame["Image"].value_counts().sort_values(kind="stable")
            return [str(name) for name in (counts.index[len(counts) // 2], *counts.index)]
    return []
