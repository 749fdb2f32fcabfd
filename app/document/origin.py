"""What came with the program, and which files a document may be saved to unasked: its own, never a report or those."""

from importlib.resources import files
from pathlib import Path

from graingraph.engine.problem import Problem
from graingraph.engine.recipe.file import SUFFIX

RECIPES, SAMPLES = (Path(str(files(f"graingraph.{part}"))).resolve() for part in ("graphs", "assets"))
"""The recipes and the micrographs that came with the program; they are read and never written."""

REPORT = ".pdf"


def is_own(path: Path) -> bool:
    """Whether what is opened from this file is saved there again.

    A report holds a recipe, and what came with the program shows one: each is opened as a copy without a file.
    """
    return path.suffix.lower() != REPORT and not is_installed(path)


def is_installed(path: Path) -> bool:
    """Whether a file came with the program."""
    return any(path.resolve().is_relative_to(folder) for folder in (RECIPES, SAMPLES))


def require_own(recipe: Path) -> None:
    """Raise ``Problem`` before something would be written into, or beside, a recipe that came with the program."""
    if is_installed(recipe):
        name = recipe.name.removesuffix(SUFFIX)
        raise Problem(
            f"{recipe.name} came with the program and stays as it is; work on a copy: graingraph copy {name} FOLDER"
        )


def installed_recipe(name: str) -> Path:
    """The recipe of this name that came with the program. ``Problem`` lists the names where there is none."""
    shipped = {path.name.removesuffix(SUFFIX): path for path in sorted(RECIPES.glob(f"*{SUFFIX}"))}
    if name not in shipped:
        raise Problem(
            f"There is no recipe {name}; name a file, or one that came with the program: {', '.join(shipped)}."
        )
    return shipped[name]
