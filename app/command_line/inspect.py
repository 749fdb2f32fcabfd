"""The commands that look without running: ``check``, ``explain``, ``model`` and ``verify``."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import typer

from app.batch.place import place_for
from app.command_line.recipes import open_recipe
from app.session.user_cache import user_cache
from engine.batch_results import verify
from engine.check import check
from engine.evaluate import Evaluation
from engine.image_files import find_images
from engine.image_job import Place, finished_row
from engine.problem import Problem
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


def explain_recipe(path: Path, image: str, out: Path | None, sets: list[str], as_json: bool) -> None:
    """Print the state of every node for one image, as a run into ``out`` (or a new folder) would find it."""
    recipe = open_recipe(path, sets)
    paths = find_images([image])
    if not paths or not paths[0].is_file():
        raise Problem(f"There is no image file {image}; check its name and folder.")
    tray = Tray.of_files(paths[:1])
    name = next(iter(tray))
    if out is None:
        evaluation = Evaluation(recipe, tray, Store(disk=user_cache(), marks=open_marks(path)))
        finished = False
    else:
        place = place_for(path, out)
        evaluation = Evaluation(recipe, tray, place.store())
        finished = finished_row(evaluation, place, name) is not None
    states = {node: why(evaluation, node, name) for node in recipe.order}
    if as_json:
        _print_json({node: asdict(state) for node, state in states.items()})
        return
    if finished:
        typer.echo(f"{name} was finished by an earlier run into {out}; only what exists once per batch would run.")
    for node, state in states.items():
        once = " (once per batch)" if node in recipe.per_batch else ""
        typer.echo(f"{node}{once}: {state.name}. {state.sentence}")


def show_model(path: Path, as_json: bool) -> None:
    """Print a model's card."""
    from nodes.networks.model_file import model_card

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
