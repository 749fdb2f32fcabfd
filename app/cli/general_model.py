"""``graingraph general-model``: teach a network grains of every kind, from generated micrographs alone."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import typer

from graingraph.app.samples import any_grains
from graingraph.app.samples.optics import Micrograph
from graingraph.engine.declare.injected import Context
from graingraph.engine.values import ClassMap, Image, PixelClass

CLASSES = (PixelClass("grain boundary", "#e4572e", "boundary", "grain"), PixelClass("grain", "#3b6fb6"))
HELD_OUT = 0.015
NAME = "grains_of_every_kind"


def teach_general_model(folder: Path, images: int, epochs: int, workers: int) -> None:
    """Draw so many micrographs, learn them for so many epochs, and write the model into ``folder``.

    What is learnt is kept after every epoch: the same command goes on where it was stopped.
    """
    from graingraph.nodes.learning.model.file import read_card
    from graingraph.nodes.learning.model.rewriting import write_card
    from graingraph.nodes.learning.train.gather import make_samples
    from graingraph.nodes.learning.train.settings import Augmentations, TrainSettings
    from graingraph.nodes.learning.train.training_run import TrainingRun

    typer.echo(f"Drawing {images} micrographs of grains.")
    with ProcessPoolExecutor(workers) as pool:
        drawn = list(pool.map(any_grains.make, range(images), chunksize=8))
    traced = {f"drawn {number}": _traced(f"drawn {number}", sample) for number, sample in enumerate(drawn)}
    samples, classes, fine = make_samples(traced, size_factor=1.0)
    changes = Augmentations(brightness=0.05, gamma=0.1, uneven_light=0.05, blur=0.4, noise=0.015, scale=0.3)
    settings = TrainSettings(
        tile_grid=2, size_factor=1.0, epochs=epochs, held_out=HELD_OUT, standardise=True, augmentations=changes
    )
    shown = -1

    def report(fraction: float, message: str) -> None:
        nonlocal shown
        if int(1000 * fraction) > shown:
            shown = int(1000 * fraction)
            typer.echo(f"{fraction:6.1%}  {message}")

    training = TrainingRun(samples, classes, fine, settings, context=Context(report=report))
    path = training.run(folder).path
    card = read_card(path)
    note = f"Learnt from {len(card.images)} generated micrographs of grains of every kind, and no real one."
    path = write_card(path, replace(card, images={}, held_out={}, note=note), NAME)
    typer.echo(f"The model is {path}.")


def _traced(name: str, sample: Micrograph) -> tuple[Image, ClassMap]:
    """A drawn micrograph and its truth as the values that a training takes."""
    return Image(sample.pixels, name=name), ClassMap(sample.truth["classes"], classes=CLASSES)
