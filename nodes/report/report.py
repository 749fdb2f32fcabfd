"""The printable report of a batch."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from graingraph.engine.declare.injected import Context, RunInfo
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.declare.node import node
from graingraph.engine.images.files import same_content
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Document, Image, Labels, Mask, PerImage, Plot, Table
from graingraph.engine.values.notes import Note


@node("Report", category="Report", version=1, synonyms=("PDF", "print", "document"))
def report(
    images: PerImage[Image],
    features: PerImage[Labels | Mask] | None = None,
    measurements: Table | None = None,
    statistics: Table | None = None,
    plot: Plot | None = None,
    fields: Table | None = None,
    *,
    title: str = "",
    author: str = "",
    run: RunInfo,
    context: Context,
) -> Document:
    """Make the printable report (PDF): picture, distribution, statistics, a table of the fields, recipe, provenance.

    The picture is the image whose number of features is the median one, with the outlines of its features. Remarks on
    how far the numbers can be trusted stand on the first page. The recipe lies in the PDF as an attachment, so the
    report can be opened like a recipe.

    Settings:
        title: Heading of the report; empty takes the recipe's name.
        author: Who answers for the measurement; printed below the heading.
    """
    from graingraph.nodes.reporting.report_pdf import Content, build_report

    context.check(0.1, "choosing a picture")
    name, image = representative(images, measurements)
    outlined = features.get(name) if features is not None else None
    if outlined is not None and outlined.shape != image.shape:
        outlined = None
    context.check(0.3, "writing the PDF")
    tables = [table for table in (measurements, statistics, fields) if table is not None]
    said = [note for value in (*tables, *([plot] if plot else [])) for note in value.notes]
    notes = tuple(dict.fromkeys([*(Note("advice", text) for text in same_content(run.images)), *said]))
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
        learnt_with=learnt_with(recipe_file.parse(run.recipe_json), context.model_folders),
    )
    return Document("report.pdf", build_report(content))


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


def representative(images: PerImage[Image], measurements: Table | None) -> tuple[str, Image]:
    """The image with the median number of features (the first good one if nothing was counted), by name."""
    if measurements is not None and "Image" in measurements.columns and measurements.count:
        counts = measurements.frame["Image"].value_counts().sort_values(kind="stable")
        for name in (counts.index[len(counts) // 2], *counts.index):
            if name in images:
                return str(name), images[str(name)]
    for name, image in images.good():
        return name, image
    name = next(iter(images))
    return name, images[name]
