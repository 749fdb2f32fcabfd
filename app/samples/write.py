"""Write generated samples as micrograph files: TIFF that knows its pixel size, and the truth beside it.

``FOLDER/brass_001.tif`` has its truth in ``FOLDER/truth/grains/brass_001.png`` and so on: one folder for each kind of
truth, in which a file is named after its image, so that any of them can be given as a folder of annotations.
A generator whose images are not all alike has ``named(seed)``, which says in the name of a file what it shows.
"""

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np

from graingraph.app.samples.optics import Micrograph
from graingraph.engine.problem import Problem

SHIPPED = {
    "bands": (1, 2, 3, 4, 5),
    "brass": (1, 2, 3, 4),
    "carbides": (1, 2, 3, 4, 5),
    "coating": (1, 2, 3, 4, 5),
    "decarburised": (1, 2, 3, 4, 5),
    "dendrites": (1, 2, 3, 4, 5),
    "duplex": (1, 2, 3, 4, 5),
    "etched": (1, 2, 3),
    "indents": (1, 2, 3, 4, 5),
    "melt_pools": (1, 2, 3, 4, 5),
    "needles": (1, 2, 3, 4, 5),
    "nodules": (1, 2),
    "oxide": (1, 2, 3, 4, 5),
    "particles": (1, 2, 3, 4, 5),
    "pearlite": (1, 2, 3, 4, 5),
    "pores": (1, 2, 3, 4, 5),
    "precipitates": (1, 2, 3, 4, 5),
    "rolled": tuple(range(1, 16)),
    "stringers": (1, 2, 3, 4, 5),
    "titanium": (1, 2, 3, 4),
    "two_phases": (1, 2, 3, 4, 5),
}
"""The seeds of the samples that come with the project."""


def generator(kind: str) -> ModuleType:
    """Return the module whose ``make(seed)`` draws samples of this kind; a Problem where there is no such kind."""
    if kind not in SHIPPED:
        raise Problem(f'There is no sample kind "{kind}"; choose one of {", ".join(SHIPPED)}.')
    return import_module(f"graingraph.app.samples.{kind}")


def write_samples(folder: Path, kind: str, seeds: Iterable[int]) -> list[Path]:
    """Write one micrograph a seed into ``folder`` and its truth into ``folder/truth``; return the micrographs.

    The same seed always gives the same bytes. A Problem says so where the folder cannot be written.
    """
    module = generator(kind)
    paths = []
    for seed in seeds:
        sample = module.make(seed)
        path = folder / f"{module.named(seed) if hasattr(module, 'named') else f'{kind}_{seed:03d}'}.tif"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_micrograph(path, sample)
            for name, raster in sample.truth.items():
                (folder / "truth" / name).mkdir(parents=True, exist_ok=True)
                if raster.shape == sample.pixels.shape[:2]:
                    write_truth(folder / "truth" / name / f"{path.stem}.png", raster)
                else:  # a table of numbers, such as which melt pool hides how much of which
                    np.savetxt(folder / "truth" / name / f"{path.stem}.csv", raster, fmt="%.10g", delimiter=",")
        except OSError as error:
            raise Problem(
                f"The samples cannot be written to {folder} ({error.strerror}); name another folder."
            ) from error
        paths.append(path)
    return paths


def write_assets(folder: Path) -> None:
    """Write the shipped samples of every kind into ``folder``, a subfolder a kind."""
    for kind, seeds in SHIPPED.items():
        write_samples(folder / kind, kind, seeds)


def write_micrograph(path: Path, sample: Micrograph) -> None:
    """Write the pixels as deflated TIFF whose resolution tags give the pixel size (ResolutionUnit centimetre)."""
    import tifffile

    per_centimetre = 1e4 / sample.um_per_px
    tifffile.imwrite(
        path,
        sample.pixels,
        photometric="rgb" if sample.pixels.ndim == 3 else "minisblack",
        compression="zlib",
        compressionargs={"level": 9},
        predictor=True,
        rowsperstrip=256,
        resolution=(per_centimetre, per_centimetre),
        resolutionunit="CENTIMETER",
        software=False,
        metadata=None,
    )


def write_truth(path: Path, raster: np.ndarray) -> None:
    """Write a truth raster as PNG: bool as 0 and 255, classes as 8 bits, labels as 16 bits with 0 for none."""
    if raster.dtype == bool:
        stored = raster.astype(np.uint8) * 255
    else:
        stored = raster if raster.dtype == np.uint8 else raster.astype(np.uint16)
    encoded = cv2.imencode(".png", stored, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1]
    path.write_bytes(encoded.tobytes())


if __name__ == "__main__":
    write_assets(Path(__file__).parents[2] / "assets")
