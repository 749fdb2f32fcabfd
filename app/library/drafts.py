"""What is published of a file: of a recipe a bundle with all that belongs to it, of a model its files."""

import re
from collections.abc import Mapping
from pathlib import Path

from graingraph.app.document.bundles import packing_of
from graingraph.app.document.origin import without_ending
from graingraph.app.library.versions import Draft
from graingraph.engine.declare.model_file import files_of
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.evaluation import workspace
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import bundle
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe

MODEL = ".onnx"
REPORTS = (".pdf", ".html")
MAX_REPORT_BYTES = 200_000_000


def draft_of(
    path: Path, folder: Path, *, name: str = "", marks: bool = True, report: Path | None = None
) -> tuple[Draft, list[str]]:
    """What is to be published of a recipe or model file, and a sentence for each model that is left out.

    ``folder`` is an empty one for the bundle, and has to be there until it is published. ``Problem`` where the file
    cannot be read.
    """
    if report is not None:
        _require_report(report)
    beside: dict[str, tuple[str, Path | bytes]] = {} if report is None else {"report": (report.name, report)}
    if path.suffix.lower() == MODEL:
        return _of_model(path, name or path.stem, beside), []
    packing, stem = packing_of(path, marks=marks), without_ending(path).removesuffix(".json")
    packed = folder / f"{stem}{bundle.SUFFIX}"
    packing.write(packed)
    beside |= {
        "recipe": ("recipe.json", packing.files[packing.name]),
        "thumbnail": (bundle.THUMBNAIL, packing.files[bundle.THUMBNAIL]),
    }
    name = name or packing.recipe.name or stem
    return Draft(name, "recipe", {packed.name: packed}, beside, packing.recipe.description), packing.left_out


def draft_of_open(
    recipe: Recipe, models: ModelFolders, marks: Path | None, name: str, folder: Path
) -> tuple[Draft, list[str]]:
    """The same of a recipe that is open, saved or not, with the folder of what was drawn in it. Raises ``Problem``."""
    file = folder / f"{re.sub(r'[^0-9A-Za-z_-]+', '_', name)[:60] or 'recipe'}{recipe_file.SUFFIX}"
    recipe_file.save(recipe, file)
    workspace.carry_models(recipe, file, models)
    if marks is not None:
        workspace.carry_marks(MarkStore(marks), file, durable=False)
    return draft_of(file, folder, name=name)


def _of_model(path: Path, name: str, beside: Mapping[str, tuple[str, Path | bytes]]) -> Draft:
    if not path.is_file():
        raise Problem(f"There is no model file {path}; check its name and folder.")
    from graingraph.nodes.learning.model.file import read_card

    card = read_card(path)
    description = f"Tells {', '.join(one.name for one in card.classes)} apart. {card.note}".strip()
    return Draft(name, "model", files_of(path), beside, description)


def _require_report(report: Path) -> None:
    if report.suffix.lower() not in REPORTS:
        raise Problem(f"{report.name} is no report; name a file that ends in {' or '.join(REPORTS)}.")
    try:
        size = report.stat().st_size
    except OSError as error:
        raise Problem(f"{report} cannot be read ({error.strerror}); check its name and folder.") from None
    if size > MAX_REPORT_BYTES:
        raise Problem(f"{report.name} is larger than any report; name another.")
