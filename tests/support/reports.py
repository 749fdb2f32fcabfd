"""Reports as small as they can be: a PDF with a recipe in it."""

from pathlib import Path

from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.attachments import RECIPE_OF_REPORT, seal
from graingraph.engine.recipe.recipe import Recipe


def report_of(recipe: Recipe, path: Path) -> Path:
    """Write a report that holds this recipe."""
    from fpdf import FPDF

    pdf = FPDF()
    pdf.add_page()
    data = recipe_file.dump(recipe)
    pdf.embed_file(basename=f"recipe{recipe_file.SUFFIX}", bytes=data, desc=seal(RECIPE_OF_REPORT, data))
    path.write_bytes(bytes(pdf.output()))
    return path
