"""Running a recipe from Python: a notebook gets data frames and arrays back in a few lines.

>>> from importlib.resources import files
>>> from graingraph.engine.batch.from_python import run
>>> recipe, samples = files("graingraph.graphs") / "nodules.graingraph.json", files("graingraph.assets") / "nodules"
>>> results = run(recipe, samples, {"threshold.level": 0.4})
>>> labels = results.array("separate", "nodules_001.tif")  # the features told apart: int32 (H, W)
>>> labels.dtype, labels.ndim
(dtype('int32'), 2)
>>> results.failed
{}
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from graingraph.engine.batch.permission import require_may_run
from graingraph.engine.declare.models import reference
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.evaluation import workspace
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.files import find_images
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.check import require_sound
from graingraph.engine.recipe.lock import require_settable
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Raster, Table, Value
from graingraph.engine.values.pooling import pooled
from graingraph.engine.values.table import with_units
from graingraph.engine.values.wording import counted

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Results:
    """The results of a recipe over some images; each is computed when it is asked for, and kept."""

    evaluation: Evaluation

    def __repr__(self) -> str:
        return f"<Results over {counted(len(self.images), 'image')}; nodes: {', '.join(self.evaluation.recipe.order)}>"

    @property
    def images(self) -> tuple[str, ...]:
        """The names of the images."""
        return tuple(self.evaluation.image_set)

    @property
    def failed(self) -> dict[str, Problem]:
        """The images that failed in what was asked for so far, each with its problem; ``str`` of it says where."""
        store = self.evaluation.store
        found: dict[str, Problem] = {}
        for (_, image), ingredients in store.last.items():
            problem = store.failures.get(ingredients.key)
            if problem is not None and image is not None:  # images of the same content share what is kept
                found.setdefault(image, type(problem)(problem.message, node=problem.node, image=image))
        return {image: found[image] for image in self.images if image in found}

    def value(self, node: str, image: str | None = None, output: str | None = None) -> Value:
        """What a node gives (its first output if not named) for an image (the first if not named)."""
        return self.evaluation.value(node, output, image or next(iter(self.evaluation.image_set), None))

    def table(self, node: str, image: str | None = None, output: str | None = None) -> "pd.DataFrame":
        """A node's table with units in the column headings; of all images that worked if none is named.

        A per-image table gets a first column ``Image``. Raises ``Problem`` if the node gives no table, or if every
        image failed; ``failed`` lists those that did.
        """
        if image is not None or node in self.evaluation.recipe.per_batch:
            return with_units(self._table(node, image, output)).frame
        found, problems = {}, []
        for name in self.images:
            try:
                found[name] = with_units(self._table(node, name, output))
            except Problem as problem:
                if problem.image is None:
                    raise
                problems.append(problem)
        if problems and not found:
            raise problems[0]
        return pooled(found).frame

    def array(self, node: str, image: str | None = None, output: str | None = None) -> np.ndarray:
        """The pixels that a node gives: grey levels, bool mask, int32 labels, class indices or probabilities."""
        value = self.value(node, image, output)
        if not isinstance(value, Raster):
            raise Problem(f"{node} gives a {type(value).__name__}, not an image; ask for its table or value.")
        return value.pixels

    def _table(self, node: str, image: str | None, output: str | None) -> Table:
        if output is None:
            outputs = self.evaluation.outputs(node, image or next(iter(self.evaluation.image_set), None))
            found = [value for value in outputs.values() if isinstance(value, Table)]
            if found:
                return found[0]
        value = self.value(node, image, output)
        if not isinstance(value, Table):
            raise Problem(f"{node} gives a {type(value).__name__}, not a table.", node=node)
        return value


def load(path: str | Path) -> Recipe:
    """A recipe file, to look at or to change and hand to ``run``. Raises ``Problem``.

    Models and marks lie beside the file: to have them too, hand ``run`` the path itself.
    """
    load_plugins()
    return recipe_file.load(Path(path))


def run(
    recipe: str | Path | Recipe,
    images: str | Path | Iterable[str | Path] | Mapping[str, np.ndarray],
    settings: Mapping[str, Any] | None = None,
    *,
    um_per_px: float | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    why: str = "",
) -> Results:
    """Put a recipe over image files, or over arrays by name, for results to be asked for.

    Parameters
    ----------
    recipe: a recipe file, or a ``Recipe`` built in Python.
    images: files, folders and globs, or one of them; or arrays by name: uint8, uint16 or float32, (H, W) grey or
        (H, W, 3) RGB.
    settings: changes for this run, ``{"threshold.level": 0.4}``; a ``Path`` chooses a model file.
    um_per_px: pixel size of the arrays in µm per px (files bring their own).
    cancelled: asked now and then while something is computed; a yes ends that with ``Cancelled``.
    why: the reason, where the policy of the recipe's folder demands one.

    Raises ``Problem`` if the recipe is not sound, is locked against one of the settings, or may not be run by the
    policy of its folder, if an array is no image, or the pixel size is none or given for files.
    """
    um_per_px = None if um_per_px is None else _pixel_size(um_per_px)
    load_plugins()
    path = None if isinstance(recipe, Recipe) else Path(recipe)
    models = workspace.models_of(path)
    loaded = recipe if isinstance(recipe, Recipe) else recipe_file.load(Path(recipe))
    for place, value in (settings or {}).items():
        node, _, name = place.partition(".")
        require_settable(loaded, node, name)
        if isinstance(value, Path):
            models, value = models.and_in(value.parent), reference(value)
        loaded = loaded.with_setting(node, name, value)
    require_may_run(path, loaded, why)
    require_sound(loaded, models)
    if isinstance(images, Mapping):
        image_set = ImageSet.of_arrays(images, um_per_px)
    elif um_per_px is not None:
        raise Problem("um_per_px is for arrays; set the pixel size of files where they are loaded (load.pixel_size).")
    else:
        places = [images] if isinstance(images, str | Path) else images
        image_set = ImageSet.of_files(find_images(str(place) for place in places))
    store = Store(marks=workspace.open_marks(path), models=models)
    return Results(Evaluation(loaded, image_set, store, cancelled=cancelled))


def _pixel_size(um_per_px: Any) -> float:
    """A pixel size as a Python number; ``Problem`` if it is not one that a picture can have."""
    try:
        size = float(um_per_px)
    except (TypeError, ValueError):
        size = math.nan
    if not (math.isfinite(size) and size > 0):
        raise Problem(f"The pixel size um_per_px is a number above 0 (µm per px), not {um_per_px!r}.")
    return size
