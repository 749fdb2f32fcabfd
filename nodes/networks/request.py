"""What the Train node does once it is known that torch is there."""

from engine.context import Context
from engine.models import resolve, user_folder
from engine.values import ClassMap, Fields, Image, Model
from nodes.networks.backends import Processor
from nodes.networks.course import Course
from nodes.networks.gather import make_samples, size_advice, traced_images
from nodes.networks.settings import TrainSettings


def train_on_request(
    images: Fields[Image],
    truth: Fields[ClassMap],
    settings: TrainSettings,
    processor: Processor,
    start_from: str,
    context: Context,
    recipe_id: str = "",
) -> Model:
    """Gather the traced images, train, and return the new model with remarks on how far to trust it."""
    traced, failed = traced_images(images, truth, context)
    samples, classes, fine = make_samples(traced, settings.size_factor, settings.apart)
    start = resolve(start_from) if start_from else None
    course = Course(samples, classes, fine, settings, processor=processor, start_from=start, context=context)
    advice = [text for text in (size_advice(classes, fine, settings.size_factor), course.advice) if text]
    for text in advice:
        context.publish("note", text)
    model = course.run(context.models or user_folder(), recipe_id)
    if failed:
        model = model.with_note(f"Not trained on {', '.join(failed)}: could not be computed.")
    return model.with_note(*advice)
