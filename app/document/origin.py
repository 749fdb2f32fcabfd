"""What came with the program, and which files a document may be saved to unasked: its own, never a report or those."""

from importlib.resources import files
from pathlib import Path

from graingraph.engine.problem import Problem
from graingraph.engine.recipe.bundle import SUFFIX as BUNDLE
from graingraph.engine.recipe.bundle import is_bundle
from graingraph.engine.recipe.file import SUFFIX
from graingraph.engine.values.wording import near_to

RECIPES, SAMPLES = (Path(str(files(f"graingraph.{part}"))).resolve() for part in ("graphs", "assets"))
"""The recipes and the micrographs that came with the program; they are read and never written."""

HOLD_A_RECIPE = (".pdf", BUNDLE)
"""How files end that are no recipes and hold one: reports and bundles."""


def is_own(path: Path) -> bool:
    """Whether what is opened from this file is saved there again.

    A report and a bundle hold a recipe, and what came with the program shows one: each is opened as a copy without a
    file.
    """
    return not path.name.lower().endswith(HOLD_A_RECIPE) and not is_installed(path)


def without_ending(path: Path) -> str:
    """The name of a recipe, report or bundle without what says that it is one."""
    name = path.name.removesuffix(SUFFIX)
    return name[: -len(path.suffix)] if name.lower().endswith(HOLD_A_RECIPE) else name


def is_installed(path: Path) -> bool:
    """Whether a file came with the program."""
    return any(path.resolve().is_relative_to(folder) for folder in (RECIPES, SAMPLES))


def require_own(recipe: Path) -> None:
    """Raise ``Problem`` before something would be written into, or beside, what stays as it is.

    That is a recipe that came with the program, and a bundle.
    """
    if is_bundle(recipe):
        raise Problem(f"{recipe.name} is a bundle and stays as it is; first: graingraph unpack {recipe.name} FOLDER")
    if is_installed(recipe):
        name = recipe.name.removesuffix(SUFFIX)
        raise Problem(
            f"{recipe.name} came with the program and stays as it is; work on a copy: graingraph copy {name} FOLDER"
        )


def installed_recipe(name: str) -> Path:
    """The recipe of this name that came with the program. ``Problem`` lists the names where there is none."""
    shipped = {path.name.removesuffix(SUFFIX): path for path in sorted(RECIPES.glob(f"*{SUFFIX}"))}
    if name not in shipped:
        meant = near_to(name, shipped) or f" Name a file, or one that came with the program: {', '.join(shipped)}."
        raise Problem(f"There is no recipe {name}.{meant}")
    return shipped[name]
