"""What a training is told: plain settings, kept in the model file and in the identity of a resumable training."""

from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import Any, Literal

import orjson

from graingraph.engine.declare.injected import RunInfo

UNKNOWN_RUN = RunInfo("", b"", "")
"""What a training outside any recipe knows of its recipe."""


@dataclass(frozen=True)
class Augmentations:
    """Random changes that a micrograph may undergo without changing what it shows.

    ``rotation`` by any angle and ``flips`` (without rotation, of left and right only) are yes or no. The others are
    the largest change drawn: ``brightness`` as a fraction of full scale (and of contrast), ``gamma`` as a fraction of
    the exponent, ``uneven_light`` as a fraction of the grey level, ``blur`` as a Gaussian sigma in px, ``noise`` as a
    fraction of full scale, ``scale`` as a fraction of the size.
    """

    rotation: bool = True
    flips: bool = True
    brightness: float = 0.1
    gamma: float = 0.2
    uneven_light: float = 0.1
    blur: float = 0.7
    noise: float = 0.03
    scale: float = 0.15


@dataclass(frozen=True)
class TrainSettings:
    """Settings of one training that decide its result (where it runs is not among them).

    With 0 ``epochs`` it shows a fixed number of pixels, in as many epochs as that takes.
    ``standardise`` gives each image the same mean and spread by itself, as a model of any picture needs; a training
    that goes on from such a model does so too.
    """

    tile_grid: int = 3
    size_factor: float = 0.5
    epochs: int = 0
    network: Literal["small", "large"] = "small"
    seed: int = 1
    held_out: float = 0.2
    encoder: str = ""
    extend_patches: bool = False
    separate_touching: bool = False
    unlike_images: bool = False
    standardise: bool = False
    augmentations: Augmentations = field(default_factory=Augmentations)

    def as_dict(self) -> dict[str, Any]:
        """The settings as JSON values, for the model file."""
        return asdict(self)


def short_hash(*parts: object) -> str:
    """blake2b (16 bytes, hexadecimal) of JSON values; the name of a resumable training."""
    return blake2b(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
