"""What the Train node does once it is known that torch is there."""

from collections.abc import Sequence

from graingraph.engine.declare.injected import Context
from graingraph.engine.declare.models import user_folder
from graingraph.engine.values import ClassMap, Image, Model, PerImage, PixelClass
from graingraph.engine.values.classes import boundary_index
from graingraph.nodes.learning.model.backends import Processor
from graingraph.nodes.learning.model.general import GENERAL_MODEL
from graingraph.nodes.learning.train.gather import make_samples, size_advice, traced_images
from graingraph.nodes.learning.train.settings import TrainSettings
from graingraph.nodes.learning.train.training_run import TrainingRun


def train_on_request(
    images: PerImage[Image],
    truth: PerImage[ClassMap],
    settings: TrainSettings,
    processor: Processor,
    start_from: str,
    from_general_model: bool,
    context: Context,
    recipe_id: str = "",
) -> Model:
    """Gather the traced images, train, and return the new model with remarks on how far to trust it.

    Without a model to start from it starts from the general model of grains, where that is wanted and suits.
    """
    traced, failed = traced_images(images, truth, context)
    samples, classes, fine = make_samples(traced, settings.size_factor, settings.separate_touching)
    if not start_from and from_general_model and suits_general_model(settings, classes):
        start_from = GENERAL_MODEL
    start = context.model_folders.resolve(start_from) if start_from else None
    training = TrainingRun(samples, classes, fine, settings, processor=processor, start_from=start, context=context)
    advice = [text for text in (size_advice(classes, fine, settings.size_factor), training.advice) if text]
    for text in advice:
        context.publish("note", text)
    model = training.run(context.models or user_folder(), recipe_id)
    if failed:
        model = model.with_note(f"Not trained on {', '.join(failed)}: could not be computed.")
    return model.with_note(*advice)


def suits_general_model(settings: TrainSettings, classes: Sequence[PixelClass]) -> bool:
    """Whether a training can start from the general model of grains: the same network, and boundaries to learn."""
    return settings.network == "small" and not settings.encoder and boundary_index(classes) is not None
