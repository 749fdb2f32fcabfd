"""Where trained models lie, and how a recipe's reference to one becomes a file.

A reference is ``file name@hash``: no folder, so that a recipe works on another machine. A model is looked for by name
in the known folders and taken only if its bytes, with the weights beside it, have that hash.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from graingraph.engine.declare.settings import ModelFile, Setting
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.model_file import model_hash
from graingraph.engine.values import Model

if TYPE_CHECKING:
    from graingraph.engine.recipe.parts import Step
    from graingraph.engine.recipe.recipe import Recipe  # nodes import this module, and need no networkx

_folders: list[Path] = []


def user_folder() -> Path:
    """The folder where trainings of this user put their models (``GRAINGRAPH_MODELS`` overrides it)."""
    import platformdirs

    override = os.environ.get("GRAINGRAPH_MODELS")
    return Path(override) if override else platformdirs.user_data_path("graingraph", False) / "models"


def look_in(folder: Path) -> None:
    """Also look for models in this folder: the recipe's own ``models``, or where a command's model file lies."""
    folder = folder.resolve()
    if folder not in _folders:
        _folders.append(folder)


def reference(path: Path) -> ModelFile:
    """Refer to a model file, and remember its folder so that the reference can be resolved in this process."""
    if not path.is_file():
        raise Problem(f"There is no model file {path}; check its name and folder.")
    look_in(path.parent)
    return ModelFile(f"{path.name}@{model_hash(path)}")


def resolve(ref: str) -> Model:
    """Find the file of a reference. Raises ``Problem`` if no known folder has a file of that name and content."""
    name, _, digest = ref.rpartition("@")
    if not name or "/" in name or "\\" in name or name.startswith("."):
        raise Problem(f"'{ref}' does not name a model; choose one with --set NODE.model=FILE.onnx.")
    for folder in (*_folders, user_folder()):
        path = folder / name
        with suppress(OSError):  # unreadable, or a name that no file can have
            if path.is_file() and model_hash(path) == digest:
                return Model(path, digest)
    raise Problem(
        f"The model {name} is not on this machine; put the file beside the recipe in a folder named models, "
        "or name another with --set NODE.model=FILE.onnx."
    )


def applied(recipe: "Recipe") -> dict[str, str]:
    """The model that each node applies, by node."""
    return {
        node: step.settings[setting.name]
        for node, step in recipe.steps.items()
        for setting in (step.declared.settings if step.declared else ())
        if is_applied(step, setting) and step.settings.get(setting.name)
    }


def is_applied(step: "Step", setting: Setting) -> bool:
    """Whether a setting names a model that is applied; what a training starts from is needed only to train again."""
    training = step.declared.trained if step.declared else None
    return setting.kind is ModelFile and (training is None or setting.name == training.product)


def folders() -> tuple[Path, ...]:
    """The folders searched, in order."""
    return (*_folders, user_folder())
