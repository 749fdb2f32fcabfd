"""Model files: how a setting refers to one, and the folders in which a reference is looked for.

A reference is ``file name@hash``: no folder, so that a recipe works on another machine. A model is looked for by name
in the folders handed in and taken only if it has that hash: of its bytes and those of the weights beside it.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain
from pathlib import Path

from graingraph.engine.declare.model_file import model_hash
from graingraph.engine.declare.settings import ModelFile
from graingraph.engine.problem import Problem
from graingraph.engine.values import Model


def user_folder() -> Path:
    """The folder where trainings of this user put their models (``GRAINGRAPH_MODELS`` overrides it)."""
    import platformdirs

    override = os.environ.get("GRAINGRAPH_MODELS")
    return Path(override) if override else platformdirs.user_data_path("graingraph", False) / "models"


def shipped_folders() -> tuple[Path, Path]:
    """The folders of the models that come with the program: a report of a shipped recipe lies nowhere near them.

    The second has those that shipped recipes had earlier: what people made of these still applies them.
    """
    now = Path(str(files("graingraph.graphs"))) / "models"
    return now, now / "earlier"


@dataclass(frozen=True)
class ModelFolders:
    """Where models are looked for, in this order: a recipe's own folder, those of files that were chosen.

    The user's own folder and those of the program come last, always.
    """

    folders: tuple[Path, ...] = ()

    def __contains__(self, folder: Path) -> bool:
        return folder.resolve() in self.folders

    def and_in(self, folder: Path) -> "ModelFolders":
        """These folders and one more: where a recipe's models lie, or a model file that was chosen."""
        folder = folder.resolve()
        return self if folder in self.folders else ModelFolders((*self.folders, folder))

    def resolve(self, ref: str) -> Model:
        """Find the file of a reference. Raises ``Problem`` if no folder has a file of that name and content.

        One with that content is taken under another name too, if that ends in its hash as names of models do.
        """
        without_weights: Problem | None = None
        replaced: Path | None = None
        name, _, digest = ref.rpartition("@")
        if not name or "/" in name or "\\" in name or name.startswith("."):
            raise Problem(
                f"'{ref}' does not name a model; choose a file in the node's settings (in a terminal: --set, in Python:"
                " a Path)."
            )
        for folder in (*self.folders, user_folder(), *shipped_folders()):
            with suppress(OSError):  # unreadable, or a name that no file can have
                named_by_content = folder.glob(f"*-{digest[:8]}.onnx") if digest.isalnum() else ()
                for path in chain([folder / name], named_by_content):
                    try:
                        if path.is_file():
                            if model_hash(path) == digest:
                                return Model(path, digest)
                            replaced = replaced or (path if path.name == name else None)
                    except Problem as problem:
                        without_weights = problem
        if without_weights is not None:
            raise without_weights
        if replaced is not None:
            raise Problem(
                f"The model file {replaced} is not the one that was chosen: it is damaged, or another has taken its "
                "place. Put that one back, or choose this one in the node's settings (in a terminal: --set"
                " NODE.model=FILE.onnx)."
            )
        raise Problem(
            f"The model {name} is not on this machine; put the file beside the recipe in a folder named models, "
            "or choose another in the node's settings (in a terminal: --set NODE.model=FILE.onnx)."
        )


def reference(path: Path) -> ModelFile:
    """Refer to a model file; to be found again, its folder has to be among those that are looked in."""
    if not path.is_file():
        raise Problem(f"There is no model file {path}; check its name and folder.")
    return ModelFile(f"{path.name}@{model_hash(path)}")
