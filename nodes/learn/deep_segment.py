"""DeepSegment: apply a trained model to an image."""

from dataclasses import replace
from typing import Annotated, Literal, NamedTuple

from graingraph.engine.declare.injected import Context
from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import NO_MODEL, Label, ModelFile, NamesClass, Range, Unit, When
from graingraph.engine.problem import NeedsTraining, Problem
from graingraph.engine.values import ClassMap, Image, Model, PixelClass, Probabilities
from graingraph.nodes.learning.model.backends import Processor, environment_tag
from graingraph.nodes.learning.model.foreign_reading import ForeignReading, GreyLevels, Output


class Segmented(NamedTuple):
    """Probability of each class at each pixel, and the most probable class."""

    probabilities: Probabilities
    classes: ClassMap


@node(
    "DeepSegment",
    category="Learn",
    # 1 did not look at pixel sizes, 2 took several sigmoids for scores, 3 the first output whatever it was, 4 enlarged
    # pictures by linear interpolation
    version=5,
    synonyms=(
        "neural network",
        "ONNX",
        "predict",
        "apply model",
        "AI",
        "machine learning",
        "twins",
    ),
    keep_on_disk=True,
    environment=environment_tag,
    migrations={1: lambda settings: {**settings, "match_scale": False}},
)
def deep_segment(
    image: Image,
    training: Model | None = None,
    *,
    model: ModelFile = NO_MODEL,
    match_scale: Annotated[bool, Label("bring to learnt pixel size")] = True,
    magnification: Annotated[float, Range(0.125, 8.0)] = 1.0,
    processor: Processor = "automatic",
    tile: Annotated[int, Range(64, 4096), Unit("px")] = 512,
    overlap: Annotated[int, Range(0, 1024), Unit("px")] = 96,
    mirrored: Annotated[bool, Label("average over mirror images")] = False,
    boundary_class: Annotated[str, NamesClass()] = "",
    grey_levels: Annotated[GreyLevels, Label("grey levels of a foreign model")] = "0 to 1",
    output: Annotated[Literal["automatic", Output], Label("output of a foreign model")] = "automatic",
    class_count: Annotated[int, Range(0, 254), When(output="class numbers")] = 0,
    output_name: Annotated[str, Label("which output of a foreign model")] = "",
    context: Context,
) -> Segmented:
    """Segment an image with a trained model.

    Wire a Train node to it, or choose a model file. Models from elsewhere work when they take one grey or colour
    picture and give one plane a class, whether channels are the first or the last axis; planes of a half, a quarter or
    another whole part of its size are enlarged bilinearly. The image may have any size and depth. A remark says when it
    looks unlike the training images, and how much of it the network is unsure of.

    Settings:
        model: The model file to apply. It comes before a wired training.
        match_scale: Make the image larger or smaller first, so that the network sees it at the pixel size of its
            training images. A remark says by how much; where one of the two is unknown, nothing is done.
        magnification: How much larger still the network sees the image. Choose 2 when its features are half as large,
            as those of the training images.
        processor: Where to compute. Automatic takes a CUDA device when there is one, else the fastest way on the
            processor; CPU computes in full precision.
        tile: Side of the tiles that the image is computed in; larger ones need more memory.
        overlap: How far neighbouring tiles overlap; they fade into each other there.
        mirrored: Show the network the image mirrored as well and take the mean of what it finds, for finer outlines of
            areas and particles. Up to four times slower; only what its training images were mirrored and turned by.
        grey_levels: For a model from elsewhere, the numbers it takes for grey levels: from black to white, or with mean
            and spread taken out, those of ImageNet or of the image. With the wrong ones it may find one class only.
        output: For a model from elsewhere, how its planes are read. Scores are made probabilities by softmax. Sigmoids
            are probabilities of classes of which a pixel may be none, which is then class 0; sigmoid scores are those
            before the sigmoid. Sigmoids to 255 are masks in black and white. Automatic goes by how they look.
        class_count: How many classes the class numbers count, from 0; 0 takes as many as show on a test picture.
        output_name: For a model from elsewhere that gives several maps, the name of the one that is of classes. Empty
            takes the one that looks so; where several do, the names are told.
        boundary_class: For a model from elsewhere, which does not say what its classes are; the name of the one that is
            boundaries (class 0, class 1 ...). Empty goes by what the model says.
    """
    chosen = context.model_folders.resolve(model) if model else training
    if chosen is None:
        raise NeedsTraining("It needs training: trace some images and train, or choose a model file.")
    from graingraph.nodes.learning.apply.segment import segment

    planes, classes = segment(
        image,
        chosen,
        magnification=magnification,
        match_scale=match_scale,
        processor=processor,
        tile=tile,
        overlap=overlap,
        mirrored=mirrored,
        foreign=ForeignReading(grey_levels, None if output == "automatic" else output, class_count, output_name),
        context=context,
    )
    if boundary_class:
        kinds = _with_boundary(planes.classes, boundary_class)
        return Segmented(replace(planes, classes=kinds), replace(classes, classes=kinds))
    return Segmented(planes, classes)


def _with_boundary(classes: tuple[PixelClass, ...], name: str) -> tuple[PixelClass, ...]:
    names = [item.name for item in classes]
    if name not in names:
        raise Problem(f"The model has no class '{name}'; choose the boundary class among {', '.join(names)}.")
    return tuple(replace(item, role="boundary") if item.name == name else item for item in classes)
