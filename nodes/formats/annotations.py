"""Annotations of other programs: found by image name, read as class maps with the same classes for every image."""

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from graingraph.engine.images.files import ENDINGS, is_hidden
from graingraph.engine.images.pages import split_page
from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, ClassMap, PixelClass
from graingraph.engine.values.classes import boundary_of
from graingraph.engine.values.notes import texts
from graingraph.nodes.formats.class_table import TABLE, default_table, read_table
from graingraph.nodes.formats.coco import coco_annotations, read_coco, write_coco
from graingraph.nodes.formats.geojson import SUFFIXES as GEOJSON
from graingraph.nodes.formats.geojson import geojson_shapes, is_geojson, read_geojson, write_geojson
from graingraph.nodes.formats.imagej import read_imagej, write_imagej
from graingraph.nodes.formats.images_by_name import ImagesByName, name_key
from graingraph.nodes.formats.instances import (
    Instances,
    counts_objects,
    from_labels,
    touching_layers,
    with_boundaries,
)
from graingraph.nodes.formats.label_images import (
    hard_edged,
    has_colors,
    keys_of,
    map_classes,
    read_binary_masks,
    read_label_image,
    read_picture,
    write_binary_masks,
    write_label_image,
)
from graingraph.nodes.formats.labelme import labelme_header, labelme_shapes, read_labelme, write_labelme
from graingraph.nodes.formats.reading import Reading
from graingraph.nodes.formats.regions import (
    Annotation,
    class_map,
    from_class_map,
    palette,
    read_any_json,
    with_hidden_said,
    without_points,
)
from graingraph.nodes.formats.yolo import SUFFIX as YOLO
from graingraph.nodes.formats.yolo import ClassNames, Rows, yolo_class_names, yolo_rows, yolo_shapes

_SAYS_SO = re.compile(
    r"[-_. ]((cp|inst|instance|instances|semantic|simple|binary)[-_ ])?"
    r"(masks?|class(es)?|label(s|led)?|annot(ations?)?|grains|truth|gt|seg|segmentation|segmented)$"
)
"""The end of the name of a label picture (without its ending) after the name of its image."""
PICTURES = (".png", ".tif", ".tiff", ".bmp", ".jpg", ".jpeg")
LOSSY = (".jpg", ".jpeg")
LAST_LETTER = "\U0010ffff"
IMAGEJ = (".zip", ".roi")
UNREAD = (".xml", ".h5", ".npy", ".csv", ".txt")
"""Other annotations that are named like their image."""


def holds_annotations(path: Path) -> bool:
    """Whether a file is of a kind that holds annotations and no picture, by its name."""
    return path.suffix.lower() in (".json", YOLO, *IMAGEJ, *GEOJSON) and not path.name.lower().endswith(ENDINGS)


def annotations_for(
    source: Path, images: Iterable[Path], *, rest: str = "background", reading: Reading | None = None
) -> dict[str, ClassMap]:
    """The class map of every image (by file name) that a folder or file of annotations has something for.

    A folder holds, per image ``a.png``, a label picture (``a.png``, ``a_mask.png``, ``a_classes.png`` ...), a binary
    mask in a folder named like each class (``crack/a.png``), a LabelMe ``a.json``, a QuPath ``a.geojson``, an ImageJ
    ``a.roi`` / ``a.zip``, a YOLO ``a.txt``, or one COCO file for all. A file is one of these. Classes are the same, in
    the same order, for every image. Files of outlines go before pictures in the same folder, which may be the images.
    ``Problem`` names a file that cannot be used, or says that nothing fits the images.
    """
    reading, wanted = reading or Reading(rest), ImagesByName(images)
    rest, paths = reading.rest, wanted.paths
    annotations = _outlines(source, wanted, reading)
    if not annotations:
        found = _pictures(source, paths)
        if found:
            return _checked_sizes(_from_pictures(source if source.is_dir() else source.parent, found, reading), wanted)
        return _checked_sizes(_from_masks(_masks(source, paths), reading), wanted)
    layers = sorted({layer for a in annotations.values() for layer in a.layers})
    classes = palette(dict.fromkeys([*([rest] if rest else []), *layers]), reading.known)
    return {name: class_map(a, classes, rest) for name, a in annotations.items()}


def marks_for(source: Path, images: Iterable[Path], *, reading: Reading | None = None) -> dict[str, Annotation]:
    """The same as marks to draw with: polygons stay polygons, everything else becomes exact regions.

    What the annotations leave open gets no mark.
    """
    reading, wanted = replace(reading or Reading(), rest=""), ImagesByName(images)
    outlines = _outlines(source, wanted, reading)
    if outlines:
        return {name: _as_classes_allow(found, reading) for name, found in outlines.items()}
    maps = annotations_for(source, wanted.paths, reading=reading)
    return {n: replace(from_class_map(found, n), remarks=texts(found.notes)) for n, found in maps.items()}


def _as_classes_allow(found: Annotation, reading: Reading) -> Annotation:
    """Without lines between touching objects where nobody asked for them and there is no class for them."""
    known = reading.boundaries
    absent = {known.get(layer, boundary_of(layer).name) for layer in found.layers} - set(reading.classes)
    kept = tuple(mark for mark in found.marks if mark.layer not in absent)
    if reading.instances != "auto" or not reading.classes or kept == found.marks:
        return found
    name = next(mark.layer for mark in found.marks if mark.layer in absent)
    remark = f"Touching objects are joined; add a class '{name}' to keep them apart."
    return replace(found, marks=kept, remarks=(*found.remarks, remark))


def _checked_sizes(maps: dict[str, ClassMap], wanted: ImagesByName) -> dict[str, ClassMap]:
    for path in wanted.paths:
        if path.name in maps:
            wanted.check_shape(path, maps[path.name].shape)
    return maps


def _outlines(source: Path, wanted: ImagesByName, reading: Reading) -> dict[str, Annotation]:
    """Per image, the outlines or numbered objects; nothing where the annotations are pictures of classes."""
    if not source.exists():
        raise Problem(f"There is no folder or file of annotations {source}.")
    left_out: list[str] = []
    sized = _one_each(source, _annotations(source, wanted, reading, left_out))
    if not sized:
        numbered = _numbered(source, wanted, reading)
        if numbered is not None:
            return numbered
        why = f" ({left_out[0]})" if left_out else ""
        raise Problem(
            f"Nothing in {source} fits the images by name; name annotations like their image, such as a_mask.png.{why}"
        )
    besides = [p for name, p in _pictures(source, wanted.paths).items() if name in sized and p.stem != Path(name).stem]
    if besides:
        remark = f"{besides[0].name} was passed over: there are outlines of that image, too."
        sized = {name: replace(found, remarks=(*found.remarks, remark)) for name, found in sized.items()}
    if reading.instances == "no":
        return sized
    every = {layer for a in sized.values() for layer in a.layers}
    return _kept_apart(sized, every if reading.instances == "yes" else touching_layers(sized.values()), reading)


def _one_each(source: Path, read: Iterable[tuple[str, Annotation]]) -> dict[str, Annotation]:
    """The annotation of each image, without points. ``Problem`` where an image has two, or all of them are left out."""
    found: dict[str, Annotation] = {}
    for name, annotation in read:
        _check_reach(source, annotation)
        kept = with_hidden_said(without_points(annotation))
        if name in found and found[name].marks and kept.marks:
            raise Problem(
                f"{source} has two annotations of {name} (augmented copies, or those of two people); keep one of them."
            )
        if name not in found or kept.marks:
            found[name] = kept
    remarks = [remark for annotation in found.values() for remark in annotation.remarks]
    if remarks and not any(annotation.marks for annotation in found.values()):
        raise Problem(f"Nothing in {source} can be taken. {remarks[0]}")
    return found


def _numbered(source: Path, wanted: ImagesByName, reading: Reading) -> dict[str, Annotation] | None:
    """Per image, the objects that its label picture numbers; nothing where pictures are of classes, None if none is."""
    pictures = _pictures(source, wanted.paths)
    if pictures or _masks(source, wanted.paths):
        folder = source if source.is_dir() else source.parent
        if not pictures or not _numbers_objects(folder, pictures, reading):
            return {}
        found = {n: from_labels(hard_edged(p, read_picture(p))[0], reading.feature, n) for n, p in pictures.items()}
        for path in wanted.paths:
            if path.name in found:
                wanted.check_shape(path, found[path.name].shape)
        return _kept_apart(found, {reading.feature}, reading)
    return None


def _numbers_objects(folder: Path, pictures: Mapping[str, Path], reading: Reading) -> bool:
    """Whether the pictures number objects; ``Problem`` where the numbers may as well be those of several areas."""
    if reading.instances != "auto":
        return reading.instances == "yes"
    if (folder / TABLE).is_file():
        return False
    read = [hard_edged(path, read_picture(path))[0] for path in pictures.values()]
    if not counts_objects(read):
        return False
    numbers = {key for picture in read for key in keys_of(picture)} - {"0", str(UNLABELLED)}
    table = {str(n): name for n, name in enumerate(reading.classes, 0 if reading.rest in reading.classes else 1)}
    if numbers == set(table) - {"0"} and reading.has_several_areas:
        told = json.dumps(table, ensure_ascii=False)
        raise Problem(
            f"The pictures in {folder} have {', '.join(sorted(numbers, key=int))} in more than 8 bits, which may number"
            f" classes or single objects; write a file {TABLE} beside them for classes, such as {told}, or ask for"
            f" objects of {reading.feature} (in a terminal: --instances yes)."
        )
    return True


def _kept_apart(found: Mapping[str, Annotation], layers: Iterable[str], reading: Reading) -> dict[str, Annotation]:
    known = reading.boundaries
    return {name: with_boundaries(a, sorted(layers), reading.line_width, known) for name, a in found.items()}


def _pictures(source: Path, images: Sequence[Path]) -> dict[str, Path]:
    """The label picture of each image: those in a folder by name, or the file itself for a single image."""
    if source.is_file():
        return {images[0].name: source} if source.suffix.lower() in PICTURES and len(images) == 1 else {}
    themselves = {image.resolve() for image in images}
    keyed = sorted(
        (name_key(p.stem), p)
        for p in source.iterdir()
        if p.suffix.lower() in PICTURES and not is_hidden(p) and p.resolve() not in themselves
    )
    keys = [key for key, _ in keyed]
    found = {}
    for image in images:
        stem = name_key(image.stem)
        named = keyed[bisect_left(keys, stem) : bisect_left(keys, stem + LAST_LETTER)]
        hits = [p for key, p in named if _SAYS_SO.fullmatch(key[len(stem) :])]
        if len(hits) > 1:
            raise Problem(f"Of {hits[0].name} and {hits[1].name} in {source} either may be of {image.name}; keep one.")
        hits = hits or [p for key, p in named if key == stem and p.suffix.lower() not in LOSSY]
        if hits:
            found[image.name] = hits[0]
    return found


def _masks(source: Path, images: Sequence[Path]) -> dict[str, dict[str, Path]]:
    """Per image, the binary mask of each class that has a folder of its own."""
    folders = sorted(p for p in source.iterdir() if p.is_dir() and not is_hidden(p)) if source.is_dir() else []
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
    table = read_table(folder / TABLE) if (folder / TABLE).is_file() else {}
    pictures: dict[str, np.ndarray] = {}
    remarks: dict[str, str] = {}
    for name, path in found.items():
        pictures[name] = read_picture(path, colors=has_colors(table))
        if not table:
            pictures[name], remarks[name] = hard_edged(path, pictures[name])
    if not table:
        table = default_table(folder, {key for picture in pictures.values() for key in keys_of(picture)}, reading)
    classes = palette(dict.fromkeys(table.values()), reading.known)
    several = len(table) > 1 or reading.has_several_areas
    maps = {name: _classes_of(picture, table, classes, several=several) for name, picture in pictures.items()}
    return {name: found.with_note(remarks[name]) if remarks.get(name) else found for name, found in maps.items()}


def _classes_of(
    picture: np.ndarray, table: Mapping[str, str], classes: Sequence[PixelClass], *, several: bool
) -> ClassMap:
    """The class map of a label picture, with a remark where it has zeros, which could be a class and are none."""
    found = map_classes(picture, table, classes)
    zeros = several and "0" not in table and picture.ndim == 2 and not picture.all()
    return found.with_note("0 in the label pictures is taken for not traced.") if zeros else found


def _annotations(
    source: Path, wanted: ImagesByName, reading: Reading, left_out: list[str]
) -> Iterator[tuple[str, Annotation]]:
    """Name of an image, and what a COCO, LabelMe, GeoJSON or ImageJ file says of it.

    Files of a folder that are no annotations are passed over, and named in ``left_out``; what is named like an image
    and cannot be used is a ``Problem``.
    """
    files = [source] if source.is_file() else sorted(source.iterdir())
    names = cache(partial(yolo_class_names, source.parent if source.is_file() else source))
    for path in files:
        kind = path.suffix.lower()
        if path != source and (is_hidden(path) or path.name == TABLE or not path.is_file()):
            continue
        if kind == ".json":
            yield from _of_json(path, source, wanted, reading, left_out)
        elif kind in IMAGEJ:
            yield from _of_unsized(path, source, wanted, reading, partial(_imagej, path, reading))
        elif kind in GEOJSON:
            yield from _of_unsized(path, source, wanted, reading, partial(_geojson, path, read_any_json(path)))
        elif kind == YOLO and (rows := yolo_rows(path)) is not None:
            yield from _of_unsized(path, source, wanted, reading, partial(_yolo, path, rows, names))
        elif path == source or (kind in UNREAD and wanted.pages_with_stem(_SAYS_SO.sub("", path.stem))):
            left_out.append(f"{path.name} is of a kind that is not read; export it again as COCO, LabelMe or pictures")
        elif kind in LOSSY and wanted.pages_with_stem(path.stem) and path.name not in {p.name for p in wanted.paths}:
            left_out.append(f"{path.name} is taken for another copy of the image; call label pictures as in a_mask.png")


def _of_json(
    path: Path, source: Path, wanted: ImagesByName, reading: Reading, left_out: list[str]
) -> Iterator[tuple[str, Annotation]]:
    try:
        found = read_any_json(path)
    except Problem as problem:
        if path == source or wanted.with_stem(path.stem):
            raise
        left_out.append(problem.message.rstrip("."))
        return
    entries = found if isinstance(found, dict) else {}
    if "annotations" in entries and "images" in entries:
        yield from _of_coco(entries, path, wanted)
    elif "shapes" in entries:
        yield from _of_labelme(entries, path, wanted)
    elif is_geojson(found):
        yield from _of_unsized(path, source, wanted, reading, partial(_geojson, path, found))
    elif path == source:
        raise Problem(f"{path} is neither COCO nor LabelMe; export the annotation again as one of them.")
    else:
        left_out.append(f"{path.name} is neither COCO nor LabelMe")


def _of_unsized(
    path: Path,
    source: Path,
    wanted: ImagesByName,
    reading: Reading,
    read: Callable[[Path, tuple[int, int]], Annotation],
) -> Iterator[tuple[str, Annotation]]:
    """A file that does not say of which image it is, nor its size: that of its name, or the only one asked for.

    ``read`` gives what it says of an image (its path, height and width).
    """
    stem = re.sub(r"_(roiset|rois)$", "", path.stem, flags=re.IGNORECASE)
    alone = source.is_file() and len(wanted.paths) == 1
    for image in wanted.paths if alone else wanted.pages_with_stem(stem):
        yield image.name, _with_feature(read(image, wanted.shape(image)), reading)


def _imagej(path: Path, reading: Reading, image: Path, shape: tuple[int, int]) -> Annotation:
    return read_imagej(path, shape, reading.classes, "", split_page(image)[1] or None)


def _geojson(path: Path, found: Any, image: Path, shape: tuple[int, int]) -> Annotation:
    return geojson_shapes(found, path, shape, "")


def _yolo(path: Path, rows: Rows, names: ClassNames, image: Path, shape: tuple[int, int]) -> Annotation:
    return yolo_shapes(rows, path, shape, names)


def _with_feature(found: Annotation, reading: Reading) -> Annotation:
    """What has no class is of the feature; said where it could be of another class as well."""
    marks = tuple(mark if mark.layer else replace(mark, layer=reading.feature) for mark in found.marks)
    if marks == found.marks or not reading.has_several_areas:
        return replace(found, marks=marks)
    remark = f"Regions that name no class are taken for '{reading.feature}'."
    return replace(found, marks=marks, remarks=(*found.remarks, remark))


def _check_reach(source: Path, found: Annotation) -> None:
    """``Problem`` where a shape lies beside the picture, or all lie within one pixel: it was drawn on another size."""
    areas = [mark for mark in found.marks if mark.tool in ("polygon", "rectangle", "ellipse", "pen")]
    if areas and min(found.shape) > 1 and all((mark.points >= 0).all() and (mark.points <= 1).all() for mark in areas):
        raise Problem(
            f"The annotation of {found.name} in {source} lies within the first pixel: its coordinates are shares of the"
            " picture; export it in pixels."
        )
    size = np.array([found.shape[1], found.shape[0]])
    for mark in found.marks:
        if (mark.points.min(0) >= size).any() or (mark.points.max(0) < 0).any():
            x, y = mark.points.mean(0).tolist()
            raise Problem(
                f"The annotation of {found.name} in {source} has a shape at {x:.0f}, {y:.0f} and the image has "
                f"{size[0]} × {size[1]} px; give the image that was annotated. Nothing was imported."
            )


def _of_coco(found: dict[str, Any], path: Path, wanted: ImagesByName) -> Iterator[tuple[str, Annotation]]:
    def true_shape(name: str) -> tuple[int, int] | None:
        image = wanted.named(name)
        return wanted.shape(image) if image else None

    for annotation in coco_annotations(found, path, true_shape):
        image = wanted.named(annotation.name)
        if image:
            wanted.check_shape(image, annotation.shape)
            yield image.name, annotation


def _of_labelme(found: dict[str, Any], path: Path, wanted: ImagesByName) -> Iterator[tuple[str, Annotation]]:
    """A file lies beside its image under the same name; the name inside is stale once both were renamed."""
    name, shape = labelme_header(found, path)
    image = wanted.with_stem(path.stem) or wanted.named(name)
    if image:
        wanted.check_shape(image, shape)
        yield image.name, labelme_shapes(found, path, image.name, shape)


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
    "read_geojson",
    "read_imagej",
    "read_label_image",
    "read_labelme",
    "write_binary_masks",
    "write_coco",
    "write_geojson",
    "write_imagej",
    "write_label_image",
    "write_labelme",
]
