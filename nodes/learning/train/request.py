"""What the Train node does once it is known that torch is there."""

from graingraph.engine.declare.injected import Context
from graingraph.engine.declare.models import user_folder
from graingraph.engine.values import ClassMap, Image, Model, PerImage
from graingraph.nodes.learning.model.backends import Processor
from graingraph.nodes.learning.train.gather import make_samples, size_advice, traced_images
from graingraph.nodes.learning.train.settings import TrainSettings
from graingraph.nodes.learning.train.training_run import TrainingRun


def train_on_request(
    images: PerImage[Image],
    truth: PerImage[ClassMap],
    settings: TrainSettings,
    processor: Processor,
    start_from: str,
    context: Context,
    recipe_id: str = "",
) -> Model:
    """Gather the traced images, train, and return the new model with remarks on how far to trust it."""
    traced, failed = traced_images(images, truth, context)
    samples, classes, fine = make_samples(traced, settings.size_factor, settings.separate_touching)
    start = context.model_folders.resolve(start_from) if start_from else None
    training = TrainingRun(samples, classes, fine, settings, processor=processor, start_from=start, context=context)
    advice = [text for text in (size_advice(classes, fine, settings.size_factor), training.advice) if text]
    for text in advice:
        context.publish("note", text)
    model = training.run(context.models or user_folder(), recipe_id)
    if failed:
        model = model.with_note(f"Not trained on {', '.join(failed)}: could not be computed.")
    return model.with_note(*advice)
