"""Opening a recipe for a command: its file, its marks and models, and the settings changed for this run."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from graingraph.app.document.origin import installed_recipe
from graingraph.app.library.user_library import is_in_library, recipe_in_library
from graingraph.engine.batch.permission import require_may_run
from graingraph.engine.declare.models import ModelFolders, reference
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.declare.settings import ModelFile
from graingraph.engine.evaluation import workspace
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.check import require_sound
from graingraph.engine.recipe.lock import require_settable
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values.wording import near_to


def recipe_named(name: str) -> Path:
    """The file of a recipe as a person names it: the file itself, a recipe of a library, or one that ships by its name.

    Raises ``Problem`` where a library has no such recipe, none ships under a bare name, or there is no such file.
    """
    path = Path(name)
    if path.exists() and not path.is_dir():
        return path
    if is_in_library(name):
        return recipe_in_library(name)
    if path.is_dir():
        return _recipe_of_folder(path)
    if path.name == name and not path.suffix:
        return installed_recipe(name)
    _require_file(path)
    return path


def _recipe_of_folder(folder: Path) -> Path:
    """The recipe that ships under the name of a folder. ``Problem`` with what lies in the folder where none does."""
    with suppress(Problem):
        return installed_recipe(str(folder))
    found = sorted(folder.glob(f"*{recipe_file.SUFFIX}"))
    inside = f"name a recipe in it, such as {found[0]}" if found else "no recipe lies in it"
    raise Problem(f"{folder} is a folder; {inside}.")


def _require_file(path: Path) -> None:
    """Raise ``Problem`` where no file is there, and one with a name that is nearly the same is."""
    with suppress(OSError):
        if meant := near_to(path.name, [one.name for one in path.parent.iterdir() if one.is_file()]):
            raise Problem(f"There is no file {path}.{meant}")


class Opened(NamedTuple):
    """A recipe as a command asked for it, and the folders in which its models are looked for."""

    recipe: Recipe
    models: ModelFolders


def open_recipe(path: Path, sets: Iterable[str] = ()) -> Opened:
    """Load a recipe and apply ``NODE.SETTING=VALUE`` changes. Raises ``Problem``."""
    load_plugins()
    opened = Opened(recipe_file.load(path), workspace.models_of(path))
    for text in sets:
        opened = change(opened, text)
    return opened


def open_to_run(path: Path, sets: Iterable[str] = (), why: str = "") -> Opened:
    """Load a recipe that is to measure: one that may be run here and has no error. Raises ``Problem``."""
    opened = open_recipe(path, sets)
    require_may_run(path, opened.recipe, why)
    try:
        require_sound(opened.recipe, opened.models)
    except Problem as problem:
        raise Problem(f"{path.name}: {problem}") from None
    return opened


def change(opened: Opened, text: str) -> Opened:
    """Apply one ``NODE.SETTING=VALUE``; a model is also looked for where the named file lies. Raises ``Problem``."""
    recipe, folders = opened
    place, equals, value = text.partition("=")
    node, dot, name = place.partition(".")
    if not equals or not dot:
        raise Problem(f"--set takes NODE.SETTING=VALUE, not '{text}'.")
    require_settable(recipe, node, name)
    setting = recipe.setting(node, name)
    if setting is None:
        return Opened(recipe.with_setting(node, name, value), folders)
    if setting.kind is ModelFile and value and "@" not in value:
        file = Path(value)
        return Opened(recipe.with_setting(node, name, reference(file)), folders.and_in(file.parent))
    try:
        return Opened(recipe.with_setting(node, name, setting.parse(value)), folders)
    except ValueError as error:
        raise Problem(f"{error}.", node=node) from None


def read_header_file(path: Path) -> dict[str, str]:
    """What the laboratory fills in on the report, from a small file."""
    from graingraph.nodes.reporting.header import LARGEST, read_header

    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise Problem(f"{path} cannot be read ({error.strerror}); name a header file.") from None
    return read_header(data, path.name)


def choose_node(kind: str, found: list[str], named: str | None) -> str:
    """The node of a kind that a command is about: the named one, or the only one. Raises ``Problem``."""
    if named is not None and named not in found:
        raise Problem(f"{named} is not a {kind} node; this recipe has {', '.join(found) or 'none'}.")
    if named is None and len(found) != 1:
        remedy = f"name one with --node: {', '.join(found)}." if found else f"add a {kind} node."
        raise Problem(f"The recipe has {len(found)} {kind} nodes; {remedy}")
    return named or found[0]
