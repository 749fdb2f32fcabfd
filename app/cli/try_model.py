"""``graingraph model FILE --try IMAGE``: what a model makes of an image, seen before a recipe is built on it."""

from pathlib import Path

import numpy as np
import typer

from graingraph.app.cli.answers import print_json
from graingraph.app.cli.recipes import Opened, change
from graingraph.app.document.model_trial import alone, tried
from graingraph.engine.declare.models import ModelFolders, reference
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.files import write_atomically
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem


def try_model(file: Path, image: Path | None, out: Path | None, sets: list[str], as_json: bool) -> None:
    """Print how much of an image each class covers and what is remarked, and write the image beside its classes."""
    if image is None:
        raise Problem("Name the image that the model is to be tried on: --try IMAGE.")
    if out is not None and out.exists():
        raise Problem(f"{out} is already there; name another picture with -o.")
    load_plugins()
    recipe, load, segment = alone("DeepSegment", {"model": reference(file)})
    opened = Opened(recipe, ModelFolders().and_in(file.parent))
    for text in sets:
        if "=" not in text:
            raise Problem(f"--set takes SETTING=VALUE here, not '{text}'.")
        opened = change(opened, f"{segment}.{text}")
    trial = tried(opened.recipe, load, segment, ImageSet.of_files([image]), opened.models)
    if out is not None:
        write_atomically(out, _png(trial.picture))
    if as_json:
        answer = {"shares": trial.shares, "notes": trial.notes, "picture": str(out) if out else None}
        print_json(answer)
        return
    for class_name, share in trial.shares.items():
        typer.echo(f"{class_name:24s} {share:7.2%}")
    for note in trial.notes:
        typer.echo(note)


def _png(picture: np.ndarray) -> bytes:
    import cv2

    return bytes(cv2.imencode(".png", picture[..., ::-1])[1])
