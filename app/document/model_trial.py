"""What a model makes of a picture, seen before a recipe is built on it. No display."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from graingraph.app.rendering.compose import as_rgb
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.declare.settings import ModelFile
from graingraph.engine.evaluation.cache import Outputs
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Site, Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe.parts import Step, Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import ClassMap, Image
from graingraph.engine.values.notes import texts
from graingraph.nodes.learning.model.card import in_short
from graingraph.nodes.learning.model.file import read_card

GAP = 8
"""Pixels between the image and its classes."""

PIECE = 384
"""Side in px of the piece from the middle of an image on which a model is tried where it has to be quick."""


@dataclass(frozen=True, eq=False)
class Trial:
    """An image and the classes that a model finds in it; ``card`` is what the model says of itself, in a line."""

    image: Image
    classes: ClassMap
    card: str

    @property
    def shares(self) -> dict[str, float]:
        """How much of the image each class covers."""
        kinds = self.classes.classes
        return {item.name: float(np.mean(self.classes.pixels == index)) for index, item in enumerate(kinds)}

    @property
    def notes(self) -> tuple[str, ...]:
        """What is remarked on it."""
        return texts(self.classes.notes)

    @property
    def picture(self) -> np.ndarray:
        """The image and, to the right, the classes in their colours: RGB uint8 (h, 2 w + 8, 3)."""
        grey = as_rgb(self.image.pixels, self.image.range)
        colors = np.array([item.rgb for item in self.classes.classes], np.uint8)
        gap = np.full((grey.shape[0], GAP, 3), 255, np.uint8)
        return np.concatenate([grey, gap, colors[self.classes.pixels]], axis=1)


def model_applied(step: Step) -> str:
    """The model that a step applies to each image by its own settings, as a reference; empty where it applies none."""
    declared = step.declared
    if declared is None or declared.on_request or "image" not in [pin.name for pin in declared.inputs]:
        return ""
    if not any(issubclass(ClassMap, pin.kinds) for pin in declared.outputs):
        return ""
    values = {**declared.defaults(), **step.settings}
    chosen = (values[item.name] for item in declared.settings if item.kind is ModelFile and item.applies(values))
    return str(next(chosen, ""))


def alone(kind: str, settings: Mapping[str, Any]) -> tuple[Recipe, str, str]:
    """A recipe that does nothing but this to an image, and the names of the step that loads it and of this one."""
    recipe, load = Recipe(name="Try a model").add("Load")
    recipe, segment = recipe.add(kind)
    recipe = recipe.connect(Wire(load, "image", segment, "image"))
    for name, value in settings.items():
        recipe = recipe.with_setting(segment, name, value)
    return recipe, load, segment


def tried(
    recipe: Recipe, load: str, segment: str, images: ImageSet, models: ModelFolders, image: Image | None = None
) -> Trial:
    """Apply the model of the recipe's step to the one image of the tray, or to an ``image`` in its place."""
    (name,) = images
    given: dict[Site, Outputs] = {(load, name): {"image": image}} if image is not None else {}
    evaluation = Evaluation(recipe, images, Store(models=models), given=given)
    micrograph, classes = evaluation.value(load, "image", name), evaluation.value(segment, "classes", name)
    assert isinstance(micrograph, Image)
    assert isinstance(classes, ClassMap)
    reference = model_applied(recipe.steps[segment])
    return Trial(micrograph, classes, in_short(read_card(models.resolve(reference).path)))


def tried_on_a_piece(step: Step, image: Image, models: ModelFolders) -> Trial:
    """Apply the model of a step, with its settings, to a piece from the middle of an image."""
    height, width = image.shape
    top, left = max(0, (height - PIECE) // 2), max(0, (width - PIECE) // 2)
    piece = image.with_pixels(np.ascontiguousarray(image.pixels[top : top + PIECE, left : left + PIECE]))
    images = ImageSet.of_arrays({image.name or "image": piece.pixels})
    return tried(*alone(step.type, step.settings), images, models, piece)
