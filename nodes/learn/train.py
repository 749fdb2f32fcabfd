"""Train: learn a segmentation from traced images. Runs only on request; its product is a new model file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from graingraph.engine.declare.injected import Context, RunInfo
from graingraph.engine.declare.node import Renamed, node
from graingraph.engine.declare.roles import Trained
from graingraph.engine.declare.settings import NO_MODEL, Label, ModelFile, Range, Unit, When
from graingraph.engine.problem import Problem
from graingraph.engine.values import ClassMap, Image, Model, PerImage
from graingraph.nodes.learning.model.backends import Processor
from graingraph.nodes.learning.train.settings import UNKNOWN_RUN, Augmentations, TrainSettings


def _learnt_with(path: Path) -> Mapping[str, Any]:
    from graingraph.nodes.learning.model.file import learnt_with

    return learnt_with(path)


def _share_held_out(settings: dict[str, Any]) -> dict[str, Any]:
    """Until version 2 a number of images was held out, mostly of three to five."""
    return {**settings, "held_out": min(0.9, round(0.2 * int(settings.get("held_out", 1)), 6))}


def _from_nothing(settings: dict[str, Any]) -> dict[str, Any]:
    """Until version 3 there was no general model to start from."""
    return {**settings, "from_general_model": False}


def _hundred_epochs(settings: dict[str, Any]) -> dict[str, Any]:
    """Until version 7 a training whose epochs were not given had a hundred."""
    return {"epochs": 100, **settings}


@node(
    "Train",
    category="Learn",
    # 1 had other names of settings, 2 a number of held-out images, 3 started from nothing, 4 started from the general
    # model where boundaries are traced, 5 learnt one batch at a time, 6 learnt for 100 epochs where none were given,
    # 7 counted gaps in fine particles and cracks, too
    version=8,
    synonyms=(
        "deep learning",
        "neural network",
        "U-Net",
        "teach",
        "AI",
        "machine learning",
        "twins",
    ),
    trained=Trained(product="model", truth="truth", start_from="start_from", learnt_with=_learnt_with),
    migrations={
        1: Renamed({"apart": "separate_touching", "guess": "extend_patches"}),
        2: _share_held_out,
        3: _from_nothing,
        6: _hundred_epochs,
    },
)
def train(
    images: PerImage[Image],
    truth: PerImage[ClassMap],
    *,
    tile_grid: Annotated[int, Range(1, 16), Label("tile grid n × n")] = 3,
    size_factor: Annotated[float, Range(0.1, 2.0)] = 0.5,
    epochs: Annotated[int, Range(0, 5000), Label("epochs (0 = automatic)")] = 0,
    processor: Processor = "automatic",
    network: Literal["small", "large"] = "small",
    encoder: ModelFile = NO_MODEL,
    separate_touching: Annotated[bool, Label("keep features apart")] = False,
    rotation: bool = True,
    flips: bool = True,
    brightness: Annotated[float, Range(0, 0.5)] = 0.1,
    gamma: Annotated[float, Range(0, 1)] = 0.2,
    uneven_light: Annotated[float, Range(0, 0.5)] = 0.1,
    blur: Annotated[float, Range(0, 5), Unit("px")] = 0.7,
    noise: Annotated[float, Range(0, 0.3)] = 0.03,
    scale: Annotated[float, Range(0, 1)] = 0.15,
    held_out: Annotated[float, Range(0, 0.9), Label("held-out share")] = 0.2,
    unlike_images: Annotated[bool, Label("images are unlike each other")] = False,
    extend_patches: Annotated[bool, Label("continue patches by texture")] = False,
    seed: Annotated[int, Range(0, 1_000_000)] = 1,
    start_from: ModelFile = NO_MODEL,
    from_general_model: Annotated[
        bool, Label("start from the general model of grains"), When(network="small", encoder="", start_from="")
    ] = True,
    model: ModelFile = NO_MODEL,
    context: Context,
    run: RunInfo = UNKNOWN_RUN,
) -> Model:
    """Learn to segment from images that you traced.

    Trace three to five images completely, or many more in patches: what is not traced never counts. Each training
    makes a new model file and leaves earlier ones as they are. You may stop at any time and keep what was learnt so
    far; training again with the same settings goes on from there.

    Settings:
        tile_grid: Each image is learnt in n × n tiles. More tiles need less memory and show less context at once.
        size_factor: Images are made smaller by this factor first, above 1 larger. Smaller is faster; keep the thinnest
            line 1 px wide. At 1.5 outlines of particles a few pixels across are learnt more finely.
        epochs: How often everything is gone through; of more than 64 batches of tiles, a part each time. Automatic
            learns for about five minutes on two cores, however much is traced. Watch the curve; stop when it is level.
        processor: Where to train. Automatic takes a CUDA device when there is one.
        network: A small network learns fast and suits most tasks; a large one is about four times slower.
        encoder: Weights learnt on many other micrographs to start from (a ResNet saved by PyTorch), in place of the
            network chosen above. Several times slower.
        separate_touching: Learn the middle of each feature too, by which CoresToFeatures and BoundariesToGrains know
            how many there are. Trace features as areas of one class and their outlines as lines of a boundary class.
        rotation: Turn the tiles by any angle. Switch off where up and down matter, as in weld or build sections.
        flips: Mirror the tiles; left and right only, where rotation is off. Switch off where left and right matter.
        brightness: Change brightness and contrast by up to this fraction.
        gamma: Change the tone curve by up to this fraction.
        uneven_light: Shade the tiles by up to this fraction.
        blur: Blur some tiles by up to this many pixels.
        noise: Add noise of up to this fraction of full scale.
        scale: Enlarge or shrink the tiles by up to this fraction.
        held_out: The share of the micrographs that is kept back to score the model: whole ones, at least one, and those
            that are traced completely first. Tiles that are named as parts of one micrograph stay together. With one
            traced image none is kept back. Once the scores are good, 0 learns from all of them.
        unlike_images: Learn what the images have in common: weights are held small, and where areas are traced whole,
            half of the tiles show places of two images. For constituents that are told by what lies around them, from
            a few images that differ; outlines of fine particles are learnt a little less exactly.
        extend_patches: For textures of which less than a fifth is traced: continue the patches where texture makes
            clear what lies there, and learn from that too. Otherwise what is not traced never counts. Let some patches
            reach across borders: from them it learns what marks a border.
        seed: Another seed gives another, equally good model.
        start_from: Start from this model, for instance to learn from corrections.
        from_general_model: Where no model is chosen to start from, start from the one that knows grains of every kind
            from generated micrographs: less has to be traced and learnt. Boundaries it knows already; of phases and
            particles it knows what micrographs look like.
        model: The model file of the last training. It is filled in when the training ends.
    """
    changes = Augmentations(rotation, flips, brightness, gamma, uneven_light, blur, noise, scale)
    settings = TrainSettings(
        tile_grid=tile_grid,
        size_factor=size_factor,
        epochs=epochs,
        network=network,
        seed=seed,
        held_out=held_out,
        encoder=encoder,
        unlike_images=unlike_images,
        extend_patches=extend_patches,
        separate_touching=separate_touching,
        augmentations=changes,
    )
    try:
        import onnx  # noqa: F401 - needed only at the end of a training, when it would be too late to say so
        import torch  # noqa: F401
    except ImportError:
        raise Problem("Training needs PyTorch; install it with: pip install 'graingraph[train]'") from None
    from graingraph.nodes.learning.train.request import train_on_request

    return train_on_request(images, truth, settings, processor, start_from, from_general_model, context, run.recipe_id)
