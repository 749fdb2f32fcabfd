"""The commands that look without running: ``check``, ``diff``, ``explain``, ``model`` and ``verify``."""

from dataclasses import asdict
from pathlib import Path

import typer

from graingraph.app.cli.answers import print_json
from graingraph.app.cli.recipes import open_recipe
from graingraph.app.document.bundles import needed_packages
from graingraph.app.document.user_cache import user_cache
from graingraph.app.services.batch_place import place_for
from graingraph.engine.batch.image_job import BatchPaths, finished_row
from graingraph.engine.batch.manifest import verify, with_other_code
from graingraph.engine.batch.remote_output import RemoteOutput
from graingraph.engine.declare.node import known_types
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.explain import why
from graingraph.engine.evaluation.store import Store
from graingraph.engine.evaluation.workspace import open_marks
from graingraph.engine.images.files import find_images, is_image
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.images.pages import split_page
from graingraph.engine.place import is_remote
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.check import check
from graingraph.engine.recipe.diff import differences


def check_recipe(path: Path, as_json: bool) -> int:
    """Print every finding; exit code 1 if one of them is an error."""
    recipe, models = open_recipe(path)
    findings = [*check(recipe, models), *needed_packages(path, recipe)]
    wrong = any(finding.severity == "error" for finding in findings)
    if as_json:
        print_json({"recipe": recipe.id, "sound": not wrong, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            typer.echo(str(finding))
        typer.echo(f"{path.name}: {'not sound' if wrong else 'sound'}, {len(recipe.steps)} nodes, id {recipe.id}.")
    return 1 if wrong else 0


def compare_recipes(before: Path, after: Path, as_json: bool) -> int:
    """Print every difference between two recipes, a line each; exit code 2 if there is one (1 is for errors)."""
    (old, _), (new, _) = open_recipe(before), open_recipe(after)
    changes = differences(old, new)
    if as_json:
        print_json({"same": not changes, "same results": old.id == new.id, "differences": changes})
    else:
        for change in changes:
            typer.echo(change)
        if not changes:
            typer.echo(f"{before.name} and {after.name} hold the same recipe.")
        elif old.id == new.id:
            typer.echo("Only the layout is different; the results are the same.")
    return 2 if changes else 0


def explain_recipe(path: Path, image: str, out: Path | None, sets: list[str], as_json: bool) -> None:
    """Print the state of every node for one image, as a run into ``out`` (or a new folder) would find it."""
    recipe, models = open_recipe(path, sets)
    paths = find_images([image])
    if not paths or not is_image(split_page(paths[0])[0]):
        raise Problem(f"There is no image file {image}; check its name and folder.")
    image_set = ImageSet.of_files(paths[:1])
    name = next(iter(image_set))
    if out is None:
        evaluation = Evaluation(recipe, image_set, Store(disk=user_cache(), marks=open_marks(path), models=models))
        finished = False
    else:
        place = place_for(path, out, models)
        evaluation = Evaluation(recipe, image_set, place.store())
        finished = finished_row(evaluation, place, name) is not None
    states = {node: why(evaluation, node, name) for node in recipe.order}
    if as_json:
        print_json({node: asdict(state) for node, state in states.items()})
        return
    if finished:
        typer.echo(f"{name} was finished by an earlier run into {out}; only what exists once per batch would run.")
    for node, state in states.items():
        once = " (once per batch)" if node in recipe.per_batch else ""
        typer.echo(f"{node}{once}: {state.name}. {state.sentence}")


def show_model(path: Path, as_json: bool) -> None:
    """Print a model's card."""
    from graingraph.nodes.learning.model.file import model_card

    facts, text = model_card(path)
    if as_json:
        print_json(facts)
    else:
        typer.echo(text)


def verify_results(out: str, as_json: bool) -> int:
    """Print what differs from the manifest; exit code 1 if anything does. Newer code of the program is a remark."""
    load_plugins()
    place = BatchPaths(RemoteOutput(out).pull().folder if is_remote(out) else Path(out))
    wrong, recoded = verify(place), with_other_code(place, known_types())
    if as_json:
        print_json({"verified": not wrong, "differences": wrong, "with other code": recoded})
    else:
        for sentence in wrong:
            typer.echo(sentence)
        if recoded:
            typer.echo(f"These nodes have other code now, so a new run may give other numbers: {', '.join(recoded)}.")
        typer.echo(f"{out}: {'differs from' if wrong else 'agrees with'} its manifest.")
    return 1 if wrong else 0
