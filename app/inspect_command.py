"""The commands that look without running: ``check``, ``explain``, ``model`` and ``verify``."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import platformdirs
import typer

from app.recipes import open_recipe
from engine.batch_results import verify
from engine.cache import DiskCache
from engine.check import check
from engine.evaluate import Evaluation
from engine.image_files import find_images
from engine.image_job import Place
from engine.store import Store
from engine.tray import Tray
from engine.why import why
from engine.workspace import open_marks


def check_recipe(path: Path, as_json: bool) -> int:
    """Print every finding; exit code 1 if one of them is an error."""
    recipe = open_recipe(path)
    findings = check(recipe)
    wrong = any(finding.severity == "error" for finding in findings)
    if as_json:
        _print_json({"recipe": recipe.id, "sound": not wrong, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            typer.echo(str(finding))
        typer.echo(f"{path.name}: {'not sound' if wrong else 'sound'}, {len(recipe.steps)} nodes, id {recipe.id}.")
    return 1 if wrong else 0


def explain_recipe(path: Path, image: str, sets: list[str], as_json: bool) -> None:
    """Print the state of every node for one image."""
    recipe = open_recipe(path, sets)
    tray = Tray.of_files(find_images([image]))
    evaluation = Evaluation(recipe, tray, Store(disk=DiskCache(disk_cache_folder()), marks=open_marks(path)))
    name = next(iter(tray))
    states = {node: why(evaluation, node, name) for node in recipe.order}
    if as_json:
        _print_json({node: asdict(state) for node, state in states.items()})
        return
    for node, state in states.items():
        once = " (once per batch)" if node in recipe.per_batch else ""
        typer.echo(f"{node}{once}: {state.name}. {state.sentence}")


def disk_cache_folder() -> Path:
    """The folder of results kept between runs, for nodes that cost more to compute than to read."""
    return platformdirs.user_cache_path("graingraph", False) / "results"


def show_model(path: Path, as_json: bool) -> None:
    """Print a model's card."""
    from nodes.learning.model_file import model_card

    facts, text = model_card(path)
    if as_json:
        _print_json(facts)
    else:
        typer.echo(text)


def verify_results(out: Path, as_json: bool) -> int:
    """Print what differs from the manifest; exit code 1 if anything does."""
    wrong = verify(Place(out))
    if as_json:
        _print_json({"verified": not wrong, "differences": wrong})
    else:
        for sentence in wrong:
            typer.echo(sentence)
        typer.echo(f"{out}: {'differs from' if wrong else 'agrees with'} its manifest.")
    return 1 if wrong else 0


def _print_json(answer: Any) -> None:
    typer.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY).decode())
