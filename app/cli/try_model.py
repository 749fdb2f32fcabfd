"""``graingraph model FILE --try IMAGE``: what a model makes of an image, seen before a recipe is built on it."""

from pathlib import Path

import numpy as np
import typer

from graingraph.app.cli.answers import print_json
from graingraph.app.cli.recipes import Opened, change
from graingraph.app.rendering.compose import as_rgb
from graingraph.engine.declare.models import ModelFolders, reference
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.files import write_atomically
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import ClassMap, Image
from graingraph.engine.values.notes import texts

GAP = 8
"""Pixels between the image and its classes."""


def try_model(file: Path, image: Path | None, out: Path | None, sets: list[str], as_json: bool) -> None:
    """Print how much of an image each class covers and what is remarked, and write the image beside its classes."""
    if image is None:
        raise Problem("Name the image that the model is to be tried on: --try IMAGE.")
    if out is not None and out.exists():
        raise Problem(f"{out} is already there; name another picture with -o.")
    load_plugins()
    recipe, load = Recipe(name="Try a model").add("Load")
    recipe, segment = recipe.add("DeepSegment")
    recipe = recipe.connect(Wire(load, "image", segment, "image"))
    recipe = recipe.with_setting(segment, "model", reference(file))
    opened = Opened(recipe, ModelFolders().and_in(file.parent))
    for text in sets:
        if "=" not in text:
            raise Problem(f"--set takes SETTING=VALUE here, not '{text}'.")
        opened = change(opened, f"{segment}.{text}")
    image_set = ImageSet.of_files([image])
    evaluation = Evaluation(opened.recipe, image_set, Store(models=opened.models))
    (name,) = image_set
    micrograph, classes = evaluation.value(load, "image", name), evaluation.value(segment, "classes", name)
    assert isinstance(micrograph, Image)
    assert isinstance(classes, ClassMap)
    shares = {item.name: float(np.mean(classes.pixels == index)) for index, item in enumerate(classes.classes)}
    if out is not None:
        write_atomically(out, _png(beside(micrograph, classes)))
    if as_json:
        answer = {"shares": shares, "notes": texts(classes.notes), "picture": str(out) if out else None}
        print_json(answer)
        return
    for class_name, share in shares.items():
        typer.echo(f"{class_name:24s} {share:7.2%}")
    for note in texts(classes.notes):
        typer.echo(note)


def beside(image: Image, classes: ClassMap) -> np.ndarray:
    """The image and, to the right, the classes in their colours: RGB uint8 (h, 2 w + 8, 3)."""
    grey = as_rgb(image.pixels, image.range)
    colors = np.array([item.rgb for item in classes.classes], np.uint8)
    gap = np.full((grey.shape[0], GAP, 3), 255, np.uint8)
    return np.concatenate([grey, gap, colors[classes.pixels]], axis=1)


def _png(picture: np.ndarray) -> bytes:
    import cv2

    return bytes(cv2.imencode(".png", picture[..., ::-1])[1])
