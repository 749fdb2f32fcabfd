"""What the Train node does once it is known that torch is there."""

from graingraph.engine.declare.injected import Context
from graingraph.engine.declare.models import user_folder
from graingraph.engine.values import ClassMap, Image, Model, PerImage
from graingraph.nodes.learning.model.backends import Processor
from graingraph.nodes.learning.model.file import read_card
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

    Without a model to go on with it takes the weights of the general model of grains, where that is wanted and suits.
    """
    traced, failed = traced_images(images, truth, context)
    samples, classes, fine = make_samples(traced, settings.size_factor, settings.separate_touching)
    goes_on = bool(start_from)
    if not start_from and from_general_model and suits_general_model(settings):
        start_from = GENERAL_MODEL
    start = context.model_folders.resolve(start_from) if start_from else None
    training = TrainingRun(
        samples, classes, fine, settings, processor=processor, start_from=start, goes_on=goes_on, context=context
    )
    other_size = start_advice(start_from, start, settings.size_factor) if start else ""
    found = (size_advice(classes, fine, settings.size_factor), other_size, training.advice)
    advice = [text for text in found if text]
    for text in advice:
        context.publish("note", text)
    model = training.run(context.models or user_folder(), recipe_id)
    if failed:
        model = model.with_note(f"Not trained on {', '.join(failed)}: could not be computed.")
    return model.with_note(*advice)


def suits_general_model(settings: TrainSettings) -> bool:
    """Whether a training can start from the general model of grains: it must be the same network."""
    return settings.network == "small" and not settings.encoder


def start_advice(named: str, start: Model, size_factor: float) -> str:
    """What to say of a model to start from that has learnt at another size; nothing of the general one."""
    learnt_at = read_card(start.path).size_factor
    if named == GENERAL_MODEL or learnt_at == size_factor:
        return ""
    return (
        f"The model that it starts from has learnt at size factor {learnt_at:g} and sees everything "
        f"{size_factor / learnt_at:.2g} times as large now: set size factor to {learnt_at:g}, or start from another."
    )
