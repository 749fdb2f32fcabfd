"""What is published of a file: of a recipe a bundle with all that belongs to it, of a model its files."""

import re
from collections.abc import Mapping
from pathlib import Path

from graingraph.app.document.bundles import pack_recipe
from graingraph.app.document.origin import without_ending
from graingraph.app.library.versions import Draft
from graingraph.app.rendering.recipe_thumbnail import recipe_thumbnail
from graingraph.engine.declare.model_file import weights_beside
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.evaluation import workspace
from graingraph.engine.files import write_atomically
from graingraph.engine.marks.store import SUFFIX as MARKS_SUFFIX
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
    recipe = recipe_file.load(path)
    name = name or recipe.name or without_ending(path).removesuffix(".json")
    packed = folder / f"{without_ending(path).removesuffix('.json')}{bundle.SUFFIX}"
    left_out = pack_recipe(path, packed, marks=marks)
    beside |= {
        "recipe": ("recipe.json", recipe_file.dump(recipe)),
        "thumbnail": (bundle.THUMBNAIL, recipe_thumbnail(recipe)),
    }
    return Draft(name, "recipe", {packed.name: packed}, beside, recipe.description), left_out


def draft_of_open(
    recipe: Recipe, models: ModelFolders, marks: Path | None, name: str, folder: Path
) -> tuple[Draft, list[str]]:
    """The same of a recipe that is open, saved or not, with the folder of what was drawn in it. Raises ``Problem``."""
    file = folder / f"{re.sub(r'[^0-9A-Za-z_-]+', '_', name)[:60] or 'recipe'}{recipe_file.SUFFIX}"
    recipe_file.save(recipe, file)
    workspace.carry_models(recipe, file, models)
    if marks is not None and marks.is_dir():
        for drawn in marks.glob(f"*{MARKS_SUFFIX}"):
            write_atomically(workspace.marks_folder(file) / drawn.name, drawn.read_bytes(), durable=False)
    return draft_of(file, folder, name=name)


def _of_model(path: Path, name: str, beside: Mapping[str, tuple[str, Path | bytes]]) -> Draft:
    if not path.is_file():
        raise Problem(f"There is no model file {path}; check its name and folder.")
    from graingraph.nodes.learning.model.file import read_card

    card = read_card(path)
    description = f"Tells {', '.join(one.name for one in card.classes)} apart. {card.note}".strip()
    files: dict[str, Path | bytes] = {path.name: path}
    files |= {file.relative_to(path.parent).as_posix(): file for file in weights_beside(path)}
    return Draft(name, "model", files, beside, description)


def _require_report(report: Path) -> None:
    if report.suffix.lower() not in REPORTS:
        raise Problem(f"{report.name} is no report; name a file that ends in {' or '.join(REPORTS)}.")
    try:
        size = report.stat().st_size
    except OSError as error:
        raise Problem(f"{report} cannot be read ({error.strerror}); check its name and folder.") from None
    if size > MAX_REPORT_BYTES:
        raise Problem(f"{report.name} is larger than any report; name another.")
