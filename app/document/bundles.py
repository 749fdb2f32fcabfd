"""Packing a recipe with all that belongs to it into one file, and saying what a bundle needs that is not here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from graingraph.app.document.origin import without_ending
from graingraph.app.rendering.recipe_thumbnail import recipe_thumbnail
from graingraph.engine.code import PROGRAM
from graingraph.engine.declare.model_file import files_of
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.evaluation import workspace
from graingraph.engine.marks.store import SUFFIX as MARKS_SUFFIX
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import bundle, models
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.check import Finding
from graingraph.engine.recipe.parts import Step
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.release.log import read_log
from graingraph.engine.release.policy import FILE as POLICY
from graingraph.engine.release.policy import log_beside, log_of, policy_of


@dataclass(frozen=True)
class Packing:
    """What goes into a bundle: a recipe and all that belongs to it, by the names that the files have in there.

    ``name`` is that of the recipe's file; ``left_out`` holds a sentence for each model that is not here.
    """

    recipe: Recipe
    name: str
    files: Mapping[str, Path | bytes]
    left_out: list[str]

    def write(self, target: Path) -> None:
        """Write the bundle. ``Problem`` where ``target`` is there, or cannot be written."""
        bundle.write(target, self.name, self.files, _packages(self.recipe.steps.values()))


def pack_recipe(path: Path, target: Path, *, marks: bool = True) -> list[str]:
    """Pack a recipe with its models and (``marks``) what was drawn; returns a sentence for each model left out.

    ``Problem`` if ``target`` is there already, is not named like a bundle, or something cannot be read or written.
    """
    if not bundle.is_bundle(target):
        raise Problem(f"{target.name} is no name of a bundle; let it end in {bundle.SUFFIX}.")
    packing = packing_of(path, marks=marks)
    packing.write(target)
    return packing.left_out


def packing_of(path: Path, *, marks: bool = True) -> Packing:
    """What a bundle of a recipe's file holds: its models, its picture and (``marks``) what was drawn.

    The policy of its folder and its audit log go along: where it is opened as it is, they hold there too. Raises
    ``Problem``.
    """
    recipe, folders = recipe_file.load(path), workspace.models_of(path)
    name = f"{without_ending(path).removesuffix('.json')}{recipe_file.SUFFIX}"
    files: dict[str, Path | bytes] = {name: recipe_file.dump(recipe), bundle.THUMBNAIL: recipe_thumbnail(recipe)}
    left_out = []
    for reference in dict.fromkeys(models.applied(recipe).values()):
        try:
            model = folders.resolve(reference).path
        except Problem as problem:
            left_out.append(f"Left out: {problem.message}")
            continue
        files |= {f"{workspace.MODELS}/{part}": file for part, file in files_of(model).items()}
    drawn, beside = workspace.marks_folder(path), workspace.marks_folder(Path(name)).name
    for file in sorted(drawn.glob(f"*{MARKS_SUFFIX}")) if marks else ():
        files[f"{beside}/{file.name}"] = file
    policy, log = policy_of(path).path, log_of(path)
    if policy is not None:
        files[POLICY] = policy
    if read_log(log):
        files[log_beside(Path(name)).name] = log
    return Packing(recipe, name, files, left_out)


def unpack_bundle(path: Path, folder: Path) -> Path:
    """Unpack a bundle into a folder, as a recipe that is the person's own; returns its file. Raises ``Problem``."""
    if not bundle.is_bundle(path):
        raise Problem(f"{path.name} is no bundle; name a file that ends in {bundle.SUFFIX}.")
    return bundle.unpack(path, folder)


def needed_packages(path: Path, recipe: Recipe) -> list[Finding]:
    """For each node that this program does not have, the package that it came from where the bundle was packed."""
    if not bundle.is_bundle(path):
        return []
    packages = bundle.read_index(path).packages
    return [
        Finding("warning", node, f"{step.type} comes from {packages[step.type][:200]}, which is not installed here.")
        for node, step in recipe.steps.items()
        if step.declared is None and step.type in packages
    ]


def what_is_missing(path: Path, recipe: Recipe, folders: ModelFolders) -> list[Problem]:
    """What a bundle needs and neither holds nor finds here: packages of nodes, and models. Each names its node.

    ``folders`` are those in which its models are looked for (``workspace.models_of``).
    """
    if not bundle.is_bundle(path):
        return []
    missing = [Problem(step.unknown, node=node) for node, step in recipe.steps.items() if step.declared is None]
    missing += [Problem(finding.message, node=finding.node) for finding in needed_packages(path, recipe)]
    for node, reference in models.applied(recipe).items():
        try:
            folders.resolve(reference)
        except Problem as problem:
            missing.append(problem.at(node))
    return missing


def _packages(steps: Iterable[Step]) -> dict[str, str]:
    """By node type the package of a plug-in that declares it, with its version."""
    homes = {step.type: step.declared.function.__module__.partition(".")[0] for step in steps if step.declared}
    foreign = {kind: home for kind, home in homes.items() if home != PROGRAM}
    known = metadata.packages_distributions() if foreign else {}
    found = {}
    for kind, home in foreign.items():
        package = next(iter(known.get(home, [])), None)
        found[kind] = f"the package {package} {metadata.version(package)}" if package else f"the module {home}"
    return found
