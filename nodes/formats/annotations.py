"""Annotations of other programs: found by image name, read as class maps with the same classes for every image."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from graingraph.engine.problem import Problem
from graingraph.engine.values import ClassMap, PixelClass
from graingraph.nodes.formats.coco import read_coco, write_coco
from graingraph.nodes.formats.imagej import read_imagej, write_imagej
from graingraph.nodes.formats.instances import (
    Instances,
    counts_objects,
    from_labels,
    touching_layers,
    with_boundaries,
)
from graingraph.nodes.formats.label_images import (
    UNPAINTED,
    keys_of,
    map_classes,
    read_binary_masks,
    read_label_image,
    read_picture,
    write_binary_masks,
    write_label_image,
)
from graingraph.nodes.formats.labelme import read_labelme, write_labelme
from graingraph.nodes.formats.regions import Annotation, class_map, from_class_map, palette, read_json

SUFFIXES = (
    "",
    "_mask",
    "_masks",
    "_classes",
    "_class",
    "_labels",
    "_label",
    "_annot",
    "_annotation",
    "_grains",
    "_truth",
)
PICTURES = (".png", ".tif", ".tiff", ".bmp")
TABLE = "classes.json"
"""A file beside label pictures that names what they hold: ``{"0": "matrix", "#0000ff": "secondary"}``."""


@dataclass(frozen=True)
class Reading:
    """How annotations are read.

    What no polygon or paint covers is of the class ``rest``; "" leaves it unlabelled. ``instances`` says whether
    outlines or numbers that are objects of their own keep touching objects apart, by a class of boundaries with
    lines ``line_width`` px wide; "auto" does so where objects of one class touch, and for pictures that number
    objects. ``feature`` is the class of objects that are only numbered, ``selected`` that of a black and white mask.
    ``classes`` are those of the values 0, 1, 2 ... of label pictures that have just as many values and no table, or of
    1, 2, 3 ... where none is of the rest and there is one value more: 0 is then what was not traced. ``known`` are
    classes whose roles are known, such as those of the Trace node that is read for.
    """

    rest: str = "background"
    instances: Instances = "auto"
    feature: str = "feature"
    selected: str = "feature"
    line_width: float = 4.0
    classes: tuple[str, ...] = ()
    known: tuple[PixelClass, ...] = ()


def annotations_for(
    source: Path, images: Iterable[Path], *, rest: str = "background", reading: Reading | None = None
) -> dict[str, ClassMap]:
    """The class map of every image (by file name) that a folder or file of annotations has something for.

    A folder holds, per image ``a.png``, a label picture (``a.png``, ``a_mask.png``, ``a_classes.png`` ...), a binary
    mask in a folder named like each class (``crack/a.png``), a LabelMe ``a.json`` or ImageJ ``a.roi`` / ``a.zip``, or
    one COCO file for all. A file is one of these. Classes are the same, in the same order, for every image.
    ``Problem`` names a file that cannot be used, or says that nothing fits the images.
    """
    reading, paths = reading or Reading(rest), list(images)
    rest = reading.rest
    annotations = _outlines(source, paths, reading)
    found = _pictures(source, paths)
    if not annotations and found:
        return _from_pictures(source if source.is_dir() else source.parent, found, reading)
    masks = _masks(source, paths)
    if not annotations and masks:
        return _from_masks(masks, reading)
    layers = sorted({layer for a in annotations.values() for layer in a.layers})
    classes = palette(dict.fromkeys([*([rest] if rest else []), *layers]), reading.known)
    return {name: class_map(a, classes, rest) for name, a in annotations.items()}


def marks_for(source: Path, images: Iterable[Path], *, reading: Reading | None = None) -> dict[str, Annotation]:
    """The same as marks to draw with: polygons stay polygons, everything else becomes exact regions.

    What the annotations leave open gets no mark.
    """
    reading, paths = replace(reading or Reading(), rest=""), list(images)
    outlines = _outlines(source, paths, reading)
    if outlines:
        return outlines
    return {
        name: from_class_map(found, name) for name, found in annotations_for(source, paths, reading=reading).items()
    }


def _outlines(source: Path, paths: Sequence[Path], reading: Reading) -> dict[str, Annotation]:
    """Per image, the outlines or numbered objects; nothing where the annotations are pictures of classes."""
    if not source.exists():
        raise Problem(f"There is no folder or file of annotations {source}.")
    pictures = _pictures(source, paths)
    if pictures or _masks(source, paths):
        folder = source if source.is_dir() else source.parent
        if not pictures or not _numbers_objects(folder, pictures, reading.instances):
            return {}
        found = {n: from_labels(read_picture(p), reading.feature, n) for n, p in pictures.items()}
        return _kept_apart(found, {reading.feature}, reading)
    shapes = {path.name: path for path in paths}
    annotations = dict(_annotations(source, paths))
    if not annotations:
        raise Problem(
            f"Nothing in {source} fits the images by name; name annotations like their image, such as a_mask.png."
        )
    sized = {n: replace(a, shape=_shape(shapes[n])) if 0 in a.shape else a for n, a in annotations.items()}
    if reading.instances == "no":
        return sized
    every = {layer for a in sized.values() for layer in a.layers}
    return _kept_apart(sized, every if reading.instances == "yes" else touching_layers(sized.values()), reading)


def _numbers_objects(folder: Path, pictures: Mapping[str, Path], instances: Instances) -> bool:
    if instances == "auto":
        return not (folder / TABLE).is_file() and counts_objects(map(read_picture, pictures.values()))
    return instances == "yes"


def _kept_apart(found: Mapping[str, Annotation], layers: Iterable[str], reading: Reading) -> dict[str, Annotation]:
    known = {item.of: item.name for item in reading.known if item.role == "boundary" and item.of}
    return {name: with_boundaries(a, sorted(layers), reading.line_width, known) for name, a in found.items()}


def _pictures(source: Path, images: Sequence[Path]) -> dict[str, Path]:
    """The label picture of each image: those in a folder by name, or the file itself for a single image."""
    if source.is_file():
        return {images[0].name: source} if source.suffix.lower() in PICTURES and len(images) == 1 else {}
    files = {p.name.lower(): p for p in sorted(source.iterdir()) if p.suffix.lower() in PICTURES}
    found = {}
    for image in images:
        names = (f"{image.stem}{suffix}{ending}".lower() for suffix in SUFFIXES for ending in PICTURES)
        hits = [files[n] for n in names if n in files and files[n].resolve() != image.resolve()]
        if hits:
            found[image.name] = hits[0]
    return found


def _masks(source: Path, images: Sequence[Path]) -> dict[str, dict[str, Path]]:
    """Per image, the binary mask of each class that has a folder of its own."""
    folders = sorted(p for p in source.iterdir() if p.is_dir()) if source.is_dir() else []
    found = {folder.name: _pictures(folder, images) for folder in folders}
    return {
        image.name: {layer: paths[image.name] for layer, paths in found.items() if image.name in paths}
        for image in images
        if any(image.name in paths for paths in found.values())
    }


def _from_masks(masks: Mapping[str, Mapping[str, Path]], reading: Reading) -> dict[str, ClassMap]:
    rest, layers = reading.rest, sorted({layer for paths in masks.values() for layer in paths})
    classes = palette(dict.fromkeys([*([rest] if rest else []), *layers]), reading.known)
    annotations = {name: from_class_map(read_binary_masks(paths), name) for name, paths in masks.items()}
    return {name: class_map(annotation, classes, rest) for name, annotation in annotations.items()}


def _from_pictures(folder: Path, found: Mapping[str, Path], reading: Reading) -> dict[str, ClassMap]:
    table: dict[str, str] = {}
    if (folder / TABLE).is_file():
        table = {str(k).lower(): str(v) for k, v in read_json(folder / TABLE).items()}
    else:
        keys = {key for path in found.values() for key in keys_of(read_picture(path))}
        table = _default_table(folder, keys, reading)
    classes = palette(dict.fromkeys(table.values()), reading.known)
    return {name: _classes_of(read_picture(path), table, classes) for name, path in found.items()}


def _classes_of(picture: np.ndarray, table: Mapping[str, str], classes: Sequence[PixelClass]) -> ClassMap:
    """The class map of a label picture, with a remark where it has zeros, which the table gives no class."""
    found = map_classes(picture, table, classes)
    zeros = "0" not in table and picture.ndim == 2 and not picture.all()
    return found.with_note("0 in the label pictures is taken for not traced.") if zeros else found


def _default_table(folder: Path, keys: set[str], reading: Reading) -> dict[str, str]:
    """Names for what label pictures hold where no table says it: the reading's classes where their number fits.

    Otherwise ``rest``, then "class 1", "class 2" ...
    """
    rest = reading.rest
    numbers = sorted(int(k) for k in keys if k.isdigit())
    colors = sorted(k for k in keys if k.startswith("#"))
    if numbers == [0, 255]:
        return {"0": rest, "255": reading.selected} if rest else {"255": reading.selected}
    numbers = [n for n in numbers if n != 255]
    if len(numbers) > 254 or len(colors) > 254:
        raise Problem(f"The pictures in {folder} have more than 254 colours; they are no label images.")
    if len(numbers) > 1 and keys - {"255"} == {str(n) for n in range(len(reading.classes))}:
        return {str(n): name for n, name in enumerate(reading.classes)}
    no_rest = reading.rest not in reading.classes
    if no_rest and len(numbers) > 1 and keys - {"0", "255"} == {str(n + 1) for n in range(len(reading.classes))}:
        return {str(n): name for n, name in enumerate(reading.classes, 1)}
    table = {UNPAINTED: rest} if rest and UNPAINTED in keys else {}
    if numbers:
        table |= {str(n): f"class {n}" if n or not rest else rest for n in numbers if n or rest}
    return table | {color: color for color in colors}


def _annotations(source: Path, images: Sequence[Path]) -> Iterable[tuple[str, Annotation]]:
    """Name of an image, and what a COCO, LabelMe or ImageJ file says of it."""
    by_stem = {image.stem.lower(): image.name for image in images}
    files = [source] if source.is_file() else sorted(source.iterdir())
    for path in files:
        if path.name == TABLE:
            continue
        stem = path.stem.lower().removesuffix("_roiset").removesuffix("_rois")
        if path.suffix.lower() in (".zip", ".roi"):
            alone = source.is_file() and len(images) == 1
            if alone or stem in by_stem:
                yield (images[0].name if alone else by_stem[stem]), read_imagej(path)
        elif path.suffix.lower() == ".json":
            several = read_coco(path) if "annotations" in read_json(path) else [read_labelme(path)]
            for annotation in several:
                name = by_stem.get(Path(annotation.name).stem.lower())
                if name is not None:
                    yield name, annotation


def _shape(image: Path) -> tuple[int, int]:
    picture = read_picture(image)
    return picture.shape[0], picture.shape[1]


__all__ = [
    "Annotation",
    "Instances",
    "Reading",
    "annotations_for",
    "class_map",
    "from_class_map",
    "marks_for",
    "palette",
    "read_binary_masks",
    "read_coco",
    "read_imagej",
    "read_label_image",
    "read_labelme",
    "write_binary_masks",
    "write_coco",
    "write_imagej",
    "write_label_image",
    "write_labelme",
]
